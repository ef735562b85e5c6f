"""Clean sentences inside a budget of characters: what matters least goes first, and is said."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

_SPACE_BEFORE_MARK = re.compile(r"\s+(?=[,.;:!?])")
_MARKS = re.compile(r"[,.;:]{2,}")


class Piece(NamedTuple):
    """A few words of a prompt."""

    text: str
    sentence: int
    """Pieces of one sentence stand together, separated by commas; sentences go by number."""
    rank: int = 0
    """0 stays; of the others, the highest number goes first when there is no room."""


@dataclass(frozen=True)
class Prompt:
    """A prompt that fits, and what did not."""

    text: str
    left_out: tuple[str, ...] = ()
    """The words that found no room, least important first."""


@lru_cache(maxsize=4096)  # a trait is cleaned anew for every picture that it is in
def clean(text: str) -> str:
    """Text on one line: no control characters, doubled spaces or stops, no stray punctuation at the ends."""
    visible = text
    if not text.isprintable():
        visible = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in text)
    spaced = _SPACE_BEFORE_MARK.sub("", " ".join(visible.split()))
    return _MARKS.sub(_one_mark, spaced).strip(" ,.;:")


def _one_mark(run: re.Match[str]) -> str:
    return "." if "." in run[0] else run[0][0]


def sentence(text: str) -> str:
    """One clean sentence: a capital first, a full stop last; empty if there is nothing to say."""
    words = clean(text)
    if not words:
        return ""
    return words[0].upper() + words[1:] + ("" if words[-1] in "!?" else ".")


def fit(pieces: Sequence[Piece], limit: int) -> Prompt:
    """Joins the pieces into sentences of at most `limit` characters in all.

    Pieces that may go, go whole and least important first. If what must stay is still too long, the longest
    pieces lose their last words, so that every part keeps its beginning.
    """
    cleaned = (Piece(clean(piece.text), piece.sentence, piece.rank) for piece in pieces)
    kept = [piece for piece in cleaned if piece.text]
    left_out: list[str] = []
    while (overflow := len(_joined(kept)) - limit) > 0 and kept:
        rank = max(piece.rank for piece in kept)
        if rank > 0:
            index = max(index for index, piece in enumerate(kept) if piece.rank == rank)
            left_out.append(kept.pop(index).text)
            continue
        index = max(range(len(kept)), key=lambda at: len(kept[at].text))
        words = kept[index].text
        head = _cut(words, max(len(words) - overflow, len(words) // 2))
        left_out.append(words[len(head) :].strip())
        kept[index : index + 1] = [kept[index]._replace(text=head)] if head else []
    return Prompt(_joined(kept), tuple(left_out))


def _joined(pieces: Sequence[Piece]) -> str:
    numbers = sorted({piece.sentence for piece in pieces})
    said = (
        ", ".join(clean(piece.text) for piece in pieces if piece.sentence == number) for number in numbers
    )
    return " ".join(filter(None, map(sentence, said)))


def _cut(text: str, length: int) -> str:
    """The whole words that fit; part of the first word if not even that fits."""
    head = text[:length]
    if " " in head and not text[length : length + 1].isspace():
        head = head[: head.rindex(" ")]
    return clean(head)
