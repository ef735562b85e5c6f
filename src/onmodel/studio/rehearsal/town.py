"""Sets of the town: the street with its houses and lamps, the concert stage."""

from __future__ import annotations

from math import sin

import numpy as np

from onmodel.studio.rehearsal.canvas import Colour, darker, ellipse, lighter, mix, smooth
from onmodel.studio.rehearsal.looks import says
from onmodel.studio.rehearsal.staging import Scene


def street(scene: Scene) -> None:
    """A street: houses with lit windows, lamps, a kerb; wet when it rains, neon when asked."""
    scene.sky()
    wet, neon = "rain" in scene.weather, scene.light.name == "neon"
    u, w, y = scene.u, scene.w, scene.horizon
    walls: tuple[Colour, ...] = (
        (122, 104, 118),
        (96, 104, 132),
        (138, 112, 104),
        (88, 92, 116),
        (112, 122, 140),
    )
    tall_city = says(scene.text, "city", "skyscraper", "downtown", "metropolis")
    if tall_city:
        for index in range(9):
            x, top = (index - 0.3) * w / 8, y - u * scene.dice.uniform(0.35, 0.66)
            scene.box(x, top, x + w / 9, y, mix(walls[index % 5], scene.light.low, 0.5))
    x, index = -0.04 * w, 0
    while x < w:
        wide = u * scene.dice.uniform(0.24, 0.36)
        tall = u * scene.dice.uniform(0.34, 0.62 if tall_city else 0.5)
        _house(scene, x, y, wide, tall, walls[index % 5], neon=neon)
        x, index = x + wide, index + 1
    kerb = y + (scene.h - y) * 0.34
    scene.canvas.gradient((150, 146, 156), (128, 126, 138), y, kerb)
    for step in range(-8, 18):
        near = w * 0.5 + (step * w / 8 - w * 0.5) * 1.25
        scene.line([(step * w / 8, y), (near, kerb)], 1.5, (104, 102, 114), 0.6)
    scene.canvas.gradient((80, 82, 98), (58, 60, 76), kerb)
    scene.box(0, kerb, w, kerb + u * 0.016, (188, 184, 190), (150, 148, 156))
    scene.box(0, kerb + u * 0.016, w, kerb + u * 0.036, (92, 90, 104))
    for share in (0.14, 0.86):
        _street_lamp(scene, share * w, y + (kerb - y) * 0.3, u * 0.56)
    if wet:
        _puddles(scene, kerb)


def _house(
    scene: Scene, x: float, foot: float, wide: float, tall: float, wall: Colour, *, neon: bool
) -> None:
    u, top = scene.u, foot - tall
    scene.box(x, top, x + wide, foot, wall, darker(wall, 0.25))
    scene.box(x - u * 0.006, top - u * 0.012, x + wide + u * 0.006, top + u * 0.006, darker(wall, 0.3))
    lit: Colour = (255, 216, 136)
    columns, rows = 3, max(2, int(tall / (u * 0.14)))
    for row in range(rows):
        for column in range(columns):
            left = x + wide * (0.12 + 0.29 * column)
            ceiling = top + u * 0.045 + row * u * 0.125
            if ceiling + u * 0.07 > foot - u * 0.1:
                continue
            on = scene.dice.uniform() < (0.55 if scene.light.dark else 0.12)
            glass = lit if on else mix(darker(wall, 0.45), scene.light.high, 0.3)
            scene.box(
                left,
                ceiling,
                left + wide * 0.18,
                ceiling + u * 0.07,
                glass,
                darker(glass, 0.15),
                radius=2,
                edge=1.5,
            )
    shop = neon or scene.dice.integers(0, 2)
    door = mix(lit, (240, 150, 90), 0.3) if shop and scene.light.dark else darker(wall, 0.42)
    scene.box(
        x + wide * 0.16,
        foot - u * 0.11,
        x + wide * 0.84,
        foot - u * 0.008,
        door,
        darker(door, 0.2),
        radius=3,
        edge=1.5,
    )
    if shop:
        awning: Colour = ((196, 76, 74), (66, 128, 120), (206, 160, 70))[int(scene.dice.integers(0, 3))]
        front = [
            (x + wide * 0.1, foot - u * 0.115),
            (x + wide * 0.9, foot - u * 0.115),
            (x + wide * 0.96, foot - u * 0.075),
            (x + wide * 0.04, foot - u * 0.075),
        ]
        scene.put([np.array(front)], awning, darker(awning, 0.2))
    if neon:
        sign: Colour = ((255, 60, 172), (64, 232, 255), (180, 96, 255), (255, 170, 60))[
            int(scene.dice.integers(0, 4))
        ]
        scene.box(
            x + wide * 0.3, foot - u * 0.19, x + wide * 0.7, foot - u * 0.13, darker(sign, 0.7), radius=6
        )
        scene.line(
            [(x + wide * 0.36, foot - u * 0.16), (x + wide * 0.64, foot - u * 0.16)],
            u * 0.012,
            lighter(sign, 0.4),
        )
        scene.canvas.glow(x + wide * 0.5, foot - u * 0.16, u * 0.2, sign, 0.6)


