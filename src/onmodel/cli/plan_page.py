"""A plan as a page for people: one line for each sheet and each picture or clip of a shot, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from onmodel.cli.showing import counted, in_columns, wrapped
from onmodel.planning import Line, Plan, awaiting_in_words
from onmodel.planning.fitting import fit_of
from onmodel.units import usd
from onmodel.vault import PRODUCTION

HEADINGS = ("", "state", "endpoint", "seconds", "price", "at worst")
NUMBERS = (3, 4, 5)
AWAITS = "awaits approval"


class Row(NamedTuple):
    """One line of the page, and what stands under it."""

    cells: tuple[str, ...]
    remarks: tuple[str, ...]


def page(plan: Plan, width: int, budget: Decimal | None, again: str = "") -> list[str]:
    """The page, line by line.

    Args:
        plan: what to show.
        width: of the terminal, in characters; where it is too narrow the worst case stands in the total only.
        budget: the production's, in US dollars.
        again: what the commands end with that are named: ` --rehearse`.
    """
    lines = list(plan.lines.values())
    rows = [
        *_sheet_rows([line for line in lines if line.commission.stage == "sheet"]),
        *_shot_rows([line for line in lines if line.commission.stage != "sheet"]),
    ]
    return [
        f"{plan.scope} · {plan.title}",
        "",
        *_table(rows, width),
        "",
        *_reasons(plan.to_buy, width),
        *_total(plan, budget, width),
        *_at_the_gates(plan, width, again),
        *_what_fits(plan, width, again),
        *_who_is_asked(plan),
    ]


def _table(rows: Sequence[Row], width: int) -> Iterator[str]:
    cells = [HEADINGS, *(row.cells for row in rows)]
    drawn = in_columns(cells, right=NUMBERS)
    if max(map(len, drawn)) > width:
        drawn = in_columns([row[:-1] for row in cells], right=NUMBERS)
    yield drawn[0]
    for line, row in zip(drawn[1:], rows, strict=True):
        yield line
        for remark in row.remarks:
            yield from wrapped(remark, width, indent=8)


def _sheet_rows(lines: Sequence[Line]) -> Iterator[Row]:
    """One row for each character and wardrobe, more only where the views are not all in the same state."""
    names = {id(line): line.commission.subject.rsplit(".", 1) for line in lines}
    longest = max((len(_sheet_name(sheet)) for sheet, _ in names.values()), default=0)
    for sheet, of_sheet in groupby(lines, lambda line: names[id(line)][0]):
        views = list(of_sheet)
        for kind in dict.fromkeys(map(_alike, views)):
            alike = [line for line in views if _alike(line) == kind]
            whole = len(alike) == len(views)
            count = counted(len(views), "view") if whole else f"{len(alike)} of {counted(len(views), 'view')}"
            which = "" if whole else ", ".join(names[id(line)][1] for line in alike)
            yield _row(f"{_sheet_name(sheet):{longest}}  {count}", alike, which)


def _alike(line: Line) -> tuple[str, ...]:
    """What lines have in common that one row may stand for."""
    return line.state, line.why, line.awaits or "", _at_its_gate(line)


def _at_its_gate(line: Line) -> str:
    """What a line waits for at the production's gates; empty where it waits for nobody."""
    if line.held_by:
        return f"once approved: {', '.join(dict.fromkeys(map(_gated, line.held_by)))}"
    return line.approval.why if line.approval and line.awaits else ""


def _gated(name: str) -> str:
    """`the sheet pip.rain`, `s010 keyframe`, `s010 take`, by the id of a line."""
    subject, _, stage = name.rpartition(".")
    if stage == "sheet":
        return f"the sheet {_sheet_name(subject.rpartition('.')[0])}"
    return f"{subject} {'keyframe' if stage == 'keyframe' else 'take'}"


def _sheet_name(sheet: str) -> str:
    """`pip.rain` as it is; of a style pass's sheet, `pip.rain.in-hand-drawn-e231`, what tells it apart."""
    character, wardrobe, *look = sheet.split(".")
    worn = () if look and wardrobe == "default" else (wardrobe,)
    return ".".join((character, *worn, *(one.rpartition("-")[0] for one in look)))


def _shot_rows(lines: Sequence[Line]) -> Iterator[Row]:
    longest = max((len(line.commission.subject) for line in lines), default=0)
    shown = ""
    for line in lines:
        subject = line.commission.subject
        yield _row(f"{'' if subject == shown else subject:{longest}}  {line.commission.mode}", [line])
        shown = subject


