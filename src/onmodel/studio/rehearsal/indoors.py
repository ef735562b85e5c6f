"""Sets with a roof: living room, kitchen, office, classroom, library."""

from __future__ import annotations

from math import cos, sin

from onmodel.studio.rehearsal.canvas import Colour, darker, ellipse, lighter, mix
from onmodel.studio.rehearsal.interior import hanging_lamp, walls, window
from onmodel.studio.rehearsal.staging import Scene


def room(scene: Scene) -> None:
    """A living room: a window, a picture, a sofa, a plant, a lamp."""
    u, w, y = scene.u, scene.w, scene.horizon
    walls(scene, (204, 182, 162), (150, 112, 84))
    window(scene, w * 0.12, y * 0.24, u * 0.3, u * 0.28)
    scene.box(w * 0.58, y * 0.3, w * 0.58 + u * 0.2, y * 0.3 + u * 0.15, (120, 84, 60), edge=2)
    scene.box(
        w * 0.58 + 8,
        y * 0.3 + 8,
        w * 0.58 + u * 0.2 - 8,
        y * 0.3 + u * 0.15 - 8,
        (150, 196, 210),
        (226, 206, 150),
    )
    scene.disc(w * 0.5, y + (scene.h - y) * 0.52, u * 0.52, u * 0.1, (186, 92, 84))
    scene.disc(w * 0.5, y + (scene.h - y) * 0.52, u * 0.45, u * 0.084, (222, 178, 140))
    _sofa_and_plant(scene)
    hanging_lamp(scene, w * 0.5, y * 0.12)


def _sofa_and_plant(scene: Scene) -> None:
    u, w, y = scene.u, scene.w, scene.horizon
    cloth: Colour = (92, 128, 140)
    left = w * 0.66
    scene.box(
        left,
        y - u * 0.17,
        left + u * 0.56,
        y + u * 0.05,
        darker(cloth, 0.08),
        darker(cloth, 0.25),
        radius=22,
        edge=2,
    )
    scene.box(
        left - u * 0.03,
        y - u * 0.085,
        left + u * 0.07,
        y + u * 0.09,
        cloth,
        darker(cloth, 0.2),
        radius=18,
        edge=2,
    )
    scene.box(
        left + u * 0.05,
        y - u * 0.03,
        left + u * 0.56,
        y + u * 0.07,
        lighter(cloth, 0.12),
        cloth,
        radius=14,
        edge=2,
    )
    scene.box(
        w * 0.03,
        y - u * 0.05,
        w * 0.03 + u * 0.11,
        y + u * 0.06,
        (196, 110, 78),
        (156, 78, 62),
        radius=8,
        edge=2,
    )
    for turn in (-0.9, -0.4, 0.1, 0.6, 1.0):
        x, top = w * 0.03 + u * 0.055, y - u * 0.05
        scene.put(
            [ellipse(x + u * 0.085 * sin(turn), top - u * 0.1 * cos(turn), u * 0.03, u * 0.1, turn)],
            (86, 142, 92),
            (58, 108, 76),
            shade=0.25,
        )


def kitchen(scene: Scene) -> None:
    """A kitchen: cupboards, tiles, a stove with a pot, a window."""
    u, w, y = scene.u, scene.w, scene.horizon
    walls(scene, (232, 222, 200), (186, 160, 134))
    door: Colour = (110, 156, 150)
    for column in range(int(w / (u * 0.2)) + 1):
        x = column * u * 0.2
        for row in range(3):
            scene.line(
                [(x, y * 0.55 + row * u * 0.06), (x + u * 0.2, y * 0.55 + row * u * 0.06)],
                1.5,
                (206, 196, 178),
            )
        if not w * 0.3 < x + u * 0.1 < w * 0.62:
            scene.box(x + 6, y * 0.14, x + u * 0.2 - 6, y * 0.46, door, darker(door, 0.15), radius=6, edge=2)
            scene.disc(x + u * 0.17, y * 0.42, 5, 5, (238, 206, 130))
        scene.box(
            x + 6, y - u * 0.16, x + u * 0.2 - 6, y + u * 0.02, door, darker(door, 0.25), radius=6, edge=2
        )
        scene.disc(x + u * 0.17, y - u * 0.13, 5, 5, (238, 206, 130))
    window(scene, w * 0.36, y * 0.2, u * 0.26, u * 0.2)
    scene.box(0, y - u * 0.2, w, y - u * 0.165, (250, 244, 232), (214, 204, 190), edge=2)
    pot = w * 0.78
    scene.box(
        pot - u * 0.07,
        y - u * 0.28,
        pot + u * 0.07,
        y - u * 0.2,
        (206, 84, 70),
        (160, 58, 56),
        radius=10,
        edge=2,
    )
    scene.disc(pot, y - u * 0.282, u * 0.075, u * 0.014, (224, 120, 100))
    for puff in range(3):
        scene.disc(
            pot + u * 0.02 * (-1) ** puff,
            y - u * (0.33 + 0.05 * puff),
            u * 0.03,
            u * 0.026,
            (255, 255, 255),
            alpha=0.35,
            soft=6,
        )
    scene.put([ellipse(w * 0.16, y - u * 0.215, u * 0.06, u * 0.03)], (240, 226, 200), edge=2)
    for index, hue in enumerate(((226, 82, 70), (240, 176, 70), (140, 180, 84))):
        scene.disc(w * 0.16 + u * 0.034 * (index - 1), y - u * 0.236, u * 0.022, u * 0.022, hue, shade=0.3)


