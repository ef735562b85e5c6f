"""The slate: who, which take, what the camera does, burnt in at the top of every rehearsed clip."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from onmodel.studio.rehearsal.canvas import Picture
from onmodel.studio.rehearsal.clip import Planes, to_planes
from onmodel.studio.rehearsal.looks import says
from onmodel.units import Size

_ACTION_CHARS = 90
_BAND = 0.105
"""Height of the band, in shorter sides of the picture."""
_NOT_SAID = (
    "shot",
    "close-up",
    "angle",
    "camera",
    "lens",
    "consistent",
    "maintains",
    "preserves",
    "unchanged",
    "stable",
)
"""Words by which a sentence is known that only repeats the looks or the camera."""
_INK = (18, 18, 26)
_NEAR_INK = 14
"""By how many levels an encoder may change the band's colour."""


@dataclass(frozen=True)
class Slate:
    """A band of text, ready to be laid over the top rows of a frame's planes."""

    planes: Planes

    def burn(self, planes: Planes) -> Planes:
        """Put the band over the top of a frame, in place: nothing shows through, no earlier slate either."""
        rows = self.planes.y.shape[0]
        planes.y[:rows] = self.planes.y
        planes.u[: rows // 2] = self.planes.u
        planes.v[: rows // 2] = self.planes.v
        return planes


def without_slate(picture: Picture) -> Picture:
    """A picture that was a clip's frame, with what its slate hid filled in softly from below it.

    Args:
        picture: (H, W, 3) uint8 RGB; one without a slate stays as it is.
    """
    height, width = picture.shape[:2]
    band = round(min(width, height) * _BAND) // 2 * 2
    top = picture[: max(1, band // 12)].astype(np.int16)
    if band < 4 or np.abs(top - np.array(_INK)).max() > _NEAR_INK:  # noqa: PLR2004 - too small to hold one
        return picture
    healed = picture.copy()
    mirror = picture[band + 2 : 2 * band + 4][::-1]  # the rows next to the band have some of its colour
    healed[: band + 2] = cv2.blur(mirror, (band | 1, band | 1), borderType=cv2.BORDER_REFLECT_101)
    return healed


def said_on_slate(prompt: str) -> str:
    """What a prompt says of the doings, then of the place; looks and camera are not repeated on a slate."""
    sentences = [part.strip() for part in prompt.split(". ") if part.strip()]
    later = [part for part in sentences[1:] if not says(part.lower(), *_NOT_SAID)]
    settings = [part for part in later if part.lower().startswith("setting:")]
    doings = [part for part in later if part not in settings]
    return ". ".join((*doings[:2], *settings, *doings[2:])) or prompt


def draw_slate(size: Size, lines: tuple[str, str, str]) -> Slate:
    """Draw the band once for a clip.

    Args:
        size: of the clip, in pixels.
        lines: the label, the camera, the prompt (the first 90 characters of its doings are shown).
    """
    short = min(size.width, size.height)
    height = round(short * _BAND) // 2 * 2
    portrait = size.height > size.width
    band = Image.new("RGB", (size.width, height), _INK)
    text = Image.new("L", (size.width, height), 0)
    pen = ImageDraw.Draw(text)
    colours = Image.new("RGB", (size.width, height), _INK)
    ink = ImageDraw.Draw(colours)
    label, camera, action = lines[0], lines[1], said_on_slate(lines[2])
    action = action if len(action) <= _ACTION_CHARS else action[: _ACTION_CHARS - 1].rstrip() + "…"
    big, small = short * 0.033, short * (0.024 if portrait else 0.027)
    rows = [(height * 0.1, label, big, (255, 214, 92)), (height * 0.55, action, small, (236, 236, 240))]
    for top, words, points, colour in rows:
        room = size.width * (0.62 if words is label else 0.96)
        font = _fitting(words, points, room)
        pen.text((size.width * 0.018, top), words, fill=255, font=font)
        ink.text((size.width * 0.018, top), words, fill=colour, font=font)
    font = _fitting(camera, small, size.width * 0.32)
    for brush, fill in ((pen, 255), (ink, (150, 214, 240))):
        brush.text((size.width * 0.982, height * 0.14), camera, fill=fill, font=font, anchor="ra")
    lettered: Picture = np.asarray(Image.composite(colours, band, text), np.uint8)
    return Slate(to_planes(lettered))


def _fitting(words: str, points: float, room: float) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    """The font that ships with Pillow, small enough for the words to fit."""
    font = ImageFont.load_default(size=max(8.0, points))
    wide = font.getlength(words)
    return font if wide <= room else ImageFont.load_default(size=max(8.0, points * room / wide))
