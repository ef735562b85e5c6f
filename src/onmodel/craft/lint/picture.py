"""What the words say against the picture or the bible: another colour, garment, pose, place, count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from onmodel.craft.lint.described import (
    Seen,
    coloured,
    colours,
    counted,
    is_pose,
    kinds_of_garment,
    placed,
    poses,
    singular,
)
from onmodel.craft.lint.flaws import Flaw, flaw, word_set
from onmodel.craft.lint.text import Phrases, Text

_NEAR: Final = 40
"""Words around a difference in which its sentence may say that it is meant."""
_WORN: Final = frozenset({"wearing", "wears", "in", "dressed"})
_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six")
_WHOSE: Final = ("the", "its", "her", "his")


def colour_flaws(text: Text, seen: Seen) -> Iterator[Flaw]:
    """`a red dress` where the picture shows a blue one."""
    for noun, first, last, colour in coloured(text):
        known = seen.colours.get(noun)
        if known is None or not colour or known & colour or _is_change(text, first):
            continue
        if _is_of_another(text, first, seen):
            continue
        definite = noun in word_set("nouns", "attributes") or text.previous_in_clause(first) in _WHOSE
        if definite:
            was = " or ".join(sorted(known))
            yield flaw(
                "other-colour",
                text.raw,
                text.span(first, last),
                f"Say the {noun} as it is: {was}.",
                f"There the {noun} is {was}.",
            )


def garment_flaws(text: Text, seen: Seen) -> Iterator[Flaw]:
    """`wearing jeans` where the picture shows a dress."""
    kinds = kinds_of_garment()
    worn = {kinds[word] for word in seen.garments}
    slots = {slot for slot, _ in worn}
    said = {low for low in text.lows if low in kinds}
    for index, low in enumerate(text.lows):
        kind = kinds.get(low)
        if kind is None or kind in worn or not _is_worn(text, index) or _is_change(text, index):
            continue
        whole_instead = kind[0] in ("upper", "lower") and "whole" in slots and not slots & {"upper", "lower"}
        pieces_instead = kind[0] == "whole" and slots >= {"upper", "lower"}
        replaces = kind[0] in slots or whole_instead or pieces_instead
        if not replaces or said & seen.garments or _is_of_another(text, index, seen):
            continue
        had = ", ".join(sorted(word for word in seen.garments))
        yield flaw(
            "other-garment",
            text.raw,
            text.span(index, index),
            f"Say what is worn: {had}.",
            f"There it is {had}.",
        )


def pose_flaws(text: Text, seen: Seen) -> Iterator[Flaw]:
    """`sitting` in the first sentence, where the picture shows somebody standing."""
    if not seen.poses or not text.words:
        return
    known, said = poses(), list[tuple[str, int]]()
    for index in range(text.sentence_end(0)):
        pose = known.get(text.lows[index])
        if pose is None or not is_pose(text, index):
            continue
        if text.lows[index].endswith("s") and said:
            continue  # the second finite verb is what happens next
        said.append((pose, index))
    if said and not {pose for pose, _ in said} & seen.poses:
        pose, index = said[0]
        was = " or ".join(sorted(seen.poses))
        rewrite = f'Begin with "{was}", and say then how the pose changes.'
        yield flaw(
            "other-pose", text.raw, text.span(index, index), rewrite, f"The picture shows somebody {was}."
        )


def place_flaws(text: Text, seen: Seen) -> Iterator[Flaw]:
    """`on a beach`, where the picture shows a garden."""
    if not seen.places:
        return
    found = list(placed(text))
    if {place for place, _, _ in found} & seen.places:
        return
    for place, first, last in found:
        if not _is_change(text, first) and text.low(first - 1) not in ("to", "of"):
            was = " or ".join(sorted(seen.places))
            yield flaw(
                "other-place",
                text.raw,
                text.span(first, last),
                f"Say the place that it shows: {was}.",
                f"There it is: {was}, not {place}.",
            )
            return


def count_flaws(text: Text, seen: Seen) -> Iterator[Flaw]:
    """`two women` where the picture shows one; `its eyes` of somebody with one eye."""
    for noun, first, last, count in counted(text):
        known = seen.counts.get(noun)
        if known is not None and count > known > 0 and not _is_change(text, first):
            rewrite = f"Say {_NUMBERS[known] if known < len(_NUMBERS) else known} {noun}."
            yield flaw("other-count", text.raw, text.span(first, last), rewrite, f"There is only {known}.")
    for index, low in enumerate(text.lows):
        noun = singular(low)
        if noun == low or noun not in word_set("nouns", "attributes") or seen.counts.get(noun) != 1:
            continue
        if text.previous_in_clause(index) in ("its", "his", "her", "their", "both", "the") and not _is_change(
            text, index
        ):
            yield flaw(
                "other-count",
                text.raw,
                text.span(index, index),
                f'Say "{noun}".',
                f"There is only one {noun}.",
            )


def never_flaws(text: Text, never: Iterable[str]) -> Iterator[Flaw]:
    """What a bible forbids and the words ask for."""
    for term in never:
        for _, first, last in _phrases((term.casefold(),)).find(text):
            before = {text.low(at) for at in range(max(text.sentence_start(first), first - 3), first)}
            if not before & {"no", "not", "never", "without", "nor", "or"}:
                words = text.raw[slice(*text.span(first, last))]
                yield flaw(
                    "asks-for-never",
                    text.raw,
                    text.span(first, last),
                    f'Leave "{words}" out, or take it out of the bible\'s `never`.',
                )


def _is_of_another(text: Text, index: int, seen: Seen) -> bool:
    """Whether it belongs to somebody whom the description does not have: `a man in a red shirt comes in`."""
    people = word_set("nouns", "people") | word_set("nouns", "people_plural")
    first = max(text.sentence_start(index), index - _NEAR)
    nearest = next((low for low in reversed(text.lows[first:index]) if low in people), None)
    return nearest is not None and nearest not in seen.nouns and singular(nearest) not in seen.nouns


def _is_worn(text: Text, index: int) -> bool:
    first = max(text.sentence_start(index), index - 6)
    return not _WORN.isdisjoint(text.lows[first:index])


def _is_change(text: Text, index: int) -> bool:
    """Whether the sentence says that it changes: `turns red`, `becomes`, `puts on`; not `turns her head`."""
    first, end = max(text.sentence_start(index), index - _NEAR), min(text.sentence_end(index), index + _NEAR)
    for at in range(first, end):
        low, after = text.lows[at], text.low(at + 1)
        if low in word_set("verbs", "changes"):
            return True
        if low in ("turns", "turning", "changes", "changing") and (
            after in ("into", "to") or after in colours()
        ):
            return True
    return False


@lru_cache(maxsize=512)
def _phrases(terms: tuple[str, ...]) -> Phrases:
    return Phrases({term: [term] for term in terms})
