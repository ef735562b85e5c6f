"""What a motion-control prompt must not say: movement, stillness, several people, style before the rest."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from onmodel.craft.lint.flaws import Flaw, flaw, word_set
from onmodel.craft.lint.movement import acts
from onmodel.craft.lint.text import Phrases, Text
from onmodel.craft.words import style_names

_STILL = frozenset({"still", "motionless", "frozen", "immobile", "unmoving"})
_PACES = {
    "pace": (
        "in slow motion",
        "in slow-motion",
        "slow motion",
        "time-lapse",
        "timelapse",
        "fast-forward",
        "sped up",
    ),
    "stillness": (
        "without moving",
        "without movement",
        "without any movement",
        "does not move",
        "doesn't move",
        "do not move",
        "not moving",
        "frozen in place",
        "frozen in time",
        "statue-like",
        "like a statue",
        "no movement at all",
        "standing motionless",
    ),
}
_MANY = frozenset(
    {
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "several",
        "both",
        "multiple",
        "many",
        "2",
        "3",
        "4",
    }
)
_TOGETHER = frozenset({"couple", "duo", "trio", "quartet"})


def motion_flaws(text: Text, names: frozenset[str]) -> Iterator[Flaw]:
    """Movements of the character: the reference has those."""
    for act in acts(text, names):
        span = text.span(act.first, act.last)
        words = text.raw[slice(*span)]
        yield flaw(
            "motion-in-motion-control",
            text.raw,
            span,
            f'Leave "{words}" out: say who, where, light and style.',
        )


def stillness_flaws(text: Text) -> Iterator[Flaw]:
    """Stillness and other speeds, where the reference moves at its own."""
    taken: set[int] = set()
    for _, first, last in _paces().find(text):
        if not taken & {first, last} and text.previous_in_clause(first) not in word_set("nouns", "things"):
            taken |= set(range(first, last + 1))
            yield _denied(text, first, last)
    for index, low in enumerate(text.lows):
        if low not in _STILL or index in taken or _describes(text, index):
            continue
        first = index
        while (
            first > text.sentence_start(index)
            and text.lows[first - 1] in word_set("verbs", "holds")
            and not text.words[first].before
        ):
            first -= 1
        held = any(low not in ("perfectly", "completely") for low in text.lows[first:index])
        alone = low in ("motionless", "immobile", "unmoving") or (first < index and not text.low(first - 1))
        who = text.previous_in_clause(first)
        if (held or alone) and who not in word_set("nouns", "things"):
            yield _denied(text, first, index)


def people_flaws(text: Text, people: int | None) -> Iterator[Flaw]:
    """More than one body, counted in the reference or named in the words."""
    rewrite = "Film a reference of one person, and a shot for each; the crowd may stay in the background."
    if people is not None and people > 1:
        yield flaw("several-people", text.raw, (0, 0), rewrite, f"The reference shows {people} people.")
    for index, low in enumerate(text.lows):
        after = text.next_in_clause(index)
        plural = after if after in word_set("nouns", "people_plural") else text.next_in_clause(index + 1)
        counted = low in _MANY and plural in word_set("nouns", "people_plural")
        together = low in _TOGETHER and text.previous_in_clause(index) in (
            "a",
            "the",
            "one",
            "young",
            "old",
            "",
        )
        group = (
            low == "group"
            and after == "of"
            and text.next_in_clause(index + 1) in word_set("nouns", "people_plural")
        )
        if counted or together or group:
            yield flaw("several-people", text.raw, text.span(index, index), rewrite)


def style_flaws(text: Text) -> Iterator[Flaw]:
    """A style that stands before who and where."""
    found = next(iter(_styles().find(text)), None)
    if found is None:
        return
    _, first, last = found
    later = last
    while later + 1 < len(text.words):
        later += 1
        if text.words[later].before and _begins_who_or_where(text, later):
            words = text.raw[slice(*text.span(first, last))]
            yield flaw("style-not-last", text.raw, text.span(first, last), f'Move "{words}" to the end.')
            return


def _begins_who_or_where(text: Text, index: int) -> bool:
    low, after = text.lows[index], text.lows[index + 1 : index + 6]
    if low in ("wearing", "dressed"):
        return True
    if low in ("in", "on", "at", "inside", "standing") and after[:1] and after[0] in ("a", "an", "the"):
        return True
    people = word_set("nouns", "people")
    return low in ("a", "an", "the") and any(word in people for word in after)


def _describes(text: Text, index: int) -> bool:
    """`a still lake`, `frozen river`, `still life`, `film still`: how a thing is, not how somebody stands."""
    after, before = text.next_in_clause(index), text.previous_in_clause(index)
    if after and after not in word_set("nouns", "function") and not after.endswith("ly"):
        return after not in word_set("nouns", "people")
    return before in ("a", "an", "the", "film", "movie", "production") or (
        text.lows[index] == "frozen" and before not in word_set("verbs", "holds")
    )


def _denied(text: Text, first: int, last: int) -> Flaw:
    span = text.span(first, last)
    words = text.raw[slice(*span)]
    return flaw(
        "fights-the-reference",
        text.raw,
        span,
        f'Leave "{words}" out, or take a reference that moves like that.',
    )


@cache
def _paces() -> Phrases:
    return Phrases(_PACES)


@cache
def _styles() -> Phrases:
    return Phrases({"style": style_names()})
