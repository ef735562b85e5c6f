"""A concurrency limit of Prefect's around requests: one account, several machines, one number.

Not the default: fal queues by itself what is over the account's own limit, and Prefect hands slots out late.
Measured 2026-11, a limit of 10 and jobs of 5 s: 1.6 to 2.2 times as long as with each worker's own quota.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from typing import Any

from prefect.concurrency.asyncio import concurrency
from prefect.context import FlowRunContext

from onmodel.settings import Settings


def shared_slots(settings: Settings) -> Callable[[], AbstractAsyncContextManager[Any]]:
    """What hands out the slots; nothing is waited for without a limit's name, or without a flow run."""
    if settings.prefect_limit is None or FlowRunContext.get() is None:
        return nullcontext
    # Strict: a limit that nobody made would let everything through, unnoticed.
    return partial(concurrency, settings.prefect_limit, occupy=1, strict=True)
