"""Camera moves by name: the words of a prompt that ask for each, and what a slate says of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from onmodel.studio.rehearsal.paths import Path as CameraPath
from onmodel.studio.rehearsal.paths import path_of


@dataclass(frozen=True)
class Move:
    """One camera move, as it is asked for."""

    name: str
    words: tuple[str, ...] = ()
    """What asks for it."""
    loose: tuple[str, ...] = ()
    """What asks for it where no other move is asked for: people do it, too."""
    diagram: str = ""
    """What is drawn in a corner, for a still cannot show the move: it is a sketch, and the slate says so."""


SLOW_PUSH: Final = "slow push in"
MOST_AT_ONCE: Final = 2
"""Moves that one shot makes at the same time, at most."""
_AND: Final = " + "


@cache
def camera_moves() -> Mapping[str, Move]:
    """Every move by the name on the slate, most particular first."""
    raw = json.loads(Path(__file__).with_name("moves.json").read_text("utf-8"))
    return {
        row["name"]: Move(
            row["name"], tuple(row["words"]), tuple(row.get("loose", ())), row.get("diagram", "")
        )
        for row in raw["moves"]
    }


def read_move(text: str) -> str:
    """The moves that a prompt asks for, as a slate names them; a slow push in where it asks for none."""
    low = text.lower()
    found = dict(_asked(low, lambda move: move.words))
    if not found:
        found = dict(list(_asked(low, lambda move: move.loose))[:1])
    return _AND.join(sorted(found, key=found.__getitem__)[:MOST_AT_ONCE]) or SLOW_PUSH


def _asked(text: str, words: Callable[[Move], tuple[str, ...]]) -> Iterator[tuple[str, int]]:
    """Moves whose words stand in a text, and where; a word that has been read is not read again."""
    for name, move in camera_moves().items():
        for phrase in sorted(words(move), key=len, reverse=True):
            pattern = rf"(?<![\w-]){re.escape(phrase)}s?(?![\w-])"
            found = re.search(pattern, text)
            if found:
                yield name, found.start()
                text = re.sub(pattern, lambda match: "." * len(match[0]), text)
                break


def moves_named(name: str) -> tuple[Move, ...]:
    """The moves that a slate names."""
    known = camera_moves()
    return tuple(known[part] for part in name.split(_AND) if part in known) or (Move(SLOW_PUSH),)


def path_named(name: str, *, deep: bool) -> CameraPath:
    """What the camera sees in the moves that a slate names.

    Args:
        name: as `read_move` gives it.
        deep: whether figure and set of the still are known apart.
    """
    return path_of([move.name for move in moves_named(name)], deep=deep)


def said_of_move(name: str) -> str:
    """What a slate says of the camera: which moves are only sketched, for a still cannot show them."""
    sketched = any(move.diagram for move in moves_named(name))
    return f"{name}, sketched" if sketched else name
