"""Diagrams in a corner: what a camera does that no still can show, seen from above or from the side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import cos, pi, radians, sin
from typing import Final

import cv2
import numpy as np

from onmodel.studio.rehearsal.canvas import Picture
from onmodel.studio.rehearsal.clip import Planes, to_planes
from onmodel.studio.rehearsal.moves import MOST_AT_ONCE
from onmodel.studio.rehearsal.paths import eased

_HIGH: Final = 0.17
"""Height of a diagram, in shorter sides of the frame."""
_GROUND, _LINE, _FIGURE, _CAMERA = (18, 18, 26), (96, 104, 124), (255, 214, 92), (150, 214, 240)
_LEAST_PX: Final = 8
"""Height of a diagram below which none is drawn."""
_NEAR_GROUND: Final = 8
"""By how many levels, in the mean, an encoder may change the ground."""
_WIDE_PX, _HIGH_PX = 160, 120
"""Size at which a diagram is drawn, before it is brought to the frame's."""

_SHIFT: Final = 4
"""Bits of a pixel's fraction in OpenCV's drawing."""

Spot = tuple[float, float]


def with_diagrams(
    film: Iterable[Planes], names: Iterable[str], frames: int, *, returns: bool = False
) -> Iterator[Planes]:
    """Lay diagrams over the lower left corner of every frame, side by side.

    Args:
        film: the frames.
        names: of the diagrams; an empty one is none.
        frames: how many there are.
        returns: whether the camera ends where it began.
    """
    drawn = [_DIAGRAMS[name] for name in names if name]
    for index, planes in enumerate(film):
        share = index / max(frames - 1, 1)
        gone = sin(pi * share) ** 2 / 2 if returns else share
        for place, draw in enumerate(drawn):
            _lay(planes, draw(eased(gone)), place)
        yield planes


def without_diagrams(picture: Picture) -> Picture:
    """A picture that was a clip's frame, with what its diagrams hid filled in from around them.

    Args:
        picture: (H, W, 3) uint8 RGB; one without a diagram stays as it is.
    """
    for place in range(MOST_AT_ONCE):
        left, top, right, bottom = _box(picture.shape[0], picture.shape[1], place)
        shown = picture[top:bottom, left:right].astype(np.int16)
        if shown.size == 0 or bottom - top < _LEAST_PX:
            break
        edges = np.concatenate([shown[2], shown[-3], shown[:, 2], shown[:, -3]])
        if np.abs(edges - np.array(_GROUND)).mean() > _NEAR_GROUND:
            break
        hidden = np.zeros(picture.shape[:2], np.uint8)
        hidden[max(0, top - 4) : bottom + 4, max(0, left - 4) : right + 4] = 255
        picture = np.asarray(cv2.inpaint(picture, hidden, 3, cv2.INPAINT_TELEA), np.uint8)
    return picture


def _box(height: int, width: int, place: int) -> tuple[int, int, int, int]:
    """Where a diagram lies: left, top, right, bottom, in pixels, all even."""
    short = min(height, width)
    high = round(short * _HIGH) // 2 * 2
    wide = round(high * _WIDE_PX / _HIGH_PX) // 2 * 2
    margin = round(short * 0.03) // 2 * 2
    top, left = height - margin - high, margin + place * (wide + margin)
    return left, top, left + wide, top + high


def _lay(planes: Planes, picture: Picture, place: int) -> None:
    height, width = planes.y.shape
    left, top, right, bottom = _box(height, width, place)
    wide, high = right - left, bottom - top
    if high < _LEAST_PX:
        return
    small = to_planes(np.asarray(cv2.resize(picture, (wide, high), interpolation=cv2.INTER_AREA), np.uint8))
    for plane, part, step in ((planes.y, small.y, 1), (planes.u, small.u, 2), (planes.v, small.v, 2)):
        spot = plane[top // step : bottom // step, left // step : right // step]
        spot[:] = part[:, : spot.shape[1]]


def _paper() -> Picture:
    return np.full((_HIGH_PX, _WIDE_PX, 3), _GROUND, np.uint8)


def _orbit(share: float) -> Picture:
    """From above: the camera goes round the figure."""
    paper, middle, reach = _paper(), (80, 56), 40
    cv2.circle(paper, middle, reach, _LINE, 1, cv2.LINE_AA)
    angle = radians(90 - 70 * share)
    camera = (middle[0] + reach * cos(angle), middle[1] + reach * sin(angle))
    cv2.ellipse(paper, middle, (reach, reach), 0, 90 - 70 * share, 90, _CAMERA, 2, cv2.LINE_AA)
    _sight(paper, camera, middle, 22)
    cv2.circle(paper, middle, 7, _FIGURE, -1, cv2.LINE_AA)
    return paper


def _dolly_zoom(share: float) -> Picture:
    """From above: the camera goes back while its lens gets longer, so that the figure stays as large."""
    paper = _paper()
    figure, camera = (62.0, 60.0), (96.0 + 48 * share, 60.0)
    cv2.line(paper, (14, 12), (14, 108), _LINE, 3, cv2.LINE_AA)
    cv2.line(paper, (92, 100), (150, 100), _LINE, 1, cv2.LINE_AA)
    cv2.circle(paper, (round(camera[0]), 100), 3, _CAMERA, -1, cv2.LINE_AA)
    _sight(paper, camera, figure, float(np.degrees(np.arctan2(15, camera[0] - figure[0]))), to=14)
    cv2.circle(paper, (62, 60), 7, _FIGURE, -1, cv2.LINE_AA)
    return paper


def _focus(share: float) -> Picture:
    """From the side: the plane that is sharp goes from the figure to what is behind it."""
    paper = _paper()
    far = round(62 - 44 * share)
    cv2.line(paper, (14, 20), (14, 100), _LINE, 3, cv2.LINE_AA)
    cv2.circle(paper, (62, 60), 7, _FIGURE, -1, cv2.LINE_AA)
    cv2.line(paper, (far, 16), (far, 104), _CAMERA, 2, cv2.LINE_AA)
    _sight(paper, (140, 60), (62, 60), 20, to=14)
    return paper


def _sight(paper: Picture, camera: Spot, aim: Spot, half_deg: float, to: float | None = None) -> None:
    """A camera, and the two edges of what it sees."""
    dx, dy = aim[0] - camera[0], aim[1] - camera[1]
    far = np.hypot(dx, dy) * 1.5 if to is None else camera[0] - to
    turn = np.arctan2(dy, dx)
    for side in (-1, 1):
        edge = turn + side * radians(half_deg)
        end = (camera[0] + far * cos(edge), camera[1] + far * sin(edge))
        cv2.line(paper, _px(camera), _px(end), _CAMERA, 1, cv2.LINE_AA, _SHIFT)
    cv2.circle(paper, _px(camera), 5 << _SHIFT, _CAMERA, -1, cv2.LINE_AA, _SHIFT)


def _px(spot: Spot) -> tuple[int, int]:
    return round(spot[0] * (1 << _SHIFT)), round(spot[1] * (1 << _SHIFT))


_DIAGRAMS: Final[Mapping[str, Callable[[float], Picture]]] = {
    "orbit": _orbit,
    "orbit left": lambda share: np.ascontiguousarray(_orbit(share)[:, ::-1]),
    "dolly zoom": _dolly_zoom,
    "focus": _focus,
}
