"""Sets under the sky: garden, woods, beach, mountains, desert, space."""

from __future__ import annotations

from math import cos, pi, sin

import numpy as np

from onmodel.studio.rehearsal.canvas import Colour, Points, darker, ellipse, lighter, mix, ribbon, smooth
from onmodel.studio.rehearsal.looks import says
from onmodel.studio.rehearsal.staging import Scene


def _ridge(scene: Scene, base: float, height: float, waves: int, phase: float) -> Points:
    xs = np.linspace(0, scene.w, 60)
    turn = xs / scene.w * pi * waves + phase
    ys = base - height * (0.55 + 0.3 * np.sin(turn) + 0.15 * np.sin(2.3 * turn + 1))
    return np.concatenate([np.stack([xs, ys], 1), [(scene.w, base + 2), (0, base + 2)]])


def _tree(scene: Scene, x: float, foot: float, tall: float, leaf: Colour) -> None:
    trunk = darker((128, 88, 62), 0.1)
    wide = tall * 0.075
    scene.put(
        ribbon(
            [(x, foot), (x + wide * 0.2, foot - tall * 0.4), (x, foot - tall * 0.62)],
            [wide * 1.5, wide, wide * 0.6],
        ),
        trunk,
        shade=0.4,
    )
    scene.line([(x, foot - tall * 0.4), (x + tall * 0.14, foot - tall * 0.6)], wide * 0.45, trunk)
    scene.line([(x, foot - tall * 0.46), (x - tall * 0.13, foot - tall * 0.64)], wide * 0.45, trunk)
    for layer, tone in enumerate((darker(leaf, 0.25), leaf, lighter(leaf, 0.16))):
        puffs = []
        for step in range(6):
            angle = step * pi / 3 + layer
            reach = tall * (0.22 - 0.05 * layer)
            puffs.append(
                ellipse(
                    x + reach * cos(angle) - layer * tall * 0.025,
                    foot - tall * (0.74 + 0.03 * layer) + reach * 0.62 * sin(angle),
                    tall * (0.155 - 0.03 * layer),
                    tall * (0.13 - 0.026 * layer),
                )
            )
        scene.put(puffs, tone, alpha=0.96, shade=0.1)


def garden(scene: Scene) -> None:
    """A garden: hedges, flower beds, a path, a tree and a fence."""
    scene.sky()
    u, w, y = scene.u, scene.w, scene.horizon
    scene.put([_ridge(scene, y, u * 0.2, 3, 0.6)], mix((120, 170, 140), scene.light.low, 0.5))
    scene.put([_ridge(scene, y, u * 0.1, 5, 2.0)], (112, 164, 110), (92, 146, 96))
    scene.floor((88, 150, 82), (146, 196, 116))
    path = [(w * 0.5, y), (w * 0.56, y), (w * 0.74, scene.h), (w * 0.34, scene.h)]
    scene.put([np.array(path)], (226, 208, 172), (206, 182, 144))
    for step in range(int(w / (u * 0.07)) + 1):
        x = step * u * 0.07
        scene.box(
            x,
            y - u * 0.085,
            x + u * 0.042,
            y + u * 0.02,
            (246, 240, 228),
            (222, 214, 204),
            radius=4,
            shade=0.15,
        )
    scene.box(0, y - u * 0.055, w, y - u * 0.038, (236, 228, 214))
    _tree(scene, w * 0.12, y + u * 0.1, u * 0.72, (96, 158, 84))
    _tree(scene, w * 0.93, y + u * 0.04, u * 0.5, (122, 176, 92))
    blossoms: tuple[Colour, ...] = (
        (238, 98, 120),
        (250, 196, 72),
        (250, 244, 240),
        (170, 118, 214),
        (244, 140, 84),
    )
    for index in range(70):
        side = index % 2
        depth = scene.dice.uniform(0.05, 1) ** 1.3
        ground = y + depth * (scene.h - y) * 0.95
        edge = (0.5 - 0.16 * depth) if side == 0 else (0.57 + 0.18 * depth)
        x = (
            (edge - scene.dice.uniform(0.01, 0.34)) * w
            if side == 0
            else (edge + scene.dice.uniform(0.01, 0.34)) * w
        )
        _flower(
            scene, x, ground, u * (0.012 + 0.03 * depth), blossoms[int(scene.dice.integers(0, len(blossoms)))]
        )


