"""The caps that a purchase must fit under, and what is set aside in their ledgers for each job.

What is set aside for a job is never less than what it may have cost, at no instant and in no process. The
price goes in before the claim, and once more after it, which changes the ledger in any case. Whoever takes it
out looks at the ledger first, then at the job's journal, then swaps the ledger that it saw: if the job was
claimed meanwhile, that ledger is gone, and it looks again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial

from onmodel.errors import OverBudget
from onmodel.vault import Cap, Job, Ledger, Vault

CapsOfNow = Callable[[], Sequence[Cap]]
"""The caps that hold at this moment; they change when a week ends. It may read the archive."""


class Caps:
    """All caps of a run."""

    def __init__(self, of_now: CapsOfNow, vault: Vault) -> None:
        self._of_now = of_now
        self._vault = vault
        self._under: dict[str, Sequence[Cap]] = {}
        """Where each job's price is set aside: it stays there from then to its sending, by job key."""

    def names(self, job: Job) -> tuple[str, ...]:
        """The ledgers in which a job's price is set aside."""
        return tuple(cap.ledger.name for cap in self._under.get(job.slot.key, ()))

    async def reserve(self, job: Job, purchases: int, *, confirming: bool = False) -> None:
        """Set aside what so many purchases of a job cost, under every cap of now, or change nothing.

        Args:
            job: the job.
            purchases: how often it will have been bought.
            confirming: it is claimed, and about to be sent; it counts where it was set aside before.

        Raises:
            OverBudget: it would pass a cap.
        """
        amount, key = job.price_usd * purchases, job.slot.key
        if not confirming or key not in self._under:
            self._under[key] = await asyncio.to_thread(self._of_now)
        taken: list[Ledger] = []
        try:
            for cap in self._under[key]:
                reserve = partial(cap.ledger.reserve, key, amount, cap.most_usd, confirming=confirming)
                taken += [cap.ledger] * await asyncio.to_thread(reserve)
        except OverBudget:
            await self._lower(job, taken)
            raise

    async def forgo(self, job: Job, attempt: int) -> None:
        """Take out what a sending would have cost: it is known to have bought nothing."""

        def owed() -> Decimal:
            job.refresh()  # another may have said so already, and a person had it sent again
            return job.price_usd * (job.purchases - (attempt not in job.outcomes))

        for ledger in await self._ledgers(job):
            await asyncio.to_thread(ledger.lower, job.slot.key, owed)

    async def give_back(self, job: Job) -> None:
        """Take out what a job has not cost; it is set aside anew when it is sent."""
        await self._lower(job, await self._ledgers(job))

    async def yield_to(self, job: Job) -> None:
        """Take a job that others sent out of those of our ledgers that they did not count it in."""
        if job.caps:
            await self._lower(job, [one for one in await self._ours(job) if one.name not in job.caps])

    async def _lower(self, job: Job, ledgers: Sequence[Ledger]) -> None:
        """Lower ledgers to what the job may have cost, as its journal has it after the ledger was read."""

        def owed(ledger: Ledger) -> Decimal:
            job.refresh()
            counted = not job.caps or ledger.name in job.caps
            return job.cost_usd if counted else Decimal(0)

        for ledger in ledgers:
            await asyncio.to_thread(ledger.lower, job.slot.key, partial(owed, ledger))

    async def _ours(self, job: Job) -> list[Ledger]:
        """Where this run set the job's price aside, or would now."""
        under = self._under.get(job.slot.key)
        if under is None:
            under = await asyncio.to_thread(self._of_now)
        return [cap.ledger for cap in under]

    async def _ledgers(self, job: Job) -> list[Ledger]:
        """Ours, and those in which others counted the job."""
        ours = await self._ours(job)
        others = sorted(job.caps.difference(one.name for one in ours))
        return ours + [self._vault.ledger(name) for name in others]
