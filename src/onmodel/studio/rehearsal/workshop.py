"""The workshop: tools on a board, shelves, gears, a bench under a lamp."""

from __future__ import annotations

from math import pi

import numpy as np

from onmodel.studio.rehearsal.canvas import Colour, darker, lighter
from onmodel.studio.rehearsal.interior import hanging_lamp, walls, window
from onmodel.studio.rehearsal.staging import Scene


def _shelf(scene: Scene, left: float, top: float, wide: float, things: int) -> None:
    u = scene.u
    wood: Colour = (142, 98, 66)
    hues: tuple[Colour, ...] = (
        (196, 86, 70),
        (74, 128, 140),
        (222, 176, 90),
        (112, 140, 96),
        (188, 186, 192),
        (150, 100, 140),
    )
    x = left + u * 0.012
    for _ in range(things):
        hue = hues[int(scene.dice.integers(0, len(hues)))]
        size, tall = u * scene.dice.uniform(0.03, 0.06), u * scene.dice.uniform(0.035, 0.08)
        if x + size > left + wide - u * 0.01:
            break
        if scene.dice.integers(0, 2):
            scene.box(x, top - tall, x + size, top, hue, darker(hue, 0.2), radius=4, edge=1.5)
        else:
            scene.box(
                x, top - tall, x + size * 0.8, top, lighter(hue, 0.25), hue, radius=size * 0.3, edge=1.5
            )
            scene.box(
                x + size * 0.08,
                top - tall - u * 0.008,
                x + size * 0.72,
                top - tall + 2,
                darker(hue, 0.4),
                radius=2,
            )
        x += size + u * scene.dice.uniform(0.004, 0.03)
    scene.box(left, top, left + wide, top + u * 0.016, wood, darker(wood, 0.25), edge=1.5)
    for share in (0.12, 0.88):
        scene.box(
            left + wide * share - 4,
            top + u * 0.016,
            left + wide * share + 4,
            top + u * 0.045,
            darker(wood, 0.35),
        )


