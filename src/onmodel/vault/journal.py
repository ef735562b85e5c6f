"""The journal of paid work: which jobs exist, how far each is, and who may send what, once.

A job's records stand in the folder of its slot, each created only if absent:
`intent` → `sending.1` → `outcome.1` → `result` → `media` → `verdict`, and `cancel` beside them where fal was
asked to drop the job. Whoever loses a race reads what the winner wrote.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import JsonValue

from onmodel.errors import VaultError
from onmodel.vault.jobs import Job, Keeper
from onmodel.vault.records import Cancellation, Delivery, Intent, Outcome, Result, Sending, Verdict
from onmodel.vault.session import Session
from onmodel.vault.store import Store


class Journal:
    """All jobs of one production, over one store."""

    def __init__(
        self, store: Store, production: str, *, session: Session, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._production = production
        self._session = session
        self._clock = clock
        self._keeper = Keeper(store, clock, session.is_dead)

    def jobs(self, scope: str | None = None) -> list[Job]:
        """The jobs of an episode, of `cast`, or of everything: one listing, no record is opened yet."""
        listed = self._store.gather(f"jobs/{scope}/" if scope else "jobs/")
        return self._keeper.jobs_among(self._production, listed)

    def open(self, intent: Intent) -> Job:
        """Freeze a request in its slot, or adopt the one that already stands there: the winner's counts.

        Raises:
            VaultError: a retake is asked for before the take before it is judged or has failed.
        """
        slot = intent.slot
        if slot.production != self._production:
            raise VaultError(
                f"{intent.label}: the request is of production {slot.production!r}, "
                f"the archive {self._store.address} is {self._production!r}'s"
            )
        if slot.n > 1:
            self._refuse_early_retake(intent)
        if not self._store.create(slot.name_of("intent"), intent.to_bytes()):
            return self._keeper.job(slot)
        job = Job(self._keeper, slot, frozenset())
        job.learn("intent", intent)
        return job

    def claim(
        self, job: Job, deadline_s: float, arguments: Mapping[str, JsonValue], caps: Iterable[str] = ()
    ) -> Sending | None:
        """Take the right to send a job's request, once; None when it was sent or another is sending it.

        Args:
            job: the job; it is read anew wherever what is known of it could mislead.
            deadline_s: seconds from now after which a sending without an outcome counts as ambiguous.
            arguments: the request exactly as it will be sent.
            caps: the ledgers in which its price is set aside.
        """
        named = tuple(caps)
        if job.sendings:  # a request id may have come late; without any sending, `sending.1` decides
            job.refresh()
        while job.state in {"intended", "not-sent"}:
            sending = self._sending(job, deadline_s, arguments, named)
            # The nonce decides, not the answer: a store can keep a record and lose its answer.
            if self._keeper.keep(job, f"sending.{sending.attempt}", sending).nonce == sending.nonce:
                return sending
            job.refresh()
        return None

    def _sending(
        self, job: Job, deadline_s: float, arguments: Mapping[str, JsonValue], caps: tuple[str, ...]
    ) -> Sending:
        now = self._clock()
        return Sending(
            attempt=max(job.sendings, default=0) + 1,
            nonce=secrets.token_hex(16),
            session=self._session.id,
            host=self._session.host,
            arguments=dict(arguments),
            caps=caps,
            at=now,
            deadline=now + timedelta(seconds=deadline_s),
        )

    def is_late(self, sending: Sending) -> bool:
        """Whether a sending's deadline is past: others may have sent the request by now."""
        return self._clock() >= sending.deadline

    def give_up(self, sending: Sending) -> None:
        """Note that this process's own sending ended without a word about it: it is ambiguous from now on.

        Its session lives, so nobody could tell otherwise before the deadline.
        """
        self._keeper.given_up.add(sending.nonce)

    def withdraw(self, job: Job) -> bool:
        """Take the right to send a job's request so that nobody ever sends it; whether we were in time.

        One record says it, so a crash cannot leave it half said.
        """
        return self.claim(job, 0.0, {}) is not None

    def record_outcome(self, job: Job, outcome: Outcome) -> Outcome:
        """Write down what became of a sending; the first word stands and is returned.

        A request id is never dropped: one that comes after another word is kept beside it, as
        `outcome.<k>.late`.

        Raises:
            VaultError: that attempt was never claimed.
        """
        if outcome.attempt not in job.sendings:
            job.refresh()
        if outcome.attempt not in job.sendings:
            raise VaultError(
                f"{job.where}: attempt {outcome.attempt} was never claimed, so it has no outcome"
            )
        record = f"outcome.{outcome.attempt}"
        kept = self._keeper.keep(job, record, outcome)
        if outcome.kind == "submitted" and outcome.request_id != kept.request_id:
            return self._keeper.keep(job, f"{record}.late", outcome)
        return kept

    def record_cancellation(self, job: Job, cancellation: Cancellation) -> Cancellation:
        """Write down that fal is about to be asked to drop the job; the first word stands."""
        return self._keeper.keep(job, "cancel", cancellation)

    def record_result(self, job: Job, result: Result) -> Result:
        """Write down what fal answered in the end; the first word stands and is returned."""
        return self._keeper.keep(job, "result", result)

    def record_media(self, job: Job, delivery: Delivery) -> Delivery:
        """Write down that a result's media are verified and in the archive; the first word stands."""
        return self._keeper.keep(job, "media", delivery)

    def record_verdict(self, job: Job, verdict: Verdict) -> Verdict:
        """Write down whether a take passed; the first word stands and is returned."""
        return self._keeper.keep(job, "verdict", verdict)

    def _refuse_early_retake(self, intent: Intent) -> None:
        slot = intent.slot
        before = self._keeper.job(replace(slot, n=slot.n - 1))
        if before.verdict is None and before.state not in {"failed", "withdrawn"}:
            raise VaultError(
                f"{intent.label}: take {slot.n} may be asked for once take {slot.n - 1} is judged "
                f"or has failed; it is {before.state}",
                hint="Run the same command again: it settles the open take first.",
            )
