"""Captions burnt into the picture: light letters in a dark edge, or whatever the production's colours are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from onmodel.errors import PostError
from onmodel.post.drawing import SAFE, Look, Shape, lighter, saved, write
from onmodel.post.lettering import Fitted, set_text

_SHADOW: Final = 0.55
"""How much the shadow around the letters covers."""
_CAPTIONS: Final[dict[Shape, tuple[int, float]]] = {
    "lying": (42, 0.053),
    "square": (32, 0.052),
    "standing": (28, 0.058),
}
"""Letters in a line, and the size of the type in short sides. 42 is what the large platforms allow in a line
(source: Netflix, Timed Text Style Guide, 2026-11); the others are what fits at a size that can be read."""


def letters_a_line(shape: Shape) -> int:
    """Letters that stand in one line of a caption, in a picture of a shape."""
    return _CAPTIONS[shape][0]


def caption_layout(lines: Sequence[str], look: Look) -> Fitted:
    """The size of a caption: always the same, smaller only where wide letters need it.

    Raises:
        PostError: the letters of the font are so wide that it does not fit.
    """
    face, largest = look.typeface.bold, look.short * _CAPTIONS[look.shape][1]
    rows = tuple(set_text(line) for line in lines)
    widest = max(map(face.width, rows))
    size = min(largest, look.size.width * SAFE / widest / 1.04)
    if size < largest * 0.5:
        raise PostError("it is too wide for a caption", hint="Shorten the text, or take a narrower font.")
    return Fitted(rows, size, 1.25)


def draw_caption(lines: Sequence[str], look: Look, into: Path, *, above: float | None = None) -> Path:
    """Write a caption as a transparent RGBA PNG of the picture's size: light letters in a dark edge, or so.

    Args:
        lines: one or two.
        look: of the episode.
        into: the PNG.
        above: pixels from the top that it ends over, where a lower third stands; its own place otherwise.

    Raises:
        PostError: it does not fit, or the file cannot be written.
    """
    from PIL import Image, ImageDraw, ImageFilter  # noqa: PLC0415 (keeps `check` and `plan` quick)

    fitted = caption_layout(lines, look)
    size = (look.size.width, look.size.height)
    ground = look.ground if above is None else above - look.short * 0.02
    edge = max(1, round(fitted.size * 0.075))
    inner, outer = Image.new("L", size, 0), Image.new("L", size, 0)
    top = ground - fitted.height
    for layer, stroke in ((inner, 0), (outer, edge)):
        pen = ImageDraw.Draw(layer)
        write(pen, fitted, look.typeface.bold, look.size.width / 2, top, 255, centred=True, stroke=stroke)
    shadow = outer.filter(ImageFilter.GaussianBlur(fitted.size * 0.09)).point(
        [round(_SHADOW * level) for level in range(256)]
    )
    cover = Image.new("RGB", size, look.colours.background)
    cover.paste(Image.new("RGB", size, look.colours.text), mask=inner)
    cover.putalpha(lighter(outer, shadow))
    return saved(cover, into)
