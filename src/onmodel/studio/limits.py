"""How much of fal, and of the line to it, one run takes to itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Final

MINUTE_S: Final = 60.0


@dataclass(frozen=True)
class Limits:
    """What a run keeps to. None is about money: fal queues what is over the account's own limit."""

    in_flight: int
    """Requests under way at once, from the upload of their inputs until their media are home."""
    uploads: int = 4
    """Files on their way to fal at once: a line that all share makes every submit late."""
    submits_per_minute: int | None = None
    """The most requests that are sent in a minute; None: as many as there are."""
    shared: Callable[[], AbstractAsyncContextManager[Any]] = field(default=nullcontext)
    """A slot of a limit that several machines share, held while a request is under way."""


class Pace:
    """Spaces out what happens too often: a turn comes every so many seconds, to whoever asked first.

    Args:
        per_minute: turns in a minute; None: everybody goes at once.
    """

    def __init__(self, per_minute: int | None) -> None:
        self._apart_s = 0.0 if per_minute is None else MINUTE_S / per_minute
        self._next_s = 0.0

    async def turn(self, sleep: Callable[[float], Any] = asyncio.sleep) -> None:
        """Wait for one's turn.

        Args:
            sleep: waits for seconds; one that is interrupted gives the turn up.
        """
        now_s = time.monotonic()
        mine_s = max(now_s, self._next_s)
        self._next_s = mine_s + self._apart_s
        if mine_s > now_s:
            await sleep(mine_s - now_s)
