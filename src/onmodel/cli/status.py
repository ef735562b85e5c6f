"""`onmodel status`: how an episode stands, and what a run is at, from any terminal."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from typing import Any

from onmodel.cli.board import Span, head, lines, rows_of
from onmodel.cli.showing import columns, print_json, say
from onmodel.planning import awaiting_in_words
from onmodel.stages.crew import Event
from onmodel.stages.script import Call
from onmodel.stages.status import Status, read_status

LOOK_S = 2.0
"""Seconds between two looks of `--watch`: each reads the archive."""


def show_status(call: Call, *, as_json: bool, watch: bool) -> None:
    """Print how an episode, or the cast, stands; with `watch` again and again until Ctrl-C.

    Raises:
        OnModelError: the story or the archive cannot be read.
    """
    if watch and not as_json and sys.stdout.isatty():
        _watch(call)
        return
    status = read_status(call)
    if as_json:
        print_json(status_json(status))
        return
    for line in page(status, columns()):
        say("".join(span.text for span in line))


def page(status: Status, width: int, height: int | None = None) -> Iterator[list[Span]]:
    """The status, line by line.

    Args:
        status: what to show.
        width: of the terminal, in characters.
        height: in lines; None is as many as it takes.
    """
    known = (
        status.scope,
        status.title,
        "rehearsal" if status.again else "",
        "at work" if status.runs else "",
    )
    yield [Span(" · ".join(filter(None, known)))]
    yield [Span(head(status.so_far))]
    yield from lines(rows_of(status.rows), width, None if height is None else height - 4)
    if status.awaiting:
        yield [
            Span(
                f"{awaiting_in_words(status.awaiting)}: onmodel approve {status.scope}{status.again}",
                "yellow",
            )
        ]
    if status.cut is not None:
        yield [Span(f"cut: {status.cut}")]


def status_json(status: Status) -> dict[str, Any]:
    """The status as one JSON document; money as texts, so that no cent is rounded."""
    so_far = status.so_far
    return {
        "schema": "onmodel.status/1",
        "scope": status.scope,
        "title": status.title,
        "rehearsal": bool(status.again),
        "at_work": status.runs,
        "shots": so_far.of,
        "shots_done": so_far.done,
        "spent_usd": str(so_far.spent_usd),
        "left_usd": None if so_far.left_usd is None else str(so_far.left_usd),
        "cut": None if status.cut is None else str(status.cut),
        "awaiting": status.awaiting,
        "rows": [_row_json(row) for row in status.rows],
    }


def _row_json(row: Event) -> dict[str, Any]:
    return {
        "subject": row.subject,
        "stage": row.stage,
        "state": row.state,
        "detail": row.detail or None,
        "take": row.take,
        "verdict": row.verdict or None,
        "seconds": None if row.seconds is None else float(row.seconds),
        "usd": None if row.usd is None else str(row.usd),
        "since": None if row.since is None else row.since.isoformat(),
    }


def _watch(call: Call) -> None:
    from rich.console import Console, Group  # noqa: PLC0415 (a status that is printed once needs none of it)
    from rich.live import Live  # noqa: PLC0415 (same)
    from rich.text import Text  # noqa: PLC0415 (same)

    console = Console(highlight=False)
    with Live(console=console, auto_refresh=False, screen=False) as live:
        while True:
            size = shutil.get_terminal_size()
            drawn = page(read_status(call), size.columns, size.lines - 1)
            texts = [Text.assemble(*((one.text, one.style) for one in line), no_wrap=True) for line in drawn]
            live.update(Group(*texts), refresh=True)
            time.sleep(LOOK_S)
