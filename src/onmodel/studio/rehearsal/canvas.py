"""The canvas: anti-aliased flat shapes with soft shade, of which every rehearsal picture is made.

Masks are drawn at twice the size and averaged down; colour is blended in float, so gradients do not band.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, cos, floor, pi, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from onmodel.units import Size

Colour = tuple[float, float, float]
"""Red, green, blue, each 0-255."""
Points = NDArray[np.float64]
"""Corners of a shape, (N, 2) as x, y."""
Picture = NDArray[np.uint8]
"""(H, W, 3) uint8 RGB."""
Mask = NDArray[np.float32]
Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""

_OVER = 2
_SHIFT = 4


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """One colour moved towards another; share 0 is the first, 1 the other."""
    red, green, blue = (a + (b - a) * share for a, b in zip(one, other, strict=True))
    return (red, green, blue)


def darker(colour: Colour, share: float) -> Colour:
    """A colour moved towards a deep blue-black, as shadows are painted."""
    return mix(colour, (22, 18, 38), share)


def lighter(colour: Colour, share: float) -> Colour:
    """A colour moved towards warm white."""
    return mix(colour, (255, 252, 244), share)


def ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0.0, steps: int = 56) -> Points:
    """An ellipse about a point; `turn` in radians."""
    angles = np.linspace(0.0, 2 * pi, steps, endpoint=False)
    px, py = rx * np.cos(angles), ry * np.sin(angles)
    return np.stack([x + px * cos(turn) - py * sin(turn), y + px * sin(turn) + py * cos(turn)], axis=1)


def rounded(left: float, top: float, right: float, bottom: float, radius: float) -> Points:
    """A box with round corners."""
    radius = min(radius, abs(right - left) / 2, abs(bottom - top) / 2)
    corners = [
        (right - radius, bottom - radius, 0.0),
        (left + radius, bottom - radius, pi / 2),
        (left + radius, top + radius, pi),
        (right - radius, top + radius, 1.5 * pi),
    ]
    arcs = [
        [
            (x + radius * cos(start + step * pi / 12), y + radius * sin(start + step * pi / 12))
            for step in range(7)
        ]
        for x, y, start in corners
    ]
    return np.array([point for arc in arcs for point in arc])


def ribbon(points: Sequence[tuple[float, float]], widths: Sequence[float]) -> list[Points]:
    """A tapering stroke with round joints, as the shapes that cover it."""
    parts: list[Points] = []
    for (x, y), width in zip(points, widths, strict=True):
        parts.append(ellipse(x, y, width / 2, width / 2, steps=20))
    for index in range(len(points) - 1):
        (x0, y0), (x1, y1) = points[index], points[index + 1]
        length = max(float(np.hypot(x1 - x0, y1 - y0)), 1e-9)
        nx, ny = -(y1 - y0) / length / 2, (x1 - x0) / length / 2
        w0, w1 = widths[index], widths[index + 1]
        parts.append(
            np.array(
                [
                    (x0 + nx * w0, y0 + ny * w0),
                    (x1 + nx * w1, y1 + ny * w1),
                    (x1 - nx * w1, y1 - ny * w1),
                    (x0 - nx * w0, y0 - ny * w0),
                ]
            )
        )
    return parts


def smooth(points: Sequence[tuple[float, float]], rounds: int = 3) -> Points:
    """A closed shape with its corners cut round (Chaikin)."""
    outline = np.array(points, dtype=np.float64)
    for _ in range(rounds):
        following = np.roll(outline, -1, axis=0)
        outline = np.stack([outline * 0.75 + following * 0.25, outline * 0.25 + following * 0.75], 1).reshape(
            -1, 2
        )
    return outline


def curve(points: Sequence[tuple[float, float]], steps: int = 9) -> list[tuple[float, float]]:
    """A Bezier curve from the first point to the last, drawn towards those between."""
    path = []
    for share in np.linspace(0, 1, steps):
        row = np.array(points, dtype=np.float64)
        while len(row) > 1:
            row = row[:-1] + (row[1:] - row[:-1]) * share
        path.append((float(row[0][0]), float(row[0][1])))
    return path


@dataclass(frozen=True)
class Ink:
    """How a shape is filled."""

    colour: Colour
    to: Colour | None = None
    """Colour at the shape's bottom; None for one flat colour."""
    alpha: float = 1.0
    soft_px: float = 0.0
    """Blur of the shape's border."""
    shade: float = 0.0
    """Darkness of the crescent on the side away from the light, 0-1."""
    edge_px: float = 0.0
    """Width of the outline, outside the shape."""
    edge: Colour | None = None
    """Colour of the outline; None for a darkened `colour`."""
    light: tuple[float, float] = (-0.6, -0.8)
    """Where light comes from, as a direction in the picture."""


