"""Two descriptions in one prompt that cannot both be: bright and dark, summer and winter, close and wide."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from onmodel.craft.lint.flaws import Flaw, flaw, read_table, word_set
from onmodel.craft.lint.text import Phrases, Text

_BRIGHT = frozenset({"bright", "brightly", "sunny", "brilliant", "dazzling"})
_DARK = frozenset({"dark", "darkly", "gloomy", "dim", "dimly", "unlit", "shadowy"})
_BETWEEN = 3
"""Words at most between `bright` and what is bright."""


class _Pair(NamedTuple):
    id: str
    is_light: bool
    unless: frozenset[str]


def opposite_flaws(text: Text) -> Iterator[Flaw]:
    """Each pair of opposites at most once."""
    first_of: dict[tuple[str, str], tuple[int, int]] = {}
    told: set[str] = set()
    for name, first, last in _sides().find(text):
        pair, side = name.rsplit("/", 1)
        if pair in told or _is_denied(text, first):
            continue
        other = first_of.get((pair, "1" if side == "0" else "0"))
        if other is not None and not _leads_over(text, other, (first, last), _pairs()[pair].unless):
            told.add(pair)
            yield _flaw(text, _pairs()[pair], other, (first, last))
        first_of.setdefault((pair, side), (first, last))
    yield from _brightness(text)


def _brightness(text: Text) -> Iterator[Flaw]:
    """`bright` and `dark` of the same thing, or of the scene as a whole."""
    bright, dark = _lit_by(text, _BRIGHT), _lit_by(text, _DARK)
    for (what, is_scene), index in bright.items():
        for (other, other_scene), at in dark.items():
            same = what == other and what != ""
            whole = (is_scene and bool(other)) or (other_scene and bool(what))
            first, second = sorted((index, at))
            if (same or whole) and not _leads_over(text, (first, first), (second, second), frozenset()):
                yield _flaw(
                    text, _Pair("bright or dark", True, frozenset()), (first, first), (second, second)
                )
                return


def _lit_by(text: Text, words: frozenset[str]) -> dict[tuple[str, bool], int]:
    """What these words are said of, each with where it is said first."""
    found: dict[tuple[str, bool], int] = {}
    for index, low in enumerate(text.lows):
        if low in words:
            found.setdefault(_lit(text, index), index)
    return found


def _lit(text: Text, index: int) -> tuple[str, bool]:
    """What is bright or dark, and whether it is the light of the whole scene; nothing for `dark hair`."""
    if text.lows[index] in ("brightly", "dimly", "darkly"):
        return (
            ("lighting", True)
            if text.next_in_clause(index) in ("lit", "lighted", "illuminated")
            else ("", False)
        )
    for at in range(index + 1, min(index + 2 + _BETWEEN, len(text.lows))):
        low, pause = text.lows[at], text.words[at].before
        if pause == "." or (pause and at > index + 1) or low in read_table("nouns")["colours"]:
            break
        if low == "light" and (text.low(index - 1) in ("a", "one", "the") or at > index + 2):
            break
        if low in word_set("nouns", "light_scene"):
            return low, True
        if low in word_set("nouns", "light_place") and text.next_in_clause(at) not in word_set(
            "nouns", "light_scene"
        ):
            return low, False
        if low in word_set("nouns", "function") and low not in ("and", "but", "or"):
            break
    return "", False


def _leads_over(text: Text, one: tuple[int, int], other: tuple[int, int], also: frozenset[str]) -> bool:
    """Whether the words between two opposites make a change or a contrast of them."""
    between = text.lows[one[1] + 1 : other[0]]
    near = text.lows[max(text.sentence_start(one[0]), one[0] - 2) : one[0]]
    said = {*between, *near}
    if said & (also | _words_between()):
        return True
    joined = f" {' '.join(between)} "
    return any(f" {phrase} " in joined for phrase in _phrases_between())


def _is_denied(text: Text, first: int) -> bool:
    return bool({"no", "not", "without", "never"} & set(text.lows[max(0, first - 2) : first]))


def _flaw(text: Text, pair: _Pair, one: tuple[int, int], other: tuple[int, int]) -> Flaw:
    first, second = text.raw[slice(*text.span(*one))], text.raw[slice(*text.span(*other))]
    return flaw(
        "contradicting-light" if pair.is_light else "contradicting-words",
        text.raw,
        text.span(*other),
        f'Keep one of "{first}" and "{second}", or say how one becomes the other.',
        f'"{first}" stands there too ({pair.id}).',
    )


@cache
def _pairs() -> dict[str, _Pair]:
    raw: list[dict[str, Any]] = read_table("opposites")["pairs"]
    return {
        one["id"]: _Pair(one["id"], one.get("light", False), frozenset(one.get("unless", ()))) for one in raw
    }


@cache
def _sides() -> Phrases:
    raw: list[dict[str, Any]] = read_table("opposites")["pairs"]
    return Phrases({f"{one['id']}/{side}": one["sides"][side] for one in raw for side in (0, 1)})


@cache
def _words_between() -> frozenset[str]:
    return frozenset(word for word in read_table("opposites")["unless"] if " " not in word)


@cache
def _phrases_between() -> tuple[str, ...]:
    return tuple(phrase for phrase in read_table("opposites")["unless"] if " " in phrase)
