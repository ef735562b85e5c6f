"""A season: one episode that cannot be produced does not stop the others, and the result says so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from onmodel.errors import OnModelError, PlanError, SetupError
from onmodel.flowkit import EpisodeResult, one_by_one, seasons
from onmodel.flowkit.seasons import RunElsewhere, SeasonResult, _by_workers, produce_due
from onmodel.planning.due import Dated
from onmodel.stages.season import EpisodeStanding, SeasonStanding
from onmodel.studio.stop import Stop


def finished(name: str, **needs: str) -> EpisodeResult:
    return EpisodeResult(
        episode=name,
        rehearsal=True,
        cut=None,
        cut_sha256=None,
        frames=None,
        submitted=0,
        reused=1,
        spent_usd=Decimal(0),
        would_cost_usd=Decimal(0),
        prices_of="2026-11-22",
        shots=[],
        needs_person=needs,
    )


def work(
    result: EpisodeResult | Exception, log: list[str], name: str
) -> Callable[[], Awaitable[EpisodeResult]]:
    async def run() -> EpisodeResult:
        log.append(name)
        await asyncio.sleep(0)
        if isinstance(result, Exception):
            raise result
        return result

    return run


def test_an_episode_that_fails_does_not_stop_the_next() -> None:
    """Episodes run in order, each once; what failed for a known reason is in the result with its message."""
    log: list[str] = []
    outcomes: dict[str, EpisodeResult | OnModelError] = {
        "a": PlanError("no such endpoint", hint="onmodel check"),
        "b": finished("b", s010="moderated"),
        "c": SetupError("no ffmpeg"),
        "d": finished("d"),
    }
    result = asyncio.run(
        one_by_one("season-1", {name: work(out, log, name) for name, out in outcomes.items()})
    )
    assert log == ["a", "b", "c", "d"]
    assert [one.episode for one in result.episodes] == ["b", "d"]
    assert result.failed == {"a": "no such endpoint\n  onmodel check", "c": "no ffmpeg"}
    assert result.needs_person == {**result.failed, "b · s010": "moderated"}


def test_a_season_without_trouble_needs_nobody() -> None:
    """When every episode went well, nobody is called."""
    assert asyncio.run(one_by_one("s", {"a": work(finished("a"), [], "a")})).needs_person == {}


def test_a_fault_of_ours_is_not_swallowed() -> None:
    """An error that nobody foresaw ends the season: it is a bug and must be seen."""
    log: list[str] = []
    works = {"a": work(ZeroDivisionError("bug"), log, "a"), "b": work(finished("b"), log, "b")}
    with pytest.raises(ZeroDivisionError):
        asyncio.run(one_by_one("s", works))
    assert log == ["a"]


def test_whatever_waits_for_approval_is_told() -> None:
    """Of an episode that was produced here, by a worker, or left alone; what ended well is no news."""
    here = finished("a").model_copy(update={"awaiting": {"takes": 1}})
    ran = [
        RunElsewhere(
            episode="b", state="Awaiting approval", message="awaiting approval: 1 cut", is_well=True, run="1"
        ),
        RunElsewhere(episode="c", state="Completed", message="", is_well=True, run="2"),
    ]
    left = {"d": "awaiting approval: 4 keyframes"}
    found = SeasonResult(season="s", episodes=[here, finished("e")], elsewhere=ran, held=left)
    assert found.needs_person == {}
    assert found.waiting == {
        "a": "awaiting approval: 1 take",
        "b": "awaiting approval: 1 cut",
        "d": "awaiting approval: 4 keyframes",
    }


def test_an_episode_that_only_waits_is_left_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is produced, and the season's result says of how much a person must approve."""
    gated: Any = SimpleNamespace(awaiting={"takes": 2})
    done: Any = SimpleNamespace(awaiting={})
    standing = SeasonStanding(
        "season-1",
        None,  # type: ignore[arg-type]  # what the file says is not looked at
        (
            EpisodeStanding(Dated("s01e01", None, None, is_due=True), "awaiting approval", plan=gated),
            EpisodeStanding(Dated("s01e02", None, None, is_due=True), "finished", plan=done, has_cut=True),
        ),
    )
    monkeypatch.setattr(seasons, "read_season", lambda *_, **__: standing)
    asked = {"production": str(tmp_path), "rehearse": True}
    found = asyncio.run(produce_due("season-1", lambda **_: pytest.fail("nothing is produced"), asked))
    assert found.left == {"s01e01": "awaiting approval", "s01e02": "finished"}
    assert found.waiting == {"s01e01": "awaiting approval: 2 takes"}


def test_an_interrupted_season_says_so_and_leaves_the_workers_to_it() -> None:
    """Ctrl-C while workers film: what ended is told, what goes on is left, and the result is interrupted."""
    done = RunElsewhere(episode="a", state="Completed", message="", is_well=True, run="1")

    async def ended(_: Stop) -> RunElsewhere:
        return done

    async def at_work(stop: Stop) -> None:
        stop.finish()

    found = asyncio.run(_by_workers(SeasonResult(season="s"), {"a": ended, "b": at_work}))
    assert (found.elsewhere, found.left.keys()) == ([done], {"b"})
    assert (found.ending.interrupted, found.ending.terminated) == (True, False)
    calm = asyncio.run(_by_workers(SeasonResult(season="s"), {"a": ended}))
    assert not calm.ending.interrupted


def test_an_episode_that_cannot_be_asked_about_stops_no_other() -> None:
    """The server breaks off one answer: that episode needs a person, and what became of the rest is told."""
    done = RunElsewhere(episode="a", state="Completed", message="", is_well=True, run="1")

    async def ended(_: Stop) -> RunElsewhere:
        return done

    async def unheard(_: Stop) -> None:
        raise httpx.ReadTimeout("nothing came")

    found = asyncio.run(_by_workers(SeasonResult(season="s"), {"a": ended, "b": unheard}))
    assert [one.episode for one in found.elsewhere] == ["a", "b"]
    assert "nothing came" in found.needs_person["b"]