def _street_lamp(scene: Scene, x: float, foot: float, tall: float) -> None:
    post: Colour = (52, 50, 64)
    scene.line([(x, foot), (x, foot - tall)], scene.u * 0.012, post)
    scene.box(x - scene.u * 0.018, foot - scene.u * 0.05, x + scene.u * 0.018, foot, post, radius=3)
    head = foot - tall
    scene.put(
        [
            np.array(
                [
                    (x - scene.u * 0.024, head),
                    (x + scene.u * 0.024, head),
                    (x + scene.u * 0.034, head - scene.u * 0.06),
                    (x - scene.u * 0.034, head - scene.u * 0.06),
                ]
            )
        ],
        (255, 236, 180) if scene.light.dark else (226, 232, 236),
    )
    scene.put(
        [
            np.array(
                [
                    (x - scene.u * 0.042, head - scene.u * 0.058),
                    (x + scene.u * 0.042, head - scene.u * 0.058),
                    (x, head - scene.u * 0.088),
                ]
            )
        ],
        post,
    )
    if scene.light.dark or "rain" in scene.weather:
        scene.lamp(x, head - scene.u * 0.03, scene.u * 0.34, 0.75)


def _puddles(scene: Scene, kerb: float) -> None:
    """Reflect what stands above in the wet road, and lay puddles."""
    w, h, u = scene.w, scene.h, scene.u
    rows = int(h - kerb)
    above = scene.canvas.pixels[max(0, int(scene.horizon) - rows) : int(scene.horizon)][::-1]
    fade = (np.linspace(0.42, 0.1, above.shape[0]).astype(np.float32))[:, None, None]
    road = scene.canvas.pixels[int(kerb) + int(u * 0.036) :]
    fit = min(len(road), len(above))
    road[:fit] += (above[:fit] - road[:fit]) * fade[:fit]
    for share, depth, wide in ((0.24, 0.35, 0.14), (0.7, 0.55, 0.2), (0.45, 0.8, 0.17)):
        x, y = share * w, kerb + (h - kerb) * depth
        scene.put(
            [
                smooth(
                    [
                        (x - wide * u, y),
                        (x - wide * u * 0.3, y - u * 0.018),
                        (x + wide * u, y - u * 0.006),
                        (x + wide * u * 0.4, y + u * 0.022),
                    ],
                    3,
                )
            ],
            mix(scene.light.low, (190, 200, 222), 0.4),
            alpha=0.42,
            soft=1.5,
        )
        for ring in (0.3, 0.55):
            scene.put([ellipse(x, y, wide * u * ring, u * 0.012 * ring * 2)], (232, 238, 248), alpha=0.14)


def stage(scene: Scene) -> None:
    """A concert stage: a wall of light, spotlights through haze, a shining floor."""
    u, w, y = scene.u, scene.w, scene.horizon
    scene.canvas.gradient((16, 10, 36), (50, 22, 76), 0, y)
    left, right, top = w * 0.1, w * 0.9, y * 0.2
    scene.box(left, top, right, y * 0.96, (44, 20, 92), (124, 34, 132), edge=5)
    hues: tuple[Colour, ...] = ((86, 206, 255), (255, 86, 190), (160, 110, 255), (255, 190, 90))
    for index in range(16):
        x = left + (index + 0.5) * (right - left) / 16
        tall = (y * 0.7) * (0.25 + 0.7 * abs(sin(index * 0.9 + 0.5)))
        scene.box(
            x - u * 0.012,
            y * 0.94 - tall,
            x + u * 0.012,
            y * 0.94,
            hues[index % 4],
            mix(hues[index % 4], (60, 20, 90), 0.6),
            radius=5,
            alpha=0.7,
        )
    scene.box(0, y * 0.06, w, y * 0.1, (26, 24, 34))
    scene.floor((38, 26, 60), (92, 60, 116))
    for step in range(-6, 16):
        scene.line(
            [(step * w / 9, y), (w * 0.5 + (step * w / 9 - w * 0.5) * 2.2, scene.h)], 1.5, (130, 96, 160), 0.3
        )
    for index, share in enumerate((0.08, 0.3, 0.7, 0.92)):
        hue = hues[index % 4]
        aim = w * (0.5 + (0.5 - share) * 0.45)
        beam = [
            (share * w - u * 0.014, y * 0.12),
            (share * w + u * 0.014, y * 0.12),
            (aim + u * 0.15, y + u * 0.12),
            (aim - u * 0.15, y + u * 0.12),
        ]
        scene.put([np.array(beam)], lighter(hue, 0.45), hue, alpha=0.24, soft=u * 0.012)
        scene.disc(share * w, y * 0.11, u * 0.026, u * 0.02, lighter(hue, 0.75))
        scene.canvas.glow(share * w, y * 0.12, u * 0.13, hue, 0.75)
    scene.disc(
        w * 0.5, y + (scene.h - y) * 0.42, u * 0.34, u * 0.07, (222, 196, 255), alpha=0.36, soft=u * 0.02
    )
