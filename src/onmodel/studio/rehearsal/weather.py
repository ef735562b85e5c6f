"""What lies in front of the figures: rain, snow, fog, leaves, petals, dust; and the small props."""

from __future__ import annotations

from math import pi

import numpy as np

from onmodel.studio.rehearsal.canvas import Colour, ellipse, ribbon
from onmodel.studio.rehearsal.looks import says
from onmodel.studio.rehearsal.outdoors import leaf
from onmodel.studio.rehearsal.staging import Scene


def fall(scene: Scene) -> None:
    """Let it rain, snow, blow or drift over the whole picture."""
    for sign in scene.weather:
        _FALLS[sign](scene)


def _rain(scene: Scene) -> None:
    u = scene.u
    streaks = []
    for _ in range(190):
        x, y = scene.dice.uniform(-0.05, 1.08) * scene.w, scene.dice.uniform(-0.05, 1) * scene.h
        length = u * scene.dice.uniform(0.03, 0.075)
        streaks += [
            np.array(
                [(x, y), (x + 1.6, y), (x - length * 0.2 + 1.6, y + length), (x - length * 0.2, y + length)]
            )
        ]
    for part in range(0, len(streaks), 10):
        scene.put(streaks[part : part + 10], (226, 234, 246), alpha=0.42)
    ground = scene.horizon + (scene.h - scene.horizon) * 0.2
    for _ in range(26):
        x, y = scene.dice.uniform(0, scene.w), scene.dice.uniform(ground, scene.h)
        scene.line(
            [(x - u * 0.012, y - u * 0.008), (x, y), (x + u * 0.012, y - u * 0.008)],
            1.6,
            (230, 238, 248),
            0.6,
        )


def _snow(scene: Scene) -> None:
    for _ in range(160):
        size = scene.u * scene.dice.uniform(0.002, 0.0085)
        x, y = scene.dice.uniform(0, scene.w), scene.dice.uniform(0, scene.h)
        scene.disc(x, y, size, size, (255, 255, 255), alpha=0.85, soft=size * 0.3)


def _fog(scene: Scene) -> None:
    for _ in range(7):
        x, y = scene.dice.uniform(0, scene.w), scene.horizon + scene.dice.uniform(-0.1, 0.2) * scene.u
        scene.disc(x, y, scene.u * 0.5, scene.u * 0.07, (236, 238, 242), alpha=0.13, soft=scene.u * 0.05)


def _leaves(scene: Scene) -> None:
    tones: tuple[Colour, ...] = ((232, 124, 46), (208, 78, 44), (244, 186, 70), (190, 104, 52))
    for _ in range(34):
        x, y = scene.dice.uniform(0, scene.w), scene.dice.uniform(0.1, 0.95) * scene.h
        size = scene.u * scene.dice.uniform(0.007, 0.017)
        leaf(scene, x, y, size, float(scene.dice.uniform(0, pi)), tones[int(scene.dice.integers(0, 4))])


def _petals(scene: Scene) -> None:
    for _ in range(50):
        x, y = scene.dice.uniform(0, scene.w), scene.dice.uniform(0, scene.h)
        size = scene.u * scene.dice.uniform(0.004, 0.01)
        scene.put(
            [ellipse(x, y, size, size * 0.6, float(scene.dice.uniform(0, pi)), 16)],
            (252, 206, 220),
            alpha=0.9,
        )


def _motes(scene: Scene) -> None:
    for _ in range(40):
        x, y = scene.dice.uniform(0, scene.w), scene.dice.uniform(0, scene.h * 0.9)
        scene.canvas.glow(x, y, scene.u * scene.dice.uniform(0.006, 0.016), (255, 240, 190), 0.7)


_FALLS = {"rain": _rain, "snow": _snow, "fog": _fog, "leaves": _leaves, "petals": _petals, "motes": _motes}


