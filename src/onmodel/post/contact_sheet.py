"""A contact sheet: many pictures and clips on one, each with its name under it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from pathlib import Path
from statistics import median_low
from typing import TYPE_CHECKING, Final

from onmodel.post.drawing import write
from onmodel.post.lettering import Face, Fitted, open_typeface, set_text

if TYPE_CHECKING:
    from PIL.Image import Image

WIDTH_PX: Final = 1440
"""Width of a sheet; one of fewer pictures than lie beside each other is as wide as these."""
TILE_PX: Final = (96, 470)
"""Narrowest and widest tile of lying pictures: 300 shots still fit on a sheet of 13 columns."""
LYING: Final = 9 / 16
"""Height by width of the flattest box that pictures are fitted into; the tallest one is it on its side."""
MARGIN_PX: Final = 8
TEXT_PX: Final = (13, 22)
"""Smallest and largest text: pages show a sheet at a third of its width."""
QUALITY: Final = 78
"""Of the JPEG, 1 to 95."""
GROUND, INK, SOFT, EMPTY = "#181a1e", "#e8e8e8", "#a9adb5", "#34373e"


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

    wide, _ = _grid(len(tiles), LYING)
    pictures = [_opened(tile.path, wide) for tile in tiles]
    tall = _tallness(pictures)
    wide, columns = _grid(len(tiles), tall)
    high = round(wide * tall)
    lines = 2 if any(tile.remark for tile in tiles) else 1
    text_px = max(TEXT_PX[0], min(TEXT_PX[1], wide // 16))
    step = high + lines * (text_px + 6) + 2 * MARGIN_PX
    beside = WIDTH_PX if len(tiles) >= columns else MARGIN_PX + len(tiles) * (wide + MARGIN_PX)
    page = Image.new("RGB", (beside, ceil(len(tiles) / columns) * step + MARGIN_PX), GROUND)
    draw, typeface = ImageDraw.Draw(page), open_typeface()
    for number, (tile, picture) in enumerate(zip(tiles, pictures, strict=True)):
        left = MARGIN_PX + (number % columns) * (wide + MARGIN_PX)
        top = MARGIN_PX + (number // columns) * step
        if picture is None:
            draw.rectangle((left, top, left + wide - 1, top + high - 1), fill=EMPTY)
        else:
            picture.thumbnail((wide, high))
            page.paste(picture, (left + (wide - picture.width) // 2, top + (high - picture.height) // 2))
        rows = [(tile.name, typeface.bold, INK), (tile.remark, typeface.regular, SOFT)]
        for line, (text, face, ink) in enumerate(rows[:lines]):
            fitted = Fitted((shortened(text, face, wide / text_px),), text_px, (text_px + 6) / text_px)
            write(draw, fitted, face, left, top + high + 2 + line * fitted.height, ink)
    into = io.BytesIO()
    page.save(into, "JPEG", quality=QUALITY, optimize=True)
    return into.getvalue()


def columns_for(count: int, tall: float = LYING) -> int:
    """Columns of a sheet: about as many as rows of lying pictures, within what tiles may measure."""
    narrowest, widest = TILE_PX
    most = (WIDTH_PX - MARGIN_PX) // (narrowest + MARGIN_PX)
    least = ceil((WIDTH_PX - MARGIN_PX) / (widest * sqrt(LYING / tall) + MARGIN_PX))
    return max(least, min(most, ceil(sqrt(count * tall / LYING))))


def _grid(count: int, tall: float) -> tuple[int, int]:
    """Width of a tile, and how many lie beside each other."""
    columns = columns_for(count, tall)
    return (WIDTH_PX - MARGIN_PX) // columns - MARGIN_PX, columns


def _tallness(pictures: Sequence[Image | None]) -> float:
    """Height by width of the box that pictures are fitted into: that of most of them."""
    known = [picture.height / picture.width for picture in pictures if picture is not None]
    return min(max(median_low(known), LYING), 1 / LYING) if known else LYING


def shortened(text: str, face: Face, most_em: float) -> str:
    """A line as it is drawn, with an ellipsis where it ends early because there is no room for the rest."""
    text = set_text(text)
    if face.width(text) <= most_em:
        return text
    while text and face.width(f"{text}…") > most_em:
        text = text[:-1].rstrip()
    return f"{text}…"


def _opened(path: Path, wide: int) -> Image | None:
    """A picture, or the frame in the middle of a clip, no wider than that; None where it is neither."""
    from PIL import Image  # noqa: PLC0415 (as above)

    try:
        with Image.open(path) as opened:
            opened.draft("RGB", (2 * wide, 2 * wide))
            picture: Image.Image | None = opened.convert("RGB")
    except (OSError, SyntaxError, ValueError):  # what Pillow raises for files that are no picture
        picture = _middle_frame(path)
    if picture is not None:
        picture.thumbnail((wide, round(wide / LYING)))
    return picture


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
