"""The caps that a purchase must fit under, and what is set aside in their ledgers for each job.

What is set aside for a job is never less than what it may have cost, at no instant and in no process. The
price goes in before the claim, and once more after it, which changes the ledger in any case. Whoever takes it
out looks at the ledger first, then at the job's journal, then swaps the ledger that it saw: if the job was
claimed meanwhile, that ledger is gone, and it looks again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from onmodel.errors import OverBudget
from onmodel.vault import Job, Ledger, Vault


@dataclass(frozen=True)
class Cap:
    """A ledger and the most that may be reserved in it."""

    ledger: Ledger
    most_usd: Decimal | None


class Caps:
    """All caps of a run."""

    def __init__(self, caps: Sequence[Cap], vault: Vault) -> None:
        self._caps = tuple(caps)
        self._vault = vault
        self.names = tuple(cap.ledger.name for cap in caps)
        """The ledgers in which whatever is sent is set aside."""

    async def reserve(self, job: Job, purchases: int, *, confirming: bool = False) -> None:
        """Set aside what so many purchases of a job cost, under every cap, or change nothing.

        Args:
            job: the job.
            purchases: how often it will have been bought.
            confirming: it is claimed, and about to be sent.

        Raises:
            OverBudget: it would pass a cap.
        """
        amount, key = job.price_usd * purchases, job.slot.key
        taken: list[Ledger] = []
        try:
            for cap in self._caps:
                reserve = partial(cap.ledger.reserve, key, amount, cap.most_usd, confirming=confirming)
                taken += [cap.ledger] * await asyncio.to_thread(reserve)
        except OverBudget:
            await self._lower(job, taken)
            raise

    async def forgo(self, job: Job) -> None:
        """Take out what the newest sending would have cost: it is known to have bought nothing."""

        def owed() -> Decimal:
            job.refresh()  # a person may have had it sent again meanwhile, by another machine
            return job.price_usd * (job.purchases - 1)

        for ledger in self._ledgers(job):
            await asyncio.to_thread(ledger.lower, job.slot.key, owed)

    async def give_back(self, job: Job) -> None:
        """Take out what a job has not cost; it is set aside anew when it is sent."""
        await self._lower(job, self._ledgers(job))

    async def yield_to(self, job: Job) -> None:
        """Take a job that others sent out of those of our ledgers that they did not count it in."""
        if job.caps:
            await self._lower(job, [cap.ledger for cap in self._caps if cap.ledger.name not in job.caps])

    async def _lower(self, job: Job, ledgers: Sequence[Ledger]) -> None:
        """Lower ledgers to what the job may have cost, as its journal has it after the ledger was read."""

        def owed(ledger: Ledger) -> Decimal:
            job.refresh()
            counted = not job.caps or ledger.name in job.caps
            return job.cost_usd if counted else Decimal(0)

        for ledger in ledgers:
            await asyncio.to_thread(ledger.lower, job.slot.key, partial(owed, ledger))

    def _ledgers(self, job: Job) -> list[Ledger]:
        """Ours, and those in which others counted the job."""
        others = sorted(job.caps.difference(self.names))
        return [cap.ledger for cap in self._caps] + [self._vault.ledger(name) for name in others]
