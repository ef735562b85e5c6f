"""Letters: which font has them, and how a text is broken and sized until it fits its room.

Widths are those of the font's own design, in ems (1 em is the type's size), so that a text breaks at the same
words at 90 and at 2160 lines, and whether it fits is known before anything is drawn.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import zip_longest
from pathlib import Path
from typing import Final

from onmodel.errors import PostError

FONTS: Final = Path(__file__).parent / "fonts"
REGULAR: Final = FONTS / "onmodel-sans-regular.ttf"
BOLD: Final = FONTS / "onmodel-sans-bold.ttf"

_SMALLER: Final = 0.94
"""Each size that is tried, against the one before."""
_GOOD: Final = 2 / 3
"""Down to this share of the largest type, fewer lines are better than larger letters."""
_CANNOT: Final = "A font of your own that has them is named with 'font' in production.yaml."
_NO_SHAPING: Final = (
    "Letters are set one beside the other, from left to right: writing that joins, stacks or runs from right "
    "to left can stand in caption files, not in the picture."
)


@dataclass(frozen=True)
class Face:
    """One font: what it can write, and how wide each letter is."""

    path: Path
    advances: Mapping[str, float]
    """Width by letter, in ems."""
    kerning: Mapping[tuple[str, str], float] = field(default_factory=dict, repr=False)
    """How much closer two letters stand, in ems, by their glyphs' names."""
    glyphs: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The names of the letters' glyphs."""

    def steps(self, text: str) -> Iterator[float]:
        """From each letter of a line to the next, in ems; a letter that the font lacks counts as one em."""
        for letter, following in zip_longest(text, text[1:], fillvalue=""):
            pair = self.glyphs.get(letter, ""), self.glyphs.get(following, "")
            yield self.advances.get(letter, 1.0) + self.kerning.get(pair, 0.0)

    def width(self, text: str) -> float:
        """How wide a line is, in ems."""
        return sum(self.steps(text))


@dataclass(frozen=True)
class Typeface:
    """The fonts of a production: one for text, a heavier one for titles and captions."""

    regular: Face
    bold: Face


@dataclass(frozen=True)
class Room:
    """Where a text has to fit, in pixels."""

    width: float
    height: float
    largest: float
    """Size of the type that is tried first."""
    smallest: float
    """Size below which nobody would read it."""
    most_lines: int
    leading: float = 1.25
    """From line to line, in sizes of the type."""
    good_lines: int | None = None
    """Lines over which smaller type is tried first, down to two thirds of the largest."""


@dataclass(frozen=True)
class Fitted:
    """A text as it fits its room."""

    lines: tuple[str, ...]
    size: float
    """Of the type, in pixels."""
    leading: float

    @property
    def height(self) -> float:
        """Of all lines, in pixels."""
        return len(self.lines) * self.size * self.leading


def open_typeface(own: Path | None = None) -> Typeface:
    """Read the shipped fonts, or a production's own, which then serves for both.

    Raises:
        PostError: the file is not there, or is no font that letters can be drawn with.
    """
    if own is not None:
        face = _read_face(own)
        return Typeface(face, face)
    return Typeface(_read_face(REGULAR), _read_face(BOLD))


def _read_face(path: Path) -> Face:
    from fontTools.ttLib import TTFont, TTLibError  # noqa: PLC0415 (only where there is something to letter)

    hint = "A font is a file that ends in .ttf or .otf; without 'font' the shipped one is taken."
    try:
        with TTFont(BytesIO(path.read_bytes()), fontNumber=0, lazy=True) as font:
            if not {"glyf", "CFF ", "CFF2"}.intersection(font.keys()):
                raise PostError(f"{path}: it is a font of pictures, not of outlines", hint=hint)
            metrics, units = font["hmtx"].metrics, font["head"].unitsPerEm
            glyphs = {chr(code): name for code, name in (font.getBestCmap() or {}).items()}
            advances = {letter: metrics[name][0] / units for letter, name in glyphs.items()}
            pairs = getattr(font["kern"].kernTables[0], "kernTable", {}) if "kern" in font else {}
            return Face(path, advances, {pair: value / units for pair, value in pairs.items()}, glyphs)
    except OSError as error:
        raise PostError(f"{path}: it cannot be read ({error.strerror or error})", hint=hint) from error
    # A broken font shows as whatever its reader stumbles over.
    except (TTLibError, ValueError, LookupError, AssertionError, TypeError, AttributeError) as error:
        raise PostError(f"{path}: it is no font that can be read", hint=hint) from error


def set_text(text: str) -> str:
    """A text as it is drawn: letters and their accents in one piece, no break that is only allowed."""
    return unicodedata.normalize("NFC", text).replace("\u00ad", "").replace("\u200b", "")


