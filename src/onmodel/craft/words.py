"""The trade's words as data: camera, styles, consistency, what to avoid. Source: the guide, 2026-01-26.

`words.json` is read when the first word is looked up, and more words are added there, not here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

CameraField = Literal["size", "move", "angle", "lens"]
WordList = CameraField | Literal["preset"]
"""The lists of camera words: a preset is a movement by its name in requests."""

_NEAR = 62
"""Likeness, 0 to 100, from which a word may be the one that was meant; found by trying misspellings."""


class Word(NamedTuple):
    """One word of the camera, and how it is said in a prompt."""

    name: str
    also: tuple[str, ...]
    """Other names that mean the same."""
    phrase: str
    effect: str
    """What it does to the viewer."""
    best_for: str
    mm: tuple[int, int] | None = None
    """Lenses: shortest and longest focal length in millimetres."""


@cache
def read_words() -> Mapping[str, Any]:
    """The whole table, as it is written."""
    raw: dict[str, Any] = json.loads(Path(__file__).with_name("words.json").read_text("utf-8"))
    return raw


@cache
def camera_words(kind: WordList) -> tuple[Word, ...]:
    """Every shot size, camera movement, angle or lens that we know."""
    return tuple(
        Word(
            name=raw["name"],
            also=tuple(raw["also"]),
            phrase=raw["phrase"],
            effect=raw["effect"],
            best_for=raw["best_for"],
            mm=(raw["mm"][0], raw["mm"][1]) if "mm" in raw else None,
        )
        for raw in read_words()[kind]
    )


def find(kind: WordList, text: str) -> Word | None:
    """The word of that name, in any case; None if there is none."""
    return _by_name(kind).get(" ".join(text.split()).casefold())


@cache
def _by_name(kind: WordList) -> Mapping[str, Word]:
    # The first word of a name has it, where two claim it.
    return {
        name.casefold(): word
        for word in reversed(camera_words(kind))
        for name in (*reversed(word.also), word.name)
    }


def nearest(kind: CameraField, text: str) -> str | None:
    """The known name that is most like a text; None if none is like it."""
    from rapidfuzz import fuzz, process, utils  # noqa: PLC0415 (only when something is wrong)

    names = [name for word in camera_words(kind) for name in (word.name, *word.also)]
    best = process.extractOne(
        text, names, scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=_NEAR
    )
    return None if best is None else best[0]


def paces() -> Mapping[str, str]:
    """How fast a camera moves: the word before a movement, and the adverb after it."""
    paces: Mapping[str, str] = read_words()["pace"]
    return paces


def view_phrase(view: str) -> str:
    """How a view of the model sheet is asked for; any other word is an expression of the face."""
    known: Mapping[str, str] = read_words()["view"]
    expression = view.removeprefix("expression").strip(" :-") or view
    return known.get(view) or f"{expression} expression, head and shoulders, facing the camera"


def consistency(*names: str) -> tuple[str, ...]:
    """Phrases that keep a clip coherent: identity, face, light, motion, form, costume; all without names."""
    phrases: Mapping[str, str] = read_words()["consistency"]
    return tuple(phrases[name] for name in names or phrases)


def style_phrase(look: str) -> str | None:
    """What to add to a prompt for a look; None if its words are not known."""
    styles: Mapping[str, Mapping[str, Any]] = read_words()["style"]
    found = next((style for style in styles.values() if mentions(look, style["keys"])), None)
    return None if found is None else str(found["phrase"])


def style_names() -> tuple[str, ...]:
    """How the looks that we know are said in a prompt."""
    styles: Mapping[str, Mapping[str, Any]] = read_words()["style"]
    return tuple(name for style in styles.values() for name in style["said"])


def kindred() -> tuple[tuple[str, ...], ...]:
    """Modifiers that say nearly the same of a noun: dramatic shadows are harsh ones."""
    return tuple(tuple(words) for words in read_words()["kindred"])


def vague_negatives() -> Mapping[str, str]:
    """Negatives that name no fault, each with faults that it may mean."""
    vague: Mapping[str, str] = read_words()["vague"]
    return vague


def universal_negatives() -> tuple[str, ...]:
    """What no picture should have."""
    return tuple(read_words()["negative"]["universal"])


def look_negatives(look: str) -> tuple[str, ...]:
    """What a look should not have; nothing if its words are not known."""
    looks: Mapping[str, Mapping[str, Any]] = read_words()["negative"]["looks"]
    found = next((family for family in looks.values() if mentions(look, family["keys"])), None)
    return () if found is None else tuple(found["terms"])


MotionFamily = Literal["smooth", "physics", "identity"]


def motion_negatives(family: MotionFamily) -> tuple[str, ...]:
    """What a movement should not do: be uneven, weigh nothing, or change who is seen."""
    return tuple(read_words()["negative"]["motion"][family])


def asks_for_unsteady_light(prompt: str) -> bool:
    """Whether a prompt asks for light that flickers: fire, lightning, old film."""
    return mentions(prompt, tuple(read_words()["unsteady"]))


def mentions(text: str, phrases: Iterable[str]) -> bool:
    """Whether a text has one of these phrases as whole words, in any case."""
    folded = text.casefold()
    # Most phrases are not in the text at all: no pattern is compiled for those.
    near = (phrase for phrase in phrases if phrase.casefold() in folded)
    return any(re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text, re.IGNORECASE) for phrase in near)
