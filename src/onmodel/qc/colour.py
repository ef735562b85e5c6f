"""Wardrobe colour: how far the colours of a character's clothes are from those on its sheet.

A warning and never a gate: it finds most changes of costume, not all, and it does not see whose light it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import TYPE_CHECKING

from onmodel.qc.picture import Box, shrink

if TYPE_CHECKING:
    from onmodel.qc.picture import Frame, Vector

SIDE_PX = 160
"""Longest side at which colours are read: details are no colour."""
BODY = (1.25, 0.15, 3.0)
"""The clothes below a face: half their width in face widths; begin and end, in face heights under it."""
CENTRE: Box = (0.2, 0.15, 0.8, 0.85)
"""Where a character without a face is looked for, more in the middle than at the edges."""
LEAST_SHARE = 0.02
"""Share of the picture that must show the clothes: below it they are out of the frame."""
DARK = 60.0
"""Mean level (of 255) below which a pixel counts less: its colour is noise."""
BINS = 24
SMOOTH_BINS = 0.72
"""Chroma cells along each of two axes, and how far a pixel reaches into the cells beside its own."""
WORN_LIMIT = 0.64
CENTRE_LIMIT = 0.72
"""Distance that is another colour: of clothes under a face, and of a character without one.

Source: docs/identity.md, 2026-11: about one in twenty controls is over the first; without a face even a small
figure in a coloured set must not be, and few changes are found.
"""
NOTE = "its clothes are another colour than on the sheet"


def colour_of(picture: Frame, box: Box | None) -> Vector | None:
    """How chroma is spread over a character's clothes, as the root of a histogram of length 1.

    Half of a grey-world balance is applied first: all of it takes the colour out of a picture that has one,
    none of it takes evening light for another costume.

    Args:
        picture: (H, W, 3) uint8 RGB.
        box: the character's face; None looks at the middle of the picture.

    Returns:
        None where too little of the clothes is in the picture.
    """
    import cv2  # noqa: PLC0415 - keeps `check` and `plan` quick
    import numpy as np  # noqa: PLC0415 - same

    small = shrink(picture, SIDE_PX).astype(np.float32)
    high, wide = small.shape[:2]
    left, top, right, bottom = CENTRE if box is None else _under(box)
    rows = slice(int(top * high), int(np.ceil(bottom * high)))
    across = slice(int(left * wide), int(np.ceil(right * wide)))
    region = small[rows, across]
    if region.shape[0] * region.shape[1] < LEAST_SHARE * high * wide:
        return None
    cast = small.mean(axis=(0, 1))
    region = region * np.sqrt(cast.mean() / np.maximum(cast, 1.0))
    level = region.sum(axis=2)
    red, green, blue = np.moveaxis(region / np.maximum(level, 1.0)[..., np.newaxis], 2, 0)
    weight = np.minimum(level / 3 / DARK, 1.0)
    if box is None:
        y, x = np.mgrid[rows, across]
        weight = weight * np.exp(-(((x / wide - 0.5) / 0.22) ** 2 + ((y / high - 0.5) / 0.27) ** 2) / 2)
    cells = [
        np.clip(((axis + 0.5) * BINS).astype(int), 0, BINS - 1)
        for axis in (red - green, (red + green) / 2 - blue)
    ]
    counts = np.bincount((cells[0] * BINS + cells[1]).ravel(), weight.ravel(), BINS * BINS)
    spread = cv2.GaussianBlur(counts.reshape(BINS, BINS), (0, 0), SMOOTH_BINS).ravel()
    return np.asarray(np.sqrt(spread / max(float(spread.sum()), 1e-9)), np.float32)


def wardrobe_colour(
    frames: Sequence[Frame], boxes: Sequence[Box | None], references: Sequence[Vector]
) -> float | None:
    """How far the clothes are from the sheet's in colour, 0 (the same) to 1.

    The second greatest distance of the frames counts, each to the two nearest views: a costume that changes
    late is as wrong, and one frame may be a flash.

    Args:
        frames: those in which the character is seen, (H, W, 3) uint8 RGB.
        boxes: its face in each; None for a character without one.
        references: `colour_of` the sheet's views.

    Returns:
        None where the clothes are in fewer than half of the frames, or on none of the views.
    """
    found = [one for one in map(colour_of, frames, boxes) if one is not None]
    if not references or len(found) < max(1.0, len(frames) / 2):
        return None
    far = sorted(_apart(one, references) for one in found)
    return round(far[max(0, len(far) - 2)], 4)


def colour_note(colour: float | None, boxes: Sequence[Box | None]) -> str:
    """What to tell people about a distance; empty where there is nothing to tell."""
    limit = CENTRE_LIMIT if None in boxes else WORN_LIMIT
    return NOTE if colour is not None and colour > limit else ""


def _under(face: Box) -> Box:
    left, top, right, bottom = face
    middle, half, high = (left + right) / 2, (right - left) * BODY[0], bottom - top
    begin, end = bottom + BODY[1] * high, bottom + BODY[2] * high
    return max(0.0, middle - half), min(1.0, begin), min(1.0, middle + half), min(1.0, end)


def _apart(one: Vector, references: Sequence[Vector]) -> float:
    nearest = sorted(sqrt(max(0.0, 1.0 - float(one @ other))) for other in references)[:2]
    return sum(nearest) / len(nearest)
