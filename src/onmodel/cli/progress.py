"""Live progress: a table per shot on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple, Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from onmodel.cli.showing import counted, remark
from onmodel.stages.crew import Event

STYLES: Final = {
    "circled": "green",
    "current": "green",
    "done": "green",
    "flagged": "red",
    "broken": "yellow",
    "off-model": "yellow",
    "drifting": "yellow",
    "partial": "yellow",
    "unscorable": "yellow",
    "died": "yellow",
    "waiting": "yellow",
    "left": "yellow",
}
SETTLED: Final = frozenset({"circled", "current", "done", "flagged", "left"})
"""States in which nothing goes on: how long they have lasted is no news."""
TOLD: Final = frozenset(
    {"current", "planned", "painted", "waiting", "retake", "broken", "died", "circled", "flagged", "done"}
    | {"cutting", "off-model", "drifting", "partial", "unscorable"}
)
"""States that are a line of their own where there is no terminal; the others pass in between."""
LINES_AROUND: Final = 3
"""Lines of a terminal that the board leaves free."""


@contextmanager
def watch() -> Iterator[Watcher]:
    """Show events and remarks as they come, on stderr."""
    console = Console(highlight=False, stderr=True)
    if console.is_terminal:
        table = Board(console)
        with Live(get_renderable=table.render, console=console, refresh_per_second=8, transient=True):
            yield table
    else:
        yield _Lines()


class Watcher(Protocol):
    """Whoever shows a run while it goes on."""

    def tell(self, event: Event) -> None:
        """Show an event."""
        ...

    def say(self, line: str) -> None:
        """Show a remark."""
        ...


class _Lines:
    """One line for each event that matters."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def tell(self, event: Event) -> None:
        if event.state in TOLD:
            passed_s = time.monotonic() - self._began
            self.say(f"{passed_s:7.1f} s  {_words(event)}")

    def say(self, line: str) -> None:
        remark(line)


class Board:
    """One row for each model sheet and each shot, with what it is at."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()
        self._latest: dict[str, tuple[Event, float]] = {}

    def tell(self, event: Event) -> None:
        """Take in an event."""
        self._latest.pop(event.subject, None)
        self._latest[event.subject] = (event, time.monotonic())

    def say(self, line: str) -> None:
        """Show a remark above the board; through the console, which knows where the board is."""
        self._console.print(line, markup=False, soft_wrap=True)

    def render(self) -> Group:
        """The board as it stands; where the terminal is too low for it, what is done goes first."""
        now = time.monotonic()
        rows = sorted([*self._sheet_rows(), *self._shot_rows(now)], key=lambda row: row.settled)
        shown = sorted(rows[: max(1, self._console.height - LINES_AROUND)], key=lambda row: row.name)
        widths = [
            max(map(len, column), default=0) for column in zip(*(row[:4] for row in shown), strict=True)
        ]
        lines = [Text(f"{now - self._began:.0f} s"), *(_line(row, widths) for row in shown)]
        return Group(*lines)

    def _sheet_rows(self) -> Iterator[_Row]:
        """A model sheet's views in one row: how many are in which state."""
        sheets: dict[str, list[Event]] = {}
        for event, _ in self._latest.values():
            if event.stage == "sheet":
                sheets.setdefault(event.subject.rpartition(".")[0], []).append(event)
        return (_sheet_row(sheet, views) for sheet, views in sheets.items())

    def _shot_rows(self, now: float) -> Iterator[_Row]:
        for event, since in self._latest.values():
            if event.stage != "sheet":
                yield _shot_row(event, now - since)


class _Row(NamedTuple):
    """What is known of one sheet or shot."""

    name: str
    stage: str
    state: str
    lasted: str
    remark: str
    style: str
    settled: bool


def _sheet_row(sheet: str, views: Sequence[Event]) -> _Row:
    counts = Counter(event.state for event in views)
    settled = counts.keys() <= SETTLED
    if len(counts) == 1:
        (only,) = counts
        return _Row(sheet, "sheet", f"{len(views)} {only}", "", "", STYLES.get(only, ""), settled)
    remark = ", ".join(f"{count} {state}" for state, count in counts.items())
    return _Row(sheet, "sheet", counted(len(views), "view"), "", remark, "", settled)


def _shot_row(event: Event, lasted_s: float) -> _Row:
    settled = event.state in SETTLED
    return _Row(
        event.subject,
        event.stage + (f" take {event.take}" if event.take else ""),
        event.state,
        "" if settled else f"{lasted_s:.0f} s",
        event.detail,
        STYLES.get(event.state, ""),
        settled,
    )


def _line(row: _Row, widths: Sequence[int]) -> Text:
    name, stage, state, lasted = widths
    # Nothing is folded: on a narrow terminal the remark, which comes last, is cut.
    return Text.assemble(
        f"{row.name:{name}}  {row.stage:{stage}}  ",
        (f"{row.state:{state}}", row.style),
        f"  {row.lasted:>{lasted}}  {row.remark}",
        no_wrap=True,
        overflow="ellipsis",
    )


def _words(event: Event) -> str:
    take = f" take {event.take}" if event.take else ""
    detail = f": {event.detail}" if event.detail else ""
    return f"{event.subject} {event.stage}{take} {event.state}{detail}"
