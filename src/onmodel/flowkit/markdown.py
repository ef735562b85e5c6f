"""Text for Prefect's pages: whatever a bible or an error says stays text, in its cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_SPECIAL: Final = re.compile(r"[\\`*\[\]<>|~&]|(?<!\w)_|_(?!\w)")
"""What Markdown or the page would take for more than text; it does not inside a word like `s_010`."""


def cell(text: str | None) -> str:
    """A text as one cell of a table: on one line, and nothing in it is markup."""
    # By backslash: one of Prefect's two pages shows character references as they are spelt.
    return _SPECIAL.sub(r"\\\g<0>", " ".join((text or "").split()))


def in_a_line(text: str | None) -> str:
    """Lines, each a sentence, as one: an error says what happened on one line, and what to do on the next."""
    lines = [" ".join(line.split()) for line in (text or "").splitlines() if line.strip()]
    ended = [line if line.endswith((".", ":", ";", "!", "?")) else f"{line}." for line in lines[:-1]]
    return " ".join([*ended, *lines[-1:]])


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table, with an empty one after it; the cells are ready made. None where no row is."""
    if not rows:
        return []
    lines = [columns, ("---",) * len(columns), *rows]
    return [*(f"| {' | '.join(line)} |" for line in lines), ""]


def link(words: str, address: str) -> str:
    """A link where a browser can open the address, else the address as it stands."""
    if not address.startswith(("http://", "https://")):
        return f"`{address.replace('`', '')}`" if address else ""
    return f"[{cell(words)}](<{address.replace('<', '%3C').replace('>', '%3E').replace('|', '%7C')}>)"


def key_of(*words: str) -> str:
    """An artifact's key, which has only a-z, 0-9 and '-': `s01e01-plan`."""
    return re.sub(r"[^a-z0-9]+", "-", "-".join(words).lower()).strip("-")
