"""What a description says for sure, as far as English tells: colours, counts, garments, poses, places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Final, NamedTuple

from onmodel.craft.lint.flaws import read_table, word_set
from onmodel.craft.lint.text import Text

_REACH: Final = 4
"""Words before a noun in which its colour or number stands."""
_IRREGULAR: Final = {"women": "woman", "men": "man", "children": "child", "people": "person"}
_INSIDE: Final = frozenset({"in", "at", "on", "inside", "across", "through"})
_NO_POSE_BEFORE: Final = frozenset({"the", "water", "of"})
_NO_STAND_BEFORE: Final = frozenset({"a", "the", "display", "white", "music"})
_NO_POSE_AFTER: Final = frozenset({"down", "up", "room", "ovation", "lamp", "stone", "stones", "shoes"})
"""`sits down` is a change, `standing stones` are stones."""


class Seen(NamedTuple):
    """What a description says for sure."""

    colours: Mapping[str, frozenset[str]]
    """By noun."""
    counts: Mapping[str, int]
    """By noun in the singular."""
    garments: frozenset[str]
    poses: frozenset[str]
    places: frozenset[str]
    nouns: frozenset[str]


@lru_cache(maxsize=512)  # a bible is held against every prompt of its character
def seen_in(description: str) -> Seen:
    """What a description of a picture, or a bible's traits, say for sure."""
    text = Text(description)
    by_noun: dict[str, frozenset[str]] = {}
    for noun, _, _, colour in coloured(text):
        by_noun[noun] = by_noun.get(noun, frozenset()) | colour
    counts: dict[str, int] = {}
    for noun, _, _, count in counted(text):
        counts[noun] = counts.get(noun, 0) + count
    kinds, known_poses = kinds_of_garment(), poses()
    return Seen(
        {noun: families for noun, families in by_noun.items() if families},
        {noun: count for noun, count in counts.items() if count},
        frozenset(low for low in text.lows if low in kinds),
        frozenset(
            known_poses[low]
            for index, low in enumerate(text.lows)
            if low in known_poses and is_pose(text, index)
        ),
        frozenset(place for place, _, _ in placed(text, sure=False)),
        frozenset(text.lows),
    )


def coloured(text: Text) -> Iterator[tuple[str, int, int, frozenset[str]]]:
    """Nouns with their colours: the noun, first and last word, the families of colour."""
    table = colours()
    for index, low in enumerate(text.lows):
        if low in table and not _is_second_colour(text, index):
            yield from _colour_of(text, index)
        if low in ("is", "are") and text.next_in_clause(index) in table:
            noun = text.previous_in_clause(index)
            if noun in word_set("nouns", "attributes"):
                yield singular(noun), index - 1, index + 1, table[text.lows[index + 1]]


def _colour_of(text: Text, index: int) -> Iterator[tuple[str, int, int, frozenset[str]]]:
    """The noun that a colour is said of: `red` and `white` of the dress in `a red and white silk dress`."""
    table = colours()
    families = table[text.lows[index]]
    for after in range(index + 1, min(index + 1 + _REACH, len(text.lows))):
        word = text.words[after]
        if word.before == "." or (word.low in word_set("nouns", "stops") and word.low != "and"):
            return
        if word.low in table:
            families |= table[word.low]
        elif _ends_noun_phrase(text, after):
            yield singular(word.low), index, after, families
            return


def _is_second_colour(text: Text, index: int) -> bool:
    table, before = colours(), text.low(index - 1)
    return before in table or (before == "and" and text.low(index - 2) in table)


def _ends_noun_phrase(text: Text, index: int) -> bool:
    after = text.next_in_clause(index)
    low = text.lows[index]
    if low in word_set("nouns", "attributes"):
        return after not in word_set("nouns", "attributes")
    return not after or after in word_set("nouns", "function") or after in word_set("nouns", "stops")


def counted(text: Text) -> Iterator[tuple[str, int, int, int]]:
    """Nouns with their numbers."""
    numbers: Mapping[str, int] = read_table("nouns")["numbers"]
    people, plural = word_set("nouns", "people"), word_set("nouns", "people_plural")
    for index, low in enumerate(text.lows):
        count = numbers.get(low, 1 if low in ("a", "an") else None)
        if count is None:
            continue
        for after in range(index + 1, min(index + 1 + _REACH, len(text.lows))):
            word = text.words[after]
            if word.before == "." or word.low in word_set("nouns", "stops"):
                break
            noun = singular(word.low)
            known = noun in people or word.low in plural or noun in word_set("nouns", "attributes")
            if known and (noun != word.low or _ends_noun_phrase(text, after)):
                yield noun, index, after, count
                break


def placed(text: Text, *, sure: bool = True) -> Iterator[tuple[str, int, int]]:
    """Places that somebody is in: `in a sunny garden`. Not `dreams of a garden`."""
    places = _places()
    for index, low in enumerate(text.lows):
        place = places.get(low)
        after = text.next_in_clause(index)
        if place is None or (
            after and after not in word_set("nouns", "function") and not after.endswith("ing")
        ):
            continue  # `garden chair`, `street light`, `park bench`
        before = [text.lows[at] for at in range(max(text.sentence_start(index), index - _REACH), index)]
        if low == "underwater" or (not sure and "of" not in before[-2:]) or _INSIDE & set(before):
            yield place, index, index


def is_pose(text: Text, index: int) -> bool:
    """Whether a word is a pose of somebody, and not a thing or a change."""
    after = text.next_in_clause(index)
    if after in _NO_POSE_AFTER:
        return False
    before = text.previous_in_clause(index)
    is_thing = text.lows[index] == "stand" and before in _NO_STAND_BEFORE
    return not is_thing and before not in _NO_POSE_BEFORE


@lru_cache(maxsize=4096)  # the same few nouns in every prompt
def singular(low: str) -> str:
    """The noun in the singular, where it is one that we know."""
    known = word_set("nouns", "attributes") | word_set("nouns", "people")
    if low in _IRREGULAR:
        return _IRREGULAR[low]
    return next(
        (
            low.removesuffix(ending)
            for ending in ("s", "es")
            if low.endswith(ending) and low.removesuffix(ending) in known
        ),
        low,
    )


@cache
def colours() -> Mapping[str, frozenset[str]]:
    """Words of colour with the families that they may mean."""
    return {word: frozenset(families.split()) for word, families in read_table("nouns")["colours"].items()}


@cache
def kinds_of_garment() -> Mapping[str, tuple[str, int]]:
    """Garments: where each is worn, and which are the same kind."""
    slots: Mapping[str, list[list[str]]] = read_table("nouns")["garments"]
    return {
        word: (slot, number)
        for slot, kinds in slots.items()
        for number, words in enumerate(kinds)
        for word in words
    }


@cache
def poses() -> Mapping[str, str]:
    """Words of poses, each with the pose."""
    return {word: pose for pose, words in read_table("verbs")["pose"].items() for word in words.split()}


@cache
def _places() -> Mapping[str, str]:
    return {word: place for place, words in read_table("nouns")["places"].items() for word in words.split()}
