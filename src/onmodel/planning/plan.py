"""What a production would buy, and why: every commission held against what the vault has. Nothing is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Final, Literal, get_args

from onmodel.planning.approvals import Approval, in_words
from onmodel.planning.circling import Circling, Rules, circle, is_accepted, standing_of
from onmodel.planning.commission import Commission
from onmodel.planning.takes import Holding, Records, Take, changed_keys, fitted, is_over, shortfall, told
from onmodel.story import Gate
from onmodel.story.trims import Trim
from onmodel.vault import Decision, Job

State = Literal["current", "stale", "missing", "open", "flagged"]
"""current: a circled take is there · stale: a take is there, made from something else · missing: none was
ever made, or none that will do · open: bought and not home yet · flagged: it needs a person, and nothing is
bought by itself; where a take is there, the cut is made with it."""

BUYS: Final = ("stale", "missing")

REJECTED: Final = ("drifting", "off-model")
"""Standings that reject a style pass: the take without it goes into the cut."""


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
    holding: Holding | None = None
    """All its takes; None as long as something that it is made from has no take."""
    approval: Approval | None = None
    """How its take stands at its gate; None where nobody is asked about it."""
    held_by: tuple[str, ...] = ()
    """Ids of the lines that must be made and approved before anything is bought for this one."""

    @property
    def awaits(self) -> Gate | None:
        """The gate at which its take waits for a person's word."""
        return self.approval.gate if self.approval and self.approval.word is None else None


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
    trims: Mapping[str, Trim] = field(default_factory=dict)
    """Which part of its clip each shot shows, in the order of the cut."""
    left_usd: Mapping[str, Decimal] = field(default_factory=dict)
    """What each cap that is set leaves, in dollars, by its ledger's name."""
    gates: tuple[Gate, ...] = ()
    """What a person must approve before it is gone on with."""
    cut: Approval | None = None
    """How the finished cut of these takes stands at its gate; None where there is no such gate or cut."""

    @cached_property
    def used_s(self) -> dict[str, Fraction]:
        """Seconds in the cut, by shot."""
        return {name: trim.used_s for name, trim in self.trims.items()}

    @property
    def awaiting(self) -> dict[str, int]:
        """How much waits for a person's word now, by gate, the first gate first."""
        asked = [line.awaits for line in self.lines.values()]
        if self.cut is not None and self.cut.word is None:
            asked.append(self.cut.gate)
        return {gate: asked.count(gate) for gate in get_args(Gate) if gate in asked}

    @property
    def held_usd(self) -> Decimal:
        """The part of `base_usd` that is bought only once somebody has approved what it is made from."""
        return sum((line.base_usd for line in self.lines.values() if line.held_by), Decimal(0))

    @property
    def now_usd(self) -> Decimal:
        """The part of `base_usd` that is bought before anybody approves anything."""
        return self.base_usd - self.held_usd

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
    circling = circle(holding, commission.used_s, rules_of(commission, retakes))
    if circling.is_settled:
        return replace(_settled(commission, holding, circling, takes), holding=holding)
    if short := shortfall(commission):
        return Line(commission, "flagged", short, holding=holding)
    state, why = _state_unsettled(commission, holding, records, digest, digests, circling)
    line = _priced(commission, state, why, circling.left, circling.there, circling.order)
    return replace(line, holding=holding)


def _settled(
    commission: Commission, holding: Holding, circling: Circling, sources: Mapping[str, Take]
) -> Line:
    """A commission for which nothing is bought by itself any more."""
    take = unstyled(commission, circling, sources) or circling.take
    if circling.concern and not (is_rejected(commission, circling) and is_accepted(holding, take)):
        return Line(commission, "flagged", circling.concern, take)
    adopted = f"adopts the take of {holding.subject}" if holding.subject != commission.subject else ""
    return Line(commission, "current", adopted, take)


def is_rejected(commission: Commission, circling: Circling) -> bool:
    """Whether the best style pass changed who is seen, and no other one is to be bought."""
    take = circling.take
    if commission.stage != "restyle" or take is None or not circling.concern:
        return False
    return standing_of(take.verdict) in REJECTED


def unstyled(commission: Commission, circling: Circling, sources: Mapping[str, Take]) -> Take | None:
    """The take without the style pass, where every pass changed who is seen; None where that is kept."""
    if not is_rejected(commission, circling):
        return None
    return next(sources[one.commission] for one in commission.sources if one.role == "source_video")


