"""People's notes on a take, in the words in which the next retake is asked for."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from onmodel.planning.takes import Holding
from onmodel.vault import Box, Decision

_ACROSS: Final = ("left", "", "right")
_DOWN: Final = ("upper", "", "lower")
_WHEN: Final = ("at the beginning", "halfway", "towards the end")
_WIDE: Final = 2 / 3
"""Share of a side from which on a box is no place any more: it has nearly all of that side."""


def open_notes(holding: Holding) -> tuple[Decision, ...]:
    """The notes that no take was asked for with yet: the next retake is."""
    judged = [job for job in holding.jobs if job.verdict is not None]
    return tuple(
        one
        for one in holding.decisions
        if one.kind == "note"
        and not any(job.slot.n > one.n and job.intent.made_at > one.at for job in judged)
    )


def notes_in_words(holding: Holding) -> str:
    """The open notes of a holding as the end of a prompt; empty where there are none."""
    seconds = {take.n: take.seconds for take in holding.takes}
    return "; ".join(note_in_words(one, seconds.get(one.n)) for one in open_notes(holding))


def note_in_words(note: Decision, seconds: Fraction | None) -> str:
    """`at the upper left, towards the end: only one antenna`.

    Args:
        note: the note.
        seconds: length of the take that it is about; None for a picture.
    """
    where = place_of(note.box) if note.box else ""
    when = "" if note.at_s is None or not seconds else _third(note.at_s / float(seconds), _WHEN)
    place = ", ".join(filter(None, (where, when)))
    return f"{place}: {note.note}" if place else note.note


def place_of(box: Box) -> str:
    """Where in the picture a box is: `at the upper left`, `in the middle`; empty for nearly all of it."""
    if box.w >= _WIDE and box.h >= _WIDE:
        return ""
    across = "" if box.w >= _WIDE else _third(box.x + box.w / 2, _ACROSS)
    down = "" if box.h >= _WIDE else _third(box.y + box.h / 2, _DOWN)
    if across and down:
        return f"at the {down} {across}"
    if across:
        return f"at the {across}"
    return {"upper": "at the top", "lower": "at the bottom"}.get(down, "in the middle")


def _third(share: float, words: tuple[str, ...]) -> str:
    return words[min(int(share * 3), 2)]
