"""Clips made of stills, with a known defect or none.

nine frames of five seconds, as a judge would be given them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.identity_video import Filming, far_away, film, move
from onmodel.qc.weights import locate

Frame = NDArray[np.uint8]

FRAMES = 9
SECONDS = 5.0
TIMES = tuple(float(at) for at in np.linspace(0.0, SECONDS, FRAMES))
QUALITY = 80
"""JPEG quality that stands for a clip's own compression."""
POOR_QUALITY = 20
"""That of a badly compressed clip."""


@dataclass(frozen=True)
class Kind:
    """One kind of clip."""

    name: str
    is_control: bool
    make: Callable[[Painter, Frame, Frame], list[Frame]]
    """From the character's still and a stranger's."""


class Painter:
    """Makes the clips. Where both stills have a face, a defect changes the face and leaves the rest.

    Args:
        faces: whether faces are what changes; else the whole picture does.
    """

    def __init__(self, *, faces: bool) -> None:
        self.faces = faces

    @cached_property
    def _finder(self) -> Any:
        return cv2.FaceDetectorYN.create(str(locate("faces")), "", (320, 320), 0.75, 0.3, 16)

    def landmarks(self, picture: Frame) -> NDArray[np.float32] | None:
        """Eyes, nose and corners of the mouth of the largest face, (5, 2) px."""
        self._finder.setInputSize((picture.shape[1], picture.shape[0]))
        rows = self._finder.detect(np.ascontiguousarray(picture[..., ::-1]))[1]
        if rows is None:
            return None
        return np.asarray(max(rows, key=lambda row: row[2])[4:14].reshape(5, 2), np.float32)

    def becoming(self, one: Frame, other: Frame, shares: Sequence[float]) -> list[Frame]:
        """The character's still, turned into the stranger's by so much in each frame (0 to 1)."""
        target = self._face_of(one, other)
        return [np.asarray(cv2.addWeighted(one, 1 - share, target, share, 0.0), np.uint8) for share in shares]

    def instead(self, one: Frame, other: Frame) -> Frame:
        """The stranger's still in the size of the character's; its face stays in the picture."""
        marks = self.landmarks(other) if self.faces else None
        middle = None if marks is None else float(marks[:, 1].mean()) / other.shape[0]
        return filled(other, (one.shape[1], one.shape[0]), middle)

    def _face_of(self, one: Frame, other: Frame) -> Frame:
        mine, theirs = (self.landmarks(one), self.landmarks(other)) if self.faces else (None, None)
        if mine is None or theirs is None:
            return self.instead(one, other)
        onto, _ = cv2.estimateAffinePartial2D(theirs, mine, method=cv2.LMEDS)
        face = cv2.warpAffine(other, onto, (one.shape[1], one.shape[0]), borderMode=cv2.BORDER_REFLECT)
        span = float(np.linalg.norm(mine[0] - mine[1]))
        centre = mine.mean(axis=0)
        mask: NDArray[Any] = np.zeros(one.shape[:2], np.float32)
        axes = (round(span * 1.25), round(span * 1.6))
        cv2.ellipse(
            mask, (round(float(centre[0])), round(float(centre[1] - span * 0.1))), axes, 0, 0, 360, 1.0, -1
        )
        mask = cv2.GaussianBlur(mask, (0, 0), max(1.0, span * 0.15))[..., np.newaxis]
        return np.asarray(face * mask + one * (1 - mask), np.uint8)


def filled(picture: Frame, size: tuple[int, int], middle: float | None = None) -> Frame:
    """The picture scaled and cropped to fill (width, height) px; `middle` (0 to 1 of its height) stays in."""
    high, wide = picture.shape[:2]
    scale = max(size[0] / wide, size[1] / high)
    large = cv2.resize(
        picture,
        (max(size[0], round(wide * scale)), max(size[1], round(high * scale))),
        interpolation=cv2.INTER_AREA,
    )
    spare = large.shape[0] - size[1]
    top = spare // 2 if middle is None else min(spare, max(0, round(middle * large.shape[0] - size[1] / 2)))
    left = (large.shape[1] - size[0]) // 2
    return np.asarray(large[top : top + size[1], left : left + size[0]], np.uint8)


def compressed(frames: Sequence[Frame], quality: int) -> list[Frame]:
    """Through JPEG and back."""
    packed = [cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])[1] for frame in frames]
    return [np.asarray(cv2.imdecode(one, cv2.IMREAD_COLOR), np.uint8) for one in packed]


def lit(frame: Frame, gain: float, warmth: float) -> Frame:
    """Brighter or darker by `gain`, redder and less blue by `warmth`."""
    colour = np.array([gain * (1 + warmth), gain, gain * (1 - warmth)], np.float32)
    return np.asarray(np.clip(frame.astype(np.float32) * colour, 0, 255), np.uint8)


