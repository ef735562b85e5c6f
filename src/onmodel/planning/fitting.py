"""What of a plan fits under what a cap leaves: shot by shot, in the order of the cut."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from onmodel.planning.chains import shot_of
from onmodel.planning.plan import Line, Plan


class Fit(NamedTuple):
    """What can be bought under a cap."""

    cap: str
    """The ledger that leaves least: `production`, a season, or the episode's own for --max-usd."""
    left_usd: Decimal
    shots: tuple[str, ...]
    """The shots that can be finished with it, in order, current ones among them."""
    over: tuple[str, ...]
    """The others."""
    usd: Decimal
    """What the first ones cost."""


def fit_of(plan: Plan, left_usd: Mapping[str, Decimal]) -> Fit | None:
    """Which shots fit; None where all do, or where no cap is set.

    Every shot that still fits is taken, in the order of the cut, with all that it is made from.

    Args:
        plan: of an episode, or of the cast, where the sheets stand for the shots.
        left_usd: what each cap leaves, by the name of its ledger.
    """
    cap = min(left_usd, key=lambda name: left_usd[name], default=None)
    if cap is None or plan.base_usd <= left_usd[cap]:
        return None
    bought: set[str] = set()
    spent = Decimal(0)
    fits: dict[str, bool] = {}
    for subject, lines in _by_subject(plan).items():
        needed = {need.commission.id: need for line in lines for need in _needs(plan, line)}
        price = sum((need.base_usd for name, need in needed.items() if name not in bought), Decimal(0))
        fits[subject] = spent + price <= left_usd[cap]
        if fits[subject]:
            bought |= needed.keys()
            spent += price
    return Fit(
        cap,
        left_usd[cap],
        tuple(subject for subject, fit in fits.items() if fit),
        tuple(subject for subject, fit in fits.items() if not fit),
        spent,
    )


def _by_subject(plan: Plan) -> dict[str, list[Line]]:
    """The lines of each shot, in the order of the cut; of each sheet, where there are no shots."""
    shots = {name: list[Line]() for name in plan.used_s}
    for line in plan.lines.values():
        subject = line.commission.subject
        if shot_of(subject) in shots:
            shots[shot_of(subject)].append(line)
        elif not plan.used_s:
            shots.setdefault(subject.rpartition(".")[0], []).append(line)
    return shots


def _needs(plan: Plan, line: Line) -> list[Line]:
    return [*(plan.lines[name] for name in needs_of(plan, line.commission.id)), line]


def needs_of(plan: Plan, name: str) -> list[str]:
    """The ids of everything that a commission is made from or judged by, first things first."""
    commission = plan.lines[name].commission
    views = [view for likeness in commission.likenesses for view in likeness.views]
    own = dict.fromkeys([*(source.commission for source in commission.sources), *views])
    return list(dict.fromkeys(need for one in own for need in (*needs_of(plan, one), one)))
