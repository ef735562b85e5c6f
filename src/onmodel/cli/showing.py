"""How things look on a terminal, in plain lines: JSON goes to stdout, remarks and progress to stderr.

Rich draws the live board only: importing it takes longer than a whole plan does.
"""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any, Final

from onmodel.errors import Finding

PIPED_COLUMNS: Final = 120
"""Width of a line where nobody says how wide the terminal is."""
GAP: Final = "  "


def say(text: str = "") -> None:
    """Print a result."""
    sys.stdout.write(f"{text}\n")


def remark(text: str) -> None:
    """Print a remark or progress: stdout stays clean for what was asked for."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def counted(number: int, what: str) -> str:
    """`1 request`, `2 requests`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def columns() -> int:
    """How many characters a line has."""
    return shutil.get_terminal_size((PIPED_COLUMNS, 24)).columns


def print_json(document: Any) -> None:
    """Print one JSON document, and nothing else, on stdout."""
    say(json.dumps(document, indent=1, ensure_ascii=False, default=str))


def in_columns(rows: Sequence[Sequence[str]], *, right: Iterable[int] = ()) -> list[str]:
    """Rows as lines with their cells under each other; a column with nothing in it goes.

    Args:
        rows: cells; every row has the same number.
        right: columns of numbers, aligned at their end.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    numbers = frozenset(right)
    lines = []
    for row in rows:
        cells = (
            cell.rjust(width) if index in numbers else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
            if width
        )
        lines.append(GAP.join(cells).rstrip())
    return lines


def wrapped(text: str, width: int, *, indent: int, first: str | None = None) -> list[str]:
    """A sentence on as many lines as it needs, indented; paths and commands are never broken in two.

    Args:
        text: what to say.
        width: of the terminal, in characters.
        indent: of every line.
        first: what the first line begins with instead.
    """
    pad = " " * indent
    begin = pad if first is None else first
    return textwrap.wrap(
        text,
        max(width, indent + 20),
        initial_indent=begin,
        subsequent_indent=pad,
        break_long_words=False,
        break_on_hyphens=False,
    )


def print_findings(findings: Iterable[Finding]) -> None:
    """Print findings, one a line, warnings marked as such."""
    for finding in findings:
        mark = "warning: " if finding.severity == "warning" else ""
        remark(f"{mark}{finding}")


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding as JSON."""
    place = finding.place
    return {
        "file": place.file,
        "line": place.line or None,
        "column": place.column or None,
        "severity": finding.severity,
        "message": finding.message,
        "hint": finding.hint or None,
    }
