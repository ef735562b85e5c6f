"""Ctrl-C in a run that buys: once, it finishes what is paid; twice, it cancels what waits and leaves.

A third one, or one while nothing is open yet that could buy, interrupts at once, as in any program: the
journal makes that safe too. SIGTERM has the run leave without waiting for fal, since whoever sends it (a
container's end) kills soon after. Under Prefect SIGTERM is Prefect's own: it ends the run at once.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from onmodel.studio.stop import Stop

ONCE: Final = (
    "Ctrl-C: nothing more is bought, and what is paid is brought home first. Ctrl-C again cancels what still "
    "waits in fal's queue, and ends."
)
TWICE: Final = (
    "Ctrl-C again: what waits in fal's queue is cancelled; what fal makes already comes home with the next "
    "run. Once more ends at once."
)
TOLD: Final = "Told to end: nothing more is bought; what is paid comes home with the next run."


@contextmanager
def interruptible(stop: Stop, say: Callable[[str], None]) -> Iterator[None]:
    """Have signals heard by `stop` while the block runs; inside a running event loop.

    Args:
        stop: what the run obeys.
        say: says at once, on stderr, what was understood.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread only
        return
    loop = asyncio.get_running_loop()
    heard = (signal.SIGINT, signal.SIGTERM)
    # A run in the background of a script is not meant to hear Ctrl-C: what is ignored stays so.
    before = {one: now for one in heard if (now := signal.getsignal(one)) is not signal.SIG_IGN}

    def ctrl_c() -> None:
        if stop.is_leaving or not stop.is_obeyed:
            _as_before(signal.SIGINT)
        elif stop.reason is None:
            say(ONCE)
            stop.finish()
        else:
            say(TWICE)
            stop.cancel()

    def told() -> None:
        if not stop.is_obeyed or stop.is_leaving:
            _as_before(signal.SIGTERM)
            return
        say(TOLD)
        stop.leave()

    def _as_before(number: signal.Signals) -> None:
        signal.signal(number, before[number])
        signal.raise_signal(number)

    handlers = {signal.SIGINT: ctrl_c, signal.SIGTERM: told}
    for number in before:
        loop.add_signal_handler(number, handlers[number])
    try:
        yield
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
