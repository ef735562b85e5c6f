"""Pictures as arrays, and what can be said of one before any scorer looks at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Frame = NDArray[np.uint8]
    """(H, W, 3) uint8 RGB, full range."""
    Vector = NDArray[np.float32]
    """(n,) float32."""
    Vectors = NDArray[np.float32]
    """(k, n) float32."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, as shares of the frame's width and height."""

LONG_SIDE_PX = 640
"""Longest side at which a picture is scored.

Source: the identity findings, 2026-11: faces were measured so.
"""
LEAST_SIDE_PX = 96
"""Shortest side of a picture that can be scored: below it the network sees three cells of 32 px or fewer."""
FLAT_LEVELS = 4.0
"""Standard deviation of the grey levels (of 255) under which there is nothing on a picture."""


def shrink(picture: Frame, long_side_px: int = LONG_SIDE_PX) -> Frame:
    """The picture with its longest side at most so long; smaller ones stay as they are."""
    import cv2  # noqa: PLC0415 - keeps `check` and `plan` quick
    import numpy as np  # noqa: PLC0415 - same

    height, width = picture.shape[:2]
    share = long_side_px / max(height, width)
    if share >= 1:
        return picture
    size = max(1, round(width * share)), max(1, round(height * share))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def why_unseen(picture: Frame) -> str:
    """Why nobody could recognise anything on a picture; empty where somebody might."""
    import cv2  # noqa: PLC0415 - keeps `check` and `plan` quick

    height, width = picture.shape[:2]
    if min(height, width) < LEAST_SIDE_PX:
        return f"the picture is {width}x{height} px; at least {LEAST_SIDE_PX} on its shorter side are needed"
    if float(cv2.meanStdDev(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))[1].item()) < FLAT_LEVELS:
        return "the picture is black or of one flat colour"
    return ""
