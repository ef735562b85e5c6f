"""The order desk: the only place from which a paid request is sent, and only by way of the journal.

A job goes `intent → sending → outcome → result → media`, each step written down before the next is taken, so
that a process may die between any two and another goes on from there:

    intended, not-sent   upload the inputs, reserve the price, claim the slot, send once
    sending              another living process is at it: wait for what it writes down
    ambiguous            look it up in fal's history; what is not found there stays with a person
    submitted            wait for fal, write the result down
    finished             fetch the media, verify, archive
    done                 nothing is left to do
    failed               say what fal said
"""

from __future__ import annotations

import asyncio
import json
import mimetypes
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from onmodel.endpoints import Catalogue
from onmodel.errors import (
    AccountLocked,
    FetchFailed,
    JobFailed,
    OnModelError,
    OverBudget,
    SubmitNotSent,
    SubmitOutcomeUnknown,
    SubmitRefused,
    VaultError,
    VaultFull,
)
from onmodel.studio.failures import failure_of
from onmodel.studio.homecoming import bring_home
from onmodel.studio.wire import Progress, Wire
from onmodel.vault import MARK, UNSENT, Delivery, Job, Ledger, MediaRef, Outcome, Result, Sending, Vault

DEADLINE_S: Final = 300.0
"""Seconds that one submit may take before nobody believes in it any more; httpx gives up long before."""

SUBMIT_S: Final = 60.0
"""Seconds for which an interrupted run waits for a submit that is under way."""

TRIES: Final = 5
"""How often a submit that is known not to have bought anything is tried in one run."""

FIRST_PAUSE_S: Final = 1.0
"""Seconds before the second try; doubled each time."""

LOOKS: Final = 3
"""How often the history is asked for a submit whose answer was lost a moment ago: it may lag behind."""

TOO_MANY: Final = 429
STOPPED: Final = (401, 403)
"""Refusals that every other purchase would meet too: the key is wrong, or the account is locked."""

Tell = Callable[[str, str], None]
"""Called with a word for what is going on, and a detail: `("queued", "position 3")`."""


@dataclass(frozen=True)
class Cap:
    """A ledger and the most that may be reserved in it."""

    ledger: Ledger
    most_usd: Decimal | None


