"""Caption files, SRT and VTT, read with the line of each caption, so that what is wrong can be told at it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from onmodel.errors import Finding, Place
from onmodel.post.captions import shown_time
from onmodel.post.probe import looks_like

_TAG: Final = re.compile(r"</?(?:[ibusvc]|font|ruby|rt|lang|span)\b[^<>]*>|<[\d:.]+>", re.IGNORECASE)
_OVERRIDE: Final = re.compile(r"\{\\[^{}]*\}")
_CLOCK: Final = r"\s*(-?)(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})"
_TIMING: Final = re.compile(rf"{_CLOCK}\s*-->{_CLOCK}(?:\s.*)?")
_EMPTY_LINES: Final = re.compile(r"\n(?:[ \t]*\n)+")
_ASIDE: Final = re.compile(r"(?:WEBVTT|NOTE)(?:\s|$)|(?:STYLE|REGION)[ \t]*(?:\n|$)")
_HEAD_BYTES: Final = 4096
_SAVE: Final = "Save it as UTF-8 text in SRT or VTT form."


@dataclass(frozen=True)
class Cue:
    """One entry of a caption file."""

    text: str
    begin_s: Fraction
    end_s: Fraction
    line: int
    """Of its times in the file, from 1."""


def read_cues(content: bytes, file: str) -> tuple[list[Cue], list[Finding]]:
    """What a caption file says, and what is wrong with it, line by line.

    Args:
        content: the file.
        file: its name in the story.

    Returns:
        The cues in order, and the faults; with a fault the cues are of no use.
    """
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return [], [Finding(Place(file, line), "it is no text that can be read", _SAVE)]
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "-->" not in text:
        looks = looks_like(content[:_HEAD_BYTES])
        why = f"this is {looks}, no captions" if looks else "no line has times, with --> between"
        return [], [Finding(Place(file), why, _SAVE)]
    timings, faults = _timings(text, file)
    faults += _order_faults(timings, file)
    if faults:
        return [], faults
    said = list(_texts(text))
    if len(said) != len(timings):
        message = f"it has {len(timings)} lines of times, and {len(said)} captions were found"
        return [], [Finding(Place(file), message, "Between captions there is one empty line.")]
    cues = [
        Cue(words, begin, end, line) for words, (line, begin, end) in zip(said, timings, strict=True) if words
    ]
    return cues, []


_Timing = tuple[int, Fraction, Fraction]


def _timings(text: str, file: str) -> tuple[list[_Timing], list[Finding]]:
    """The lines of times: pysubs2 passes over a minus, and over a line that it cannot read."""
    found: list[_Timing] = []
    faults = []
    for number, line in enumerate(text.split("\n"), 1):
        if "-->" not in line:
            continue
        match = _TIMING.fullmatch(line)
        if match is None:
            hint = "They are written like 00:00:01,500 --> 00:00:03,000."
            faults.append(
                Finding(Place(file, number), f"the times '{line.strip()[:60]}' cannot be read", hint)
            )
            continue
        parts = match.groups()
        if parts[0] or parts[5]:
            message = f"a time is before the beginning: '{line.strip()[:60]}'"
            faults.append(Finding(Place(file, number), message, "Times are counted from 00:00:00,000."))
            continue
        found.append((number, _seconds(parts[1:5]), _seconds(parts[6:10])))
    return found, faults


def _seconds(parts: Sequence[str | None]) -> Fraction:
    hours, minutes, seconds, part = (part or "0" for part in parts)
    return Fraction(int(hours) * 3600 + int(minutes) * 60 + int(seconds)) + Fraction(
        int(part), 10 ** len(part)
    )


def _order_faults(timings: Sequence[_Timing], file: str) -> Iterator[Finding]:
    for line, begin, end in timings:
        if end <= begin:
            message = f"it ends at {shown_time(end)}, and begins at {shown_time(begin)}"
            yield Finding(Place(file, line), message, "A caption ends after it begins.")
    for (before, _, gone), (line, begin, _) in pairwise(timings):
        if begin < gone:
            message = (
                f"it begins at {shown_time(begin)}, and the one of line {before} stands until "
                f"{shown_time(gone)}"
            )
            yield Finding(Place(file, line), message, "Captions follow each other in order, one at a time.")


def _texts(text: str) -> Iterator[str]:
    import pysubs2  # noqa: PLC0415 (only for an episode with a caption file)

    is_vtt = text.lstrip().startswith("WEBVTT")
    written = _without_asides(text) if is_vtt else text
    # Tags stay, to be taken away here: pysubs2 takes `a < b` for the beginning of one.
    file = pysubs2.SSAFile.from_string(written, format_="vtt" if is_vtt else "srt", keep_html_tags=True)
    for event in file:
        plain = _TAG.sub("", _OVERRIDE.sub("", event.text.replace("\\N", " ")))
        yield " ".join((html.unescape(plain) if is_vtt else plain).split())


def _without_asides(vtt: str) -> str:
    """A WebVTT file without notes, styles and the names of its captions: pysubs2 takes them for words.

    The first caption may follow the file's first line without an empty one between: browsers show it.
    """
    kept = ["WEBVTT"]
    for block in _EMPTY_LINES.split(vtt.strip()):
        name, is_caption, rest = block.partition("-->")
        if is_caption:
            kept.append(name.rpartition("\n")[2] + is_caption + rest)
        elif not _ASIDE.match(block):
            kept.append(block)  # it was parted from its caption by an empty line
    return "\n\n".join(kept) + "\n"
