"""Finding a request whose answer nobody has, in fal's history: docs/adr/0005-ambiguous-submits.md.

A request that carries an upload is known by its address: each job uploads its inputs under fresh ones, so no
other job ever sent the same. Words alone may have been sent by another job, or by another production of the
same account: such a request is taken where it is the only one of its time, and no other job of ours waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from onmodel.errors import SubmitOutcomeUnknown
from onmodel.studio.stop import Stop
from onmodel.studio.wire import PastRequest, Wire
from onmodel.vault import MARK, Job, Journal, Sending

MARGIN: Final = timedelta(minutes=1)
"""How far the clocks of this machine and of fal may be apart for words alone to be recognised."""

A_DAY: Final = timedelta(hours=26)
"""How far back an upload's address is looked for in the end: a clock may be a day off."""


@dataclass(frozen=True)
class Found:
    """What the history says of a sending."""

    request_ids: tuple[str, ...] | None
    """What fits it and is no other job's; None where the history does not answer."""
    proof: str = ""
    """Why the one that fits is ours; empty where that cannot be known."""

    @property
    def ours(self) -> str | None:
        """The request, if it is known to be ours."""
        return self.request_ids[0] if self.request_ids and len(self.request_ids) == 1 and self.proof else None

    @property
    def in_words(self) -> str:
        """What it says, for people."""
        if self.request_ids is None:
            return "fal's history does not answer"
        if not self.request_ids:
            return "fal's history does not list it"
        if self.ours is None and len(self.request_ids) == 1:
            return "fal's history lists one that fits, which may be another job's with the same words"
        return f"fal's history lists {len(self.request_ids)} that fit"


async def look_up(wire: Wire, journal: Journal, job: Job, *, looks: int, pause_s: float, stop: Stop) -> Found:
    """Ask fal's history for a job's newest sending.

    Args:
        wire: the way to fal.
        journal: tells what belongs to other jobs.
        job: the job.
        looks: how often it is asked at most: it may lag behind by some seconds.
        pause_s: seconds before the second look; doubled each time.
        stop: whoever is in haste does not wait for the history.
    """
    sending = max(job.sendings.items())[1]
    found = Found(None)
    for look in range(looks):
        if look:
            await stop.pause(pause_s * 2**look)
        # A clock that is a day ahead would look in the future: an address is worth a longer last look.
        far = has_upload(job.intent.arguments) and look == looks - 1
        past = await wire.history(job.intent.endpoint, sending.at - (A_DAY if far else MARGIN))
        if past is None:
            continue
        found = await asyncio.to_thread(_judge, journal, job, sending, past)
        if found.request_ids:
            break
    return found


def has_upload(value: Any) -> bool:
    """Whether a frozen request names a medium, at any depth."""
    if isinstance(value, Mapping):
        return MARK in value or any(map(has_upload, value.values()))
    return isinstance(value, list) and any(map(has_upload, value))


def _judge(journal: Journal, job: Job, sending: Sending, past: Iterable[PastRequest]) -> Found:
    by_address = has_upload(job.intent.arguments)
    since, until = sending.at - MARGIN, sending.deadline + MARGIN
    fits = (one for one in past if one.input == sending.arguments)
    ids = dict.fromkeys(one.request_id for one in fits if by_address or since <= one.at <= until)
    if not ids:
        return Found(())
    others = [one for one in journal.jobs() if one.slot != job.slot]
    taken = {request_id for one in others for request_id in one.request_ids}
    free = tuple(request_id for request_id in ids if request_id not in taken)
    if by_address:
        return Found(free, "found in fal's history by the address of its own upload")
    if any(_waits_for_the_same(one, job, sending) for one in others):
        return Found(free)
    span = f"between {_clock(since)} and {_clock(until)} UTC"
    return Found(free, f"found in fal's history: the only request with these words {span}")


def _waits_for_the_same(other: Job, job: Job, sending: Sending) -> bool:
    """Whether another job's answer is missing too, and fits the same entries."""
    if other.state not in ("sending", "ambiguous") or other.intent.endpoint != job.intent.endpoint:
        return False
    return any(one.arguments == sending.arguments for one in other.sendings.values())


def _clock(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")


def nobody_knows(job: Job, found: Found) -> SubmitOutcomeUnknown:
    """The error of a job that stays with a person."""
    return SubmitOutcomeUnknown(
        f"{job.intent.label}: it was sent, the answer was lost, and {found.in_words}",
        hint=f"Look for it on fal's dashboard; then: onmodel jobs resolve {job.slot.key[:12]} "
        "--request-id ID, or --resubmit, or --lost",
        spent_usd=job.cost_usd,
    )
