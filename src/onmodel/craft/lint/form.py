"""Length, language, beginning, speed, and what no endpoint can read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from onmodel.craft.lint.flaws import Flaw, flaw, word_set
from onmodel.craft.lint.movement import THINGS_TOO, acts, is_adverb
from onmodel.craft.lint.text import Text
from onmodel.craft.lint.verbs import movements

SHORTEST: Final = 50
LONGEST: Final = 500
"""Characters of a prompt. Source: the guide, 2026-01-26."""

SHORTEST_WITH_REFERENCE: Final = 25
"""Characters in motion control, where picture and reference say the most.
Source: the first step of the guide's workflow has 43."""

LONGEST_S: Final = Fraction(5)
"""Seconds after which pictures get worse. Source: the guide, 2026-01-26."""

_MOST_FOREIGN: Final = 0.3
"""Share of letters of other scripts from which a text is not English."""
_LEAST_FOREIGN_WORDS: Final = 2
_NEAR: Final = 40
"""Words around a movement in which its speed may stand."""
_SAMPLE: Final = 2000
"""Characters that are enough to know the script."""

_MARKS: Final = re.compile(r"\([SCAM]\)\s*")
"""Marks of the four parts, as people write them into a prompt; they are not counted."""

_PACED: Final = re.compile(
    r"\b(?:slow[- ]motion|(?:normal|full) speed|real[- ]time|time-?lapse|walking pace|one fluid motion)\b",
    re.IGNORECASE,
)
_EMOJI: Final = re.compile(r"[\U0001F000-\U0001FAFF\u2600-\u27BF\u2B00-\u2BFF\uFE0F]+")


def is_foreign(text: Text) -> bool:
    """Whether a text is in another language than English, as far as its letters and small words tell."""
    if not text.raw.isascii():
        letters = [char for char in text.raw[:_SAMPLE] if char.isalpha()]
        other = sum(1 for char in letters if not _is_latin(char))
        if letters and other / len(letters) > _MOST_FOREIGN:
            return True
    foreign = sum(1 for low in text.lows if low in word_set("nouns", "foreign"))
    english = sum(1 for low in text.lows if low in word_set("nouns", "function"))
    return foreign >= _LEAST_FOREIGN_WORDS and foreign > english


def foreign_flaw(text: Text) -> Flaw:
    """Says once that nothing else is said."""
    return flaw("not-english", text.raw, (0, 0), "Write it in English to have it looked over.")


def mark_flaws(raw: str) -> Iterator[Flaw]:
    """Control characters, invisible ones and emoji: each kind once, where it first stands."""
    for match in _EMOJI.finditer(raw):
        yield flaw("emoji", raw, match.span(), "Say it in words.")
        break
    if raw.isprintable():
        return
    for index, char in enumerate(raw):
        # A joiner inside an emoji was told with it.
        if char not in "\n\t\u200d" and unicodedata.category(char) in ("Cc", "Cf", "Co", "Cn", "Cs"):
            why = f"It is the character U+{ord(char):04X}."
            yield flaw("unprintable", raw, (index, index + 1), "Take it out.", why)
            return


def length_flaws(raw: str, mode: str) -> Iterator[Flaw]:
    """Too short to decide anything, or too long to be followed."""
    length = len(_MARKS.sub("", raw).strip())
    shortest = SHORTEST_WITH_REFERENCE if mode == "motion-control" else SHORTEST
    if length < shortest:
        rewrite = (
            "Say subject, camera, action and mood: who or what, how we see it, what changes, in what light."
        )
        yield flaw("too-short", raw, (0, 0), rewrite, f"It has {length} characters, fewer than {shortest}.")
    if length > LONGEST:
        rewrite = "Keep what this shot needs: subject and traits first, then camera, action, mood."
        yield flaw("too-long", raw, (LONGEST, len(raw)), rewrite, f"It has {length} characters.")


def beginning_flaws(text: Text) -> Iterator[Flaw]:
    """A text that begins with a movement or with `she`: nobody has said what the first frame shows."""
    if not text.words:
        return
    first, verb = text.lows[0], movements().get(text.lows[0])
    after = text.next_in_clause(0)
    stands = after == "of" or (verb is not None and verb.lemma in THINGS_TOO and after in ("in", "on", "at"))
    moves = (
        verb is not None
        and not stands
        and (verb.form == "s" or not after or after in word_set("nouns", "function") or is_adverb(after))
    )
    if moves or first in ("she", "he", "they", "it"):
        rewrite = "Begin with who or what is seen and where: then say what changes."
        yield flaw("no-initial-state", text.raw, text.span(0, 0), rewrite)


def speed_flaws(text: Text, names: frozenset[str]) -> Iterator[Flaw]:
    """`walks`, and nothing in its sentence says how fast. Only the first one is told."""
    if _PACED.search(text.raw):
        return
    paced = word_set("verbs", "pace")
    for act in acts(text, names):
        verb = movements()[text.lows[act.first]]
        if act.lemma not in paced or verb.form not in ("s", "base"):
            continue
        first, end = text.sentence_start(act.first), text.sentence_end(act.first)
        sentence = text.lows[max(first, act.first - _NEAR) : min(end, act.first + _NEAR)]
        if not any(is_adverb(low) or low in word_set("nouns", "speed") for low in sentence):
            words = text.raw[slice(*text.span(act.first, act.first))]
            rewrite = f'Say how fast: "{words} slowly", "{words} quickly".'
            yield flaw("no-speed", text.raw, text.span(act.first, act.first), rewrite)
            return


def seconds_flaws(text: Text, seconds: Fraction | None) -> Iterator[Flaw]:
    """A clip that is longer than the endpoints keep up with."""
    if seconds is not None and seconds > LONGEST_S:
        rewrite = "Make it shots of 5 s, each beginning where the last one ends (first_frame: previous)."
        yield flaw("long-clip", text.raw, (0, 0), rewrite, f"It is {float(seconds):g} s.")


def _is_latin(char: str) -> bool:
    return char.isascii() or unicodedata.name(char, "").startswith("LATIN")
