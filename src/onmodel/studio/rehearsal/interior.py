"""What rooms are made of: walls and boards, windows, hanging lamps."""

from __future__ import annotations

import numpy as np

from onmodel.studio.rehearsal.canvas import Colour, darker, ellipse, lighter
from onmodel.studio.rehearsal.staging import Scene


def walls(scene: Scene, wall: Colour, floor: Colour) -> None:
    """A wall, a skirting board and a floor of boards that run towards the back."""
    w, h, y, u = scene.w, scene.h, scene.horizon, scene.u
    scene.canvas.gradient(darker(wall, 0.18), lighter(wall, 0.06), 0, y)
    scene.floor(darker(floor, 0.16), lighter(floor, 0.08))
    for step in range(-10, 22):
        far = step * w / 12
        scene.line([(far, y), (w * 0.5 + (far - w * 0.5) * 2.4, h)], 1.6, darker(floor, 0.35), 0.55)
    scene.box(0, y - u * 0.03, w, y, darker(wall, 0.35), darker(wall, 0.45))


def window(scene: Scene, left: float, top: float, wide: float, tall: float) -> None:
    """A window with the sky of the scene's light in it; left, top and sides in pixels."""
    frame: Colour = (232, 222, 206)
    scene.box(left - 8, top - 8, left + wide + 8, top + tall + 8, frame, darker(frame, 0.15), edge=2)
    scene.box(left, top, left + wide, top + tall, scene.light.high, scene.light.low)
    if not scene.light.dark:
        scene.put(
            [
                ellipse(left + wide * 0.3, top + tall * 0.98, wide * 0.3, tall * 0.2),
                ellipse(left + wide * 0.75, top + tall, wide * 0.25, tall * 0.14),
            ],
            (134, 176, 122),
            alpha=0.6,
        )
    scene.box(left + wide / 2 - 4, top, left + wide / 2 + 4, top + tall, frame)
    scene.box(left, top + tall / 2 - 4, left + wide, top + tall / 2 + 4, frame)
    scene.box(left - 16, top + tall + 6, left + wide + 16, top + tall + 18, darker(frame, 0.1), edge=1.5)


def hanging_lamp(scene: Scene, x: float, drop: float) -> None:
    """A lamp on a cable, `drop` pixels long, with its cone of light."""
    u = scene.u
    scene.line([(x, 0), (x, drop)], 3, (50, 44, 50))
    shade = [
        (x - u * 0.022, drop),
        (x + u * 0.022, drop),
        (x + u * 0.075, drop + u * 0.055),
        (x - u * 0.075, drop + u * 0.055),
    ]
    beam = [
        (x - u * 0.07, drop + u * 0.06),
        (x + u * 0.07, drop + u * 0.06),
        (x + u * 0.42, scene.h * 0.94),
        (x - u * 0.42, scene.h * 0.94),
    ]
    scene.put([np.array(beam)], (255, 228, 160), (255, 222, 150), alpha=0.13, soft=u * 0.02)
    scene.lamp(x, drop + u * 0.07, u * 0.42, 0.5)
    scene.disc(x, drop + u * 0.06, u * 0.026, u * 0.022, (255, 244, 206))
    scene.put([np.array(shade)], (74, 112, 104), (48, 78, 76), edge=2)