def _flower(scene: Scene, x: float, y: float, size: float, colour: Colour) -> None:
    scene.line([(x, y), (x, y - size * 2.4)], size * 0.2, (70, 128, 70))
    scene.put([ellipse(x + size * 0.5, y - size, size * 0.5, size * 0.2, -0.5)], (88, 152, 84))
    top = y - size * 2.6
    petals = [
        ellipse(
            x + size * 0.5 * cos(k * 2 * pi / 5),
            top + size * 0.5 * sin(k * 2 * pi / 5),
            size * 0.38,
            size * 0.38,
            steps=14,
        )
        for k in range(5)
    ]
    scene.put(petals, colour, shade=0.15)
    scene.disc(x, top, size * 0.28, size * 0.28, (250, 214, 96))


def woods(scene: Scene) -> None:
    """A wood or park: green, or in autumn's colours with leaves on the ground."""
    autumn = "leaves" in scene.weather
    scene.sky()
    u, w, y = scene.u, scene.w, scene.horizon
    leaves: tuple[Colour, ...] = (
        ((226, 122, 48), (206, 82, 44), (240, 176, 66), (186, 96, 52))
        if autumn
        else ((88, 148, 84), (112, 168, 92), (66, 124, 80), (136, 182, 98))
    )
    scene.put([_ridge(scene, y, u * 0.24, 7, 0.2)], mix(leaves[1], scene.light.low, 0.55))
    scene.put([_ridge(scene, y, u * 0.13, 9, 1.4)], mix(leaves[0], scene.light.low, 0.3))
    scene.floor((150, 106, 62) if autumn else (82, 134, 76), (214, 168, 98) if autumn else (150, 190, 116))
    path = [(w * 0.44, y), (w * 0.52, y), (w * 0.8, scene.h), (w * 0.24, scene.h)]
    scene.put([smooth(path, 1)], (222, 192, 146), (196, 158, 112), alpha=0.75, soft=3)
    for share, tall, depth in (
        (0.3, 0.42, 0.02),
        (0.68, 0.46, 0.03),
        (0.08, 0.78, 0.12),
        (0.9, 0.82, 0.14),
        (0.22, 0.56, 0.06),
    ):
        foot = y + depth * u
        scene.disc(share * w + u * 0.04, foot, u * 0.14, u * 0.022, (50, 40, 40), alpha=0.25, soft=5)
        _tree(scene, share * w, foot, u * tall, leaves[int(scene.dice.integers(0, 4))])
    for _ in range(150 if autumn else 60):
        depth = scene.dice.uniform(0, 1)
        x, ground = scene.dice.uniform(0, w), y + u * 0.02 + depth * (scene.h - y)
        size = u * (0.006 + 0.014 * depth)
        tone = leaves[int(scene.dice.integers(0, 4))]
        if autumn:
            leaf(scene, x, ground, size, float(scene.dice.uniform(0, pi)), tone)
        else:
            scene.line([(x, ground), (x + size * 0.6, ground - size * 2)], size * 0.3, darker(tone, 0.1))


def leaf(scene: Scene, x: float, y: float, size: float, turn: float, tone: Colour) -> None:
    """One fallen or falling leaf."""
    blade = np.array([(-1.5, 0), (-0.5, -0.62), (0.5, -0.5), (1.6, 0), (0.5, 0.5), (-0.5, 0.62)]) * size
    spun = np.stack(
        [
            x + blade[:, 0] * cos(turn) - blade[:, 1] * sin(turn),
            y + (blade[:, 0] * sin(turn) + blade[:, 1] * cos(turn)) * 0.8,
        ],
        1,
    )
    scene.put([spun], lighter(tone, 0.12), darker(tone, 0.1))


