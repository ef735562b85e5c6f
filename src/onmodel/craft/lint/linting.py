"""A prompt looked over by every rule that holds in its mode."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Final, NamedTuple

from onmodel.craft.lint.described import Seen, seen_in
from onmodel.craft.lint.editing import order_flaws
from onmodel.craft.lint.flaws import Flaw, Mode, holds
from onmodel.craft.lint.form import (
    beginning_flaws,
    foreign_flaw,
    is_foreign,
    length_flaws,
    mark_flaws,
    seconds_flaws,
    speed_flaws,
)
from onmodel.craft.lint.negatives import negative_flaws
from onmodel.craft.lint.opposites import opposite_flaws
from onmodel.craft.lint.picture import (
    colour_flaws,
    count_flaws,
    garment_flaws,
    never_flaws,
    place_flaws,
    pose_flaws,
)
from onmodel.craft.lint.ratios import ratio_flaws
from onmodel.craft.lint.reference import motion_flaws, people_flaws, stillness_flaws, style_flaws
from onmodel.craft.lint.text import Text

LOOKED_OVER: Final = 5000
"""Characters whose words are looked over: twice what any endpoint takes, and the rest is too long anyway."""


class _Beside(NamedTuple):
    """What is known beside the prompt."""

    image_description: str
    traits: tuple[str, ...]
    never: tuple[str, ...]
    names: frozenset[str]
    people: int | None
    ratio: str


def lint(
    text: str,
    mode: Mode,
    *,
    image_description: str = "",
    traits: Iterable[str] = (),
    never: Iterable[str] = (),
    names: Iterable[str] = (),
    negatives: str = "",
    seconds: Fraction | None = None,
    people: int | None = None,
    ratio: str = "",
) -> list[Flaw]:
    """Look a prompt over as the guide would, and say what will not come out as meant.

    Args:
        text: the prompt as it would be sent.
        mode: how the clip is asked for.
        image_description: what the first frame shows.
        traits: what the bibles say of the characters' looks and clothes.
        never: what the bibles forbid.
        names: of the characters.
        negatives: the negative prompt, separated by commas.
        seconds: length of the clip that is bought.
        people: how many people the motion reference shows.
        ratio: `16:9` and kin; empty if not known.

    Returns:
        The flaws by their place. A text that is not English gets one that says so, and nothing is guessed.
    """
    parts = frozenset(part for name in names for part in name.casefold().split())
    beside = _Beside(image_description, tuple(traits), tuple(never), parts, people, ratio)
    read = Text(text[:LOOKED_OVER])
    found = [*mark_flaws(text), *seconds_flaws(read, seconds), *length_flaws(text, mode)]
    if is_foreign(read):
        # How many letters are enough is known for English only.
        kept = [one for one in found if one.rule != "too-short"]
        return [*kept, foreign_flaw(read)]
    found += _of_words(read, mode, beside)
    ordered = sorted((one for one in found if holds(one.rule, mode)), key=lambda one: (one.start, one.rule))
    of_negatives = negative_flaws(negatives[:LOOKED_OVER], read.raw) if negatives else ()
    return [*dict.fromkeys(ordered), *(replace(one, of="negative") for one in of_negatives)]


def _of_words(text: Text, mode: Mode, beside: _Beside) -> Iterator[Flaw]:
    yield from opposite_flaws(text)
    yield from never_flaws(text, beside.never)
    yield from ratio_flaws(text, beside.ratio)
    if mode == "motion-control":
        yield from motion_flaws(text, beside.names)
        yield from stillness_flaws(text)
        yield from people_flaws(text, beside.people)
        yield from style_flaws(text)
    elif mode == "edit":
        yield from order_flaws(text)
    else:
        yield from beginning_flaws(text)
        yield from speed_flaws(text, beside.names)
        if beside.traits:
            yield from _against(text, seen_in(". ".join(beside.traits)))
        if beside.image_description:
            seen = seen_in(beside.image_description)
            yield from _against(text, seen)
            yield from pose_flaws(text, seen)
            yield from place_flaws(text, seen)


def _against(text: Text, seen: Seen) -> Iterator[Flaw]:
    yield from colour_flaws(text, seen)
    yield from garment_flaws(text, seen)
    yield from count_flaws(text, seen)
