"""What the vault holds for a commission: its takes, which one is circled, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple, get_args

from onmodel.errors import InputUnreadable, ServerFailed
from onmodel.planning.commission import MADE_FROM, Commission
from onmodel.units import canonical_json, digest_of
from onmodel.vault import CANCELLED, WRITTEN_OFF, Decision, Job, MediaRef, Stage, Verdict


class Take(NamedTuple):
    """One paid result that is in the vault."""

    job: Job
    media: MediaRef

    @property
    def n(self) -> int:
        """Its number, from 1."""
        return self.job.slot.n

    @property
    def ok(self) -> bool:
        """Whether its verdict lets it into the cut."""
        return self.job.verdict is not None and self.job.verdict.ok

    @property
    def verdict(self) -> Verdict | None:
        """What was measured; None as long as nobody looked."""
        return self.job.verdict

    @property
    def seconds(self) -> Fraction | None:
        """Length bought; None for a picture."""
        return self.job.intent.seconds

    @property
    def price_usd(self) -> Decimal:
        """What it cost by the price table."""
        return self.job.intent.price_usd

    def covers(self, used_s: Fraction | None) -> bool:
        """Whether it is long enough for what the cut uses."""
        return used_s is None or self.seconds is None or self.seconds >= used_s


@dataclass(frozen=True)
class Holding:
    """All that the vault holds for one commission and one basis digest."""

    subject: str
    """The subject under which it lies: another one than the commission's where a shot was renamed."""
    jobs: tuple[Job, ...]
    """In order of their number."""
    decisions: tuple[Decision, ...] = ()
    """What people decided about these takes, oldest first."""

    @property
    def takes(self) -> tuple[Take, ...]:
        """The jobs whose media have arrived."""
        return tuple(Take(job, job.delivery.media[0]) for job in self.jobs if job.delivery is not None)

    @property
    def last(self) -> Job | None:
        """The newest job."""
        return self.jobs[-1] if self.jobs else None

    def all_broken(self, reasons: str) -> str:
        """How a person is told that no take is of use, with what is wrong with the last one."""
        if len(self.jobs) == 1:
            return f"its only take is broken: {reasons}"
        return f"{len(self.jobs)} takes are broken, the last one: {reasons}"


ANEW: Final = frozenset({ServerFailed.kind, InputUnreadable.kind, WRITTEN_OFF, CANCELLED})
"""Words in a failed job's result after which the same may be bought anew: fal's own trouble, a file that fal
could not read and that is uploaded afresh, what a person wrote off, and what Ctrl-C had cancelled."""


def is_over(job: Job) -> bool:
    """Whether the next take may be bought after this job."""
    if job.verdict is not None or job.state == "withdrawn":
        return True
    return job.state == "failed" and (job.result is None or job.result.error_kind in ANEW)


def is_spoilt(job: Job) -> bool:
    """Whether a job counts towards `retakes`: it was, or may have been, paid and gave nothing for the cut."""
    if job.verdict is not None and not job.verdict.ok:
        return True
    cancelled = job.result is not None and job.result.error_kind == CANCELLED
    return job.state == "failed" and job.may_have_cost and not cancelled


def fitted(commission: Commission, circled: Mapping[str, Take]) -> Commission:
    """The commission priced by the clip that it really gets: a style pass is billed by its source."""
    for source in commission.sources:
        take = circled.get(source.commission)
        follows = source.role == "source_video" and commission.choice.endpoint.seconds is None
        if follows and take is not None and take.seconds is not None:
            return commission.at_length(take.seconds)
    return commission


def shortfall(commission: Commission) -> str:
    """Why no take of a fitted commission could ever be long enough; empty where one can."""
    bought_s, used_s = commission.choice.seconds_bought, commission.used_s
    if bought_s is None or used_s is None or bought_s >= used_s:
        return ""
    return f"it is made from a clip of {float(bought_s):g} s, and {float(used_s):g} s are wanted"


def told(commissions: Iterable[Commission]) -> dict[str, str]:
    """What the story says for each commission by now, as a digest, by commission id."""
    return {one.id: digest_of(one.story_basis) for one in commissions}