def _unmade(commission: Commission, source: Line, records: Records, retakes: int) -> Line:
    """A commission whose source has no take yet: its basis cannot be known."""
    what = f"{source.commission.subject} {source.commission.mode}"
    if source.state == "flagged":
        return Line(commission, "flagged", f"waits for {what}")
    most = retakes + rules_of(commission, retakes).least
    if records.others(commission, None):
        return _priced(commission, "stale", f"{what} is to be made", most)
    return _priced(commission, "missing", "", most)


def _state_unsettled(
    commission: Commission,
    holding: Holding,
    records: Records,
    digest: str,
    made: Mapping[str, str],
    circling: Circling,
) -> tuple[State, str]:
    last = holding.last
    passed = circling.order is not None and last is not None and last.state == "failed"
    if circling.wanted and (last is None or is_over(last) or passed):
        return "missing", circling.wanted
    if last is None or last.state in ("intended", "not-sent", "withdrawn"):
        return _untaken(commission, records, digest, made)
    if last.state == "ambiguous":
        return "flagged", f"nobody knows whether fal has it: onmodel jobs resolve {last.slot.key[:12]}"
    if last.state == "failed":
        return _failed(last, circling)
    if last.state == "done" and last.verdict is not None:
        return _judged(last, commission, holding, circling)
    return "open", f"take {last.slot.n} is {'not judged yet' if last.state == 'done' else last.state}"


def _untaken(
    commission: Commission, records: Records, digest: str, made: Mapping[str, str]
) -> tuple[State, str]:
    """Nothing was ever made from this basis: from none at all, or from another one."""
    earlier = records.others(commission, digest)
    if not earlier:
        return "missing", ""
    changed = changed_keys(earlier[-1].intent.basis_content, commission.basis(made))
    return "stale", f"changed: {', '.join(map(in_words, changed))}"


def _failed(last: Job, circling: Circling) -> tuple[State, str]:
    """A job that fal could not do: its own trouble is tried again, anything else waits for a person."""
    result = last.result
    what = f"{result.error_kind}: {result.error_message}" if result and result.error_kind else "written off"
    if is_over(last) and circling.left:
        return "missing", f"take {last.slot.n} failed, {what}"
    return "flagged", f"take {last.slot.n} failed, {what}"


def _judged(last: Job, commission: Commission, holding: Holding, circling: Circling) -> tuple[State, str]:
    """A take that arrived and is not circled: too short, or broken."""
    verdict = last.verdict
    if verdict is not None and verdict.ok:
        return (
            "stale",
            f"{_s(commission.used_s)} s are wanted, take {last.slot.n} has {_s(last.intent.seconds)} s",
        )
    reasons = "; ".join(verdict.reasons) if verdict else ""
    if circling.left:
        return "missing", f"take {last.slot.n} is broken ({reasons})"
    return "flagged", holding.all_broken(reasons)


def _priced(
    commission: Commission,
    state: State,
    why: str,
    most: int,
    there: int = 0,
    order: Decision | None = None,
) -> Line:
    """A line with its price.

    Args:
        commission: what is asked for.
        state: of the line.
        why: it is in that state.
        most: takes that may still be bought by themselves.
        there: takes that are there already, and will do.
        order: a person's order that the next take follows.
    """
    price = commission.price.usd
    dearest = price if commission.retake_usd is None else commission.retake_usd
    if state in BUYS:
        taken = there or order is not None or why
        steps = [step.usd for step in commission.ladder] or [price] * commission.takes
        left = steps[there:] or [price]
        if order is not None:
            left = [price if order.usd is None else order.usd]
        base = sum(left, Decimal(0))
        # What is taken again may be taken in the next tier already; the first takes are not.
        first = max(base, dearest * len(left)) if taken else base
        return Line(commission, state, why, None, base, first + dearest * max(0, most - len(left)))
    if state == "open":
        return Line(commission, state, why, None, Decimal(0), dearest * max(0, most - 1))
    return Line(commission, state, why)


def rules_of(commission: Commission, retakes: int) -> Rules:
    """How often a commission is taken."""
    return Rules(retakes, commission.takes, tuple(step.rung.id for step in commission.ladder))


def _s(seconds: Fraction | None) -> str:
    return f"{float(seconds):g}" if seconds is not None else "?"
