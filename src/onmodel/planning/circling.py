"""Which take goes into the cut, and whether another one is to be bought.

A person's choice always wins. Otherwise the verdict decides first, then the score, then the price.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple, get_args

from onmodel.planning.takes import Holding, Take, is_spoilt
from onmodel.vault import Decision, Job, Likeness, Standing, Verdict

RETAKEN: Final = ("partial", "drifting", "off-model")
"""Standings that are retaken by themselves; `unscorable` is not: what nobody can see is not thereby wrong."""

_ORDER: Final[tuple[Standing, ...]] = get_args(Standing)


class Rules(NamedTuple):
    """How often a shot is taken."""

    retakes: int
    """How often a take that is broken or not on-model is bought again by itself."""
    takes: int = 1
    """Takes to choose the best from, whatever becomes of the first."""
    rungs: tuple[str, ...] = ()
    """The rungs of its ladder, lowest first: one take each, and a take of the highest is circled."""

    @property
    def least(self) -> int:
        """Takes that are bought in any case."""
        return len(self.rungs) or self.takes


class Circling(NamedTuple):
    """How a commission's takes stand."""

    take: Take | None
    """The one that goes into the cut as things stand."""
    left: int
    """How many takes may still be bought by themselves."""
    wanted: str = ""
    """Why another take is to be bought; empty where none is."""
    concern: str = ""
    """What a person should look at, where nothing more is bought by itself."""
    order: Decision | None = None
    """The order of a person that the next take follows."""
    there: int = 0
    """Takes that will do of those that are bought in any case."""

    @property
    def is_settled(self) -> bool:
        """Whether a take is circled and no other one is to be bought."""
        return self.take is not None and not self.wanted


def circle(holding: Holding, used_s: Fraction | None, rules: Rules) -> Circling:
    """Say which take of a holding is circled, and whether another one is wanted.

    Args:
        holding: the takes of one commission, and what people decided about them.
        used_s: seconds of the clip that the cut uses; None for pictures.
        rules: how often it is taken.
    """
    usable = [take for take in holding.takes if take.ok and take.covers(used_s)]
    left = _takes_left(holding, usable, rules)
    there = rules.least if _is_climbed(holding, rules) else len(usable)
    order = open_order(holding)
    chosen = _chosen(holding)
    if order is not None:
        best = chosen or _best(usable, holding, rules)
        return Circling(best, max(1, left), wanted=_ordered(order), order=order, there=there)
    if chosen is not None:
        return Circling(chosen, left, concern=_too_short(chosen, used_s), there=there)
    best = _best(usable, holding, rules)
    if best is None:
        return Circling(None, left, there=there)
    if there < rules.least and left:
        return Circling(best, left, wanted=_next_of(there, rules), there=there)
    return _by_standing(best, left)


def _next_of(there: int, rules: Rules) -> str:
    if rules.rungs:
        return f"the next rung of its ladder: {rules.rungs[there]}"
    return f"take {there + 1} of {rules.takes}, to choose the best from"


def _by_standing(best: Take, left: int) -> Circling:
    standing = standing_of(best.verdict)
    said = f"take {best.n} is {reasons_of(best.verdict)}"
    if standing in RETAKEN:
        return Circling(best, left, wanted=said) if left else Circling(best, 0, concern=said)
    return Circling(best, left, concern=said if standing == "unscorable" else "")


def _takes_left(holding: Holding, usable: list[Take], rules: Rules) -> int:
    """How many takes may still be bought by themselves; what became too short for the cut counts for none."""
    spoilt = sum(1 for job in holding.jobs if is_spoilt(job) or is_off(job))
    good = sum(1 for take in usable if not is_off(take.job))
    return max(0, rules.retakes + rules.least - spoilt - good)


def _is_climbed(holding: Holding, rules: Rules) -> bool:
    """Whether the highest rung of a ladder was reached, were it with a take that is too short by now."""
    return bool(rules.rungs) and any(
        take.ok and take.job.intent.rung == rules.rungs[-1] for take in holding.takes
    )


def _too_short(chosen: Take, used_s: Fraction | None) -> str:
    """What is wrong with a take that a person circled, once the shot became longer."""
    if chosen.covers(used_s) or chosen.seconds is None or used_s is None:
        return ""
    return f"take {chosen.n} was circled and has {float(chosen.seconds):g} s, {float(used_s):g} s are wanted"


def is_off(job: Job) -> bool:
    """Whether a job's take was judged, and is not the character that it should be."""
    return job.verdict is not None and standing_of(job.verdict) in RETAKEN


def standing_of(verdict: Verdict | None) -> Standing:
    """The worst standing among the characters of a take; on-model where nobody has to be recognised."""
    found = [one.standing for one in verdict.identity.values()] if verdict else []
    return max(found, key=_ORDER.index, default="on-model")


def off_model(verdict: Verdict | None) -> dict[str, Likeness]:
    """The characters of a take that are not known to be on-model."""
    found = verdict.identity if verdict else {}
    return {who: one for who, one in found.items() if one.standing != "on-model"}


def reasons_of(verdict: Verdict | None) -> str:
    """Why a take is not on-model, character by character."""
    off = off_model(verdict)
    return "; ".join(f"{one.standing} ({who}: {one.reason})" for who, one in off.items())


def score_of(verdict: Verdict | None) -> float:
    """How far the least alike character is over its threshold; 0 where nobody was scored."""
    return min(map(_margin, verdict.identity.values()), default=0.0) if verdict else 0.0


def _margin(one: Likeness) -> float:
    return (one.score or 0.0) - (one.threshold or 0.0)


def _best(usable: list[Take], holding: Holding, rules: Rules) -> Take | None:
    """The best take; what a person ordered anew is not chosen again while there is anything newer."""
    ordered_at = max((one.n for one in holding.decisions if one.kind == "retake"), default=0)
    among = [take for take in usable if take.n > ordered_at] or usable
    among = [take for take in among if take.job.intent.rung in rules.rungs[-1:]] or among
    return min(among, key=_rank, default=None)


def _rank(take: Take) -> tuple[int, float, Decimal, int]:
    return (
        _ORDER.index(standing_of(take.verdict)),
        -score_of(take.verdict),
        take.price_usd,
        -take.n,
    )


def _last_word(holding: Holding) -> Decision | None:
    """The newest decision about which take it is; a note decides nothing."""
    return next((one for one in reversed(holding.decisions) if one.kind != "note"), None)


def _chosen(holding: Holding) -> Take | None:
    """The take that a person circled or approved, unless the same shot was ordered anew since."""
    last = _last_word(holding)
    if last is None or last.kind not in ("circle", "approve"):
        return None
    meant = (take for take in holding.takes if take.n == last.n)
    return next((take for take in meant if last.media in (None, take.media.sha256)), None)


def is_accepted(holding: Holding, take: Take | None) -> bool:
    """Whether a person approved exactly this take for a holding, be it that it is none of its own."""
    last = _last_word(holding)
    return bool(take and last and last.kind == "approve" and last.media == take.media.sha256)


def open_order(holding: Holding) -> Decision | None:
    """A person's order for another take, until that take is there and judged."""
    last = _last_word(holding)
    if last is None or last.kind != "retake":
        return None
    after = (job for job in holding.jobs if job.slot.n > last.n)
    return None if any(job.verdict is not None or is_spoilt(job) for job in after) else last


def _ordered(order: Decision) -> str:
    about = f" for {order.problem}" if order.problem else ""
    note = f": {order.note}" if order.note else ""
    return f"{order.by} ordered a retake{about}{note}"
