"""Stills of a cut: its frames as pictures, without what is written over them; and which is the sharpest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from onmodel.post.compositing import SCALING, Span, picture_of
from onmodel.post.conform import span_of
from onmodel.post.cutlist import Piece
from onmodel.post.ffmpeg import TIMEOUT_S, run, written_whole
from onmodel.post.formats import Format
from onmodel.post.probe import matrix_of

QUALITY: Final = 92
"""Of the JPEGs, 1 to 95."""
_LOOKED_AT_PX: Final = 480
"""Width at which sharpness is compared: at the full one, grain would count as detail."""


def frame_span(piece: Piece, frame: int) -> Span:
    """One frame of a piece, without what lies over it."""
    return span_of(replace(piece, overlays=()), frame, 1)


def render_still(span: Span, form: Format, into: Path, ffmpeg: Path) -> Path:
    """Write a frame of the cut as an RGB PNG, in the cut's size, or find it there.

    Raises:
        PostError: the clip does not decode.
    """
    if into.exists():
        return into
    matrices = {} if span.still else {span.path: matrix_of(span.path)}
    with written_whole(into) as part:
        work = _graph(span, form, matrices, part)
        # Until it has come to that frame it makes nothing at all.
        run(ffmpeg, work, about=f"{span.shot}: still of {span.path.name}", stall_s=TIMEOUT_S)
    return into


def _graph(span: Span, form: Format, matrices: dict[Path, str], into: Path) -> Any:
    levels = {"in_range": "tv", "in_color_matrix": "bt709", "out_range": "pc"}
    picture = picture_of([span], "crossfade", form, matrices)
    coloured = picture.filter("scale", flags=f"{SCALING}+full_chroma_int", **levels).filter("format", "rgb24")
    options = {"f": "image2", "c:v": "png", "update": 1, "frames:v": 1}
    return coloured.output(str(into.absolute()), **options)


def sharpness(picture: Path) -> float:
    """How much fine detail a picture has: only of use for comparing frames of one clip."""
    import numpy as np  # noqa: PLC0415 (keeps `check` and `plan` quick)
    from PIL import Image  # noqa: PLC0415 (same)

    with Image.open(picture) as opened:
        grey = opened.convert("L")
    grey.thumbnail((_LOOKED_AT_PX, _LOOKED_AT_PX))
    level = np.asarray(grey, np.float32)
    middle = level[1:-1, 1:-1]
    around = level[:-2, 1:-1] + level[2:, 1:-1] + level[1:-1, :-2] + level[1:-1, 2:]
    return float(np.var(around - 4 * middle))


def sharpest(pictures: Sequence[Path]) -> Path:
    """The picture with the most detail; of equal ones the first."""
    return max(pictures, key=sharpness)


def save_jpeg(picture: Path, into: Path) -> Path:
    """Write a picture as a JPEG; the same picture gives the same bytes.

    Raises:
        PostError: it cannot be written.
    """
    from PIL import Image  # noqa: PLC0415 (keeps `check` and `plan` quick)

    with Image.open(picture) as opened, written_whole(into) as part:
        opened.convert("RGB").save(part, "JPEG", quality=QUALITY, optimize=True)
    return into