def _gear(scene: Scene, x: float, y: float, radius: float, colour: Colour) -> None:
    angles = np.linspace(0, 2 * pi, 49)[:-1]
    reach = np.where((np.arange(48) // 2) % 2 == 0, radius, radius * 0.82)
    scene.put(
        [np.stack([x + reach * np.cos(angles), y + reach * np.sin(angles)], 1)],
        colour,
        darker(colour, 0.2),
        shade=0.3,
        edge=1.5,
    )
    scene.disc(x, y, radius * 0.34, radius * 0.34, darker(colour, 0.5))


def workshop(scene: Scene) -> None:
    """A cluttered workshop: tools on a board, shelves, gears, a bench, a hanging lamp."""
    u, w, y = scene.u, scene.w, scene.horizon
    walls(scene, (158, 122, 98), (128, 92, 68))
    for row in range(1, 9):
        scene.line([(0, y * row / 9), (w, y * row / 9)], 1.5, (110, 82, 66), 0.4)
    window(scene, w * 0.06, y * 0.3, u * 0.24, u * 0.22)
    board = w * 0.5 if w > scene.h else w * 0.46
    scene.box(
        board,
        y * 0.28,
        board + u * 0.42,
        y * 0.28 + u * 0.26,
        (196, 160, 116),
        (176, 138, 98),
        radius=4,
        edge=2,
    )
    _tools(scene, board, y * 0.28)
    if w > scene.h:
        _shelf(scene, w * 0.8, y * 0.36, u * 0.34, 5)
        _shelf(scene, w * 0.8, y * 0.6, u * 0.34, 5)
        _shelf(scene, w * 0.06, y * 0.9, u * 0.34, 5)
        _gear(scene, w * 0.315, y * 0.5, u * 0.06, (176, 140, 84))
        _gear(scene, w * 0.365, y * 0.62, u * 0.04, (150, 154, 164))
    else:
        _shelf(scene, w * 0.06, y * 0.86, u * 0.5, 7)
        _gear(scene, w * 0.78, y * 0.78, u * 0.09, (176, 140, 84))
        _gear(scene, w * 0.92, y * 0.86, u * 0.06, (150, 154, 164))
    _bench(scene)
    hanging_lamp(scene, w * 0.36, y * 0.14)


def _tools(scene: Scene, x: float, y: float) -> None:
    u = scene.u
    steel, wood = (172, 178, 188), (150, 92, 58)
    scene.box(
        x + u * 0.03, y + u * 0.045, x + u * 0.1, y + u * 0.075, steel, darker(steel, 0.3), radius=4, edge=1.5
    )
    scene.box(x + u * 0.058, y + u * 0.075, x + u * 0.073, y + u * 0.2, wood, radius=3, edge=1.5)
    scene.line([(x + u * 0.15, y + u * 0.07), (x + u * 0.15, y + u * 0.2)], u * 0.016, (120, 126, 140))
    scene.disc(x + u * 0.15, y + u * 0.06, u * 0.026, u * 0.026, (120, 126, 140))
    scene.disc(x + u * 0.15, y + u * 0.05, u * 0.012, u * 0.014, (190, 154, 112))
    scene.put(
        [
            np.array(
                [
                    (x + u * 0.2, y + u * 0.06),
                    (x + u * 0.36, y + u * 0.05),
                    (x + u * 0.36, y + u * 0.072),
                    (x + u * 0.2, y + u * 0.1),
                ]
            )
        ],
        steel,
        edge=1.5,
    )
    scene.box(x + u * 0.355, y + u * 0.036, x + u * 0.395, y + u * 0.09, (198, 84, 64), radius=6, edge=1.5)
    for index, hue in enumerate(((206, 70, 60), (70, 120, 180), (230, 180, 70))):
        left = x + u * (0.215 + 0.055 * index)
        scene.box(left, y + u * 0.13, left + u * 0.02, y + u * 0.175, hue, radius=4, edge=1.5)
        scene.box(left + u * 0.007, y + u * 0.175, left + u * 0.013, y + u * 0.225, (130, 134, 146))


def _bench(scene: Scene) -> None:
    u, w, y = scene.u, scene.w, scene.horizon
    wood: Colour = (176, 122, 76)
    left, top = w * 0.57, y - u * 0.1
    for leg in (left + u * 0.04, min(w - u * 0.06, left + u * 0.62)):
        scene.box(leg, top, leg + u * 0.04, y + u * 0.13, darker(wood, 0.35), darker(wood, 0.5), edge=2)
    scene.box(left, top + u * 0.06, w + 20, top + u * 0.115, darker(wood, 0.22), darker(wood, 0.34), edge=2)
    scene.put(
        [
            np.array(
                [
                    (left + u * 0.03, top - u * 0.002),
                    (w + 20, top - u * 0.002),
                    (w + 20, top + u * 0.06),
                    (left - u * 0.012, top + u * 0.06),
                ]
            )
        ],
        lighter(wood, 0.12),
        wood,
        edge=2,
    )
    vice = left + u * 0.13
    scene.box(
        vice,
        top - u * 0.06,
        vice + u * 0.07,
        top + u * 0.012,
        (92, 108, 130),
        (66, 78, 100),
        radius=5,
        edge=2,
    )
    scene.line(
        [(vice - u * 0.03, top - u * 0.028), (vice + u * 0.1, top - u * 0.028)], u * 0.011, (170, 176, 186)
    )
    _gear(scene, left + u * 0.32, top + u * 0.004, u * 0.034, (206, 158, 80))
    scene.box(
        left + u * 0.4,
        top - u * 0.07,
        left + u * 0.46,
        top + u * 0.014,
        (210, 90, 70),
        (170, 64, 58),
        radius=6,
        edge=2,
    )
    for index in range(3):
        x = left + u * (0.412 + 0.016 * index)
        scene.line(
            [(x, top - u * 0.065), (x + u * 0.008 * (index - 1), top - u * 0.115)], u * 0.008, (224, 184, 110)
        )