class Records:
    """The jobs of an episode and of the cast, and people's decisions, found by what they are about."""

    def __init__(self, jobs: Iterable[Job], decisions: Iterable[Decision] = ()) -> None:
        self.decisions = tuple(decisions)
        """What people decided, oldest first in each scope."""
        self._decided: dict[tuple[str, str, str], list[Decision]] = {}
        self._said: dict[tuple[str, str], list[Decision]] = {}
        for one in self.decisions:
            self._decided.setdefault((one.subject, one.stage, one.basis), []).append(one)
            self._said.setdefault((one.subject, one.stage), []).append(one)
        self._by_digest: dict[tuple[str, str, str], dict[str, list[Job]]] = {}
        self._by_subject: dict[tuple[str, str, str], list[Job]] = {}
        for job in sorted(jobs, key=lambda one: one.slot.n):
            self.add(job)

    def add(self, job: Job) -> None:
        """Take note of a job; one that is known already is replaced."""
        slot = job.slot
        same = self._by_digest.setdefault((slot.scope, slot.stage, slot.basis), {}).setdefault(
            slot.subject, []
        )
        same[:] = sorted([*(one for one in same if one.slot != slot), job], key=lambda one: one.slot.n)
        every = self._by_subject.setdefault((slot.scope, slot.stage, slot.subject), [])
        every[:] = [*(one for one in every if one.slot != slot), job]

    def holding(self, commission: Commission, digest: str, live: Mapping[str, str]) -> Holding:
        """What is held for a commission.

        A shot that was renamed adopts what was made under its old name: the digest is the same, and the old
        name now stands for nothing or, where shots were numbered anew, for another shot.

        Args:
            commission: what is asked for.
            digest: its basis digest.
            live: what the story says by now, as `told` has it: who still says the same keeps its takes.
        """
        found = self._by_digest.get((commission.scope, commission.stage, digest), {})
        own = found.get(commission.subject)
        if own is None:
            stage = commission.stage
            orphans = sorted(
                subject for subject, jobs in found.items() if live.get(f"{subject}.{stage}") != _told(jobs[0])
            )
            if orphans:
                return self._holding(commission, digest, orphans[0], found[orphans[0]])
        return self._holding(commission, digest, commission.subject, own or ())

    def _holding(self, commission: Commission, digest: str, subject: str, jobs: Iterable[Job]) -> Holding:
        decisions = self._decided.get((subject, commission.stage, digest), ())
        return Holding(subject, tuple(jobs), tuple(decisions))

    def cost_usd(self, scope: str, subject: str) -> Decimal:
        """What everything of a shot or a sheet view has cost, or may have cost, so far."""
        made = (self._by_subject.get((scope, stage, subject), ()) for stage in get_args(Stage))
        return sum((job.cost_usd for jobs in made for job in jobs), Decimal(0))

    def approved_otherwise(self, holding: Holding) -> tuple[Decision, Job | None] | None:
        """The newest approval of the same subject and stage as the story had it before, with the take meant.

        None where there is none; the take is None where it is not in the vault any more.
        """
        slot = holding.jobs[-1].slot
        for one in reversed(self._said.get((slot.subject, slot.stage), ())):
            if one.kind == "approve" and one.basis != slot.basis:
                made = self._by_subject.get((slot.scope, slot.stage, slot.subject), [])
                meant = (job for job in made if (job.slot.basis, job.slot.n) == (one.basis, one.n))
                return one, next(meant, None)
        return None

    def others(self, commission: Commission, digest: str | None) -> Sequence[Job]:
        """The takes of the same subject and stage that were made from another basis, oldest first."""
        every = self._by_subject.get((commission.scope, commission.stage, commission.subject), [])
        made = (job for job in every if job.slot.basis != digest and job.delivery is not None)
        return sorted(made, key=lambda job: job.intent.made_at)


def _told(job: Job) -> str:
    """What the story said when a job was asked for, as a digest."""
    return digest_of({key: value for key, value in job.intent.basis_content.items() if key != MADE_FROM})


ABSENT: Final = object()
"""A key that is not there: another content than one that says null."""


def changed_keys(before: Mapping[str, Any], now: Mapping[str, Any], prefix: str = "") -> list[str]:
    """What differs between two bases, in the words of the story: `action`, `cast: pip: wardrobe`."""
    found: list[str] = []
    for key in sorted(before.keys() | now.keys()):
        old, new = before.get(key, ABSENT), now.get(key, ABSENT)
        if old is not ABSENT and new is not ABSENT and canonical_json(old) == canonical_json(new):
            continue
        name = f"{prefix}{key}"
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found.extend(changed_keys(old, new, f"{name}: "))
        else:
            found.append(name)
    return found
