"""What a run takes of fal and of the line to it stays within its quota, and money is right all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from onmodel.errors import Stopped
from onmodel.studio.desk import Limits
from onmodel.studio.limits import Pace
from onmodel.studio.wire import Wire

Act = Callable[..., Any]
SHOTS = [f"s{number:03}" for number in range(10, 90, 10)]
EDIT = "fal-ai/flux-pro/kontext"


class Counted:
    """How many are inside at once, at most."""

    def __init__(self) -> None:
        self.inside = self.most = self.entered = 0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Be inside for a moment."""
        self.inside += 1
        self.entered += 1
        self.most = max(self.most, self.inside)
        try:
            await asyncio.sleep(0.01)
            yield
        finally:
            self.inside -= 1


def test_a_shared_slot_is_held_while_a_request_is_under_way(act: Act) -> None:
    """As many slots are taken at once as the run's own quota allows, one for each job, and all come back."""
    slots = Counted()

    async def scene(day: Any) -> None:
        await asyncio.gather(*(day.produce(shot) for shot in SHOTS))
        assert len(day.accepted()) == len(SHOTS)

    act(scene, limits=Limits(in_flight=3, shared=slots.one))
    assert (slots.inside, slots.most, slots.entered) == (0, 3, len(SHOTS))


def test_uploads_have_slots_of_their_own(act: Act, picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight requests with a picture each: never more than two uploads at once, and every request is sent."""
    line, real = Counted(), Wire.upload

    async def upload(self: Wire, *arguments: Any) -> str:
        async with line.one():
            return await real(self, *arguments)

    monkeypatch.setattr(Wire, "upload", upload)

    async def scene(day: Any) -> None:
        ref = day.vault.media.keep(picture, suffix=".png")
        asked = {"prompt": "it blinks", "image_url": ref.as_argument()}
        await asyncio.gather(*(day.produce(shot, endpoint=EDIT, arguments=asked) for shot in SHOTS))
        assert len(day.accepted()) == len(SHOTS)

    act(scene, limits=Limits(in_flight=8, uploads=2))
    assert (line.most, line.entered) == (2, len(SHOTS))


def test_every_submit_takes_a_turn(act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run with a rate asks for a turn before each request, a refused one's second try included."""
    turns: list[Pace] = []

    async def turn(self: Pace, *_: Any) -> None:
        turns.append(self)

    monkeypatch.setattr(Pace, "turn", turn)

    async def scene(day: Any) -> None:
        await day.produce("s010")
        assert len(day.accepted()) == 1

    act(scene, limits=Limits(in_flight=1, submits_per_minute=1), trouble=[{"on": "submit", "fault": "429"}])
    assert (len(turns), len(set(turns))) == (2, 1)


def test_a_run_that_ends_while_it_waits_for_its_turn_sets_nothing_aside(act: Act) -> None:
    """Ctrl-C in the minute between two submits: the second is not sent, and holds no money."""

    async def scene(day: Any) -> None:
        await day.produce("s010")
        waiting = asyncio.create_task(day.produce("s020"))
        await asyncio.sleep(0.05)
        day.desk.stop.finish()
        with pytest.raises(Stopped):
            await waiting
        assert len(day.accepted()) == 1
        assert day.reserved() == Decimal("0.04")

    act(scene, limits=Limits(in_flight=4, submits_per_minute=1))