def beach(scene: Scene) -> None:
    """A beach: sea to the horizon, surf, sand, a palm."""
    scene.sky()
    u, w, y = scene.u, scene.w, scene.horizon
    shore = y + (scene.h - y) * 0.34
    scene.canvas.gradient(mix((72, 150, 186), scene.light.low, 0.3), (72, 178, 190), y, shore)
    for row in range(9):
        depth = (row + 1) / 10
        ground = y + (shore - y) * depth**1.4
        for _ in range(7):
            x, wide = scene.dice.uniform(0, w), u * 0.05 * (0.4 + depth)
            scene.line([(x, ground), (x + wide, ground)], 1 + 2 * depth, (226, 244, 248), 0.45)
    scene.canvas.gradient((238, 214, 166), (216, 184, 132), shore)
    for offset, alpha in ((0, 0.95), (u * 0.028, 0.5)):
        wave = [
            (x, shore + offset + u * 0.012 * sin(x / w * 14 + offset)) for x in np.linspace(-10, w + 10, 60)
        ]
        scene.line(wave, u * 0.014, (250, 252, 250), alpha)
    trunk = [(w * 0.9, scene.h * 0.9), (w * 0.88, y), (w * 0.82, y - u * 0.36)]
    scene.put(ribbon(trunk, [u * 0.05, u * 0.035, u * 0.026]), (150, 112, 78), shade=0.4)
    for turn in (0.2, 0.9, 2.0, 2.7, 3.5, -0.5):
        x, top = trunk[-1]
        frond = [
            (x, top),
            (x + u * 0.13 * cos(turn), top - u * 0.07 * sin(turn) - u * 0.02),
            (x + u * 0.22 * cos(turn), top - u * 0.1 * sin(turn) + u * 0.06),
        ]
        scene.put(ribbon(frond, [u * 0.02, u * 0.036, u * 0.006]), (84, 148, 88), shade=0.3)


def mountains(scene: Scene) -> None:
    """Mountains with snow on them, pines, and snow underfoot if it snows."""
    scene.sky()
    u, w, y = scene.u, scene.w, scene.horizon
    snowy = "snow" in scene.weather or says(scene.text, "ice", "winter", "glacier")
    for layer, (height, share) in enumerate(((0.58, 0.35), (0.4, 0.15))):
        tone = mix((104, 120, 152), scene.light.low, share + 0.1)
        for peak in range(4):
            x = (peak + 0.35 * layer + 0.1) * w / 3 - w * 0.06
            tall = u * height * scene.dice.uniform(0.75, 1.05)
            half = tall * 0.85
            scene.put([np.array([(x - half, y), (x, y - tall), (x + half, y)])], tone, lighter(tone, 0.25))
            scene.put(
                [
                    np.array(
                        [
                            (x, y - tall),
                            (x + half, y),
                            (x + half * 0.25, y),
                            (x + half * 0.08, y - tall * 0.5),
                        ]
                    )
                ],
                darker(tone, 0.2),
                alpha=0.6,
            )
            cap = [
                (x, y - tall),
                (x + half * 0.32, y - tall * 0.68),
                (x + half * 0.14, y - tall * 0.72),
                (x, y - tall * 0.6),
                (x - half * 0.14, y - tall * 0.72),
                (x - half * 0.32, y - tall * 0.68),
            ]
            scene.put([np.array(cap)], (248, 250, 252), (226, 234, 244))
    scene.floor((226, 234, 244) if snowy else (112, 148, 96), (248, 250, 252) if snowy else (164, 188, 130))
    for _ in range(16):
        x, depth = scene.dice.uniform(0, w), scene.dice.uniform(0, 0.2)
        _pine(scene, x, y + depth * u * 0.4, u * (0.1 + 0.5 * depth), snowy=snowy)


def _pine(scene: Scene, x: float, foot: float, tall: float, *, snowy: bool) -> None:
    scene.box(x - tall * 0.04, foot - tall * 0.2, x + tall * 0.04, foot, (92, 70, 60))
    for tier in range(3):
        base, half = foot - tall * (0.14 + 0.26 * tier), tall * (0.3 - 0.07 * tier)
        scene.put(
            [np.array([(x - half, base), (x, base - tall * 0.42), (x + half, base)])],
            (58, 104, 92),
            darker((58, 104, 92), 0.2),
        )
        if snowy:
            scene.put(
                [
                    np.array(
                        [
                            (x - half * 0.5, base - tall * 0.21),
                            (x, base - tall * 0.42),
                            (x + half * 0.4, base - tall * 0.24),
                        ]
                    )
                ],
                (244, 248, 252),
            )


