"""Prefect's own limit: what it cannot give is a matter of setup, and ends nobody else's work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

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
    "error",
    [
        ConcurrencySlotAcquisitionError("Concurrency limits ['fal'] must be created before"),
        httpx.ConnectError("connection refused"),
    ],
    ids=["no such limit", "no server"],
)
def test_a_slot_that_is_not_given_is_told(error: Exception, in_flow: pytest.MonkeyPatch) -> None:
    """It names the limit, what Prefect said and the command that makes it; a shot is flagged, no run dies."""
    in_flow.setattr(slots, "concurrency", failing(error))
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


def test_a_slot_that_is_not_taken_back_is_nobodys_fault(in_flow: pytest.MonkeyPatch) -> None:
    """Its lease lapses by itself: what was paid with it is home, and what went wrong with it stays told."""
    warned: list[Any] = []
    in_flow.setattr(
        slots, "get_run_logger", lambda: SimpleNamespace(warning=lambda *said: warned.append(said))
    )
    in_flow.setattr(slots, "concurrency", failing(httpx.ReadTimeout("no answer"), at_the_end=True))
    asyncio.run(use())

    def refused() -> None:
        raise Moderated("no")

    with pytest.raises(Moderated):
        asyncio.run(use(refused))
    assert len(warned) == 2


def test_a_lost_lease_ends_nothing_that_is_paid(in_flow: pytest.MonkeyPatch) -> None:
    """Prefect would cancel what waits under a lease that it could not renew: fal goes on with it."""
    granted: Any = SimpleNamespace(limits=[SimpleNamespace(id=uuid4(), name="fal")], lease_id=uuid4())
    renewals: list[UUID] = []

    async def acquire(**_: Any) -> Any:
        return granted

    async def release(**_: Any) -> None:
        return

    def renew(lease_id: UUID, *_: Any) -> None:
        renewals.append(lease_id)
        raise httpx.ConnectError("the server is away")

    internal, leases = "prefect.concurrency._asyncio", "prefect.concurrency._leases"
    in_flow.setattr(f"{internal}.aacquire_concurrency_slots_with_lease", acquire)
    in_flow.setattr(f"{internal}.arelease_concurrency_slots_with_lease", release)
    in_flow.setattr(f"{internal}.emit_concurrency_acquisition_events", lambda *_: {})
    in_flow.setattr(f"{internal}.emit_concurrency_release_events", lambda *_: None)
    in_flow.setattr(f"{leases}._lease_renewal_loop", renew)

    async def wait_for_fal() -> str:
        async with slots.shared_slots(Settings(prefect_limit="fal"))():
            await asyncio.sleep(0.3)
            return "home"

    assert asyncio.run(wait_for_fal()) == "home"
    assert renewals == [granted.lease_id]


def test_without_a_limit_nothing_is_waited_for() -> None:
    """Nor without a flow run, where there is no server to ask."""
    assert slots.shared_slots(Settings()) is nullcontext
    assert slots.shared_slots(Settings(prefect_limit="fal")) is nullcontext