def hued(frame: Frame, degrees: float) -> Frame:
    """All hues turned by so much."""
    hsv = cv2.cvtColor(frame, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0].astype(int) + round(degrees / 2)) % 180
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.uint8)


def _still(_: Painter, one: Frame, __: Frame) -> list[Frame]:
    return move([one] * FRAMES, 1.0, 1.1)


def _crop(_: Painter, one: Frame, __: Frame) -> list[Frame]:
    return move([one] * FRAMES, 1.25, 1.3)


def _light(_: Painter, one: Frame, __: Frame) -> list[Frame]:
    turns = zip(np.linspace(1.0, 0.6, FRAMES), np.linspace(0.0, 0.15, FRAMES), strict=True)
    return move([lit(one, float(gain), float(warmth)) for gain, warmth in turns], 1.0, 1.05)


def _camera(_: Painter, one: Frame, __: Frame) -> list[Frame]:
    return move([one] * FRAMES, 1.0, 1.35, drift=1.0)


def _back(_: Painter, one: Frame, __: Frame) -> list[Frame]:
    return move([one] * FRAMES, 1.35, 1.0, drift=-1.0)


def _far(_: Painter, one: Frame, __: Frame) -> list[Frame]:
    return move([far_away(one, 0.6)] * FRAMES, 1.15, 1.0)


def _rising(_: Painter, one: Frame, __: Frame) -> list[Frame]:
    turns = zip(np.linspace(0.65, 1.15, FRAMES), np.linspace(0.1, -0.1, FRAMES), strict=True)
    return move([lit(one, float(gain), float(warmth)) for gain, warmth in turns], 1.0, 1.05)


def _filmed(_: Painter, one: Frame, __: Frame) -> list[Frame]:
    return film([one] * FRAMES, Filming())


def _filmed_blend(painter: Painter, one: Frame, other: Frame) -> list[Frame]:
    return film(painter.becoming(one, other, ramp(0.5)), Filming())


def _poor(_: Painter, one: Frame, __: Frame) -> list[Frame]:
    return compressed(move([one] * FRAMES, 1.0, 1.1), POOR_QUALITY)


def _shares(shares: Sequence[float]) -> Callable[[Painter, Frame, Frame], list[Frame]]:
    def make(painter: Painter, one: Frame, other: Frame) -> list[Frame]:
        return move(painter.becoming(one, other, shares), 1.0, 1.1)

    return make


def _wrong(painter: Painter, one: Frame, other: Frame) -> list[Frame]:
    return move([painter.instead(one, other)] * FRAMES, 1.0, 1.1)


def _cut(painter: Painter, one: Frame, other: Frame) -> list[Frame]:
    stranger = painter.instead(one, other)
    return move([stranger if 5 <= number < 8 else one for number in range(FRAMES)], 1.0, 1.1)


def _hue(_: Painter, one: Frame, __: Frame) -> list[Frame]:
    return move([hued(one, degrees) for degrees in np.linspace(0, 90, FRAMES)], 1.0, 1.1)


def ramp(end: float) -> list[float]:
    """From nothing to `end`, evenly."""
    return [float(share) for share in np.linspace(0.0, end, FRAMES)]


KINDS = (
    Kind("still", is_control=True, make=_still),
    Kind("crop", is_control=True, make=_crop),
    Kind("light", is_control=True, make=_light),
    Kind("camera move", is_control=True, make=_camera),
    Kind("compression", is_control=True, make=_poor),
    Kind("camera goes back", is_control=True, make=_back),
    Kind("small in the frame", is_control=True, make=_far),
    Kind("light rises", is_control=True, make=_rising),
    Kind("filmed", is_control=True, make=_filmed),
    Kind("swap halfway", is_control=False, make=_shares([0.0] * 4 + [1.0] * 5)),
    Kind("blend to 40%", is_control=False, make=_shares(ramp(0.4))),
    Kind("blend to 50%", is_control=False, make=_shares(ramp(0.5))),
    Kind("blend to 100%", is_control=False, make=_shares(ramp(1.0))),
    Kind("blend to 50%, filmed", is_control=False, make=_filmed_blend),
    Kind("wrong throughout", is_control=False, make=_wrong),
    Kind("cut to a stranger", is_control=False, make=_cut),
    Kind("hue turns 90°", is_control=False, make=_hue),
)


def make_clip(kind: Kind, painter: Painter, one: Frame, other: Frame) -> list[Frame]:
    """The frames of one clip, compressed once as any clip is."""
    return compressed(kind.make(painter, one, other), QUALITY)
