"""How large a rehearsed picture is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from onmodel.studio.rehearsal.probe import picture_shape
from onmodel.units import Size

AREA_PX = 1280 * 720
"""Pixels of a rehearsed picture of any ratio: 1280x720, 720x1280, 960x960."""

NAMED_SIZES = {
    "square_hd": Size(1024, 1024),
    "square": Size(512, 512),
    "portrait_4_3": Size(768, 1024),
    "portrait_16_9": Size(576, 1024),
    "landscape_4_3": Size(1024, 768),
    "landscape_16_9": Size(1024, 576),
}
"""Flux's names. Source: third parties' lists of fal's presets, 2026-11; they disagree about `square`."""


def frame_of(arguments: Mapping[str, Any], files: Mapping[str, Path]) -> Size:
    """The size of the answer: as asked for, else by the ratio asked for, else by the first picture given."""
    asked = arguments.get("image_size")
    if isinstance(asked, dict):
        return Size(int(asked.get("width", 512)), int(asked.get("height", 512)))
    if isinstance(asked, str) and asked in NAMED_SIZES:
        return NAMED_SIZES[asked]
    width, colon, height = str(arguments.get("aspect_ratio", "")).partition(":")
    if colon and width.isdigit() and height.isdigit():
        return _of_ratio(Fraction(int(width), int(height)))
    for path in files.values():
        shape = picture_shape(path)
        if shape is not None:
            return _of_ratio(Fraction(*shape))
    return Size(1280, 720)


def _of_ratio(ratio: Fraction) -> Size:
    """Even sides, which every encoder takes."""
    width = math.sqrt(AREA_PX * ratio)
    return Size(*(max(2, round(side / 2) * 2) for side in (width, width / float(ratio))))
