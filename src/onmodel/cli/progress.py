"""Live progress: a table per shot on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from onmodel.cli.board import head, lines, rows_of
from onmodel.cli.showing import remark
from onmodel.stages.crew import Event, SoFar

TOLD: Final = frozenset(
    {"current", "planned", "painted", "waiting", "retake", "broken", "died", "circled", "flagged", "done"}
    | {"cutting", "off-model", "drifting", "partial", "unscorable", "held"}
)
"""States that are a line of their own where there is no terminal; the others pass in between."""
LINES_AROUND: Final = 3
"""Lines of a terminal that the board leaves free."""


@contextmanager
def watch(*, quiet: bool = False) -> Iterator[Watcher]:
    """Show events and remarks as they come, on stderr; quietly, nothing of it."""
    if quiet:
        yield _Nothing()
        return
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


class _Nothing:
    """Who was asked to be quiet."""

    def tell(self, event: Event) -> None:
        """Show no event."""

    def say(self, line: str) -> None:
        """Show no remark."""


class _Lines:
    """One line for each event that matters."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def tell(self, event: Event) -> None:
        if event.state in TOLD and event.share is None:
            passed_s = time.monotonic() - self._began
            self.say(f"{passed_s:7.1f} s  {_words(event)}")

    def say(self, line: str) -> None:
        remark(line)


class Board:
    """One row for each model sheet and each shot, with what it is at."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()
        self._latest: dict[str, Event] = {}
        self._so_far: SoFar | None = None

    def tell(self, event: Event) -> None:
        """Take in an event."""
        before = self._latest.get(event.subject)
        goes_on = before is not None and event.share is not None and before.state == event.state
        since = before.since if before is not None and goes_on else datetime.now(UTC)
        self._latest[event.subject] = replace(event, since=since)
        self._so_far = event.so_far or self._so_far

    def say(self, line: str) -> None:
        """Show a remark above the board; through the console, which knows where the board is."""
        self._console.print(line, markup=False, soft_wrap=True)

    def render(self) -> Group:
        """The board as it stands; where the terminal is too low for it, what is done is folded."""
        passed_s = time.monotonic() - self._began
        rows = rows_of(self._latest.values())
        height = max(1, self._console.height - LINES_AROUND)
        drawn = (
            Text.assemble(*((span.text, span.style) for span in line), no_wrap=True)
            for line in lines(rows, self._console.width, height)
        )
        return Group(Text(head(self._so_far, passed_s), no_wrap=True, overflow="ellipsis"), *drawn)


def _words(event: Event) -> str:
    take = f"take {event.take}" if event.take else ""
    detail = f": {event.detail}" if event.detail else ""
    return " ".join(filter(None, (event.subject, event.stage, take, event.state))) + detail