def office(scene: Scene) -> None:
    """An office: a wide window over a skyline, a desk with a screen, a plant."""
    u, w, y = scene.u, scene.w, scene.horizon
    walls(scene, (192, 200, 208), (128, 128, 138))
    scene.box(w * 0.04, y * 0.14, w * 0.96, y * 0.84, scene.light.high, scene.light.low)
    for index in range(14):
        x, tall = w * (0.05 + 0.064 * index), u * scene.dice.uniform(0.1, 0.36)
        tone = mix((120, 134, 158), scene.light.low, 0.35)
        scene.box(x, max(y * 0.16, y * 0.84 - tall), x + w * 0.055, y * 0.84, tone, lighter(tone, 0.2))
    for column in range(6):
        x = w * (0.04 + 0.184 * column)
        scene.box(x - 5, y * 0.14, x + 5, y * 0.84, (236, 238, 240))
    scene.box(w * 0.04 - 5, y * 0.84, w * 0.96 + 5, y * 0.87, (236, 238, 240), (200, 204, 210))
    left, top = w * 0.6, y - u * 0.12
    scene.box(left + u * 0.03, top, left + u * 0.06, y + u * 0.1, (70, 74, 86))
    scene.box(left, top - u * 0.01, w + 10, top + u * 0.026, (196, 160, 124), (150, 116, 88), edge=2)
    scene.box(
        left + u * 0.16, top - u * 0.19, left + u * 0.42, top - u * 0.04, (44, 48, 60), radius=8, edge=2
    )
    scene.box(
        left + u * 0.172, top - u * 0.178, left + u * 0.408, top - u * 0.055, (126, 188, 226), (92, 140, 196)
    )
    scene.box(left + u * 0.275, top - u * 0.04, left + u * 0.305, top - u * 0.008, (60, 64, 76))


def classroom(scene: Scene) -> None:
    """A classroom: a blackboard with chalk drawings, desks."""
    u, w, y = scene.u, scene.w, scene.horizon
    walls(scene, (222, 210, 182), (172, 130, 92))
    scene.box(w * 0.16, y * 0.2, w * 0.84, y * 0.76, (58, 98, 84), (44, 78, 70), edge=8)
    chalk: Colour = (236, 240, 232)
    for row in range(3):
        scene.line(
            [(w * 0.2, y * (0.3 + 0.12 * row)), (w * (0.36 + 0.03 * row), y * (0.3 + 0.12 * row))],
            4,
            chalk,
            0.7,
        )
    scene.line(
        [(w * 0.64, y * 0.6), (w * 0.72, y * 0.32), (w * 0.79, y * 0.6), (w * 0.64, y * 0.6)], 4, chalk, 0.75
    )
    scene.box(w * 0.16, y * 0.775, w * 0.84, y * 0.8, (150, 104, 70), edge=2)
    for share in (0.02, 0.8):
        left, top = w * share, y + u * 0.02
        scene.box(left + u * 0.03, top, left + u * 0.05, top + u * 0.17, (92, 92, 104))
        scene.box(left + u * 0.25, top, left + u * 0.27, top + u * 0.17, (92, 92, 104))
        scene.box(
            left,
            top - u * 0.02,
            left + u * 0.3,
            top + u * 0.014,
            (206, 156, 104),
            (168, 120, 78),
            radius=5,
            edge=2,
        )
        scene.box(
            left + u * 0.08, top - u * 0.045, left + u * 0.2, top - u * 0.02, (196, 84, 74), radius=3, edge=2
        )


def library(scene: Scene) -> None:
    """A library: walls of books, a ladder, a hanging lamp."""
    u, w, y = scene.u, scene.w, scene.horizon
    walls(scene, (120, 88, 66), (112, 76, 56))
    hues: tuple[Colour, ...] = (
        (160, 62, 58),
        (62, 96, 120),
        (196, 150, 76),
        (78, 112, 82),
        (122, 78, 116),
        (206, 186, 150),
    )
    rows = max(3, int((y * 0.86) / (u * 0.15)))
    for row in range(rows):
        base = y * 0.94 - row * u * 0.15
        x = 0.0
        while x < w:
            wide, tall = u * scene.dice.uniform(0.012, 0.03), u * scene.dice.uniform(0.085, 0.122)
            hue = hues[int(scene.dice.integers(0, len(hues)))]
            scene.box(x, base - tall, x + wide - 1, base, lighter(hue, 0.06), darker(hue, 0.25))
            x += wide
        scene.box(0, base, w, base + u * 0.02, (150, 104, 70), (104, 70, 52))
    for column in range(5):
        x = column * w / 4
        scene.box(x - u * 0.014, 0, x + u * 0.014, y, (138, 94, 64), (100, 66, 50))
    for offset in (0, u * 0.09):
        scene.line(
            [(w * 0.8 + offset, y + u * 0.05), (w * 0.76 + offset, y * 0.1)], u * 0.012, (206, 160, 104)
        )
    for rung in range(8):
        share = rung / 8 + 0.06
        x, top = w * (0.8 - 0.04 * share), y + u * 0.05 - (y * 0.9 + u * 0.05) * share
        scene.line([(x, top), (x + u * 0.09, top)], u * 0.009, (206, 160, 104))
    hanging_lamp(scene, w * 0.34, y * 0.12)
