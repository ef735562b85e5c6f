"""Sending a paid request: `intent → sending → outcome`, each written down before the next step is taken.

The order, and why a process may die anywhere in it:

1. Set the price aside under every cap. Killed here, nothing was bought, and the next run gives it back.
2. Upload the inputs, once for a job and process.
3. Claim: create `sending.k`, which only one process can. It holds the request as it will be sent.
4. Set the price aside again; POST, once.
5. Write `outcome.k`: `submitted` with fal's id, or `not-sent` where it is known that nothing was bought.

Between 3 and 5 only fal knows what happened: whoever comes next finds a sending without an outcome,
`ambiguous`, and asks fal's history (`history.py`). What is not known for sure is never sent again by itself.
"""

from __future__ import annotations

import asyncio
import json
import mimetypes
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, Protocol

from onmodel.errors import (
    AccountLocked,
    OnModelError,
    OverBudget,
    SubmitNotSent,
    SubmitOutcomeUnknown,
    SubmitRefused,
    VaultError,
)
from onmodel.studio.caps import Caps
from onmodel.studio.history import look_up, nobody_knows
from onmodel.studio.limits import Limits, Pace
from onmodel.studio.stop import Stop
from onmodel.studio.wire import Wire
from onmodel.vault import MARK, Job, MediaRef, Outcome, Sending, Vault

DEADLINE_S: Final = 300.0
"""Seconds from a claim after which nobody believes in it any more: its POST is not begun later than that."""

SUBMIT_S: Final = 60.0
"""Seconds for which an interrupted run waits for a submit that is under way."""

TRIES: Final = 5
"""How often a submit that is known not to have bought anything is tried in one run."""

LOOKS: Final = 3
"""How often the history is asked for a submit whose answer was lost a moment ago: it may lag behind."""

TOO_MANY: Final = 429


class CheckOpen(Protocol):
    """Raises the reason where nothing more is bought in this run."""

    def __call__(self, *, fits: bool = False) -> None:
        """Whether the purchase fits under every cap: its price is set aside."""
        ...


Tell = Callable[[str, str], None]
"""Called with a word for what is going on, and a detail: `("queued", "position 3")`."""


