"""What cards, lower thirds and captions have in common: colours, safe places, letters, and one kind of file.

Everything is placed by the picture's short side and stays inside its title-safe area, the inner 90 percent of
both directions (source: SMPTE ST 2046-1, 2009). In a standing picture the lowest sixth stays free too: the
players of phones lay their own buttons over it. A rehearsal's slate is at the top, where nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from onmodel.post.ffmpeg import written_whole
from onmodel.post.lettering import Face, Fitted, Typeface
from onmodel.units import Size

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

Shape = Literal["lying", "standing", "square"]

DRAWN: Final = 2
"""Raised when the same words would be drawn otherwise, so that old pictures are not taken for new ones."""

_FINE: Final = 4
"""Parts of a pixel in which letters are placed."""
SAFE: Final = 0.9
"""Share of each direction that title-safe means."""
_STRAIGHT_TO: Final = 0.04045
"""Level up to which sRGB's curve is a straight line. Source: IEC 61966-2-1, 1999."""
_LYING: Final = 1.2
"""Width to height from which on a picture lies."""
_GROUND: Final[dict[Shape, float]] = {"lying": 0.94, "square": 0.94, "standing": 0.82}
"""Where writing over the picture ends at the bottom, as a share of the height."""


@dataclass(frozen=True)
class Colours:
    """Of letters and what is behind them, as `#rrggbb`."""

    background: str
    text: str
    accent: str


def shape_of(size: Size) -> Shape:
    """Whether a picture is `lying`, `standing` or `square`, as far as reading goes."""
    if size.height > size.width:
        return "standing"
    return "lying" if size.width > _LYING * size.height else "square"


@dataclass(frozen=True)
class Look:
    """What every picture of an episode has in common."""

    size: Size
    colours: Colours
    typeface: Typeface

    @property
    def short(self) -> int:
        """The short side, in pixels."""
        return min(self.size.width, self.size.height)

    @property
    def shape(self) -> Shape:
        """`lying`, `standing` or `square`, as far as reading goes."""
        return shape_of(self.size)

    @property
    def ground(self) -> float:
        """Where writing over the picture ends, in pixels from the top."""
        return self.size.height * _GROUND[self.shape]


def contrast(one: str, other: str) -> float:
    """How far two colours are apart in lightness: 1 to 21. Large letters want 3.

    Source: W3C, WCAG 2.2, 1.4.3, 2023.
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [value / 255 for value in _rgb(colour)]
    red, green, blue = (
        part / 12.92 if part <= _STRAIGHT_TO else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mixed(one: str, other: str, share: float) -> str:
    """A colour with so large a share of the first, and the rest of the other."""
    pairs = zip(_rgb(one), _rgb(other), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def lighter(one: Image.Image, other: Image.Image) -> Image.Image:
    """The more opaque of two masks, pixel by pixel."""
    from PIL import ImageChops  # noqa: PLC0415 (keeps `check` and `plan` quick)

    return ImageChops.lighter(one, other)


def write(
    pen: ImageDraw.ImageDraw,
    fitted: Fitted,
    face: Face,
    x: float,
    top: float,
    ink: str | int,
    *,
    centred: bool = False,
    stroke: int = 0,
) -> None:
    """Write fitted lines downwards; the middle of the capitals is the middle of each line.

    Args:
        pen: of the picture.
        fitted: the lines.
        face: the font.
        x: where they begin, in pixels from the left.
        top: of the first line's room, in pixels.
        ink: a colour, or a level in a mask.
        centred: `x` is the middle of every line.
        stroke: pixels by which the letters are made fatter on every side.
    """
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 (keeps `check` and `plan` quick)

    # The other layout engine needs a library of the system that may be there or not: pictures would differ.
    # This one puts every letter on a whole pixel and kerns too little, so each is put where the font's design
    # has it, on pixels so small that it does not show.
    font = ImageFont.truetype(face.path, fitted.size * _FINE, layout_engine=ImageFont.Layout.BASIC)
    row, above = fitted.size * fitted.leading, ceil(1.5 * fitted.size) + stroke
    for number, line in enumerate(fitted.lines):
        baseline, width = (
            round(top + (number + 0.5) * row + 0.36 * fitted.size),
            face.width(line) * fitted.size,
        )
        left = x - width / 2 if centred else x
        edge = floor(left - fitted.size) - stroke
        room = (ceil(width + 2 * fitted.size) + 2 * stroke + 1, above + ceil(fitted.size) + stroke)
        lettered = Image.new("L", (room[0] * _FINE, room[1] * _FINE), 0)
        fine, at = ImageDraw.Draw(lettered), left - edge
        for letter, step in zip(line, face.steps(line), strict=True):
            where = (at * _FINE, above * _FINE)
            fine.text(where, letter, fill=255, font=font, anchor="ls", stroke_width=stroke * _FINE)
            at += step * fitted.size
        pen.bitmap((edge, baseline - above), lettered.reduce(_FINE), fill=ink)


def saved(picture: Image.Image, into: Path) -> Path:
    """Write a picture as a PNG whose bytes follow from its pixels.

    Raises:
        PostError: the file cannot be written.
    """
    # Runs of equal pixels are all that is looked for: other ways of packing depend on the processor.
    with written_whole(into) as part:
        picture.save(part, format="PNG", compress_type=3)
    return into
