"""A contact sheet: many pictures and clips on one, each with its name under it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

WIDTH_PX: Final = 1440
"""Width of a sheet."""
TILE_PX: Final = (96, 470)
"""Narrowest and widest tile: 300 shots still fit on a sheet of 15 columns."""
RATIO: Final = (16, 9)
"""Of the box that a picture is fitted into, whatever its own ratio."""
MARGIN_PX: Final = 8
TEXT_PX: Final = (13, 22)
"""Smallest and largest text: pages show a sheet at a third of its width."""
QUALITY: Final = 78
"""Of the JPEG, 1 to 95."""
GROUND, INK, EMPTY = (24, 26, 30), (232, 232, 232), (52, 55, 62)


@dataclass(frozen=True)
class Tile:
    """One picture of a sheet."""

    path: Path
    """A picture, or a clip, of which the frame in its middle is shown."""
    name: str
    remark: str = ""
    """A second line under it."""


def contact_sheet(tiles: Sequence[Tile]) -> bytes:
    """Lay pictures out on one, in their order, as a JPEG; one that does not decode stays an empty box."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 (loads where a sheet is made, in a process of the pool)

    columns = columns_for(len(tiles))
    wide = (WIDTH_PX - MARGIN_PX) // columns - MARGIN_PX
    high = wide * RATIO[1] // RATIO[0]
    lines = 2 if any(tile.remark for tile in tiles) else 1
    text_px = max(TEXT_PX[0], min(TEXT_PX[1], wide // 16))
    step = high + lines * (text_px + 6) + 2 * MARGIN_PX
    page = Image.new("RGB", (WIDTH_PX, ceil(len(tiles) / columns) * step + MARGIN_PX), GROUND)
    draw = ImageDraw.Draw(page)
    for number, tile in enumerate(tiles):
        left = MARGIN_PX + (number % columns) * (wide + MARGIN_PX)
        top = MARGIN_PX + (number // columns) * step
        draw.rectangle((left, top, left + wide - 1, top + high - 1), fill=EMPTY)
        picture = _opened(tile.path, wide)
        if picture is not None:
            picture.thumbnail((wide, high))
            page.paste(picture, (left + (wide - picture.width) // 2, top + (high - picture.height) // 2))
        for line, text in enumerate([tile.name, tile.remark][:lines]):
            _write(draw, (left, top + high + 4 + line * (text_px + 6)), text, wide, text_px)
    into = io.BytesIO()
    page.save(into, "JPEG", quality=QUALITY, optimize=True)
    return into.getvalue()


def columns_for(count: int) -> int:
    """Columns of a sheet: about as many as rows, within what tiles may measure."""
    narrowest, widest = TILE_PX
    most = (WIDTH_PX - MARGIN_PX) // (narrowest + MARGIN_PX)
    least = ceil((WIDTH_PX - MARGIN_PX) / (widest + MARGIN_PX))
    return max(least, min(most, ceil(sqrt(count))))


def _write(draw: ImageDraw, at: tuple[int, int], text: str, wide: int, text_px: int) -> None:
    """Write one line, cut where the tile ends."""
    from PIL import ImageFont  # noqa: PLC0415 (as above)

    font = ImageFont.load_default(text_px)
    while text and draw.textlength(text, font) > wide:
        text = text[:-1]
    draw.text(at, text, INK, font)


def _opened(path: Path, wide: int) -> Image | None:
    """A picture, or the frame in the middle of a clip; None where it is neither."""
    from PIL import Image  # noqa: PLC0415 (as above)

    try:
        with Image.open(path) as opened:
            opened.draft("RGB", (2 * wide, 2 * wide))
            return opened.convert("RGB")
    except (OSError, SyntaxError, ValueError):  # what Pillow raises for files that are no picture
        return _middle_frame(path)


def _middle_frame(path: Path) -> Image | None:
    import av  # noqa: PLC0415 (as above)
    from PIL.Image import fromarray  # noqa: PLC0415 (as above)

    shown = None
    try:
        with av.open(str(path.absolute())) as container:
            stream = container.streams.video[0]
            middle = (container.duration or 0) // 2  # in microseconds
            container.seek(middle)
            for frame in container.decode(stream):
                shown = frame
                if frame.time is not None and frame.time * 1_000_000 >= middle:
                    break
            return fromarray(shown.to_ndarray(format="rgb24")) if shown else None
    except (av.FFmpegError, IndexError):
        return None
