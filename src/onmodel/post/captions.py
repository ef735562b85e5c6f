"""Captions as text: broken into lines, spread over their time, and written as SRT and VTT.

At most two lines, of at most as many letters as `letters_a_line` says; a wide letter of Chinese, Japanese or
Korean counts as two. Longer words are spread over several captions, one after the other.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, takewhile
from typing import Final

from onmodel.units import round_half_up

MOST_LINES: Final = 2
"""Lines of a caption. Source: Netflix, Timed Text Style Guide, and BBC, Subtitle Guidelines, 2026-11."""

QUICKEST_CPS: Final = 20
"""Letters a second that grown-ups can read. Source: Netflix, Timed Text Style Guide: English, 2026-11."""

SHORTEST_S: Final = Fraction(5, 6)
"""Seconds below which a caption only flashes. Source: Netflix, Timed Text Style Guide, 2026-11."""

_PAUSES: Final = (".", "!", "?", ";", ":", ",", "…", "—", "–", "。", "！", "？", "、", "，")


@dataclass(frozen=True)
class Caption:
    """Words on screen, counted in frames of the programme."""

    lines: tuple[str, ...]
    begin: int
    """The first frame on which it is seen."""
    end: int
    """The first frame on which it is gone."""

    @property
    def text(self) -> str:
        """All of it in one line."""
        return " ".join(self.lines)


# -- breaking ------------------------------------------------------------------------------------------


def cells(text: str) -> int:
    """How many letters a text counts as: two for a wide one, none for an accent of its own."""
    marks = sum(1 for one in text if unicodedata.combining(one))
    return len(text) - marks + sum(1 for one in text if unicodedata.east_asian_width(one) in "WF")


def broken(text: str, most: int) -> list[tuple[str, ...]]:
    """A text as captions of at most two lines, even ones, broken where one takes breath.

    Args:
        text: what is said.
        most: letters in a line.
    """
    words = [part for word in text.split() for part in _parts(word, most)]
    blocks: list[tuple[str, ...]] = []
    while words:
        count = _block(words, most)
        blocks.append(_two(words[:count], most))
        words = words[count:]
    return blocks


def _parts(word: str, most: int) -> Iterator[str]:
    part = ""
    for letter in word:
        if part and cells(part + letter) > most:
            yield part
            part = ""
        part += letter
    if part:
        yield part


def _block(words: Sequence[str], most: int) -> int:
    """How many words the next caption has: all that fit; of more, up to a pause in their second half."""
    starts = takewhile(lambda count: _may_fit(words[:count], most), range(2, len(words) + 1))
    fitting = max((count for count in starts if _breaks(words[:count], most)), default=1)
    if fitting == len(words):
        return fitting
    total = cells(" ".join(words[:fitting]))
    pauses = [
        count
        for count in range(1, fitting + 1)
        if words[count - 1].endswith(_PAUSES) and cells(" ".join(words[:count])) * 2 >= total
    ]
    return max(pauses, default=fitting)


def _may_fit(words: Sequence[str], most: int) -> bool:
    return cells(" ".join(words)) <= MOST_LINES * most + 1


def _breaks(words: Sequence[str], most: int) -> list[int]:
    """After how many words the second line may begin; where one line will do, so it may anywhere."""
    halves = ((" ".join(words[:count]), " ".join(words[count:]), count) for count in range(1, len(words)))
    return [count for upper, lower, count in halves if cells(upper) <= most and cells(lower) <= most]


def _two(words: Sequence[str], most: int) -> tuple[str, ...]:
    whole = " ".join(words)
    if cells(whole) <= most:
        return (whole,)

    def unevenness(count: int) -> float:
        upper, lower = cells(" ".join(words[:count])), cells(" ".join(words[count:]))
        # After a pause a line may be shorter; the longer line below leaves more of the picture free.
        bonus = most * 0.35 if words[count - 1].endswith(_PAUSES) else 0.0
        return abs(upper - lower) - bonus + (0.5 if upper > lower else 0.0)

    best = min(_breaks(words, most), key=unevenness)
    return " ".join(words[:best]), " ".join(words[best:])


def timed(text: str, begin: int, end: int, most: int) -> list[Caption]:
    """A text as captions that share its time by their length; each has at least a frame.

    Args:
        text: what is said.
        begin: its first frame in the programme.
        end: the frame on which it is gone.
        most: letters in a line.
    """
    blocks = broken(text, most)
    weights = [sum(map(cells, block)) or 1 for block in blocks]
    edges = [begin]
    for done in range(1, len(blocks) + 1):
        share = Fraction(sum(weights[:done]), sum(weights))
        edges.append(max(edges[-1] + 1, begin + round_half_up(share * (end - begin))))
    return [Caption(block, first, last) for block, (first, last) in zip(blocks, pairwise(edges), strict=True)]


# -- writing -------------------------------------------------------------------------------------------


def as_srt(captions: Sequence[Caption], fps: Fraction) -> str:
    """The captions as the text of an SRT file."""
    blocks = (
        f"{number}\n{_clock(one.begin, fps, ',')} --> {_clock(one.end, fps, ',')}\n" + "\n".join(one.lines)
        for number, one in enumerate(captions, 1)
    )
    return "".join(f"{block}\n\n" for block in blocks)


def as_vtt(captions: Sequence[Caption], fps: Fraction) -> str:
    """The captions as the text of a WebVTT file."""
    blocks = (
        f"{_clock(one.begin, fps, '.')} --> {_clock(one.end, fps, '.')}\n"
        + "\n".join(html.escape(line, quote=False) for line in one.lines)
        for one in captions
    )
    return "WEBVTT\n\n" + "".join(f"{block}\n\n" for block in blocks)


def _clock(frame: int, fps: Fraction, point: str) -> str:
    thousandths = round_half_up(frame * 1000 / fps)
    seconds, rest = divmod(thousandths, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{point}{rest:03d}"


def shown_time(seconds: Fraction) -> str:
    """A time for people, as caption files have it: `00:01:02.500`."""
    return _clock(round_half_up(seconds * 1000), Fraction(1000), ".")
