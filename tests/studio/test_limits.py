"""How much of fal a run takes to itself."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.studio import limits
from onmodel.studio.limits import MINUTE_S, Pace


@given(st.integers(1, 600), st.integers(1, 50))
def test_turns_come_no_faster_than_they_may(per_minute: int, count: int) -> None:
    """Whoever asks at the same moment is spread out evenly: turn n comes n intervals later, not sooner."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async def ask() -> None:
        pace = Pace(per_minute)
        await asyncio.gather(*(pace.turn(sleep) for _ in range(count)))

    asyncio.run(ask())
    apart = MINUTE_S / per_minute
    assert len(waits) == count - 1
    assert all(wait == pytest.approx(number * apart, abs=0.05) for number, wait in enumerate(waits, start=1))


def test_a_pause_is_not_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns that nobody took are gone: after a quiet minute no burst follows."""
    clock, waits = [100.0], []
    monkeypatch.setattr(limits.time, "monotonic", lambda: clock[0])

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async def ask() -> None:
        pace = Pace(6)
        await pace.turn(sleep)
        clock[0] += 300
        for _ in range(3):
            await pace.turn(sleep)

    asyncio.run(ask())
    assert waits == [10.0, 20.0]


def test_without_a_rate_nobody_waits() -> None:
    """No limit: every turn comes at once."""

    async def ask() -> None:
        pace = Pace(None)
        async with asyncio.timeout(1):
            for _ in range(1000):
                await pace.turn(asyncio.sleep)

    asyncio.run(ask())
