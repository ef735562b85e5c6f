"""The machine's cores: pictures and clips are worked on in a pool of processes, one for each core."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from onmodel.errors import PostError

P = ParamSpec("P")
R = TypeVar("R")

ORPHAN_CHECK_S = 1.0
"""Seconds between two looks of a worker whether its parent still lives."""


class Cores:
    """A pool of processes that starts when it is first needed.

    Args:
        count: workers; None for one a core.
    """

    def __init__(self, count: int | None = None) -> None:
        self.count = count or usable_cores()
        self.places = asyncio.Semaphore(4 * self.count)
        """For steps that do little else than work for the cores: what has no place yet is not begun."""
        self.heard = asyncio.Semaphore(2 * self.count)
        """For work that tells how far it is: each has a pipe, of which only so many can be open."""
        self._pool: ProcessPoolExecutor | None = None

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Do plain work in a process of the pool; function, arguments and result are pickled.

        Raises:
            PostError: the worker died.
        """
        pool = self._pool
        if pool is None:
            pool = self._pool = ProcessPoolExecutor(
                self.count, mp_context=get_context("spawn"), initializer=_begin, initargs=(os.getpid(),)
            )
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(pool, partial(work, *args, **kwargs))
        except BrokenProcessPool as error:
            if self._pool is pool:  # others were told of the same death: by now there may be a whole one
                self._pool = None
            raise PostError(
                "a worker process died while it was working on pictures",
                hint="Was the machine out of memory? Run the same command again: nothing paid is lost.",
            ) from error

    def close(self) -> None:
        """End the workers; work that has not begun is dropped."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def usable_cores() -> int:
    """How many cores this process may use; all where the system does not say, as on macOS."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _begin(parent: int) -> None:
    """A worker leaves Ctrl-C to its parent, and does not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(ORPHAN_CHECK_S)
    os._exit(1)