class Sender:
    """Sends what nobody has sent yet, and finds out what became of what somebody did.

    Args:
        wire: the way to fal.
        vault: where journal and media are.
        caps: what a purchase must fit under.
        stop: whether the run is to end.
        limits: how much of fal, and of the line to it, this run takes to itself.
        check_open: raises the reason where nothing more is bought in this run.
        rehearsal: say in a header which job a request is for, as the rehearsal's double wants it.
        pause_s: seconds before a second try; doubled each time.
    """

    def __init__(
        self,
        *,
        wire: Wire,
        vault: Vault,
        caps: Caps,
        stop: Stop,
        limits: Limits,
        check_open: CheckOpen,
        rehearsal: bool,
        pause_s: float,
    ) -> None:
        self._wire = wire
        self._media = vault.media
        self._journal = vault.journal
        self._caps = caps
        self._stop = stop
        self._uploads = asyncio.Semaphore(limits.uploads)
        self._pace = Pace(limits.submits_per_minute)
        self._check_open = check_open
        self._rehearsal = rehearsal
        self._pause_s = pause_s
        self._uploaded: dict[str, dict[str, Any]] = {}
        """Requests with their upload addresses, by job key: never shared, since a job is known by them."""
        self.submitted = 0
        """Requests that fal accepted from here."""
        self.spent_usd = Decimal(0)
        """What they cost by the price table."""

    async def send(self, job: Job, tell: Tell) -> None:
        """Send a job's request once, or find that somebody else did.

        Raises:
            OverBudget: a cap would be passed; nothing was sent.
            Stopped: the run is to end; nothing was sent.
            SubmitNotSent, SubmitRefused: nothing was bought.
            SubmitOutcomeUnknown: nobody knows whether a job exists.
        """
        for attempt in range(TRIES):
            try:
                await self._pace.turn(self._stop.pause)  # before the price is set aside: it may take minutes
                self._check_open()
                arguments = await self._prepared(job, tell)
                await _to_its_end(self._claim_and_submit(job, arguments, tell))
            except (SubmitNotSent, SubmitRefused) as error:
                if not _passes(error) or attempt == TRIES - 1:
                    raise
                tell("waiting", error.message)
                await self._stop.pause(self._pause_s * 2**attempt)
            else:
                return

    async def find_out(self, job: Job, *, looks: int = 1) -> None:
        """Look a sending without an outcome up in fal's history, and write down what is known for sure.

        Raises:
            SubmitOutcomeUnknown: it is not there, which proves nothing, or it cannot be told from others.
        """
        found = await look_up(
            self._wire, self._journal, job, looks=looks, pause_s=self._pause_s, stop=self._stop
        )
        attempt = max(job.sendings)
        if found.ours is not None:
            await self._write(job, attempt, kind="submitted", request_id=found.ours, reason=found.proof)
        elif found.request_ids == () and self._wire.absence_is_proof:
            await self._caps.forgo(job, attempt)
            await self._write(job, attempt, kind="not-sent", reason="the history proves that it never came")
        else:
            raise nobody_knows(job, found)

    async def submit(self, job: Job, sending: Sending) -> None:
        """The one POST of a claim, and the word about what became of it."""
        try:
            await self._post(job, sending)
        finally:
            if sending.attempt not in job.outcomes:
                self._journal.give_up(sending)

    async def _post(self, job: Job, sending: Sending) -> None:
        try:
            await self._caps.reserve(job, job.purchases, confirming=True)
            self._check_in_time(job, sending)
            request_id = await self._wire.submit(
                job.intent.endpoint, dict(sending.arguments), headers=self._headers(job)
            )
        except SubmitOutcomeUnknown as lost:
            # Should it be sent again one day, then with addresses of its own: they tell the two apart.
            self._uploaded.pop(job.slot.key, None)
            self._journal.give_up(sending)
            await self.find_out(job, looks=LOOKS)
            if job.request_id is None:
                raise SubmitNotSent(lost.message, hint="fal's history proves that it never came") from lost
            self._count(job)
            return
        except (SubmitNotSent, SubmitRefused, AccountLocked, OverBudget, VaultError) as error:
            # Before the word that lets others try: what they set aside then must stay.
            with suppress(VaultError):  # then a ledger says too much, which only costs room under a cap
                await self._caps.forgo(job, sending.attempt)
            await self._write(job, sending.attempt, kind="not-sent", reason=error.message)
            raise
        self._uploaded.pop(job.slot.key, None)
        self._count(job)
        await self._write_accepted(job, sending, request_id)

    def _check_in_time(self, job: Job, sending: Sending) -> None:
        """Make sure that nobody else may send it by now: an archive may have been away, or the machine slept.

        Raises:
            SubmitNotSent: somebody may.
        """
        if self._journal.is_late(sending):
            raise SubmitNotSent(f"{job.intent.label}: it was not sent before its deadline")

    async def _write_accepted(self, job: Job, sending: Sending, request_id: str) -> None:
        try:
            await self._write(job, sending.attempt, kind="submitted", request_id=request_id)
        except VaultError as error:
            raise type(error)(
                f"{job.intent.label}: fal accepted it as request {request_id}, and this could not be written "
                f"down: {error.message}",
                hint=f"Mend the archive; then: onmodel jobs resolve {job.slot.key[:12]} "
                f"--request-id {request_id}",
                spent_usd=job.price_usd,
            ) from error

    async def _write(self, job: Job, attempt: int, **said: Any) -> None:
        outcome = Outcome(attempt=attempt, at=datetime.now(UTC), **said)
        await asyncio.to_thread(self._journal.record_outcome, job, outcome)

    async def _prepared(self, job: Job, tell: Tell) -> dict[str, Any]:
        """Set the price aside and upload the inputs; the price is given back where that fails."""
        await self._caps.reserve(job, job.purchases + 1)
        known = self._uploaded.get(job.slot.key)
        if known is not None:
            return known
        try:
            work = self._addressed(job.intent.arguments, tell)
            arguments: dict[str, Any] = await self._stop.unless_finishing(work)
            self._check_open(fits=True)
        except OnModelError:
            await self._caps.give_back(job)
            raise
        self._uploaded[job.slot.key] = arguments
        return arguments

    async def _claim_and_submit(self, job: Job, arguments: dict[str, Any], tell: Tell) -> None:
        claimed = await asyncio.to_thread(
            self._journal.claim, job, DEADLINE_S, arguments, self._caps.names(job)
        )
        if claimed is None:
            await self._caps.yield_to(job)
            return
        tell("sending", job.intent.endpoint)
        await self.submit(job, claimed)

    async def _addressed(self, value: Any, tell: Tell) -> Any:
        """A frozen request with every archived medium uploaded, each under a fresh address."""
        if isinstance(value, Mapping):
            if MARK in value:
                ref = MediaRef.from_argument(value)
                tell("uploading", f"{ref.size / 1e6:.1f} MB")
                path = await asyncio.to_thread(self._media.verify, ref)
                kind = mimetypes.guess_type(f"x{ref.suffix}")[0] or "application/octet-stream"
                async with self._uploads:
                    return await self._wire.upload(path, kind, f"{ref.sha256[:16]}{ref.suffix}")
            return {key: await self._addressed(one, tell) for key, one in value.items()}
        if isinstance(value, list):
            return [await self._addressed(one, tell) for one in value]
        return value

    def _headers(self, job: Job) -> dict[str, str]:
        if not self._rehearsal:
            return {}
        return {"x-onmodel-rehearsal": json.dumps({"job": job.slot.key, "label": job.intent.label})}

    def _count(self, job: Job) -> None:
        self.submitted += 1
        self.spent_usd += job.price_usd


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Await work that must not be cut in the middle: whoever interrupts waits for its end.

    A submit that is cut between its claim and the word about it leaves a job that only a person can settle.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=SUBMIT_S)
        if task.done() and not task.cancelled():
            task.exception()  # asked for, so that the loop does not complain that nobody did
        raise


def _passes(error: OnModelError) -> bool:
    """Whether a submit that bought nothing may succeed by itself a moment later."""
    return isinstance(error, SubmitNotSent) or (isinstance(error, SubmitRefused) and error.status == TOO_MANY)
