"""What a producer's Ctrl-C asks of a run: to finish what is paid, or to leave.

One `Stop` goes through a whole run, a season's too. Whoever hears the signals sets it; the desk obeys:

    finish    nothing more is bought; what fal has is awaited, fetched and archived
    cancel    what still waits in fal's queue is cancelled there, and the run ends; what fal makes already, or
              has made, comes home with the next run
    leave     the run ends as soon as no submit is under way; nothing is cancelled
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeVar

from onmodel.errors import OnModelError, Stopped

T = TypeVar("T")

AGAIN: Final = "Nothing is lost: run the same command again, and it goes on where it was."


class Stop:
    """Whether a run is to end, and how soon. It belongs to one event loop, and is set from inside it."""

    def __init__(self) -> None:
        self.reason: Stopped | None = None
        """Why nothing more is bought; None while the run goes on."""
        self.cancels = False
        """Whether what waits in fal's queue is to be cancelled."""
        self.is_obeyed = False
        """Whether something is open that can buy, and that looks here; before, there is nothing to finish."""
        self._finishing = asyncio.Event()
        self._leaving = asyncio.Event()

    @property
    def is_leaving(self) -> bool:
        """Whether the run is to end without waiting for fal."""
        return self._leaving.is_set()

    @contextmanager
    def obeyed(self) -> Iterator[None]:
        """Say that the block looks here, and ends in order when it is told to."""
        self.is_obeyed = True
        try:
            yield
        finally:
            self.is_obeyed = False

    def finish(self) -> None:
        """Buy nothing more, and bring home what is paid."""
        self.reason = self.reason or Stopped("stopped: nothing more is bought in this run", hint=AGAIN)
        self._finishing.set()

    def cancel(self) -> None:
        """Have what waits in fal's queue cancelled, and leave."""
        self.cancels = True
        self.leave()

    def leave(self) -> None:
        """End without waiting for fal: what it has comes home with the next run."""
        self.finish()
        self._leaving.set()

    async def pause(self, seconds: float) -> None:
        """Wait, or go on at once when the run is to end."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._finishing.wait(), seconds)

    async def unless_finishing(self, work: Coroutine[Any, Any, T]) -> T:
        """Do what is of use only if something is bought with it.

        Raises:
            Stopped: the run is to end; the work was broken off.
        """
        return await self._unless(self._finishing, work)

    async def unless_leaving(self, work: Coroutine[Any, Any, T]) -> T:
        """Do what finishes a job.

        Raises:
            Stopped: the run is to leave; the work was broken off.
        """
        return await self._unless(self._leaving, work)

    async def _unless(self, event: asyncio.Event, work: Coroutine[Any, Any, T]) -> T:
        task = asyncio.ensure_future(work)
        ends = asyncio.ensure_future(event.wait())
        try:
            await asyncio.wait({task, ends}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            raise Stopped("stopped: it was broken off", hint=AGAIN)
        finally:
            ends.cancel()
            if not task.done():
                task.cancel()
                with suppress(asyncio.CancelledError, OnModelError):
                    await task
