"""What must not be seen: one list, most important first, that never denies what the prompt asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from onmodel.craft.denial import Asked
from onmodel.craft.sentences import clean
from onmodel.craft.words import MotionFamily, look_negatives, motion_negatives, universal_negatives

MOST_CHARS = 2500
"""What the video endpoints accept. Source: docs.comfy.org, 2026-11."""

_WORD = re.compile(r"\w+")


class Negative(NamedTuple):
    """A negative prompt that fits, and what is not in it."""

    text: str
    dropped: tuple[str, ...]
    """Each term with its reason."""


def compose_negative(
    prompt_text: str,
    look: str = "",
    motion_family: MotionFamily | None = None,
    never: Iterable[str] = (),
    extra: Iterable[str] = (),
    *,
    limit: int = MOST_CHARS,
) -> Negative:
    """Lists what to avoid: the shot's own words, the bibles' `never`, the movement's, everyone's, the look's.

    Args:
        prompt_text: the prompt beside it; what it asks for is not denied.
        look: the look in words, which chooses the list for it.
        motion_family: smooth, physics or identity; None for stills.
        never: of the bibles in the shot.
        extra: what the shot itself wants avoided.
        limit: characters at most; cut between two terms.
    """
    moving = () if motion_family is None else motion_negatives(motion_family)
    asked = Asked(prompt_text)
    kept: list[str] = []
    dropped: list[str] = []
    room = limit
    for term in terms_of((*extra, *never, *moving, *universal_negatives(), *look_negatives(look))):
        needed = len(term) + (2 if kept else 0)
        if asked.has(term):
            dropped.append(f"{term}: the prompt asks for it")
        elif needed > room:
            dropped.append(f"{term}: no room")
        else:
            kept.append(term)
            room -= needed
    return Negative(", ".join(kept), tuple(dropped))


def terms_of(raw: Iterable[str]) -> list[str]:
    """Single terms, cleaned, each once; the first spelling wins."""
    terms: dict[str, str] = {}
    for term in (clean(term) for text in raw for term in text.split(",")):
        if _WORD.search(term):
            terms.setdefault(term.casefold(), term)
    return list(terms.values())