def _row(what: str, lines: Sequence[Line], which: str = "") -> Row:
    """A row that stands for lines in the same state."""
    first = lines[0]
    base = sum((line.base_usd for line in lines), Decimal(0))
    worst = sum((line.worst_usd for line in lines), Decimal(0))
    left_out = dict.fromkeys(note for line in lines for note in line.commission.notes)
    remarks = (
        which,
        first.why,
        _at_its_gate(first),
        f"left out: {'; '.join(left_out)}" if left_out else "",
        *dict.fromkeys(remark for line in lines for remark in line.commission.remarks),
    )
    endpoints = dict.fromkeys(line.commission.choice.endpoint.short for line in lines)
    cells = (
        what,
        AWAITS if first.awaits else first.state,
        ", ".join(endpoints),
        _seconds(first),
        usd(base) if base else "",
        usd(worst) if worst else "",
    )
    return Row(cells, tuple(filter(None, remarks)))


def _seconds(line: Line) -> str:
    """Seconds in the cut, of how many are bought: `3 of 5`, or `5` where all are used."""
    bought, used = line.commission.choice.seconds_bought, line.commission.used_s
    if bought is None or used is None:
        return ""
    return f"{float(used):g}" if used == bought else f"{float(used):g} of {float(bought):g}"


def _reasons(to_buy: Iterable[Line], width: int) -> Iterator[str]:
    choices = (line.commission.choice for line in to_buy)
    reasons = dict.fromkeys((choice.endpoint.short, choice.why) for choice in choices)
    if not reasons:
        return
    yield "Why these endpoints:"
    for endpoint, why in reasons:
        yield from wrapped(f"{endpoint}: {why}", width, indent=4, first="  ")
    yield ""


def _total(plan: Plan, budget: Decimal | None, width: int) -> Iterator[str]:
    states = ["awaiting approval" if line.awaits else line.state for line in plan.lines.values()]
    counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    price = "Nothing to buy."
    if plan.worst_usd:
        price = f"To buy: {usd(plan.base_usd)}; at worst, with every retake: {usd(plan.worst_usd)}."
    yield from wrapped(f"{counts}. {price}", width, indent=0)
    disputed = any(line.commission.price.note for line in plan.to_buy)
    note = "; where sources disagree the higher one counts (plan --json says where)" if disputed else ""
    budget_note = f" The production's budget is {usd(budget)}." if budget is not None else ""
    yield from wrapped(f"Prices of {plan.prices_of.isoformat()}{note}.{budget_note}", width, indent=0)


def _at_the_gates(plan: Plan, width: int, again: str) -> Iterator[str]:
    """What waits for a person's word, and what is bought only after it."""
    waits = awaiting_in_words(plan.awaiting)
    if plan.held_usd:
        told = f"Of that {usd(plan.now_usd)} is bought now and {usd(plan.held_usd)} once it is approved"
        told = told if plan.now_usd else "Nothing of that is bought before something is approved"
        yield from wrapped(f"{told} (approve: {', '.join(plan.gates)}).", width, indent=0)
    if plan.cut is not None and plan.cut.word is not None:
        yield f"The cut was approved by {plan.cut.word.by} on {plan.cut.word.at:%Y-%m-%d}."
    if waits:
        yield f"{waits[0].upper()}{waits[1:]}: onmodel approve {plan.scope}{again}"


def _who_is_asked(plan: Plan) -> Iterator[str]:
    if any(line.state == "flagged" for line in plan.lines.values()):
        yield "Something needs a person: see the lines that are flagged."


def _what_fits(plan: Plan, width: int, again: str) -> Iterator[str]:
    """Which shots can be bought under the caps, where not all can, or where retakes would pass one."""
    fit = fit_of(plan, plan.left_usd)
    if fit is not None:
        yield from wrapped(
            f"Over the cap: {usd(fit.left_usd)} {'is' if fit.left_usd == 1 else 'are'} left under "
            f"{cap_in_words(fit.cap)}, and this costs {usd(plan.base_usd)}.",
            width,
            indent=0,
        )
        fits = f"In the order of the cut these fit: {', '.join(fit.shots)}" if fit.shots else "No shot fits"
        cost = f", for {usd(fit.usd)}" if fit.shots else ""
        yield from wrapped(f"{fits}{cost}. These do not: {', '.join(fit.over)}.", width, indent=0)
        if fit.shots and plan.used_s:
            yield f"  onmodel produce {plan.scope} --shots {','.join(fit.shots)}{again}"
        return
    cap = min(plan.left_usd, key=lambda name: plan.left_usd[name], default=None)
    if cap is not None and plan.worst_usd > plan.left_usd[cap]:
        yield from wrapped(
            f"Everything fits under {cap_in_words(cap)}, with {usd(plan.left_usd[cap])} left, as long as not "
            "every take needs its retakes; the run would end in order at the cap.",
            width,
            indent=0,
        )


def cap_in_words(ledger: str) -> str:
    """A cap as the user knows it, by its ledger's name."""
    if ledger == PRODUCTION:
        return "the production's budget_usd"
    season, _, week = ledger.partition(".")
    if not season.startswith("season-"):
        return "--max-usd"
    return f"the weekly_usd of {season} ({week})" if week else f"the budget_usd of {season}"
