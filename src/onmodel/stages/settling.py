"""What earlier runs bought comes home before anything new is bought, whatever the story says by now."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Final

from onmodel.errors import AccountLocked, JobFailed, OnModelError, Stopped
from onmodel.planning import CAST
from onmodel.stages.crew import Crew, Event
from onmodel.vault import UNSENT, Job

OPEN: Final = ("sending", "ambiguous", "submitted", "finished")
"""States of a job for which something was, or may have been, paid and is not home."""


async def settle(crew: Crew) -> list[Job]:
    """See every open job of the episode and of the cast through to its end.

    A job that cannot be settled, such as an ambiguous one, does not stop the others: `unsettled` tells of it.
    What is reserved for jobs that were never sent is given back: the story may not want them any more, and
    whoever does send one reserves it anew.

    Raises:
        AccountLocked: fal stops this account; what could be brought home is home.
    """
    scopes = sorted({crew.scope, CAST})
    jobs = [job for scope in scopes for job in await asyncio.to_thread(crew.vault.journal.jobs, scope)]
    for job in jobs:
        if job.state in UNSENT and not job.may_have_cost:
            await crew.desk.give_back(job)
    waiting = [job for job in jobs if job.state in OPEN]
    ends = await asyncio.gather(*(_settle_one(crew, job) for job in waiting), return_exceptions=True)
    for job, end in zip(waiting, ends, strict=True):
        crew.records.add(job)
        if isinstance(end, OnModelError) and not isinstance(end, (AccountLocked, JobFailed, Stopped)):
            crew.unsettled.append((job, end))
            crew.report(Event(job.slot.subject, job.slot.stage, "flagged", end.message, job.slot.n))
    for end in ends:
        if isinstance(end, AccountLocked) or (end is not None and not isinstance(end, OnModelError)):
            raise end
    return waiting


def unsettled(crew: Crew) -> dict[str, OnModelError]:
    """What is still not home: some that could not be settled at first may be home by now.

    By subject; with stage, take and key where several jobs of one subject are not home.
    """
    still = [(job, error) for job, error in crew.unsettled if job.state in OPEN]
    count = Counter(job.slot.subject for job, _ in still)
    return {_name(job, alone=count[job.slot.subject] == 1): error for job, error in still}


def _name(job: Job, *, alone: bool) -> str:
    slot = job.slot
    return slot.subject if alone else f"{slot.subject} · {slot.stage} · take {slot.n} · {slot.key[:12]}"


async def _settle_one(crew: Crew, job: Job) -> None:
    slot = job.slot

    def tell(state: str, detail: str) -> None:
        crew.report(Event(slot.subject, slot.stage, state, detail, slot.n))

    await crew.desk.see_through(job, tell, may_send=False)
