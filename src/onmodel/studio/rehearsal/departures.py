"""Clips that leave their character on purpose: who comes instead, when, and how it is blended in.

Everything follows from the bible and the seed: the same take goes wrong in the same way, and another take
of the same shot may come out right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from onmodel.studio.rehearsal.casting import Player
from onmodel.studio.rehearsal.clip import Bytes, Planes
from onmodel.studio.rehearsal.looks import CharacterLook, colour_of, garments_in, parse_colour, says
from onmodel.studio.rehearsal.paths import eased

Share = Callable[[float], float]
"""From the share of a clip that has passed to how much of the other character is seen, both 0 to 1."""

_MACHINE_WORDS: Final = ("robot", "android", "droid", "automaton", "mech", "cyborg", "machine")
_CREATURES: Final = (
    ("a plump rabbit with long ears", "#e8873a", "a purple scarf and green trousers"),
    ("a big round bear", "#7d4fb0", "an orange apron"),
    ("a lean fox with a tail", "#2f9e77", "a red hoodie"),
)
_ROBOTS: Final = (
    ("a boxy robot, box head, square body", "#d8572a", "#4a4f57"),
    ("a boxy robot, box head, square body, antenna", "#3fa34d", "#e9d9a6"),
    ("a robot with two eyes", "#f2f2ee", "#a3262f"),
)
_PEOPLE: Final = (
    (
        "an old man, bald, with a grey beard and glasses",
        "#f0c8a8",
        "#c6c6ca",
        "an orange jacket and black trousers",
    ),
    ("a woman with a curly red bob", "#f6d4b8", "#b0402a", "a green dress and red boots"),
    ("a boy with short blonde hair", "#8a5a3c", "#e2c070", "a red hoodie and blue shorts"),
)
_DRIFT_FROM: Final = 0.15
"""Share of the clip that is still on-model."""
_LEAST_DRIFT: Final = 0.8
"""How much of the other character is there at the end, at least."""


def recast(players: tuple[Player, ...], departs: str) -> tuple[Player, ...]:
    """Who is in the picture where it leaves its first character; nobody in its place where it is lost."""
    if not departs or not players:
        return players
    first, *others = players
    return tuple(others) if departs == "lose" else (impostor_of(first), *others)


def impostor_of(player: Player) -> Player:
    """Another character that does the same: of another shape, in other colours and clothes."""
    look, worn = other_look(player.look)
    return replace(player, look=look, worn=garments_in(worn))


def other_look(look: CharacterLook) -> tuple[CharacterLook, str]:
    """A look as far from a character's as we have one, always the same for it, and what is worn with it."""
    if look.kind == "human":
        hair = colour_of(look, "hair", fallback=(60, 50, 50))
        said, skin, other_hair, worn = max(_PEOPLE, key=lambda row: _distance(hair, row[2]))
        return _instead(look, said, {"skin": skin, "hair": other_hair}), worn
    main = colour_of(look, "head", "fur", "body")
    if says(look.words, *_MACHINE_WORDS):
        said, fur, worn = max(_CREATURES, key=lambda row: _distance(main, row[1]))
        return _instead(look, said, {"fur": fur, "eye": "#2b2b33"}), worn
    said, head, body = max(_ROBOTS, key=lambda row: _distance(main, row[1]))
    return _instead(look, said, {"head": head, "body": body, "eye": "#8ff0ff"}), ""


def _instead(look: CharacterLook, said: str, palette: dict[str, str]) -> CharacterLook:
    return replace(look, looks=said, always=(), palette=palette, wardrobe={})


def _distance(colour: tuple[float, float, float], code: str) -> float:
    other = parse_colour(code) or colour
    return sum((one - two) ** 2 for one, two in zip(colour, other, strict=True))


def said_of(what: str, departs: str) -> str:
    """What a slate says of a clip's making: whoever looks at it is told that it goes wrong on purpose."""
    return f"{what} · {departs}, on purpose" if departs else what


def share_of(departs: str, seed: int) -> Share:
    """How much of the other picture is seen when."""
    if departs == "swap":
        return lambda passed: 1.0 if passed >= 0.5 else 0.0  # noqa: PLR2004 (half-way)
    if departs == "drift":
        most = _LEAST_DRIFT + (1 - _LEAST_DRIFT) * (seed % 11) / 10
        return lambda passed: most * eased(max(0.0, passed - _DRIFT_FROM) / (1 - _DRIFT_FROM))
    return lambda _: 1.0


def blended(own: Iterable[Planes], other: Iterable[Planes], frames: int, share: Share) -> Iterator[Planes]:
    """Two films of the same move as one: the first, and the second as far as it has come in."""
    for index, (one, two) in enumerate(zip(own, other, strict=False)):
        much = share(index / max(frames - 1, 1))
        yield Planes(_mixed(one.y, two.y, much), _mixed(one.u, two.u, much), _mixed(one.v, two.v, much))


def _mixed(one: Bytes, two: Bytes, share: float) -> Bytes:
    return np.asarray(cv2.addWeighted(one, 1 - share, two, share, 0), np.uint8)
