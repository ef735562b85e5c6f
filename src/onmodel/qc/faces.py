"""Faces in a picture: found by YuNet, told apart by SFace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from onmodel.qc.picture import Box, shrink
from onmodel.qc.weights import locate

if TYPE_CHECKING:
    from onmodel.qc.picture import Frame, Vector

SURE = 0.75
"""YuNet's score from which a find counts as a face. Source: the identity findings, 2026-11."""
LEAST_FACE_PX = 28
"""Width of the smallest face that SFace can tell from others, at `LONG_SIDE_PX`. Source: same."""
FACE_NUMBERS = 128
"""Length of SFace's vector."""


@dataclass(frozen=True, eq=False)
class Face:
    """One face."""

    box: Box
    width_px: float
    """At the size that the picture was looked at."""
    crop: Frame
    """(112, 112, 3) uint8 BGR, turned so that the eyes are where SFace expects them."""
    recogniser: Any
    """SFace; it runs when the vector is first asked for."""

    @cached_property
    def vector(self) -> Vector:
        """(128,) float32, of length 1."""
        import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

        with _one_thread():
            numbers = self.recogniser.feature(self.crop).ravel()
        return np.asarray(numbers / max(float(np.linalg.norm(numbers)), 1e-9), np.float32)


@dataclass(frozen=True)
class Faces:
    """The faces of one picture that can be told apart, the largest first."""

    found: tuple[Face, ...]
    too_small_px: float = 0.0
    """Width of the largest face that was too small; 0 where there was none."""


class FaceFinder:
    """Loads both networks when it first looks.

    Args:
        long_side_px: longest side at which faces are looked for.
        most: faces that are told apart in one picture, the largest first.
    """

    def __init__(self, long_side_px: int, most: int) -> None:
        self._long_side_px = long_side_px
        self._most = most

    @cached_property
    def _finder(self) -> Any:
        import cv2  # noqa: PLC0415 - keeps `check` and `plan` quick

        return cv2.FaceDetectorYN.create(str(locate("faces")), "", (320, 320), SURE, 0.3, 64)

    @cached_property
    def _recogniser(self) -> Any:
        import cv2  # noqa: PLC0415 - keeps `check` and `plan` quick

        return cv2.FaceRecognizerSF.create(str(locate("identities")), "")

    def find(self, picture: Frame) -> Faces:
        """The faces of a picture, (H, W, 3) uint8 RGB."""
        import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

        picture = shrink(picture)
        small = shrink(picture, self._long_side_px)
        with _one_thread():
            self._finder.setInputSize((small.shape[1], small.shape[0]))
            rows = self._finder.detect(np.ascontiguousarray(small[..., ::-1]))[1]
        if rows is None:
            return Faces(())
        rows = rows.copy()
        rows[:, :14] *= picture.shape[1] / small.shape[1]
        rows = sorted(rows, key=lambda row: -row[2])
        large = [row for row in rows if row[2] >= LEAST_FACE_PX][: self._most]
        smaller = max((float(row[2]) for row in rows if row[2] < LEAST_FACE_PX), default=0.0)
        bgr = np.ascontiguousarray(picture[..., ::-1])
        return Faces(tuple(self._face(row, bgr) for row in large), smaller)

    def _face(self, row: Any, bgr: Frame) -> Face:
        high, wide = bgr.shape[:2]
        left, top, width, height = (float(number) for number in row[:4])
        box = (left / wide, top / high, (left + width) / wide, (top + height) / high)
        inside = tuple(min(1.0, max(0.0, edge)) for edge in box)
        return Face(
            (inside[0], inside[1], inside[2], inside[3]),
            width,
            self._recogniser.alignCrop(bgr, row),
            self._recogniser,
        )


@contextmanager
def _one_thread() -> Iterator[None]:
    """Shots are judged side by side, a process for each core: two threads took 15% more CPU for a face."""
    import cv2  # noqa: PLC0415 - keeps `check` and `plan` quick

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
