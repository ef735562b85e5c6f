"""Prefect's own limit: what it cannot give is a matter of setup, and ends nobody else's work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

import httpx
import pytest
from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError

from onmodel.errors import Moderated, SetupError
from onmodel.flowkit import slots
from onmodel.settings import Settings


def failing(
    error: Exception, *, at_the_end: bool = False
) -> Callable[..., AbstractAsyncContextManager[None]]:
    """Prefect's limit, out of order."""

    @asynccontextmanager
    async def concurrency(*_: Any, **__: Any) -> AsyncIterator[None]:
        if not at_the_end:
            raise error
        yield
        raise error

    return concurrency


@pytest.fixture
def in_flow(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """As if inside a flow run."""
    monkeypatch.setattr("onmodel.flowkit.slots.FlowRunContext.get", object)
    return monkeypatch


async def use(work: Callable[[], None] = lambda: None) -> None:
    """Hold a slot while something is done."""
    async with slots.shared_slots(Settings(prefect_limit="fal"))():
        work()


@pytest.mark.parametrize(
    ("error", "at_the_end"),
    [
        (ConcurrencySlotAcquisitionError("Concurrency limits ['fal'] must be created before"), False),
        (httpx.ConnectError("connection refused"), False),
        (httpx.ReadTimeout("no answer"), True),
    ],
    ids=["no such limit", "no server", "the slot is not taken back"],
)
def test_a_slot_that_is_not_given_is_told(
    error: Exception,
    at_the_end: bool,  # noqa: FBT001 (a parameter of the test)
    in_flow: pytest.MonkeyPatch,
) -> None:
    """It names the limit, what Prefect said and the command that makes it; a shot is flagged, no run dies."""
    in_flow.setattr(slots, "concurrency", failing(error, at_the_end=at_the_end))
    with pytest.raises(SetupError, match="ONMODEL_PREFECT_LIMIT=fal") as told:
        asyncio.run(use())
    assert str(error) in told.value.message
    assert "onmodel deploy" in told.value.hint


def test_what_goes_wrong_with_a_slot_in_hand_is_told_as_it_is(in_flow: pytest.MonkeyPatch) -> None:
    """An error of fal's stays what it is."""

    def refused() -> None:
        raise Moderated("no")

    in_flow.setattr(slots, "concurrency", lambda *_, **__: nullcontext())
    with pytest.raises(Moderated):
        asyncio.run(use(refused))


def test_without_a_limit_nothing_is_waited_for() -> None:
    """Nor without a flow run, where there is no server to ask."""
    assert slots.shared_slots(Settings()) is nullcontext
    assert slots.shared_slots(Settings(prefect_limit="fal")) is nullcontext
