"""`onmodel check`: every story file read and looked over; nothing is opened that could buy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from onmodel.cli.showing import counted, finding_json, print_findings, print_json, say
from onmodel.errors import Finding, SetupError, StoryError
from onmodel.planning import Market, prepare_cast, prepare_episode
from onmodel.planning.market import open_market
from onmodel.story import Story, read_story


def check_paths(paths: Sequence[Path], *, as_json: bool) -> int:
    """Check files, or whole productions; return the exit code.

    Raises:
        SetupError: a path is in no production.
    """
    findings: dict[Finding, None] = {}
    for root, only in _productions(paths).items():
        found = check_production(root)
        if only is not None:
            # A file's own faults, and the production's: without it no other can be judged.
            wanted = {*only, "production.yaml"}
            found = [one for one in found if one.place.file in wanted]
        findings |= dict.fromkeys(found)
    errors = [one for one in findings if one.severity == "error"]
    if as_json:
        print_json(
            {
                "schema": "onmodel.check/1",
                "ok": not errors,
                "findings": [finding_json(one) for one in findings],
            }
        )
    else:
        print_findings(findings)
        counts = f"{counted(len(errors), 'error')}, {counted(len(findings) - len(errors), 'warning')}."
        say(counts if findings else "Everything is in order.")
    return 1 if errors else 0


def _productions(paths: Sequence[Path]) -> dict[Path, set[str] | None]:
    """The productions that the paths are in, and which of their files; None stands for all."""
    found: dict[Path, set[str] | None] = {}
    for path in paths:
        if path.is_dir() and (path / "production.yaml").is_file():
            found[path] = None
            continue
        root = next((one for one in path.absolute().parents if (one / "production.yaml").is_file()), None)
        if root is None or not path.exists():
            what = "there is no such file" if not path.exists() else "it is in no production"
            raise SetupError(f"{path}: {what}", hint="Name a story file, or the folder with production.yaml.")
        only = found.setdefault(root, set())
        if only is not None:
            inside = path.absolute().relative_to(root)
            only |= {one.as_posix() for one in _files(root, inside)}
    return found


def _files(root: Path, inside: Path) -> Iterator[Path]:
    whole = root / inside
    yield from (one.relative_to(root) for one in whole.rglob("*.yaml")) if whole.is_dir() else (inside,)


def check_production(root: Path) -> list[Finding]:
    """Everything that is wrong with a production's files, or worth saying.

    Raises:
        SetupError: there is no production here.
    """
    try:
        story = read_story(root)
        with open_market(story) as market:
            return list(_look_over(story, market))
    except StoryError as error:
        return error.findings


def _look_over(story: Story, market: Market) -> Iterator[Finding]:
    for episode in story.episodes:
        try:
            yield from prepare_episode(story, episode, market).warnings
        except StoryError as error:
            yield from error.findings
    try:
        prepare_cast(story, story.bibles, market)
    except StoryError as error:
        yield from error.findings
