"""Who started a flow from a terminal: told of events as they happen, and able to have it end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from onmodel.stages.crew import Report
from onmodel.studio.stop import Stop

WATCHER: Final[ContextVar[Report | None]] = ContextVar("watcher", default=None)
"""Whoever wants to see events as they happen: the command line."""

STOP: Final[ContextVar[Stop | None]] = ContextVar("stop", default=None)
"""What that one sets when Ctrl-C is pressed; None in a worker's run."""


@contextmanager
def watched_by(report: Report, stop: Stop | None = None) -> Iterator[None]:
    """Have the events of every set that is opened inside told to `report`, and have it obey `stop`."""
    tokens = WATCHER.set(report), STOP.set(stop)
    try:
        yield
    finally:
        WATCHER.reset(tokens[0])
        STOP.reset(tokens[1])