def seat(scene: Scene, x: float, foot: float, height: float) -> None:
    """What a seated figure sits on: a bench, else the stone of a kerb or a low step.

    Args:
        scene: the set.
        x: the figure's middle, in pixels.
        foot: its ground line, in pixels.
        height: the figure's standing height, in pixels.
    """
    top = foot - height * 0.145
    wide = height * 0.42
    if says(scene.text, "bench", "chair", "stool", "sofa", "swing"):
        wood: Colour = (166, 114, 74)
        for side in (-0.8, 0.8):
            scene.box(
                x + side * wide - 7, top, x + side * wide + 7, foot - height * 0.01, (74, 70, 82), edge=2
            )
        for slat in (0.34, 0.24):
            scene.box(
                x - wide,
                top - height * slat,
                x + wide,
                top - height * (slat - 0.06),
                wood,
                (136, 90, 60),
                radius=4,
                edge=2,
            )
        scene.box(x - wide, top, x + wide, top + height * 0.04, wood, (126, 84, 56), radius=4, edge=2)
        return
    stone: Colour = (176, 172, 180)
    if says(scene.text, "kerb", "curb", "pavement", "sidewalk", "step", "stairs"):
        scene.box(
            -10, top - height * 0.03, scene.w + 10, top + height * 0.03, (182, 178, 188), (150, 146, 160)
        )
        scene.box(
            -10, top + height * 0.03, scene.w + 10, foot - height * 0.02, (138, 134, 150), (92, 90, 108)
        )
        scene.line([(-10, top + height * 0.03), (scene.w + 10, top + height * 0.03)], 2, (214, 210, 218), 0.8)
        for joint in range(-3, 9):
            seam = x + (joint - 2.5) * height * 0.5
            scene.line([(seam, top + height * 0.03), (seam, foot - height * 0.02)], 2, (84, 82, 98), 0.8)
        return
    scene.box(x - wide, top, x + wide, foot - height * 0.02, stone, (126, 122, 136), radius=10, edge=2)
    scene.box(x - wide, top, x + wide, top + height * 0.022, (206, 202, 208), radius=8)


def props(scene: Scene, x: float, foot: float, height: float) -> None:
    """Small things that the words name beside a figure: a butterfly, an umbrella, a lantern."""
    if says(scene.text, "butterfly", "butterflies"):
        bx, by, size = x + height * 0.62, foot - height * 0.86, height * 0.075
        wings = [
            ellipse(bx - size * 0.6, by - size * 0.4, size * 0.62, size * 0.5, 0.5),
            ellipse(bx + size * 0.6, by - size * 0.4, size * 0.62, size * 0.5, -0.5),
        ]
        lower = [
            ellipse(bx - size * 0.45, by + size * 0.42, size * 0.42, size * 0.36, -0.5),
            ellipse(bx + size * 0.45, by + size * 0.42, size * 0.42, size * 0.36, 0.5),
        ]
        scene.put(wings, (246, 150, 60), (226, 96, 60), edge=1.8)
        scene.put(lower, (250, 190, 90), (236, 130, 60), edge=1.8)
        scene.put(
            ribbon([(bx, by - size * 0.6), (bx, by + size * 0.6)], [size * 0.16, size * 0.12]), (54, 42, 50)
        )
    if says(scene.text, "umbrella"):
        ux, uy, wide = x + height * 0.2, foot - height * 1.0, min(height * 0.46, scene.u * 0.4)
        angles = np.linspace(pi, 2 * pi, 25)
        dome = np.stack([ux + wide * np.cos(angles), uy + wide * 0.62 * np.sin(angles)], 1)
        scene.line([(ux, uy - wide * 0.1), (ux, foot - height * 0.36)], height * 0.016, (70, 60, 66))
        scene.put([dome], (206, 74, 74), (160, 52, 62), shade=0.35, edge=2)
    if says(scene.text, "lantern"):
        lx, ly = x - height * 0.46, foot - height * 0.1
        scene.box(
            lx - height * 0.04,
            ly - height * 0.06,
            lx + height * 0.04,
            ly + height * 0.08,
            (255, 220, 140),
            (240, 176, 90),
            radius=6,
            edge=3,
        )
        scene.lamp(lx, ly, height * 0.4, 0.6)
    if says(scene.text, "balloon"):
        bx, by = x - height * 0.5, foot - height * 1.02
        scene.line([(bx, by + height * 0.12), (x - height * 0.24, foot - height * 0.34)], 2, (90, 84, 92))
        scene.put(
            [ellipse(bx, by, height * 0.1, height * 0.125)], (226, 74, 74), (180, 48, 60), shade=0.4, edge=2
        )
    if says(scene.text, "microphone", "mic"):
        _microphone(scene, x + height * 0.3, foot, height)


def _microphone(scene: Scene, x: float, foot: float, height: float) -> None:
    top, thin = foot - height * 0.74, height * 0.012
    scene.disc(x, foot, height * 0.07, height * 0.017, (20, 18, 28))
    scene.line([(x, foot), (x, top)], thin, (176, 178, 192))
    scene.line([(x, top), (x - height * 0.03, top - height * 0.02)], thin * 2.4, (44, 42, 54))
    scene.disc(
        x - height * 0.046, top - height * 0.03, height * 0.027, height * 0.027, (206, 208, 218), shade=0.4
    )
