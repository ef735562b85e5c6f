"""Title cards, end cards and lower thirds, drawn in a production's colours for a picture of any shape.

The layouts need no drawing, so that a text that does not fit is told before anything is rendered.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from onmodel.post.drawing import SAFE, Look, lighter, mixed, saved, write
from onmodel.post.lettering import Face, Fitted, Room, fit

_PANEL: Final = 0.84
"""How much a lower third's panel covers."""


def card_layout(text: str, sub: str | None, look: Look) -> tuple[Fitted, Fitted | None]:
    """How the large and the small lines of a card fit.

    Raises:
        PostError: they do not; which of them, and about how many letters do, is said.
    """
    short, high = look.short, look.size.height
    wide = look.size.width * (0.8 if look.shape == "lying" else 0.86)
    large = fit(text, look.typeface.bold, Room(wide, high * 0.52, short * 0.125, short * 0.046, 7, 1.18, 4))
    if not sub:
        return large, None
    small = Room(wide * 0.92, high * 0.24, min(short * 0.05, large.size * 0.6), short * 0.027, 6, 1.35)
    return large, fit(sub, look.typeface.regular, small)


def draw_card(text: str, sub: str | None, look: Look, into: Path) -> Path:
    """Write a card as an RGB PNG: the large lines, a short rule, the small lines, a little above the middle.

    Raises:
        PostError: the words do not fit, or the file cannot be written.
    """
    from PIL import Image, ImageDraw  # noqa: PLC0415 (keeps `check` and `plan` quick)

    large, small = card_layout(text, sub, look)
    short, width = look.short, look.size.width
    picture = Image.new("RGB", (width, look.size.height), look.colours.background)
    pen = ImageDraw.Draw(picture)
    gap, rule = short * 0.05, max(1, round(short * 0.006))
    below = 2 * gap + rule + small.height if small else 0.0
    top = look.size.height * 0.485 - (large.height + below) / 2
    write(pen, large, look.typeface.bold, width / 2, top, look.colours.text, centred=True)
    if small:
        at = top + large.height + gap
        long = short * 0.12
        bar = (width / 2 - long / 2, at, width / 2 + long / 2 - 1, at + rule - 1)
        pen.rectangle(tuple(map(round, bar)), fill=look.colours.accent)
        soft = mixed(look.colours.text, look.colours.background, 0.78)
        write(pen, small, look.typeface.regular, width / 2, at + rule + gap, soft, centred=True)
    return saved(picture, into)


@dataclass(frozen=True)
class LowerThirdLayout:
    """Where a name or a place stands over the picture, in pixels."""

    large: Fitted
    small: Fitted | None
    left: float
    top: float
    right: float
    bottom: float
    padding: float
    bar: int
    """Width of the coloured edge."""


def lower_third_layout(text: str, sub: str | None, look: Look) -> LowerThirdLayout:
    """How a lower third fits.

    Raises:
        PostError: it does not; about how many letters do is said.
    """
    short = look.short
    left, padding, bar = look.size.width * (1 - SAFE) / 2, short * 0.03, max(2, round(short * 0.011))
    wide = look.size.width * (0.55 if look.shape == "lying" else SAFE) - bar - 2 * padding
    high = look.size.height * 0.16
    large = fit(text, look.typeface.bold, Room(wide, high, short * 0.056, short * 0.034, 2, 1.2))
    small = None
    if sub:
        room = Room(wide, high, min(short * 0.038, large.size * 0.72), short * 0.024, 2, 1.3)
        small = fit(sub, look.typeface.regular, room)
    longest = max(
        _longest(large, look.typeface.bold), _longest(small, look.typeface.regular) if small else 0.0
    )
    bottom = look.ground
    top = bottom - large.height - (small.height if small else 0.0) - 1.2 * padding
    return LowerThirdLayout(large, small, left, top, left + bar + 2 * padding + longest, bottom, padding, bar)


def draw_lower_third(text: str, sub: str | None, look: Look, into: Path) -> Path:
    """Write a lower third as a transparent RGBA PNG of the picture's size.

    Raises:
        PostError: the words do not fit, or the file cannot be written.
    """
    from PIL import Image, ImageDraw  # noqa: PLC0415 (keeps `check` and `plan` quick)

    one = lower_third_layout(text, sub, look)
    size = (look.size.width, look.size.height)
    cover, alpha = Image.new("RGB", size, look.colours.background), Image.new("L", size, 0)
    pen = ImageDraw.Draw(cover)
    left, top, right, bottom = (round(edge) for edge in (one.left, one.top, one.right, one.bottom))
    ImageDraw.Draw(alpha).rectangle((left, top, right - 1, bottom - 1), fill=round(255 * _PANEL))
    bar = (left, top, left + one.bar - 1, bottom - 1)
    pen.rectangle(bar, fill=look.colours.accent)
    ImageDraw.Draw(alpha).rectangle(bar, fill=255)
    at, lettered = one.left + one.bar + one.padding, Image.new("L", size, 0)
    ink = ImageDraw.Draw(lettered)
    rows = [(one.large, look.typeface.bold, one.top + 0.6 * one.padding, look.colours.text)]
    if one.small:
        soft = mixed(look.colours.text, look.colours.background, 0.82)
        rows.append((one.small, look.typeface.regular, rows[0][2] + one.large.height, soft))
    for fitted, face, upper, colour in rows:
        write(pen, fitted, face, at, upper, colour)
        write(ink, fitted, face, at, upper, 255)
    cover.putalpha(lighter(alpha, lettered))
    return saved(cover, into)


def _longest(fitted: Fitted, face: Face) -> float:
    return max(map(face.width, fitted.lines)) * fitted.size
