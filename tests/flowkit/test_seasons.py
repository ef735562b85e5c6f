"""A season: one episode that cannot be produced does not stop the others, and the result says so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

from onmodel.errors import OnModelError, PlanError, SetupError
from onmodel.flowkit import EpisodeResult, one_by_one


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