class Desk:
    """Buys what is commissioned, never twice and never over a cap.

    Args:
        wire: the way to fal.
        vault: where journal and media are.
        catalogue: tells which field of an answer holds the media.
        caps: every purchase is reserved under each of them first.
        scratch: a folder of this machine for downloads under way.
        in_flight: requests that may be under way at once.
        rehearsal: say in a header which job a request is for, as the rehearsal's double wants it.
        pause_s: seconds before a second try; tests shorten it.
    """

    def __init__(
        self,
        *,
        wire: Wire,
        vault: Vault,
        catalogue: Catalogue,
        caps: Sequence[Cap],
        scratch: Path,
        in_flight: int,
        rehearsal: bool,
        pause_s: float = FIRST_PAUSE_S,
    ) -> None:
        self._wire = wire
        self._vault = vault
        self._journal = vault.journal
        self._catalogue = catalogue
        self._caps = caps
        self._scratch = scratch
        self._room = asyncio.Semaphore(in_flight)
        self._rehearsal = rehearsal
        self.pause_s = pause_s
        """Seconds before a second try; doubled each time."""
        self._stopped: OnModelError | None = None
        self.submitted = 0
        """Requests that fal accepted from this desk."""
        self.spent_usd = Decimal(0)
        """What they cost by the price table."""

    async def see_through(self, job: Job, tell: Tell, *, may_send: bool = True) -> Job:
        """Take a job from wherever it is to its end: its media in the vault, whoever began it.

        Args:
            job: the job.
            tell: told what is going on.
            may_send: send it, if nobody has; otherwise a job that turns out unsent is left as it is.

        Raises:
            OverBudget: a cap would be passed; nothing was sent.
            SubmitRefused: fal said no; nothing was bought.
            SubmitOutcomeUnknown: nobody knows whether a job exists: a person decides.
            JobFailed: fal could not, or would not, do it.
            FetchFailed: it is paid, and not home yet.
            AccountLocked: fal stops this account.
            VaultFull: no space is left for what is paid; nothing more is bought until there is.
        """
        if job.delivery is not None:
            return job
        async with self._room:
            try:
                while job.state not in ("done", "withdrawn"):
                    if job.state in UNSENT and not may_send:
                        return job
                    await self._take_further(job, tell)
            except (AccountLocked, OverBudget, VaultFull) as error:
                self._stopped = error
                raise
        return job

    async def _take_further(self, job: Job, tell: Tell) -> None:
        """Take a job one state further."""
        match job.state:
            case "failed":
                raise await self._failure(job)
            case "intended" | "not-sent":
                await self._send(job, tell)
            case "sending":
                tell("waiting", "another process is sending it")
                await asyncio.sleep(self.pause_s / 2)
                await asyncio.to_thread(job.refresh)
            case "ambiguous":
                await self._look_up(job, looks=1)
            case "submitted":
                await self._await_result(job, tell)
            case "finished":
                await self._fetch(job, tell)

    # -- sending ---------------------------------------------------------------------------------------------

    async def _send(self, job: Job, tell: Tell) -> None:
        """Send a job's request once, or find that somebody else did."""
        for attempt in range(TRIES):
            if self._stopped:
                raise self._stopped
            try:
                await self._reserve(job)
                arguments = await self._with_addresses(job.intent.arguments, tell)
                await _to_its_end(self._claim_and_submit(job, arguments, tell))
            except (SubmitNotSent, SubmitRefused) as error:
                if isinstance(error, SubmitRefused) and error.status in STOPPED:
                    self._stopped = error
                if not _passes(error) or attempt == TRIES - 1:
                    raise
                tell("waiting", error.message)
                await asyncio.sleep(self.pause_s * 2**attempt)
            else:
                return

    async def _claim_and_submit(self, job: Job, arguments: dict[str, Any], tell: Tell) -> None:
        owed = job.may_have_cost
        sending = await asyncio.to_thread(self._journal.claim, job, DEADLINE_S, arguments)
        if sending is not None:
            tell("sending", job.intent.endpoint)
            await self._submit(job, sending, owed=owed)

    async def _submit(self, job: Job, sending: Sending, *, owed: bool) -> None:
        """The one POST of a claim; `owed`: an earlier try of the job may have been bought."""
        try:
            await self._reserve(job)  # whoever tried before us may have given it back since we did
            request_id = await self._wire.submit(
                job.intent.endpoint, dict(sending.arguments), headers=self._headers(job)
            )
        except SubmitOutcomeUnknown as lost:
            await self._look_up(job, looks=LOOKS)
            if job.request_id is None:
                if not owed:
                    await self._release(job)
                raise SubmitNotSent(lost.message, hint="fal's history proves that it never came") from lost
            self._count(job)
            return
        except (SubmitNotSent, SubmitRefused, AccountLocked, OverBudget, VaultError) as error:
            if not owed:
                # Before the word that lets others try: what they reserve then must stay reserved.
                await self._release(job)
            await self._write_outcome(job, sending.attempt, kind="not-sent", reason=error.message)
            raise
        self._count(job)
        try:
            await self._write_outcome(job, sending.attempt, kind="submitted", request_id=request_id)
        except VaultError as error:
            raise type(error)(
                f"{job.intent.label}: fal accepted it as request {request_id}, and this could not be written "
                f"down: {error.message}",
                hint=f"Mend the archive; then: onmodel jobs resolve {job.slot.key[:12]} "
                f"--request-id {request_id}",
                spent_usd=job.price_usd,
            ) from error

    def _count(self, job: Job) -> None:
        self.submitted += 1
        self.spent_usd += job.price_usd

    async def _reserve(self, job: Job) -> None:
        """Set a job's price aside under every cap, or under none."""
        taken: list[Ledger] = []
        try:
            for cap in self._caps:
                price = job.price_usd
                if await asyncio.to_thread(cap.ledger.reserve, job.slot.key, price, cap.most_usd):
                    taken.append(cap.ledger)
        except OverBudget:
            for ledger in taken:
                await asyncio.to_thread(ledger.release, job.slot.key)
            raise

    async def give_back(self, job: Job) -> None:
        """Release what is reserved for a job of which nothing was bought; it is reserved anew when sent."""
        await self._release(job)
        await asyncio.to_thread(job.refresh)
        if job.sendings and job.may_have_cost:
            # Another process sent it while we looked at an older state: what it reserved stays.
            for cap in self._caps:
                await asyncio.to_thread(cap.ledger.reserve, job.slot.key, job.price_usd, None)

    async def _release(self, job: Job) -> None:
        for cap in self._caps:
            await asyncio.to_thread(cap.ledger.release, job.slot.key)

    async def _with_addresses(self, value: Any, tell: Tell) -> Any:
        """The arguments with every archived medium uploaded, each under a fresh address."""
        if isinstance(value, Mapping):
            if MARK in value:
                ref = MediaRef.from_argument(value)
                tell("uploading", f"{ref.size / 1e6:.1f} MB")
                path = await asyncio.to_thread(self._vault.media.verify, ref)
                kind = mimetypes.guess_type(f"x{ref.suffix}")[0] or "application/octet-stream"
                return await self._wire.upload(path, kind, f"{ref.sha256[:16]}{ref.suffix}")
            return {key: await self._with_addresses(one, tell) for key, one in value.items()}
        if isinstance(value, list):
            return [await self._with_addresses(one, tell) for one in value]
        return value

    def _headers(self, job: Job) -> dict[str, str]:
        if not self._rehearsal:
            return {}
        return {"x-onmodel-rehearsal": json.dumps({"job": job.slot.key, "label": job.intent.label})}

    # -- what became of it -----------------------------------------------------------------------------------

    async def _look_up(self, job: Job, *, looks: int) -> None:
        """Find a request whose answer nobody has, in fal's history.

        Raises:
            SubmitOutcomeUnknown: it is not there, which proves nothing, or there are several that fit.
        """
        attempt, sending = max(job.sendings.items())
        found: list[str] | None = None
        for look in range(looks):
            if look:
                await asyncio.sleep(self.pause_s * 2**look)
            past = await self._wire.history(job.intent.endpoint, sending.at - timedelta(minutes=1))
            if past is None:
                continue
            found = [one.request_id for one in past if one.input == sending.arguments]
            if found:
                taken = await asyncio.to_thread(self._request_ids_of_others, job)
                found = [request_id for request_id in found if request_id not in taken]
            if found:
                break
        if found is not None and len(found) == 1:
            await self._write_outcome(
                job, attempt, kind="submitted", request_id=found[0], reason="found in fal's history"
            )
        elif found == [] and self._wire.absence_is_proof:
            await self._write_outcome(
                job, attempt, kind="not-sent", reason="the history proves that it never came"
            )
        else:
            raise SubmitOutcomeUnknown(
                f"{job.intent.label}: it was sent, the answer was lost, and {_what_history_says(found)}",
                hint=f"Look for it on fal's dashboard; then: onmodel jobs resolve {job.slot.key[:12]} "
                "--request-id ID, or --resubmit, or --lost",
                spent_usd=job.price_usd,
            )

    def _request_ids_of_others(self, job: Job) -> set[str]:
        others = self._journal.jobs()
        return {one.request_id for one in others if one.slot != job.slot and one.request_id}

    async def _write_outcome(self, job: Job, attempt: int, **said: Any) -> None:
        outcome = Outcome(attempt=attempt, at=datetime.now(UTC), **said)
        await asyncio.to_thread(self._journal.record_outcome, job, outcome)

    async def _await_result(self, job: Job, tell: Tell) -> None:
        endpoint, request_id = job.intent.endpoint, job.request_id or ""
        await self._wire.watch(
            endpoint, request_id, lambda progress: tell(*_in_words(progress)), self.pause_s / 2
        )
        try:
            payload = await self._wire.result(endpoint, request_id)
        except JobFailed as error:
            result = Result(
                kind="failed",
                error_kind=error.kind,
                error_message=error.message,
                error_field=error.field or None,
                billed="maybe" if error.may_be_billed else "no",
                at=datetime.now(UTC),
            )
            await asyncio.to_thread(self._journal.record_result, job, result)
            return
        result = Result(kind="ok", payload=payload, billed="yes", at=datetime.now(UTC))
        await asyncio.to_thread(self._journal.record_result, job, result)

    async def _failure(self, job: Job) -> OnModelError:
        """The error of a failed job; what is known to be free is given back."""
        if not job.may_have_cost:
            await self.give_back(job)
        return failure_of(job)

    # -- bringing it home ------------------------------------------------------------------------------------

    async def _fetch(self, job: Job, tell: Tell) -> None:
        result = job.result
        payload: Mapping[str, Any] = result.payload if result else {}
        output = self._catalogue.get(job.intent.endpoint).output
        self._scratch.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="fetch-", dir=self._scratch) as folder:
            try:
                refs = await bring_home(self._wire, self._vault.media, payload, output, Path(folder), tell)
            except FetchFailed as error:
                error.request_id, error.spent_usd = job.request_id or "", job.price_usd
                raise
        delivery = Delivery(media=tuple(refs), at=datetime.now(UTC))
        await asyncio.to_thread(self._journal.record_media, job, delivery)


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Await work that must not be cut in the middle: whoever interrupts waits for its end.

    A submit that is cut between its claim and the word about it leaves a job that only a person can settle.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=SUBMIT_S)
        raise


def _passes(error: OnModelError) -> bool:
    """Whether a submit that bought nothing may succeed by itself a moment later."""
    return isinstance(error, SubmitNotSent) or (isinstance(error, SubmitRefused) and error.status == TOO_MANY)


def _what_history_says(found: list[str] | None) -> str:
    if found is None:
        return "fal's history does not answer"
    return f"fal's history lists {len(found)} that fit" if found else "fal's history does not list it"


def _in_words(progress: Progress) -> tuple[str, str]:
    if progress.state == "queued" and progress.position is not None:
        return "queued", f"position {progress.position} in fal's queue"
    return progress.state, progress.detail or (progress.logs[-1] if progress.logs else "")
