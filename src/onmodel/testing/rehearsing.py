"""A whole episode rehearsed inside a test, by the production's own flow."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from onmodel.settings import Settings, read_settings
from onmodel.stages.crew import Event, Report
from onmodel.stages.together import EpisodeResult
from onmodel.story import read_story

MADE: Final = (".onmodel", "deliverables", ".venv", ".git", "__pycache__")
"""What a production holds besides what its people wrote and supplied."""


def copy_production(folder: Path, into: Path) -> Path:
    """Copy what a production's people wrote and supplied, and nothing that was made from it or paid for.

    Args:
        folder: the production's folder; it is only read.
        into: a folder that does not exist yet.

    Returns:
        `into`.

    Raises:
        StoryError: production.yaml cannot be read.
        SetupError: there is no production in `folder`.
        OSError: it cannot be copied.
    """
    archive = (folder / read_story(folder, episodes=()).production.archive).resolve()
    unwanted = {archive, into.resolve(), *((folder / name).resolve() for name in MADE)}

    def ignored(inside: str, names: list[str]) -> list[str]:
        return [name for name in names if name in MADE or (Path(inside) / name).resolve() in unwanted]

    shutil.copytree(folder, into, ignore=ignored)
    return into


def rehearse(
    folder: Path,
    episode: str,
    *,
    shots: Sequence[str] | None = None,
    trouble: Sequence[str] = (),
    answers: Path | None = None,
    report: Report | None = None,
) -> EpisodeResult:
    """Run a production's own `flows/episode.py` in rehearsal, without Prefect: $0, no network.

    What was rehearsed in this folder before is reused, so a test that shall see everything made works on a
    copy of the production. Not for use inside a running event loop.

    Args:
        folder: the production's folder.
        episode: its id, like s01e01.
        shots: only these; all where nothing is said.
        trouble: what goes wrong, as `--trouble` takes it: `["429=3", "drift=1@s020.1"]`.
        answers: a folder of files to answer with, named like `s010.mp4`.
        report: told of every event as it happens.

    Returns:
        What the run came to; shots that need a person are in it, and raise nothing.

    Raises:
        StoryError: the story is not acceptable, with every finding.
        SetupError: trouble that nobody knows, or a folder of answers with none in it.
        OnModelError: the episode could not be begun, or the cut could not be made.
    """
    from onmodel.flowkit.running import run_flow  # noqa: PLC0415 (Prefect takes seconds to import)

    parameters = {
        "episode": episode,
        "rehearse": True,
        "shots": list(shots) if shots is not None else None,
        "production": str(folder.absolute()),
    }
    parameters |= {"trouble": list(trouble)} if trouble else {}
    parameters |= {"answers": str(answers.absolute())} if answers is not None else {}
    running = run_flow(
        folder.absolute(),
        "episode",
        parameters,
        prefect="off",
        settings=Settings(ffmpeg=read_settings().ffmpeg),
        report=report or _unwatched,
        say=_unheard,
    )
    result: EpisodeResult = asyncio.run(running)
    return result


def _unwatched(event: Event) -> None:
    """Nobody watches."""


def _unheard(line: str) -> None:
    """Nobody listens."""
