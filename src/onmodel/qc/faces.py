"""Faces in a picture: found by YuNet, told apart by SFace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from onmodel.qc.network import opened
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
CROP_PX = 112
MARKS_PX = (38.2946, 51.6963, 73.5318, 51.5014, 56.0252, 71.7366, 41.5493, 92.3655, 70.7299, 92.2041)
"""Side of the picture that SFace takes; where on it, x and y, it wants both eyes, the nose and the mouth's
corners. Source: OpenCV 4.14, `FaceRecognizerSF.alignCrop`."""


@dataclass(frozen=True, eq=False)
class Face:
    """One face."""

    box: Box
    width_px: float
    """At the size that the picture was looked at."""
    crop: Frame
    """(112, 112, 3) uint8 RGB, turned so that the eyes are where SFace expects them."""

    @cached_property
    def vector(self) -> Vector:
        """(128,) float32, of length 1; SFace runs when it is first asked for."""
        import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

        planes = self.crop.transpose(2, 0, 1)[np.newaxis].astype(np.float32)
        numbers = opened("identities").run(np.ascontiguousarray(planes)).ravel()
        return np.asarray(numbers / max(float(np.linalg.norm(numbers)), 1e-9), np.float32)


@dataclass(frozen=True)
class Faces:
    """The faces of one picture that can be told apart, the largest first."""

    found: tuple[Face, ...]
    too_small_px: float = 0.0
    """Width of the largest face that was too small; 0 where there was none."""


class FaceFinder:
    """Loads YuNet when it first looks.

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
        return Faces(tuple(_face(row, picture) for row in large), smaller)


def _face(row: Any, picture: Frame) -> Face:
    high, wide = picture.shape[:2]
    left, top, width, height = (float(number) for number in row[:4])
    box = (left / wide, top / high, (left + width) / wide, (top + height) / high)
    inside = tuple(min(1.0, max(0.0, edge)) for edge in box)
    return Face((inside[0], inside[1], inside[2], inside[3]), width, _upright(picture, row[4:14]))


def _upright(picture: Frame, marks: Vector) -> Frame:
    """A face turned and scaled onto SFace's own landmarks, with the least squares between them.

    Args:
        picture: (H, W, 3) uint8 RGB.
        marks: x and y of both eyes, the nose and the corners of the mouth, (10,) px.
    """
    import cv2  # noqa: PLC0415 - keeps `check` and `plan` quick
    import numpy as np  # noqa: PLC0415 - same

    # As complex numbers a turn with a scale is one factor.
    mine, wanted = (np.asarray(one, float).reshape(5, 2) @ [1, 1j] for one in (marks, MARKS_PX))
    aside = mine - mine.mean()
    # Marks that all lie in one place, of no real face, are as good as any.
    turn = np.vdot(aside, wanted - wanted.mean()) / max(np.vdot(aside, aside).real, 1e-6)
    shift = wanted.mean() - turn * mine.mean()
    onto = np.array([(turn.real, -turn.imag, shift.real), (turn.imag, turn.real, shift.imag)])
    return np.asarray(cv2.warpAffine(picture, onto, (CROP_PX, CROP_PX)), np.uint8)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Shots are judged side by side, a process for each core: two threads took more CPU for a face."""
    import cv2  # noqa: PLC0415 - keeps `check` and `plan` quick

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