def desert(scene: Scene) -> None:
    """Dunes and cacti."""
    scene.sky()
    u, w, y = scene.u, scene.w, scene.horizon
    for layer in range(3):
        tone = mix((232, 176, 108), scene.light.low, 0.4 - 0.18 * layer)
        scene.put(
            [_ridge(scene, y + layer * u * 0.03, u * (0.16 - 0.03 * layer), 3 + layer, layer * 1.9)],
            tone,
            lighter(tone, 0.2),
        )
    scene.floor((206, 148, 88), (240, 196, 132))
    for row in range(10):
        ground = y + (scene.h - y) * ((row + 1) / 11) ** 1.3
        scene.line(
            [(x, ground + u * 0.006 * sin(x / u * 7 + row)) for x in np.linspace(0, w, 40)],
            1 + row * 0.25,
            (196, 138, 82),
            0.5,
        )
    for share, tall in ((0.14, 0.34), (0.84, 0.24)):
        x, foot, wide = share * w, y + u * 0.1, u * tall * 0.16
        green: Colour = (84, 138, 98)
        scene.put(ribbon([(x, foot), (x, foot - u * tall)], [wide, wide * 0.9]), green, shade=0.45)
        for sign, start in ((-1, 0.4), (1, 0.52)):
            arm = [
                (x, foot - u * tall * start),
                (x + sign * wide * 1.6, foot - u * tall * start),
                (x + sign * wide * 1.6, foot - u * tall * (start + 0.28)),
            ]
            scene.put(ribbon(arm, [wide * 0.6] * 3), green, shade=0.4)


def space(scene: Scene) -> None:
    """Space: stars, a ringed planet, and moon dust to stand on."""
    u, w, y = scene.u, scene.w, scene.horizon
    scene.canvas.gradient((10, 10, 34), (52, 34, 84), 0, y)
    scene.canvas.glow(w * 0.3, y * 0.5, u * 0.7, (96, 54, 160), 0.4)
    scene.canvas.glow(w * 0.75, y * 0.25, u * 0.5, (40, 90, 170), 0.35)
    for _ in range(220):
        size = scene.dice.uniform(0.6, 2.2)
        scene.disc(
            scene.dice.uniform(0, w),
            scene.dice.uniform(0, y),
            size,
            size,
            (240, 240, 255),
            alpha=float(scene.dice.uniform(0.3, 1)),
        )
    x, top = w * 0.76, y * 0.4
    scene.put([ellipse(x, top, u * 0.15, u * 0.15)], (240, 178, 120), (186, 96, 110), shade=0.6)
    scene.put(
        ribbon([(x - u * 0.24, top + u * 0.05), (x + u * 0.24, top - u * 0.05)], [u * 0.012, u * 0.012]),
        (250, 220, 180),
        alpha=0.85,
    )
    scene.floor((112, 108, 128), (176, 172, 186))
    for _ in range(14):
        depth = scene.dice.uniform(0, 1)
        cx, cy = scene.dice.uniform(0, w), y + u * 0.03 + depth * (scene.h - y)
        wide = u * (0.02 + 0.06 * depth)
        scene.disc(cx, cy, wide, wide * 0.3, (92, 88, 110), alpha=0.7)
        scene.disc(cx, cy + wide * 0.06, wide * 0.9, wide * 0.22, (148, 144, 162), alpha=0.9)


def neutral(scene: Scene) -> None:
    """No particular place: a plain ground with a horizon."""
    scene.canvas.gradient(
        mix(scene.light.high, (214, 210, 204), 0.55),
        mix(scene.light.low, (236, 230, 220), 0.6),
        0,
        scene.horizon,
    )
    scene.floor((168, 162, 158), (212, 206, 198))
    scene.canvas.glow(scene.w * 0.5, scene.horizon * 0.7, scene.u * 0.6, (255, 250, 238), 0.08)
