"""One paid job, read from its records.

A job knows its records' names from the listing and opens a record when it is asked for it; records are
written once, so what was read stays true and is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Final, Literal

from onmodel.errors import VaultError
from onmodel.vault.records import (
    AnyRecord,
    Cancellation,
    Delivery,
    Intent,
    Outcome,
    Record,
    Result,
    Sending,
    Verdict,
    broken,
    read_record,
)
from onmodel.vault.slots import Slot, is_older
from onmodel.vault.store import ObjectMissing, Store

State = Literal[
    "intended", "sending", "ambiguous", "submitted", "finished", "done", "failed", "not-sent", "withdrawn"
]
"""How far a job is.

intended: nothing was sent · sending: a living process is at it · ambiguous: sent, and nobody knows whether a
job exists · submitted: fal has it · finished: the result is there, its media are not in the archive yet ·
done: media in the archive · failed: fal could not do it, or a person wrote it off · not-sent: it may be sent
(again) · withdrawn: never sent, and never will be: the plan asked for something else before it was.
"""


UNSENT: Final = ("intended", "not-sent")
"""States of a job that may be sent: nothing was bought of it, as far as it is known."""

CANCELLED: Final = "cancelled"
"""The word in the result of a job that fal dropped because we asked it to."""

WRITTEN_OFF: Final = "written-off"
"""The word in the result of a job that a person gave up: what fal made of it, if anything, cannot be had."""


class Keeper:
    """What jobs read and write their records with."""

    def __init__(
        self, store: Store, clock: Callable[[], datetime], is_dead: Callable[[str, str], bool]
    ) -> None:
        self.store = store
        self.clock = clock
        self.is_dead = is_dead
        self.given_up: set[str] = set()
        """Nonces of this process's own sendings that ended without a word: nobody waits for one any more."""

    def job(self, slot: Slot) -> Job:
        """The job of a slot as it stands now; without any record when there is none."""
        return Job(self, slot, self.records_of(slot))

    def records_of(self, slot: Slot) -> frozenset[str]:
        """The names of the records that a slot has, `intent` and so on."""
        return slot.records_among(self.store.gather(f"{slot.folder}/"))

    def jobs_among(self, production: str, names: Iterable[str]) -> list[Job]:
        """The jobs that a sorted listing shows, in the order of scope, subject, stage, basis and n.

        Raises:
            VaultError: a job lies where an older onmodel kept it.
        """
        jobs = []
        for _, group in groupby(names, key=lambda name: name.rpartition("/")[0]):
            listed = list(group)
            parsed = filter(None, (Slot.parse(production, name) for name in listed))
            if (first := next(parsed, None)) is not None:
                jobs.append(Job(self, first[0], first[0].records_among(listed)))
            elif is_older(listed[0]):
                raise VaultError(
                    f"{listed[0]} in {self.store.address} lies where onmodel 0.1 had jobs: what is bought "
                    "would be bought again",
                    hint="While nothing runs, rename each folder jobs/EPISODE/SHOT/STAGE/BASIS/N to "
                    "jobs/EPISODE/SHOT/STAGE-BASIS-N; nothing in it has to change.",
                )
        return sorted(jobs, key=lambda job: job.slot.order)

    def read(self, slot: Slot, record: str, model: type[AnyRecord]) -> AnyRecord:
        """One record of a slot.

        Raises:
            RecordBroken: it is missing or cannot be read.
        """
        name = slot.name_of(record)
        where = f"{name} in {self.store.address}"
        try:
            return read_record(model, self.store.read(name), where)
        except ObjectMissing as error:
            raise broken(where, "it is missing, and records that follow it are there") from error

    def keep(self, job: Job, record: str, content: AnyRecord) -> AnyRecord:
        """Write a record unless it is there; what stands afterwards is returned, and the job knows it."""
        created = self.store.create(job.slot.name_of(record), content.to_bytes())
        kept = content if created else self.read(job.slot, record, type(content))
        job.learn(record, kept)
        return kept


