"""The pen: draws on a canvas in a figure's own space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, sin

import numpy as np

from onmodel.studio.rehearsal.canvas import Canvas, Colour, Ink, Points, darker, ellipse, ribbon


@dataclass(frozen=True)
class Pen:
    """Draws on a canvas in a figure's own space: origin at its feet, y upwards, 1 is its height."""

    canvas: Canvas
    x: float
    y: float
    """Where the origin lies on the canvas, in pixels."""
    scale: float
    """Pixels to a unit."""
    turn: float = 0.0
    """Radians, clockwise in the picture."""
    light: tuple[float, float] = (-0.6, -0.8)
    line: float = 0.006
    """Width of outlines, in units."""

    def at(self, x: float, y: float) -> tuple[float, float]:
        """A point of the figure, in pixels of the canvas."""
        px, py = x * self.scale, -y * self.scale
        return (
            self.x + px * cos(self.turn) - py * sin(self.turn),
            self.y + px * sin(self.turn) + py * cos(self.turn),
        )

    def inside(self, x: float, y: float, turn: float = 0.0) -> Pen:
        """A pen whose origin is a point of this one's space, turned clockwise."""
        px, py = self.at(x, y)
        return Pen(self.canvas, px, py, self.scale, self.turn + turn, self.light, self.line)

    def shape(
        self,
        shapes: Sequence[Points],
        colour: Colour,
        *,
        to: Colour | None = None,
        shade: float = 0.45,
        edged: bool = True,
        alpha: float = 1.0,
        soft: float = 0.0,
    ) -> None:
        """A shaded, outlined shape; by default it darkens a little downwards."""
        turned = [self._turned(shape) for shape in shapes]
        edge_px = max(1.0, self.line * self.scale) if edged else 0.0
        ink = Ink(
            colour, to or darker(colour, 0.1), alpha, soft * self.scale, shade, edge_px, None, self.light
        )
        self.canvas.paint(turned, ink)

    def ball(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        colour: Colour,
        *,
        edged: bool = True,
        shade: float = 0.45,
    ) -> None:
        """An ellipse about a point."""
        self.shape([ellipse(x, y, rx, ry)], colour, shade=shade, edged=edged)

    def limb(
        self,
        points: Sequence[tuple[float, float]],
        widths: Sequence[float],
        colour: Colour,
        shade: float = 0.4,
    ) -> None:
        """An arm, leg or cable through some points."""
        self.shape(ribbon(points, widths), colour, shade=shade)

    def mark(
        self, points: Sequence[tuple[float, float]], width: float, colour: Colour, alpha: float = 1.0
    ) -> None:
        """A flat line: a seam, a mouth, an eyebrow."""
        self.shape(
            ribbon(points, [width] * len(points)), colour, to=colour, shade=0, edged=False, alpha=alpha
        )

    def spot(self, x: float, y: float, rx: float, ry: float, colour: Colour, alpha: float = 1.0) -> None:
        """A flat ellipse without outline: an iris, a highlight, a cheek."""
        self.shape([ellipse(x, y, rx, ry)], colour, to=colour, shade=0, edged=False, alpha=alpha)

    def _turned(self, shape: Points) -> Points:
        px, py = shape[:, 0] * self.scale, -shape[:, 1] * self.scale
        return np.stack(
            [
                self.x + px * cos(self.turn) - py * sin(self.turn),
                self.y + px * sin(self.turn) + py * cos(self.turn),
            ],
            axis=1,
        )