class Canvas:
    """A picture in the making, (H, W, 3) float32 RGB 0-255; x to the right, y downwards, in pixels."""

    def __init__(self, size: Size, ground: Colour = (255, 255, 255)) -> None:
        self.size = size
        self.pixels: NDArray[np.float32] = np.empty((size.height, size.width, 3), np.float32)
        self.pixels[:] = np.array(ground, np.float32)

    def gradient(
        self, top: Colour, bottom: Colour, start_px: float = 0.0, end_px: float | None = None
    ) -> None:
        """Fill rows start..end with a vertical gradient, whole width."""
        last = float(self.size.height) if end_px is None else end_px
        low, high = max(0, floor(start_px)), min(self.size.height, ceil(last))
        if high <= low:
            return
        share = np.clip((np.arange(low, high) + 0.5 - start_px) / max(last - start_px, 1e-6), 0, 1)
        rows = np.array(top) + (np.array(bottom) - np.array(top)) * share[:, None]
        self.pixels[low:high] = rows[:, None, :].astype(np.float32)

    def paint(self, shapes: Sequence[Points], ink: Ink) -> None:
        """Paint the union of some shapes: outline, fill, and the crescent of shade."""
        box = self._box(shapes, 3 * ink.soft_px + ink.edge_px + 3)
        if box is None or ink.alpha <= 0:
            return
        left, top, right, bottom = box
        spot = self.pixels[top:bottom, left:right]
        raw = _raw_mask(shapes, box)
        mask = _settle(raw, ink.soft_px)
        if ink.edge_px > 0:
            reach = max(1, round(ink.edge_px * _OVER))
            kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
            outline = _settle(np.asarray(cv2.dilate(raw, kernel), np.uint8), 0)
            _blend(spot, ink.edge or darker(ink.colour, 0.62), outline * ink.alpha)
        _blend(spot, _tones(ink, shapes, box), mask * ink.alpha)
        if ink.shade > 0:
            reach = 0.13 * min(np.ptp(np.concatenate(shapes), axis=0).tolist())
            dx, dy = ink.light[0] * reach, ink.light[1] * reach
            height, width = mask.shape
            lit = cv2.warpAffine(mask, np.array([[1, 0, dx], [0, 1, dy]]), (width, height))
            if reach > 1:
                lit = cv2.GaussianBlur(lit, (0, 0), max(0.6, reach * 0.22))
            _blend(spot, darker(ink.colour, 0.55), mask * (1 - lit) * ink.shade * ink.alpha)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
        """Add light about a point, falling off to nothing at `radius`."""
        left, top = max(0, floor(x - radius)), max(0, floor(y - radius))
        right, bottom = min(self.size.width, ceil(x + radius)), min(self.size.height, ceil(y + radius))
        if right <= left or bottom <= top or radius <= 0:
            return
        rows = ((np.arange(top, bottom) + 0.5 - y) / radius)[:, None] ** 2
        columns = ((np.arange(left, right) + 0.5 - x) / radius)[None, :] ** 2
        fall = (np.clip(1 - rows - columns, 0, 1) ** 2 * strength).astype(np.float32)
        spot = self.pixels[top:bottom, left:right]
        spot += (np.array(colour, np.float32) - spot * 0.35) * fall[:, :, None]
        np.clip(spot, 0, 255, out=spot)

    def tint(self, colour: Colour, share: float) -> None:
        """Multiply the picture by a coloured light; share 0 leaves it alone."""
        self.pixels *= np.array(mix((255, 255, 255), colour, share), np.float32) / 255

    def blur(self, sigma_px: float) -> None:
        """Throw the whole picture out of focus."""
        if sigma_px > 0:
            self.pixels = np.asarray(cv2.GaussianBlur(self.pixels, (0, 0), sigma_px), np.float32)

    def vignette(self, share: float) -> None:
        """Darken the corners."""
        y = np.linspace(-1, 1, self.size.height, dtype=np.float32)[:, None] ** 2
        x = np.linspace(-1, 1, self.size.width, dtype=np.float32)[None, :] ** 2
        self.pixels *= (1 - share * np.clip((x + y) * 0.5, 0, 1) ** 1.5)[:, :, None]

    def picture(self) -> Picture:
        """The finished picture, (H, W, 3) uint8 RGB."""
        finished: Picture = np.clip(self.pixels + 0.5, 0, 255).astype(np.uint8)
        return finished

    def _box(self, shapes: Sequence[Points], margin: float) -> Box | None:
        every = np.concatenate(shapes)
        low, high = every.min(axis=0) - margin, every.max(axis=0) + margin
        left, top = max(0, floor(low[0])), max(0, floor(low[1]))
        right, bottom = min(self.size.width, ceil(high[0])), min(self.size.height, ceil(high[1]))
        return (left, top, right, bottom) if right > left and bottom > top else None


def _raw_mask(shapes: Sequence[Points], box: Box) -> NDArray[np.uint8]:
    left, top, right, bottom = box
    mask = np.zeros(((bottom - top) * _OVER, (right - left) * _OVER), np.uint8)
    for shape in shapes:
        corners = np.round((shape - (left, top)) * (_OVER << _SHIFT)).astype(np.int32)
        cv2.fillPoly(mask, [corners], 255, cv2.LINE_AA, _SHIFT)
    return mask


def _settle(raw: NDArray[np.uint8], soft_px: float) -> Mask:
    small = cv2.resize(raw, None, fx=1 / _OVER, fy=1 / _OVER, interpolation=cv2.INTER_AREA)
    mask = small.astype(np.float32) * np.float32(1 / 255)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), soft_px) if soft_px > 0 else mask, np.float32)


def _tones(ink: Ink, shapes: Sequence[Points], box: Box) -> NDArray[np.float32]:
    if ink.to is None:
        return np.array(ink.colour, np.float32)
    rows = np.concatenate(shapes)[:, 1]
    low, high = float(rows.min()), float(rows.max())
    share = np.clip((np.arange(box[1], box[3]) + 0.5 - low) / max(high - low, 1e-6), 0, 1)
    tones = np.array(ink.colour) + (np.array(ink.to) - np.array(ink.colour)) * share[:, None]
    return np.asarray(tones[:, None, :], np.float32)


def _blend(spot: NDArray[np.float32], tones: Colour | NDArray[np.float32], mask: Mask) -> None:
    spot += (np.asarray(tones, np.float32) - spot) * mask[:, :, None]
