from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest

from onmodel.errors import PlanError
from onmodel.mcp import rehearsing
from onmodel.stages import apart


async def unheard(line: str) -> None:
    """Nobody listens."""


def group_of(folder: Path) -> int:
    """The process that wrote its number there."""
    return int((folder / "pid").read_text(encoding="utf-8"))


def wait_for(path: Path) -> None:
    """Until a file is there, for a minute at most."""
    until = time.monotonic() + 60
    while not path.exists() and time.monotonic() < until:
        time.sleep(0.1)


@pytest.fixture
def slow(production: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A production whose flow never ends, hears nothing, and says which process it is."""
    monkeypatch.setattr(apart, "GRACE_S", 1)
    flow = production / "flows/episode.py"
    written = flow.read_text(encoding="utf-8").replace(
        "    async with on_set(",
        "    import os, pathlib, time\n"
        "    pathlib.Path(production, 'pid').write_text(str(os.getpid()))\n"
        "    time.sleep(600)\n"
        "    async with on_set(",
    )
    flow.write_text(written, encoding="utf-8")
    return production


@pytest.mark.process
def test_a_rehearsal_that_takes_too_long_is_ended(slow: Path) -> None:
    """It is told with the next step, and no process of it runs on."""
    began = time.monotonic()
    with pytest.raises(PlanError, match="took more than 6 s") as told:
        asyncio.run(rehearsing.rehearse(slow, "s01e01", (), unheard, at_most_s=6))
    assert "rehearse it again" in told.value.hint
    assert time.monotonic() - began < 60
    with pytest.raises(ProcessLookupError):
        os.kill(group_of(slow), 0)


@pytest.mark.process
def test_an_agent_that_leaves_ends_its_rehearsal(slow: Path) -> None:
    """A call that is cancelled leaves no process behind."""

    async def left() -> None:
        call = asyncio.create_task(rehearsing.rehearse(slow, "s01e01", (), unheard, at_most_s=60))
        await asyncio.to_thread(wait_for, slow / "pid")
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    asyncio.run(left())
    with pytest.raises(ProcessLookupError):
        os.kill(group_of(slow), 0)


def test_a_flow_that_breaks_is_told_as_it_was_told(production: Path) -> None:
    """The command's own message and hint come through."""
    (production / "flows/episode.py").write_text("this is no Python", encoding="utf-8")
    with pytest.raises(PlanError, match=r"flows/episode\.py"):
        asyncio.run(rehearsing.rehearse(production, "s01e01", (), unheard, at_most_s=60))


def test_a_file_of_the_production_does_not_shadow_a_module(production: Path) -> None:
    """The production's folder is not first on the way to modules: a `json.py` in it is only a file."""
    (production / "json.py").write_text("raise SystemExit('the wrong json')", encoding="utf-8")
    with pytest.raises(PlanError) as told:
        asyncio.run(rehearsing.rehearse(production, "s09e09", (), unheard, at_most_s=60))
    assert "s09e09" in told.value.message
