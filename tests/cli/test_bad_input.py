"""What a user gets wrong: one message with the place and the next step, nothing bought, nothing lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from onmodel.testing import small_clip
from onmodel.vault import open_vault

Spoil = Callable[[Path], object]
OnModel = Callable[..., Any]


def written(file: str, old: str, new: str) -> Spoil:
    """Change words in a file of the production."""

    def spoil(folder: Path) -> None:
        path = folder / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    return spoil


def in_episode(old: str, new: str) -> Spoil:
    """Change words in the first episode."""
    return written("episodes/s01e01.yaml", old, new)


def html_as_first_frame(folder: Path) -> None:
    """Supply a page where a picture is wanted."""
    (folder / "assets" / "frame.png").write_text("<!doctype html><html><body>404</body></html>")
    in_episode("  s010:\n", "  s010:\n    first_frame: assets/frame.png\n")(folder)


def long_motion(folder: Path) -> None:
    """Supply a motion reference that is longer than any endpoint takes."""
    small_clip(folder / "assets" / "motion" / "sway.mp4", seconds=40, fps=10)


STORY: dict[str, tuple[Spoil, str, list[str]]] = {
    "a tab": (
        in_episode("    setting: a cluttered", "\tsetting: a cluttered"),
        "s01e01",
        ["episodes/s01e01.yaml:9:", "tab"],
    ),
    "an unknown character": (
        in_episode("cast: pip", "cast: pipp"),
        "s01e01",
        ["episodes/s01e01.yaml:4:", "pipp", "pip"],
    ),
    "a shot of 0 s": (in_episode("seconds: 5", "seconds: 0"), "s01e01", ["episodes/s01e01.yaml:5:", "0"]),
    "a shot of 400 s": (
        in_episode("  s010:\n", "  s010:\n    seconds: 400\n"),
        "s01e01",
        ["episodes/s01e01.yaml:9:", "400"],
    ),
    "a bare number as a shot": (
        in_episode("  s010:\n", "  010:\n"),
        "s01e01",
        ["episodes/s01e01.yaml:8:", "010", "letter"],
    ),
    "a page for a picture": (
        html_as_first_frame,
        "s01e01",
        ["episodes/s01e01.yaml:9:", "assets/frame.png", "HTML"],
    ),
    "a motion reference of 40 s": (
        long_motion,
        "s01e02",
        ["episodes/s01e02.yaml:19:", "motion reference is 40 s long", "2 to 30 s"],
    ),
    "an endpoint that nobody knows": (
        in_episode("  s010:\n", "  s010:\n    endpoint: fal-ai/kling-video/v9/pro/image-to-video\n"),
        "s01e01",
        ["episodes/s01e01.yaml:9:", "v9", "nearest: fal-ai/kling-video/v3/pro/image-to-video"],
    ),
}


@pytest.mark.parametrize("command", ["check", "plan", "produce"])
@pytest.mark.parametrize("what", STORY)
def test_a_story_that_is_wrong_stops_every_command_at_its_place(
    what: str, command: str, production: Path, onmodel: OnModel
) -> None:
    """Check, plan and produce say the same, with file, line and what is allowed, and make nothing."""
    spoil, episode, said = STORY[what]
    spoil(production)
    arguments = {"check": [], "plan": [episode], "produce": [episode, "--rehearse", "--json"]}[command]
    found = onmodel(command, *arguments)
    assert found.code == 1
    for words in said:
        assert words in found.err
    assert len(found.err.splitlines()) == 1
    # With --json stdout has the same as data: the finding at its place.
    told = json.loads(found.out)["error"]["findings"] if command == "produce" else []
    assert all(found.err.startswith(f"{one['file']}:{one['line']}:") for one in told)
    assert len(told) == (command == "produce")
    assert command != "plan" or found.out == ""
    assert not (production / "archive").exists()
    assert not (production / ".onmodel" / "rehearsal").exists()


def another_productions_archive(folder: Path) -> None:
    """Name an archive that belongs to somebody else."""
    with open_vault("archive", root=folder, production="other", run_folder=folder / ".onmodel" / "run"):
        pass


COMMANDS: dict[str, tuple[Spoil, list[str], list[str]]] = {
    "no key": (lambda _: None, ["produce", "s01e01"], ["FAL_KEY", "--rehearse"]),
    "no key for sheets": (lambda _: None, ["cast"], ["FAL_KEY", "--rehearse"]),
    "no such episode": (
        lambda _: None,
        ["produce", "s01e11", "--rehearse"],
        ["episodes/s01e11.yaml", "Did you mean 's01e01'?"],
    ),
    "a season for an episode": (
        lambda _: None,
        ["takes", "season-1", "--rehearse"],
        ["'season-1' is a season", "episodes"],
    ),
    "no such character": (
        lambda _: None,
        ["cast", "pipp", "--rehearse"],
        ["unknown character 'pipp'", "Did you mean 'pip'?"],
    ),
    "no such shot": (
        lambda _: None,
        ["produce", "s01e01", "--rehearse", "--prefect", "off", "--shots", "s010,s020x"],
        ["no shot 's020x'", "Did you mean 's020'?"],
    ),
    "another's archive": (
        another_productions_archive,
        ["plan", "s01e01"],
        ["archive", "other", "full-circle"],
    ),
    "a file for an archive": (
        lambda folder: (folder / "archive").write_text("notes"),
        ["plan", "s01e01"],
        ["archive", "folder"],
    ),
    "no production": (
        lambda folder: (folder / "production.yaml").unlink(),
        ["plan", "s01e01"],
        ["production.yaml", "onmodel init"],
    ),
    "a worker of no production": (
        lambda folder: (folder / "production.yaml").unlink(),
        ["worker"],
        ["production.yaml", "onmodel init"],
    ),
    "runs of no production": (
        lambda folder: (folder / "production.yaml").unlink(),
        ["resume"],
        ["production.yaml", "onmodel init"],
    ),
    "a folder that is not empty": (lambda _: None, ["init", "."], [". is not empty", "onmodel init DIR"]),
    "a file for a folder": (
        lambda _: None,
        ["init", "production.yaml"],
        ["production.yaml", "another folder"],
    ),
    "no such file": (lambda _: None, ["check", "episodes/s01e9.yaml"], ["there is no such file"]),
    "a flow that is no Python": (
        written("flows/episode.py", "async def film(", "async def film)"),
        ["produce", "s01e01", "--rehearse", "--prefect", "off"],
        ["flows/episode.py:", "does not load"],
    ),
    "a file without its flow": (
        written("flows/episode.py", "async def episode(", "async def episodes("),
        ["produce", "s01e01", "--rehearse", "--prefect", "off"],
        ["flows/episode.py", "'episode'", "@flow"],
    ),
    "no flows": (
        lambda folder: (folder / "flows" / "episode.py").unlink(),
        ["produce", "s01e01", "--rehearse", "--prefect", "off"],
        ["flows/episode.py", "onmodel init"],
    ),
    "a job that nobody knows": (
        lambda _: None,
        ["jobs", "resolve", "abc", "--lost"],
        ["'abc'", "onmodel jobs"],
    ),
    "a state that is none": (
        lambda _: None,
        ["jobs", "--state", "ambigous"],
        ["--state ambigous", "submitted", "Did you mean 'ambiguous'?"],
    ),
}


@pytest.mark.parametrize("what", COMMANDS)
def test_a_command_that_cannot_be_done_says_why_and_what_next(
    what: str, production: Path, onmodel: OnModel
) -> None:
    """One message on stderr, exit code 1, an empty stdout, no traceback, nothing made."""
    spoil, arguments, said = COMMANDS[what]
    spoil(production)
    found = onmodel(*arguments)
    assert found.code == 1
    for words in said:
        assert words in found.err
    assert found.out == ""
    assert "Traceback" not in found.err
    assert found.err.count("onmodel: ") <= 1
    assert not (production / "deliverables").exists()
    assert not (production / "archive" / "jobs").exists()
    assert not (production / ".onmodel" / "logs").exists()


def test_all_that_is_wrong_comes_at_once(production: Path, onmodel: OnModel) -> None:
    """Faults in several files are told together, each on a line that begins with its place."""
    STORY["a shot of 0 s"][0](production)
    written("characters/pip.yaml", "kind: stylised", "kind: stylish")(production)
    found = onmodel("check")
    assert found.code == 1
    assert {line.split(":")[0] for line in found.err.splitlines()} == {
        "characters/pip.yaml",
        "episodes/s01e01.yaml",
    }
    assert found.out == "2 errors, 0 warnings.\n"