class Job:
    """One paid job: its slot, its records, and how far it is."""

    def __init__(self, keeper: Keeper, slot: Slot, records: frozenset[str]) -> None:
        self.slot = slot
        self._keeper = keeper
        self._records = records
        self._read: dict[str, Record] = {}

    def __repr__(self) -> str:
        return f"<Job {self.slot.folder}: {', '.join(sorted(self._records))}>"

    @property
    def where(self) -> str:
        """The job for people, when its intent cannot be trusted: its folder in the archive."""
        return f"{self.slot.folder} in {self._keeper.store.address}"

    @property
    def records(self) -> frozenset[str]:
        """Names of the records that exist: `intent`, `sending.1`, `outcome.1`, `outcome.1.late` and so on."""
        return self._records

    @property
    def intent(self) -> Intent:
        """The frozen request.

        Raises:
            RecordBroken: it cannot be read, or is another job's.
        """
        intent = self._always("intent", Intent)
        if intent.slot != self.slot:
            raise broken(f"intent.json of {self.where}", "it is the request of another slot")
        return intent

    @property
    def sendings(self) -> Mapping[int, Sending]:
        """Every claim to send the request, by attempt, in order."""
        return {k: self._always(f"sending.{k}", Sending) for k in self._attempts("sending")}

    @property
    def outcomes(self) -> Mapping[int, Outcome]:
        """What became of each attempt, by attempt, in order."""
        return {k: self._always(f"outcome.{k}", Outcome) for k in self._attempts("outcome")}

    @property
    def late_outcomes(self) -> Mapping[int, Outcome]:
        """Request ids that came to light after another outcome was written, by attempt."""
        late = {k: f"outcome.{k}.late" for k in self._attempts("outcome")}
        return {k: self._always(record, Outcome) for k, record in late.items() if record in self._records}

    @property
    def result(self) -> Result | None:
        """What fal answered in the end."""
        return self._maybe("result", Result)

    @property
    def delivery(self) -> Delivery | None:
        """The media in the archive."""
        return self._maybe("media", Delivery)

    @property
    def verdict(self) -> Verdict | None:
        """Whether the take passed."""
        return self._maybe("verdict", Verdict)

    @property
    def price_usd(self) -> Decimal:
        """Price of one try, in dollars of the price table of the day it was asked for."""
        return self.intent.price_usd

    @property
    def request_id(self) -> str | None:
        """The request id at fal: the last attempt's; one that came to light late where there is no other."""
        for outcomes in (self.outcomes, self.late_outcomes):
            for k in sorted(outcomes, reverse=True):
                if outcomes[k].request_id:
                    return outcomes[k].request_id
        return None

    @property
    def request_ids(self) -> frozenset[str]:
        """Every request id at fal that was ever known for it."""
        said = (*self.outcomes.values(), *self.late_outcomes.values())
        return frozenset(one.request_id for one in said if one.request_id)

    @property
    def state(self) -> State:
        """How far the job is, as far as its records, the clock and the living processes tell."""
        result = self.result
        if result is not None and result.kind == "failed":
            return "failed"
        if "media" in self._records:
            return "done"
        if result is not None:
            # A bad verdict without media is a person's: what fal made cannot be had any more.
            verdict = self.verdict
            return "failed" if verdict is not None and not verdict.ok else "finished"
        if self.request_id is not None:
            return "submitted"
        return self._state_of_last_sending()

    @property
    def cancellation(self) -> Cancellation | None:
        """That fal was asked to drop it; only the result says what came of it."""
        return self._maybe("cancel", Cancellation)

    @property
    def purchases(self) -> int:
        """How often it was, or may have been, bought; more than once only where a person had it sent again.

        A sending counts unless it is known that it bought nothing. One that a person resolved counts: nobody
        ever learned what it came to. So does a request id that came late, where its sending did not count.
        """
        outcomes = self.outcomes
        known = {outcome.request_id for outcome in outcomes.values()}
        # Where clocks differ, an accepted request may come late for an earlier sending: it is still one.
        late = {k: one for k, one in self.late_outcomes.items() if one.request_id not in known}
        bought = {
            k
            for k, sending in self.sendings.items()
            if sending.arguments and (k not in outcomes or outcomes[k].kind != "not-sent")
        }
        result = self.result
        if result is not None and result.billed == "no":
            bought -= {k for k, outcome in outcomes.items() if outcome.request_id == self.request_id}
        twice = sum(1 for k in late if k not in outcomes or outcomes[k].kind == "submitted")
        return len(bought | late.keys()) + twice

    @property
    def may_have_cost(self) -> bool:
        """Whether something was, or may have been, bought."""
        return self.purchases > 0

    @property
    def cost_usd(self) -> Decimal:
        """What it may have cost, in dollars of the price table of the day it was asked for."""
        return self.price_usd * self.purchases

    @property
    def caps(self) -> frozenset[str]:
        """The ledgers in which its price was set aside."""
        return frozenset(name for sending in self.sendings.values() for name in sending.caps)

    def refresh(self) -> None:
        """Look again which records exist."""
        self._records = self._keeper.records_of(self.slot)

    def learn(self, record: str, content: Record) -> None:
        """Remember a record that was just written or read."""
        self._records |= {record}
        self._read[record] = content

    def _state_of_last_sending(self) -> State:
        attempts = self._attempts("sending")
        if not attempts:
            return "intended"
        outcome = self.outcomes.get(attempts[-1])
        if outcome is not None:
            return "failed" if outcome.resolution == "lost" else "not-sent"
        sending = self.sendings[attempts[-1]]
        if not sending.arguments:
            return "withdrawn"
        keeper = self._keeper
        if sending.nonce in keeper.given_up or keeper.clock() >= sending.deadline:
            return "ambiguous"
        return "ambiguous" if keeper.is_dead(sending.session, sending.host) else "sending"

    def _attempts(self, kind: str) -> list[int]:
        words = (record.split(".") for record in self._records)
        return sorted(int(word[1]) for word in words if word[0] == kind and len(word) == 2)  # noqa: PLR2004 - kind.k, not kind.k.late

    def _always(self, record: str, model: type[AnyRecord]) -> AnyRecord:
        known = self._read.get(record)
        if not isinstance(known, model):
            known = self._keeper.read(self.slot, record, model)
            self._read[record] = known
        return known

    def _maybe(self, record: str, model: type[AnyRecord]) -> AnyRecord | None:
        return self._always(record, model) if record in self._records else None
