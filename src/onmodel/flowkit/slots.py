"""A concurrency limit of Prefect's around requests: one account, several machines, one number.

Not the default: fal queues by itself what is over the account's own limit, and Prefect hands slots out late.
Measured 2026-11, a limit of 10 and jobs of 5 s: 1.6 to 2.2 times as long as with each worker's own quota.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import partial
from typing import Any

import httpx
from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError, concurrency
from prefect.context import FlowRunContext
from prefect.logging import get_run_logger

from onmodel.errors import SetupError
from onmodel.settings import Settings


def shared_slots(settings: Settings) -> Callable[[], AbstractAsyncContextManager[Any]]:
    """What hands out the slots; nothing is waited for without a limit's name, or without a flow run."""
    if settings.prefect_limit is None or FlowRunContext.get() is None:
        return nullcontext
    return partial(_slot, settings.prefect_limit)


@asynccontextmanager
async def _slot(limit: str) -> AsyncIterator[None]:
    """Hold a slot of a limit.

    A lease that cannot be renewed, or given back, is Prefect's affair: it lapses by itself. What is paid for
    meanwhile is seen through, and the limit may be passed for as long.

    Raises:
        SetupError: there is no such limit, or the server does not hand its slots out.
    """
    # Strict: a limit that nobody made would let everything through, unnoticed.
    slot = concurrency(limit, occupy=1, strict=True, raise_on_lease_renewal_failure=False)
    try:
        await slot.__aenter__()
    except (ConcurrencySlotAcquisitionError, httpx.HTTPError) as error:
        why = f"{error}" if error.__cause__ is None else f"{error}: {error.__cause__}"
        raise SetupError(
            f"ONMODEL_PREFECT_LIMIT={limit}: the Prefect server gives no slot of that limit: {why}",
            hint="Nothing paid is lost. onmodel deploy makes the limit; then run the same again.",
        ) from error
    try:
        yield
    finally:
        try:
            await slot.__aexit__(None, None, None)
        except httpx.HTTPError as error:
            get_run_logger().warning("%s: a slot is given back late: %s", limit, error)
