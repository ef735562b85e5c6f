"""What a production would buy, and why: every commission held against what the vault has. Nothing is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal

from onmodel.planning.commission import Commission
from onmodel.planning.takes import Holding, Records, Take, changed_keys, fitted, is_over, is_spoilt, told
from onmodel.vault import Job

State = Literal["current", "stale", "missing", "open", "flagged"]
"""current: a circled take is there · stale: a take is there, made from something else · missing: none was
ever made · open: bought and not home yet · flagged: it needs a person, and nothing is bought by itself."""

BUYS: Final = ("stale", "missing")


@dataclass(frozen=True)
class Line:
    """One commission in the plan."""

    commission: Commission
    state: State
    why: str
    """Why it is in this state; empty for `current`, unless there is something to say."""
    take: Take | None = None
    """The circled take."""
    base_usd: Decimal = Decimal(0)
    """What is bought if everything succeeds at once."""
    worst_usd: Decimal = Decimal(0)
    """The same with every retake that the production allows."""


@dataclass(frozen=True)
class Plan:
    """The lines of an episode, or of the cast, in the order in which they can be made."""

    scope: str
    title: str
    lines: Mapping[str, Line]
    """By commission id."""
    prices_of: date
    """The day of the price table."""
    retakes: int
    used_s: Mapping[str, Fraction] = field(default_factory=dict)
    """Seconds in the cut, by shot."""

    @property
    def base_usd(self) -> Decimal:
        """What producing this now would cost if everything succeeds at once."""
        return sum((line.base_usd for line in self.lines.values()), Decimal(0))

    @property
    def worst_usd(self) -> Decimal:
        """The most that producing this now could cost, all retakes included."""
        return sum((line.worst_usd for line in self.lines.values()), Decimal(0))

    @property
    def to_buy(self) -> tuple[Line, ...]:
        """The lines for which something would be bought."""
        return tuple(line for line in self.lines.values() if line.state in BUYS)


def plan_lines(commissions: Iterable[Commission], records: Records, retakes: int) -> dict[str, Line]:
    """Hold commissions against the vault.

    Args:
        commissions: in an order in which sources come before what is made from them.
        records: what the vault holds.
        retakes: how often a broken take is bought again by itself.
    """
    asked = tuple(commissions)
    live = told(asked)
    lines: dict[str, Line] = {}
    for commission in asked:
        lines[commission.id] = _line(commission, lines, records, live, retakes)
    return lines


def _line(
    commission: Commission,
    lines: Mapping[str, Line],
    records: Records,
    live: Mapping[str, str],
    retakes: int,
) -> Line:
    made = {source.commission: lines[source.commission] for source in commission.sources}
    waiting = [line for line in made.values() if line.take is None]
    if waiting:
        return _unmade(commission, waiting[0], records, retakes)
    takes = {name: line.take for name, line in made.items() if line.take}
    commission = fitted(commission, takes)
    digests = {name: take.media.sha256 for name, take in takes.items()}
    digest = commission.digest(digests)
    holding = records.holding(commission, digest, live)
    take = holding.circled(commission.used_s)
    if take:
        adopted = f"adopts the take of {holding.subject}" if holding.subject != commission.subject else ""
        return Line(commission, "current", adopted, take)
    state, why = _state_without_take(commission, holding, records, digest, digests, retakes)
    return _priced(commission, state, why, takes_left(holding.jobs, retakes))


def _unmade(commission: Commission, source: Line, records: Records, retakes: int) -> Line:
    """A commission whose source has no take yet: its basis cannot be known."""
    what = f"{source.commission.subject} {source.commission.mode}"
    if source.state == "flagged":
        return Line(commission, "flagged", f"waits for {what}")
    if records.others(commission, None):
        return _priced(commission, "stale", f"{what} is to be made", retakes + 1)
    return _priced(commission, "missing", "", retakes + 1)


def _state_without_take(
    commission: Commission,
    holding: Holding,
    records: Records,
    digest: str,
    made: Mapping[str, str],
    retakes: int,
) -> tuple[State, str]:
    last = holding.last
    if last is None or last.state in ("intended", "not-sent", "withdrawn"):
        earlier = records.others(commission, digest)
        if not earlier:
            return "missing", ""
        changed = changed_keys(earlier[-1].intent.basis_content, commission.basis(made))
        return "stale", f"changed: {', '.join(map(_in_words, changed))}"
    if last.state == "ambiguous":
        return "flagged", f"nobody knows whether fal has it: onmodel jobs resolve {last.slot.key[:12]}"
    if last.state == "failed":
        return _failed(last, holding, retakes)
    if last.state == "done" and last.verdict is not None:
        return _judged(last, commission, holding, retakes)
    return "open", f"take {last.slot.n} is {'not judged yet' if last.state == 'done' else last.state}"


def _failed(last: Job, holding: Holding, retakes: int) -> tuple[State, str]:
    """A job that fal could not do: its own trouble is tried again, anything else waits for a person."""
    result = last.result
    what = f"{result.error_kind}: {result.error_message}" if result and result.error_kind else "written off"
    if is_over(last) and takes_left(holding.jobs, retakes):
        return "missing", f"take {last.slot.n} failed, {what}"
    return "flagged", f"take {last.slot.n} failed, {what}"


def _judged(last: Job, commission: Commission, holding: Holding, retakes: int) -> tuple[State, str]:
    """A take that arrived and is not circled: too short, or broken."""
    verdict = last.verdict
    if verdict is not None and verdict.ok:
        return (
            "stale",
            f"{_s(commission.used_s)} s are wanted, take {last.slot.n} has {_s(last.intent.seconds)} s",
        )
    reasons = "; ".join(verdict.reasons) if verdict else ""
    if takes_left(holding.jobs, retakes):
        return "missing", f"take {last.slot.n} is broken ({reasons})"
    return "flagged", f"{len(holding.jobs)} takes are broken, the last one: {reasons}"


def takes_left(jobs: Iterable[Job], retakes: int) -> int:
    """How many takes may still be bought by themselves."""
    return max(0, retakes + 1 - sum(map(is_spoilt, jobs)))


def _priced(commission: Commission, state: State, why: str, takes_left: int) -> Line:
    price = commission.price.usd
    if state in BUYS:
        return Line(commission, state, why, None, price, price * max(1, takes_left))
    if state == "open":
        return Line(commission, state, why, None, Decimal(0), price * max(0, takes_left - 1))
    return Line(commission, state, why)


def _in_words(key: str) -> str:
    """A key of a basis as a producer would say it."""
    return {"made_from": "the picture it is made from"}.get(key, key.replace("_", " "))


def _s(seconds: Fraction | None) -> str:
    return f"{float(seconds):g}" if seconds is not None else "?"
