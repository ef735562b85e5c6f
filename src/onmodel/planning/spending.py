"""What was spent, as the journals say: every sending of every job is one charge, and each stands somewhere.

Everything here is counted in dollars of the price table, from records alone; nothing is asked of anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any, Final, Literal, get_args

from onmodel.planning.commission import CAST, MADE_FROM
from onmodel.vault import WRITTEN_OFF, Job, Outcome

Standing = Literal["reserved", "billed", "failed", "ambiguous", "late", "written off", "not billed"]
"""reserved: set aside, or under way at fal · billed: it came home, or is there · failed: fal could not do it
and may have billed it · ambiguous: sent, and nobody knows · late: a request id that came to light after
another word was written · written off: a person gave it up · not billed: failed, and fal does not bill it."""

STANDINGS: Final[tuple[Standing, ...]] = get_args(Standing)

By = Literal["shot", "character", "endpoint", "day"]

NOBODY: Final = "(nobody)"
"""The name of a row for shots without a character."""

_CENT_PARTS: Final = Decimal("0.000001")


@dataclass(frozen=True)
class Charge:
    """One sending of a job, or the reservation for one."""

    job: str
    """The job's key."""
    label: str
    scope: str
    subject: str
    endpoint: str
    characters: tuple[str, ...]
    """Ids of the bibles that it shows."""
    at: datetime
    """When it was sent, UTC; when it was asked for, where it was not."""
    standing: Standing
    usd: Decimal
    request_id: str | None = None

    @property
    def counted_usd(self) -> Decimal:
        """What it is taken to have cost: all that may have been billed."""
        return Decimal(0) if self.standing == "not billed" else self.usd


@dataclass(frozen=True)
class Row:
    """One line of a statement."""

    name: str
    jobs: int
    usd: Mapping[Standing, Decimal] = field(default_factory=dict)
    """Dollars by standing; every standing is there."""

    @property
    def counted_usd(self) -> Decimal:
        """The sum, without what fal does not bill."""
        return sum((usd for standing, usd in self.usd.items() if standing != "not billed"), Decimal(0))


def charges_of(jobs: Iterable[Job], reserved: Collection[str], makers: Mapping[str, Job]) -> Iterator[Charge]:
    """Every charge of some jobs, in their order.

    Args:
        jobs: the jobs.
        reserved: keys of all jobs for which the production's ledger has something set aside.
        makers: the job that made each medium, by sha256: a style pass shows whom its source shows.

    Raises:
        RecordBroken: a record of them cannot be read.
    """
    for job in jobs:
        yield from _charges_of(job, reserved, characters_of(job, makers))


def makers_of(jobs: Iterable[Job]) -> dict[str, Job]:
    """The job that made each medium, by sha256.

    Raises:
        RecordBroken: a record of them cannot be read.
    """
    return {ref.sha256: job for job in jobs if job.delivery is not None for ref in job.delivery.media}


def characters_of(job: Job, makers: Mapping[str, Job]) -> tuple[str, ...]:
    """Who is seen in what a job makes: of its own basis, or of what it is made from."""
    if job.slot.scope == CAST:
        return (job.slot.subject.partition(".")[0],)
    content = job.intent.basis_content
    cast = content.get("cast")
    if isinstance(cast, Mapping):
        return tuple(sorted(cast))
    seen: set[str] = set()
    for sha256 in _sources(content):
        source = makers.get(sha256)
        if source is not None and source.slot != job.slot:
            seen |= set(characters_of(source, makers))
    return tuple(sorted(seen))


def _sources(content: Mapping[str, Any]) -> Iterator[str]:
    made_from = content.get(MADE_FROM)
    for one in made_from if isinstance(made_from, list) else ():
        if isinstance(one, list) and one:
            yield str(one[-1])


def _charges_of(job: Job, reserved: Collection[str], characters: tuple[str, ...]) -> Iterator[Charge]:
    intent, slot = job.intent, job.slot
    plain = Charge(
        slot.key,
        intent.label,
        slot.scope,
        slot.subject,
        intent.endpoint,
        characters,
        intent.made_at,
        "reserved",
        intent.price_usd,
    )
    outcomes, late = job.outcomes, job.late_outcomes
    open_now = True
    for attempt, sending in job.sendings.items():
        if not sending.arguments:
            return  # withdrawn: nobody ever sends it
        sent = replace(plain, at=sending.at)
        open_now = False
        first, second = outcomes.get(attempt), late.get(attempt)
        if first is not None and first.request_id:
            yield replace(sent, standing=_standing(job), request_id=first.request_id)
        if second is not None:
            yield replace(sent, standing=_late_standing(job, second), request_id=second.request_id)
        if first is None:
            yield replace(sent, standing="ambiguous" if job.state == "ambiguous" else "reserved")
        elif first.kind == "resolved" and second is None:
            yield replace(sent, standing="written off")
        else:
            open_now = first.kind == "not-sent"
    if open_now and plain.job in reserved:
        yield plain


def _late_standing(job: Job, outcome: Outcome) -> Standing:
    """A request that came to light late is money, unless the job came home by it."""
    home = outcome.request_id == job.request_id and job.result is not None and job.result.kind == "ok"
    return _standing(job) if home else "late"


def _standing(job: Job) -> Standing:
    """Where the charge of a job's own request stands."""
    result, verdict = job.result, job.verdict
    if result is None:
        return "reserved"
    if result.kind == "failed":
        if result.error_kind == WRITTEN_OFF:
            return "written off"
        return "not billed" if result.billed == "no" else "failed"
    given_up = job.delivery is None and verdict is not None and not verdict.ok
    return "written off" if given_up else "billed"


def table(charges: Sequence[Charge], by: By | None) -> list[Row]:
    """The charges added up, by name; one row of everything where nothing is asked for."""
    found: dict[str, list[Charge]] = {}
    for charge in charges:
        for name, share in _split(charge, by):
            found.setdefault(name, []).append(replace(charge, usd=share))
    if by is None:
        return [_row("everything", charges)]
    return [_row(name, found[name]) for name in sorted(found)]


def _split(charge: Charge, by: By | None) -> Iterator[tuple[str, Decimal]]:
    """The names that a charge belongs to, and what each bears of it."""
    if by == "character":
        names = charge.characters or (NOBODY,)
        yield from zip(names, shares(charge.usd, len(names)), strict=True)
    else:
        yield _NAMES[by](charge) if by else "everything", charge.usd


_NAMES: Final[Mapping[str, Callable[[Charge], str]]] = {
    "shot": lambda charge: f"{charge.scope} · {charge.subject}",
    "endpoint": lambda charge: charge.endpoint,
    "day": lambda charge: f"{charge.at:%Y-%m-%d}",
}


def _row(name: str, charges: Sequence[Charge]) -> Row:
    sums = dict.fromkeys(STANDINGS, Decimal(0))
    for charge in charges:
        sums[charge.standing] += charge.usd
    return Row(name, len({charge.job for charge in charges}), sums)


def shares(amount: Decimal, count: int) -> list[Decimal]:
    """An amount in equal parts that add up to it exactly; the first one bears what is left over."""
    part = (amount / count).quantize(_CENT_PARTS, ROUND_DOWN)
    return [amount - part * (count - 1), *[part] * (count - 1)]
