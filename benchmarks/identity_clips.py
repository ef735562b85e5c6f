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

    def becoming(self, one: Frame, other: Frame, share: float) -> Frame:
        """The character's still, turned into the stranger's by so much (0 to 1)."""
        target = self._instead(one, other)
        return np.asarray(cv2.addWeighted(one, 1 - share, target, share, 0.0), np.uint8)

    def _instead(self, one: Frame, other: Frame) -> Frame:
        mine, theirs = (self.landmarks(one), self.landmarks(other)) if self.faces else (None, None)
        if mine is None or theirs is None:
            return filled(other, (one.shape[1], one.shape[0]))
        move, _ = cv2.estimateAffinePartial2D(theirs, mine, method=cv2.LMEDS)
        face = cv2.warpAffine(other, move, (one.shape[1], one.shape[0]), borderMode=cv2.BORDER_REFLECT)
        span = float(np.linalg.norm(mine[0] - mine[1]))
        centre = mine.mean(axis=0)
        mask = np.zeros(one.shape[:2], np.float32)
        axes = (round(span * 1.25), round(span * 1.6))
        cv2.ellipse(
            mask, (round(float(centre[0])), round(float(centre[1] - span * 0.1))), axes, 0, 0, 360, 1.0, -1
        )
        mask = cv2.GaussianBlur(mask, (0, 0), max(1.0, span * 0.15))[..., np.newaxis]
        return np.asarray(face * mask + one * (1 - mask), np.uint8)


def filled(picture: Frame, size: tuple[int, int]) -> Frame:
    """The picture scaled and cropped to fill (width, height) px."""
    high, wide = picture.shape[:2]
    scale = max(size[0] / wide, size[1] / high)
    large = cv2.resize(
        picture,
        (max(size[0], round(wide * scale)), max(size[1], round(high * scale))),
        interpolation=cv2.INTER_AREA,
    )
    top, left = (large.shape[0] - size[1]) // 2, (large.shape[1] - size[0]) // 2
    return np.asarray(large[top : top + size[1], left : left + size[0]], np.uint8)


def move(frames: Sequence[Frame], begin: float, end: float, drift: float = 0.0) -> list[Frame]:
    """A camera move over the frames.

    Zoom from `begin` to `end` (1 is all of it), sideways by `drift` (-1 to 1).
    """
    moved = []
    for at, frame in zip(np.linspace(0, 1, len(frames)), frames, strict=True):
        zoom = begin + (end - begin) * at
        high, wide = frame.shape[:2]
        width, height = wide / zoom, high / zoom
        left = (wide - width) * (0.5 + 0.5 * drift * (at - 0.5))
        top = (high - height) * 0.4
        window = frame[round(top) : round(top + height), round(left) : round(left + width)]
        moved.append(np.asarray(cv2.resize(window, (wide, high), interpolation=cv2.INTER_LINEAR), np.uint8))
    return moved


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


def _poor(_: Painter, one: Frame, __: Frame) -> list[Frame]:
    return compressed(move([one] * FRAMES, 1.0, 1.1), POOR_QUALITY)


def _shares(shares: Sequence[float]) -> Callable[[Painter, Frame, Frame], list[Frame]]:
    def make(painter: Painter, one: Frame, other: Frame) -> list[Frame]:
        return move([painter.becoming(one, other, share) for share in shares], 1.0, 1.1)

    return make


def _wrong(_: Painter, one: Frame, other: Frame) -> list[Frame]:
    return move([filled(other, (one.shape[1], one.shape[0]))] * FRAMES, 1.0, 1.1)


def _cut(_: Painter, one: Frame, other: Frame) -> list[Frame]:
    stranger = filled(other, (one.shape[1], one.shape[0]))
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
    Kind("swap halfway", is_control=False, make=_shares([0.0] * 4 + [1.0] * 5)),
    Kind("blend to 40%", is_control=False, make=_shares(ramp(0.4))),
    Kind("blend to 50%", is_control=False, make=_shares(ramp(0.5))),
    Kind("blend to 100%", is_control=False, make=_shares(ramp(1.0))),
    Kind("wrong throughout", is_control=False, make=_wrong),
    Kind("cut to a stranger", is_control=False, make=_cut),
    Kind("hue turns 90°", is_control=False, make=_hue),
)


def make_clip(kind: Kind, painter: Painter, one: Frame, other: Frame) -> list[Frame]:
    """The frames of one clip, compressed once as any clip is."""
    return compressed(kind.make(painter, one, other), QUALITY)
