"""Where what is in the picture and the picture's shape fight."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from onmodel.craft.lint.flaws import Flaw, flaw, word_set
from onmodel.craft.lint.text import Phrases, Text

_WHOLE: Final = (
    "full body",
    "full-body",
    "head to toe",
    "head-to-toe",
    "whole body",
    "entire body",
    "from head to toe",
)
_CLOSE: Final = (
    "close-up",
    "close up",
    "closeup",
    "extreme close-up",
    "medium close-up",
    "tight portrait framing",
)
_TWO: Final = frozenset({"two", "three", "four", "both", "several"})
_FAR: Final = 8
_PHRASES: Final = Phrases(
    {"whole": _WHOLE, "close": _CLOSE, "two": ("two-shot", "two shot", "a couple", "young couple")}
)


def ratio_flaws(text: Text, ratio: str) -> Iterator[Flaw]:
    """Two people upright, or a whole body in a lying close-up."""
    if ratio not in ("9:16", "16:9"):
        return
    found = {name: (first, last) for name, first, last in _PHRASES.find(text)}
    if ratio == "16:9" and "whole" in found and "close" in found:
        rewrite = "Take 9:16 or a wide shot, or show a part only."
        yield flaw("full-body-close-up", text.raw, text.span(*found["whole"]), rewrite)
    if ratio == "9:16":
        place = found.get("two") or _two_people(text)
        if place is not None:
            rewrite = "Take 16:9, or a shot for each of them."
            yield flaw("two-people-upright", text.raw, text.span(*place), rewrite)


def _two_people(text: Text) -> tuple[int, int] | None:
    plural = word_set("nouns", "people_plural")
    for index, low in enumerate(text.lows):
        if low in _TWO:
            for after in range(index + 1, min(index + 4, len(text.lows))):
                if text.words[after].before:
                    break
                if text.lows[after] in plural:
                    return index, after
    return None
