"""The ledgers held against the journals: a cap must know of everything that was, or may have been, bought."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from typing import Final

from onmodel.errors import RecordBroken
from onmodel.units import usd
from onmodel.vault.archive import Archive
from onmodel.vault.jobs import Job
from onmodel.vault.ledger import PRODUCTION
from onmodel.vault.verifying import Flaw

_ANEW: Final = "Move that one file away: the next onmodel produce makes it anew from the journals."


def verify_books(archive: Archive) -> Iterator[Flaw]:
    """Hold every ledger against the journals, and yield what is wrong.

    The production's own ledger must have every purchase; the others are of one command's cap each.
    """
    reserved: dict[str, Decimal] = {}
    for name in archive.store.names("ledger/"):
        cap = name.removeprefix("ledger/").removesuffix(".json")
        try:
            entries = archive.ledger(cap).entries()
        except RecordBroken as error:
            yield Flaw("unreadable", name, error.message.partition(": ")[2], error.hint)
        else:
            reserved |= entries if cap == PRODUCTION else {}
    # The jobs are listed after, and asked about before the ledger is read again: who produces meanwhile
    # reserves before sending, so neither list can be wrongly short of the other.
    jobs = {job.slot.key: job for job in archive.jobs()}
    bought = {key: one for key, job in jobs.items() if (one := _bought(job)) is not None}
    name = f"ledger/{PRODUCTION}.json"
    now: dict[str, Decimal] | None = None
    with suppress(RecordBroken):
        now = archive.ledger(PRODUCTION).entries()
    if now is None:
        return
    if not now and bought:
        yield Flaw("missing", name, f"{len(bought)} purchases are in the journals", "onmodel produce EPISODE")
        return
    for key, (label, cost_usd) in bought.items():
        if now.get(key, Decimal(0)) < cost_usd:
            has = usd(now.get(key, Decimal(0)))
            yield Flaw("disagrees", name, f"{label} may have cost {usd(cost_usd)}, it has {has} of it", _ANEW)
    for key in reserved.keys() & now.keys() - jobs.keys():
        what = f"{usd(now[key])} are reserved for {key[:12]}…, and no such job is in the journals"
        yield Flaw("disagrees", name, what, _ANEW)


def _bought(job: Job) -> tuple[str, Decimal] | None:
    """Label and cost of what was, or may have been, bought; None too where its records are broken."""
    with suppress(RecordBroken):
        if job.may_have_cost:
            return job.intent.label, job.cost_usd
    return None
