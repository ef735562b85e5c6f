from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from onmodel.errors import ResultGone, ServerFailed, Stopped
from onmodel.studio.stop import Stop
from onmodel.studio.wire import Wire
from onmodel.vault import Journal, Ledger

Act = Callable[..., Any]
PRICE = Decimal("0.04")


def hold(patch: pytest.MonkeyPatch) -> asyncio.Event:
    """Have fal leave jobs in its queue until the event is set."""
    gate = asyncio.Event()
    real = Wire.watch

    async def watch(self: Wire, endpoint: str, request_id: str, heard: Any, interval_s: float = 0.5) -> None:
        from onmodel.studio.wire import Progress  # noqa: PLC0415 (short)

        heard(Progress("queued", 3))
        await gate.wait()
        await real(self, endpoint, request_id, heard, interval_s)

    patch.setattr(Wire, "watch", watch)
    return gate


async def never(*_: Any) -> Any:
    """Draw for ever."""
    await asyncio.Event().wait()


async def is_queued(day: Any) -> None:
    """Wait until a job is in fal's queue."""
    async with asyncio.timeout(10):
        while ("queued", "position 3 in fal's queue") not in day.told:  # noqa: ASYNC110 - a plain list, as in production
            await asyncio.sleep(0.005)


def test_once_what_is_paid_is_finished_and_nothing_else_begun(
    act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job at fal comes home; another is refused, and its reservation is not left behind."""

    async def scene(day: Any) -> None:
        gate = hold(monkeypatch)
        paid = asyncio.create_task(day.produce("s010"))
        await is_queued(day)
        day.desk.stop.finish()
        with pytest.raises(Stopped) as caught:
            await day.produce("s020")
        assert caught.value.spent_usd is None
        gate.set()
        assert (await paid).state == "done"
        assert (len(day.accepted()), day.reserved(), day.job("s020").records) == (1, PRICE, {"intent"})

    act(scene)


@pytest.mark.parametrize("answer", ["cancelled", "too late", "gone", "no answer"])
def test_twice_what_waits_is_cancelled_and_the_next_run_finds_out(
    act: Act, key: str, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wish is in the journal before fal is asked, and whatever fal makes of it, the job ends."""

    async def scene(day: Any) -> None:
        with pytest.MonkeyPatch.context() as patch:
            hold(patch)
            patch.setattr(type(day.double._queue._artist), "make", never)
            asked = []
            real = Wire.cancel

            async def cancel(self: Wire, endpoint: str, request_id: str) -> Any:
                assert day.job().cancellation.request_id == request_id
                asked.append(request_id)
                return await real(self, endpoint, request_id) if answer == "cancelled" else "unknown"

            patch.setattr(Wire, "cancel", cancel)
            task = asyncio.create_task(day.produce())
            await is_queued(day)
            day.desk.stop.cancel()
            with pytest.raises(Stopped) as caught:
                await task
        assert len(asked) == 1
        assert caught.value.spent_usd == PRICE
        assert day.job().state == "submitted"
        assert day.job().cancellation is not None

    act(scene)

    async def next_run(day: Any) -> None:
        job = (
            await day.desk.see_through(day.job(), lambda *_: None)
            if answer in ("too late", "no answer")
            else None
        )
        if job is None:
            with pytest.raises(Exception, match=r"cancel"):
                await day.produce()
            result = day.job().result
            assert (result.kind, result.error_kind) == ("failed", "cancelled")
            assert day.reserved() == (PRICE if result.billed == "maybe" else 0)
            assert (await day.produce(n=2)).state == "done"
            assert day.accepted() == [key, day.job(n=2).slot.key]
        else:
            assert (job.state, day.accepted()) == ("done", [key])

    if answer == "gone":

        async def forgotten(*_: Any) -> Any:
            raise ResultGone("fal does not know it")

        real_watch = Wire.watch
        calls: list[int] = []

        async def watch(self: Wire, *args: Any) -> None:
            calls.append(1)
            await (forgotten() if len(calls) == 1 else real_watch(self, *args))

        monkeypatch.setattr(Wire, "watch", watch)
    act(next_run)


def test_what_fal_makes_already_is_not_cancelled(act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is paid: the run leaves, fal goes on, and the next run fetches it."""

    async def scene(day: Any) -> None:
        from onmodel.studio.wire import Progress  # noqa: PLC0415 (short)

        with pytest.MonkeyPatch.context() as patch:

            async def running(
                self: Wire, endpoint: str, request_id: str, heard: Any, interval_s: float
            ) -> None:
                heard(Progress("running"))
                await asyncio.Event().wait()

            patch.setattr(Wire, "watch", running)
            task = asyncio.create_task(day.produce())
            await day.something_is_told()
            while day.told[-1][0] != "running":  # noqa: ASYNC110 - a plain list, as in production
                await asyncio.sleep(0.005)
            day.desk.stop.cancel()
            with pytest.raises(Stopped, match="it goes on at fal"):
                await task
        assert day.job().cancellation is None

    act(scene)
    assert act(lambda day: day.produce()).state == "done"


def test_a_submit_under_way_is_finished_before_leaving(
    act: Act, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Leaving never cuts between the POST and the word about it."""

    async def scene(day: Any) -> None:
        real = Wire.submit

        async def slow(self: Wire, *args: Any, **named: Any) -> str:
            day.desk.stop.leave()
            await asyncio.sleep(0.05)
            return await real(self, *args, **named)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Wire, "submit", slow)
            with pytest.raises(Stopped):
                await day.produce()
        assert day.job().state in ("submitted", "finished")  # fal may have answered in the same instant
        assert day.accepted() == [key]

    act(scene)


@pytest.mark.parametrize("step", ["claim", "reserve", "submit", "record_outcome"])
def test_an_interrupted_submit_ends_all_the_same(act: Act, key: str, step: str) -> None:
    """The task is cancelled at each await between the claim and the word about it: the word is written."""
    owner: Any = {"submit": Wire, "reserve": Ledger}.get(step, Journal)
    real: Any = getattr(owner, step)

    async def scene(day: Any) -> None:
        loop, tasks = asyncio.get_running_loop(), []

        def interrupted() -> None:
            if not tasks[0].cancelling() and (day.job().sendings or step == "claim"):
                loop.call_soon_threadsafe(tasks[0].cancel)

        def plain(self: Any, *args: Any, **named: Any) -> Any:
            interrupted()
            return real(self, *args, **named)

        async def waiting(self: Any, *args: Any, **named: Any) -> Any:
            interrupted()
            await asyncio.sleep(0)
            return await real(self, *args, **named)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(owner, step, waiting if asyncio.iscoroutinefunction(real) else plain)
            tasks.append(asyncio.create_task(day.produce()))
            with pytest.raises(asyncio.CancelledError):
                await tasks[0]
        assert (day.job().state, day.accepted(), day.reserved()) == ("submitted", [key], PRICE)

    act(scene)


def test_a_stop_breaks_off_what_is_of_no_more_use() -> None:
    """Pauses end at once, uploads are broken off, what is done is given; an error passes as it is."""

    async def scene() -> None:
        stop = Stop()
        assert await stop.unless_finishing(asyncio.sleep(0, 7)) == 7

        async def fails() -> None:
            raise ServerFailed("no")

        with pytest.raises(ServerFailed):
            await stop.unless_finishing(fails())
        asyncio.get_running_loop().call_later(0.01, stop.finish)
        async with asyncio.timeout(5):
            await stop.pause(60)
            with pytest.raises(Stopped):
                await stop.unless_finishing(asyncio.sleep(60))
        assert await stop.unless_leaving(asyncio.sleep(0, 8)) == 8
        stop.leave()
        with pytest.raises(Stopped):
            await stop.unless_leaving(asyncio.sleep(60))

    asyncio.run(scene())
