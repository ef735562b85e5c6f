"""Runs of a deployment wait for an archive that is away when they begin: nobody is there to begin them anew.

In the middle of a run the archive itself is patient (`vault/s3_patience.py`). At the beginning an address
that does not answer may be mistyped, which whoever typed it wants to know at once.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from prefect.context import FlowRunContext
from prefect.logging import get_run_logger

from onmodel.errors import VaultAway
from onmodel.flowkit.watching import STOP
from onmodel.studio.stop import Stop

T = TypeVar("T")

PAUSE_S: Final = 5.0
"""Seconds between two tries."""

WAITS_S: Final = 90.0
"""Seconds from the first try in which it is tried again."""


async def once_there(work: Callable[[], Awaitable[T]]) -> T:
    """Do what needs the archive; in a run of a deployment, as soon as the archive answers.

    Raises:
        VaultAway: it does not answer, or still does not.
        OnModelError: as the work does.
    """
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    until = time.monotonic() + WAITS_S
    is_told = False
    while True:
        try:
            return await work()
        except VaultAway as error:
            stop = STOP.get() or Stop()
            if run is None or run.deployment_id is None or stop.reason or time.monotonic() > until:
                raise
            if not is_told:
                get_run_logger().warning("waiting for the archive: %s", error.message)
                is_told = True
            await stop.pause(PAUSE_S)
