"""A still as layers: the set, and the figure before it, so that a camera that moves shows depth.

Where the still was painted here, the set is painted again with nobody in it, and what differs is the figure.
Of another picture nothing is known: its middle is taken for the figure, softly, where a move needs one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from onmodel.studio.rehearsal.canvas import Picture
from onmodel.studio.rehearsal.clip import Bytes, Planes, to_planes

Weights = NDArray[np.float32]
"""(H, W) float32, 0 to 1."""

_UNLIKE: Final = 9
"""Levels by which a pixel of the still differs from the set where the figure is: a JPEG's noise is below."""
_MOST = 0.8
"""Share of the picture that figures take up at most; beyond it the two pictures are not of one scene."""
_LEAST: Final = 0.002
"""Share below which there is no figure."""
_FEATHER: Final = 0.0016
"""Softness of the figure's edge, in shorter sides."""


@dataclass(frozen=True)
class Layers:
    """One still, apart."""

    still: Planes
    """What is filmed; the figure is cut out of it."""
    plate: Planes
    """The set with nobody in it; the still itself where it is not known."""
    sharp: Planes
    """The set in focus; the plate where it is not known."""
    figure: Weights
    """Where the figure is in the still."""
    figure_half: Weights
    """The same at the size of chroma."""
    foot: tuple[float, float]
    """Where the figure stands, in widths and heights."""
    deep: bool
    """Whether figure and set are truly known apart."""


def flat_layers(still: Picture) -> Layers:
    """A picture of which nothing more is known."""
    planes = to_planes(still)
    height, width = planes.y.shape
    middle = _middle(width, height)
    return Layers(planes, planes, planes, middle, _half(middle), (0.48, 0.9), deep=False)


def split_layers(still: Picture, plate: Picture, sharp: Picture | None = None) -> Layers:
    """The layers of a still and of its set; a flat still where the two are not of one scene.

    Args:
        still: (H, W, 3) uint8 RGB with even sides.
        plate: the same set with nobody in it, of the same size.
        sharp: the same in focus.
    """
    unlike = cv2.absdiff(cv2.blur(still, (3, 3)), cv2.blur(plate, (3, 3))).max(axis=2)
    mask = np.asarray(unlike > _UNLIKE, np.uint8)
    short = min(mask.shape)
    reach = max(3, round(short * 0.012) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, kernel), np.uint8)
    share = float(mask.mean())
    if share > _MOST:
        return flat_layers(still)
    mask *= np.uint8(share > _LEAST)
    grown = np.asarray(cv2.dilate(mask, np.ones((3, 3), np.uint8)), np.float32)
    figure = np.asarray(cv2.GaussianBlur(grown, (0, 0), max(0.6, short * _FEATHER)), np.float32)
    around = np.asarray(cv2.GaussianBlur(cv2.dilate(grown, kernel), (0, 0), reach / 3), np.float32)
    back = to_planes(_joined(plate, still, around))  # away from the figure the still itself: nothing jumps
    clear = back if sharp is None else to_planes(sharp)
    return Layers(to_planes(still), back, clear, figure, _half(figure), _foot_of(mask), deep=True)


def _joined(inside: Picture, outside: Picture, share: Weights) -> Picture:
    mixed = cv2.blendLinear(inside, outside, share, 1 - share)
    return np.asarray(mixed, np.uint8)


def _foot_of(mask: Bytes) -> tuple[float, float]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return 0.5, 0.9
    height, width = mask.shape
    return float(columns[0] + columns[-1]) / 2 / width, float(rows[-1]) / height


def _half(weights: Weights) -> Weights:
    height, width = weights.shape
    return np.asarray(
        cv2.resize(weights, (width // 2, height // 2), interpolation=cv2.INTER_AREA), np.float32
    )


def _middle(width: int, height: int) -> Weights:
    """1 where the figure usually stands, 0 towards the borders."""
    x = (np.arange(width, dtype=np.float32) / max(width - 1, 1) - 0.48) / 0.3
    y = (np.arange(height, dtype=np.float32) / max(height - 1, 1) - 0.58) / 0.5
    far = np.sqrt(x[None, :] ** 2 + y[:, None] ** 2)
    return np.asarray(np.clip((1.35 - far) / 0.7, 0, 1), np.float32)
