from __future__ import annotations

import asyncio
import os
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any, ClassVar

import pytest

from onmodel.errors import PostError
from onmodel.stages import cores
from onmodel.stages.cores import Cores, usable_cores


class Pool:
    """A pool of processes whose work is done, or whose workers die, when a test says so."""

    started: ClassVar[list[Pool]]

    def __init__(self, *_: Any, **__: Any) -> None:
        self.given: list[Future[Any]] = []
        Pool.started.append(self)

    def submit(self, *_: Any) -> Future[Any]:
        """Take work."""
        self.given.append(Future())
        return self.given[-1]


@pytest.fixture
def pools(monkeypatch: pytest.MonkeyPatch) -> list[Pool]:
    Pool.started = []
    monkeypatch.setattr(cores, "ProcessPoolExecutor", Pool)
    return Pool.started


def test_a_pool_that_died_is_replaced_once(pools: list[Pool]) -> None:
    """Whoever is told late of a pool's death leaves the whole pool alone that was started meanwhile."""

    async def scene() -> None:
        ours = Cores(1)

        async def begin() -> asyncio.Task[str]:
            work = asyncio.create_task(ours.run(str, 1))
            await asyncio.sleep(0)
            return work

        async def die(work: asyncio.Task[str], future: Future[Any]) -> None:
            future.set_exception(BrokenProcessPool())
            with pytest.raises(PostError, match="a worker process died"):
                await work

        early, late = await begin(), await begin()
        await die(early, pools[0].given[0])
        after = await begin()
        await die(late, pools[0].given[1])
        another = await begin()
        assert (len(pools), len(pools[1].given)) == (2, 2)
        for future in pools[1].given:
            future.set_result("made")
        assert (await after, await another) == ("made", "made")

    asyncio.run(scene())


def test_a_system_that_does_not_say_which_cores_are_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """On macOS nobody is asked for an affinity: all the machine's cores are used, and one at least."""
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert (usable_cores(), Cores().count) == (7, 7)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert usable_cores() == 1
