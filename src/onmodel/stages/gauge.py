"""How far work is that runs in other processes: they tell, a gauge adds up, and tells it on now and then."""

from __future__ import annotations

import asyncio
import os
import struct
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

Hear = Callable[[float], None]
"""Told of the share of some work that is done, 0 to 1."""

TOLD_EVERY_S: Final = 0.25
"""Least seconds between two tellings of one gauge."""
_NUMBER: Final = struct.Struct("d")
_READ_BYTES: Final = 1024 * _NUMBER.size


@dataclass(frozen=True)
class Telling:
    """Tells from another process how far it is; it can be sent there, and never keeps the work waiting."""

    ear: Path
    """The named pipe of whoever listens; there may be nobody any more."""

    def __call__(self, share: float) -> None:
        """Tell a share; it is lost where nobody listens."""
        with suppress(OSError):  # nobody there, or too much was told already: the next one says more
            pipe = os.open(self.ear, os.O_WRONLY | os.O_NONBLOCK)
            try:
                os.write(pipe, _NUMBER.pack(share))
            finally:
                os.close(pipe)


@contextmanager
def listening(hear: Hear) -> Iterator[Telling]:
    """Hear, in the running loop, what another process tells while the block lasts."""
    loop = asyncio.get_running_loop()
    with tempfile.TemporaryDirectory(prefix="onmodel-") as folder:
        ear = Path(folder) / "ear"
        os.mkfifo(ear, 0o600)
        pipe = os.open(ear, os.O_RDWR | os.O_NONBLOCK)  # to write, too: else each teller that goes is an end
        loop.add_reader(pipe, partial(_pass_on, pipe, hear))
        try:
            yield Telling(ear)
        finally:
            loop.remove_reader(pipe)
            os.close(pipe)


def _pass_on(pipe: int, hear: Hear) -> None:
    told = os.read(pipe, _READ_BYTES)  # so short a message is written whole: no half number is ever read
    (share,) = _NUMBER.unpack(told[-_NUMBER.size :])
    hear(share)


class Gauge:
    """How far several pieces of work are together.

    Args:
        hear: told of the share of the whole, in whole per cents that grow, a few times a second at most.
    """

    def __init__(self, hear: Hear) -> None:
        self._hear = hear
        self._weights: list[float] = []
        self._done: list[float] = []
        self._told = (0, 0.0)
        """Per cents, and when."""

    def part(self, weight: float) -> Hear:
        """A piece of the work; its weight is in any unit that all pieces share."""
        self._weights.append(weight)
        self._done.append(0.0)
        return partial(self._take_in, len(self._done) - 1)

    def _take_in(self, part: int, share: float) -> None:
        self._done[part] = max(self._done[part], min(1.0, share))
        whole = sum(self._weights)
        done = sum(one * much for one, much in zip(self._weights, self._done, strict=True))
        per_cent, now = int(100 * done / whole) if whole else 0, time.monotonic()
        if per_cent > self._told[0] and now - self._told[1] >= TOLD_EVERY_S:
            self._told = per_cent, now
            self._hear(per_cent / 100)


def unheard(_: float) -> None:
    """For work of which nobody wants to know how far it is."""