def missing_letters(text: str, face: Face) -> tuple[str, ...]:
    """The letters of a text that a font lacks, each once, in their order."""
    return tuple(
        dict.fromkeys(one for one in set_text(text) if not one.isspace() and one not in face.advances)
    )


def unset_letters(text: str) -> tuple[str, ...]:
    """The letters of a text that cannot be set one beside the other, whatever the font."""
    return tuple(
        dict.fromkeys(
            one
            for one in set_text(text)
            if unicodedata.category(one).startswith("M") or unicodedata.bidirectional(one) in ("R", "AL")
        )
    )


def named(letters: Sequence[str], most: int = 8) -> str:
    """Letters for people: `'日' (U+65E5)`, and how many more there are."""
    shown = ", ".join(f"'{one}' (U+{ord(one):04X})" for one in letters[:most])
    return shown + (f" and {len(letters) - most} more" if len(letters) > most else "")


def letter_fault(text: str, typeface: Typeface) -> tuple[str, str] | None:
    """Message and hint where a text cannot be written into a picture; None where it can."""
    if unset := unset_letters(text):
        return f"cannot be written into the picture: {named(unset)}.", _NO_SHAPING
    # The heavier one may have fewer letters; with a font of one's own they are the same.
    lacking = dict.fromkeys((*missing_letters(text, typeface.bold), *missing_letters(text, typeface.regular)))
    if lacking:
        return f"the font {typeface.regular.path.name} lacks {named(tuple(lacking))}.", _CANNOT
    return None


def fit(text: str, face: Face, room: Room) -> Fitted:
    """Break a text into even lines, in the largest type in which it fits its room.

    Raises:
        PostError: it does not fit in the smallest; about how many letters do is said.
    """
    text = set_text(text)
    measured, whole = _measured(text.split(), face), face.width(text)
    found: Fitted | None = None
    for size in _sizes(room):
        wide, most = room.width / size, _most_lines(room, size)
        if whole > (wide + 1) * most:  # the spaces at which it breaks are not seen
            continue
        lines = _broken(measured, face, wide, is_hard=size <= room.smallest)
        if lines is None or len(lines) > most:
            continue
        found = found or Fitted(lines, size, room.leading)
        if len(lines) <= (room.good_lines or room.most_lines):
            return Fitted(lines, size, room.leading)
        if size < room.largest * _GOOD:
            break
    if found is None:
        letters = len(text)
        wide = room.width / room.smallest * _most_lines(room, room.smallest)
        fits = max(1, int(0.9 * wide * letters / whole))
        raise PostError(f"it has {letters:,} letters, and about {fits:,} fit", hint="Shorten the text.")
    return found


def _sizes(room: Room) -> Iterator[float]:
    size = room.largest
    while size > room.smallest:
        yield size
        size *= _SMALLER
    yield room.smallest


def _most_lines(room: Room, size: float) -> int:
    return max(1, min(room.most_lines, int(room.height / (size * room.leading))))


def break_lines(text: str, face: Face, most_em: float, *, is_hard: bool) -> tuple[str, ...] | None:
    """Break a text into as few lines as it takes, as even as they come.

    Args:
        text: the text.
        face: how wide its letters are.
        most_em: width of the room.
        is_hard: break words that are too long by themselves; otherwise there is no way with such.

    Returns:
        The lines; None where a word is too long.
    """
    return _broken(_measured(text.split(), face), face, most_em, is_hard=is_hard)


_Word = tuple[str, float]
"""A word, and its width in ems."""


def _measured(words: Iterable[str], face: Face) -> list[_Word]:
    return [(word, face.width(word)) for word in words]


def _broken(words: Sequence[_Word], face: Face, most_em: float, *, is_hard: bool) -> tuple[str, ...] | None:
    if any(width > most_em for _, width in words):
        if not is_hard:
            return None
        words = _measured((part for word, _ in words for part in _parts(word, face, most_em)), face)
    space = face.width(" ")
    fewest = _filled(words, space, most_em)
    low, high = max((width for _, width in words), default=0.0), most_em
    for _ in range(12):  # 1/4096 of the room: less than a pixel
        middle = (low + high) / 2
        if len(_filled(words, space, middle)) > len(fewest):
            low = middle
        else:
            high = middle
    return tuple(_filled(words, space, high))


def _filled(words: Iterable[_Word], space: float, most_em: float) -> list[str]:
    """Line by line as many words as go; kerning at a space is left out of the reckoning."""
    lines: list[str] = []
    wide = 0.0
    for word, width in words:
        if lines and wide + space + width <= most_em:
            lines[-1] += f" {word}"
            wide += space + width
        else:
            lines.append(word)
            wide = width
    return lines


def _parts(word: str, face: Face, most_em: float) -> Iterator[str]:
    """A word in parts that each fit; at least one letter each, however narrow the room."""
    part = ""
    for letter in word:
        if part and face.width(part + letter) > most_em:
            yield part
            part = ""
        part += letter
    if part:
        yield part
