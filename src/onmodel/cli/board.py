"""How a run looks: a line about all of it, and one for each model sheet and shot, as wide as the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from onmodel.cli.showing import counted
from onmodel.stages.crew import Event, SoFar
from onmodel.stages.telling import SETTLED
from onmodel.units import usd

STYLES: Final = {
    "circled": "green",
    "current": "green",
    "done": "green",
    "on-model": "green",
    "flagged": "red",
    "broken": "yellow",
    "off-model": "yellow",
    "drifting": "yellow",
    "partial": "yellow",
    "unscorable": "yellow",
    "died": "yellow",
    "waiting": "yellow",
    "left": "yellow",
    "held": "yellow",
    "stale": "yellow",
    "open": "yellow",
}
IDLE: Final = SETTLED | {"flagged", "left", "held", "stale", "missing", "open"}
"""States in which nothing goes on: how long they have lasted is no news."""
FOLDED: Final = ("flagged", "held", "left")
"""What a fold names first."""
GAP: Final = "  "
NUMBERS: Final = (3, 4, 6)
"""Columns of numbers, aligned at their end."""
STATE: Final = 2
VERDICT: Final = 5
NARROW_NAME: Final = 14
"""Characters of a name where there is no room for all columns: sheets have long ones."""
WORTH: Final = 10
"""Characters of a remark: of fewer nobody learns anything."""
LEAST: Final = 3
"""Columns that stay on the narrowest terminal: name, work, state."""


@dataclass(frozen=True)
class Row:
    """One line of the board."""

    cells: tuple[str, ...]
    """name, work, state, how long, seconds, verdict, price."""
    remark: str
    state: str

    @property
    def rank(self) -> int:
        """What is shown first where there is too little room: what moves, what needs a person, the rest."""
        if self.state in SETTLED:
            return 3
        return {"flagged": 1, "held": 1, "missing": 2, "left": 2}.get(self.state, 0)


@dataclass(frozen=True)
class Span:
    """A piece of a line, with the style that it is shown in where there are colours."""

    text: str
    style: str = ""


def head(so_far: SoFar | None, passed_s: float | None = None) -> str:
    """What is known of the whole: `12 s · 3 of 6 shots · 15 of 30 s · $1.20, the cap leaves $3.80`."""
    words = [] if passed_s is None else [f"{passed_s:.0f} s"]
    if so_far is not None:
        if so_far.of:
            words.append(f"{so_far.done} of {counted(so_far.of, 'shot')}")
            words.append(f"{float(so_far.seconds):g} of {float(so_far.of_seconds):g} s")
        left = "" if so_far.left_usd is None else f", the cap leaves {usd(so_far.left_usd)}"
        words.append(f"{usd(so_far.spent_usd)}{left}")
    return " · ".join(words)


def rows_of(events: Iterable[Event]) -> list[Row]:
    """A row for each shot, and one for each model sheet, by name."""
    sheets: dict[str, list[Event]] = {}
    rows = []
    for event in events:
        if event.stage == "sheet":
            sheets.setdefault(event.subject.rpartition(".")[0], []).append(event)
        else:
            rows.append(_shot_row(event))
    rows += [_sheet_row(sheet, views) for sheet, views in sheets.items()]
    return sorted(rows, key=lambda row: row.cells[0])


def lines(rows: Sequence[Row], width: int, height: int | None = None) -> Iterator[list[Span]]:
    """The rows as lines; where there is too little room, what is done is counted instead of shown.

    Args:
        rows: what to show.
        width: in characters; remarks are cut, and where names and states do not fit, prices go first.
        height: in lines; None is as many as there are rows.
    """
    shown = list(rows)
    if height is not None and len(rows) > height:
        by_rank = sorted(range(len(rows)), key=lambda index: rows[index].rank)
        kept = sorted(by_rank[: max(0, height - 1)])
        shown = [rows[index] for index in kept]
        hidden = [row for index, row in enumerate(rows) if index not in frozenset(kept)]
    columns = [list(column) for column in zip(*(row.cells for row in shown), strict=True)]
    widths = [max(map(len, column), default=0) for column in columns]
    if widths and sum(widths) + len(GAP) * len(widths) > width:
        widths[0] = min(widths[0], NARROW_NAME)
    while sum(widths) + len(GAP) * len(widths) > width and len(widths) > LEAST:
        widths.pop()
    for row in shown:
        yield _line(row, widths, width)
    if len(shown) < len(rows):
        yield [Span(_fold(hidden))]


def _line(row: Row, widths: Sequence[int], width: int) -> list[Span]:
    spans: list[Span] = []
    for index, cell_width in enumerate(widths):
        if not cell_width:
            continue
        cell = _cut(row.cells[index], cell_width)
        text = cell.rjust(cell_width) if index in NUMBERS else cell.ljust(cell_width)
        style = STYLES.get(row.state if index == STATE else cell, "") if index in (STATE, VERDICT) else ""
        spans += [Span(GAP if spans else ""), Span(text, style)]
    room = width - sum(len(span.text) for span in spans) - len(GAP)
    if row.remark and room >= min(len(row.remark), WORTH):
        spans.append(Span(GAP + _cut(row.remark, room)))
    return spans


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _fold(hidden: Sequence[Row]) -> str:
    counts = Counter(row.state for row in hidden)
    states = sorted(counts, key=lambda state: (state not in FOLDED, state))
    return f"and {len(hidden)} more: {', '.join(f'{counts[state]} {state}' for state in states)}"


def _sheet_row(sheet: str, views: Sequence[Event]) -> Row:
    counts = Counter(event.state for event in views)
    cost = sum(event.usd for event in views if event.usd is not None)
    price = usd(cost) if cost else ""
    if len(counts) == 1:
        (only,) = counts
        return Row((sheet, "sheet", f"{len(views)} {only}", "", "", "", price), "", only)
    remark = ", ".join(f"{count} {state}" for state, count in counts.items())
    moving = next((state for state in counts if state not in SETTLED), "")
    return Row((sheet, "sheet", counted(len(views), "view"), "", "", "", price), remark, moving)


def _shot_row(event: Event) -> Row:
    lasted = ""
    if event.since is not None and event.state not in IDLE:
        lasted = f"{(datetime.now(UTC) - event.since).total_seconds():.0f} s"
    verdict = "" if event.verdict == event.state else event.verdict
    cells = (
        event.subject,
        event.stage + (f" take {event.take}" if event.take else ""),
        event.state,
        lasted,
        "" if event.seconds is None else f"{float(event.seconds):g} s",
        verdict,
        usd(event.usd) if event.usd else "",
    )
    return Row(cells, event.detail, event.state)
