"""Faces: eyes, brows, nose, mouth, beard, glasses and muzzle, in three moods."""

from __future__ import annotations

from math import sin

import numpy as np

from onmodel.studio.rehearsal.canvas import Colour, curve, darker, ellipse, lighter, mix, smooth
from onmodel.studio.rehearsal.hair import hair_colour
from onmodel.studio.rehearsal.looks import CharacterLook, colour_of, one_eyed, says
from onmodel.studio.rehearsal.pen import Pen
from onmodel.studio.rehearsal.pose import Pose, Skeleton, on_head

_DARK = (44, 38, 48)
_EAR_HIDDEN = -0.2
"""Cosine of an ear's place on the head below which it is behind."""
_TURNED = 0.9
"""Cosine of the yaw below which a snout stands out from the face."""


def draw_face(pen: Pen, skeleton: Skeleton, look: CharacterLook, pose: Pose, skin: Colour) -> None:
    """Draw a face: a person's or an animal's, by the bible's kind."""
    x, y = skeleton.head
    rx, ry = skeleton.build.head_rx, skeleton.build.head_ry
    animal = look.kind == "stylised"
    if not animal:
        for across in (-86, 86):
            ear_x, ear_y, seen = on_head(skeleton, across, -0.05)
            if seen >= 0 and abs(ear_x - x) > rx * 0.2:
                pen.ball(ear_x, ear_y, rx * 0.16, ry * 0.2, skin)
    jaw = [
        (-1, 0.3),
        (-0.7, 1),
        (0.7, 1),
        (1, 0.3),
        (0.92, -0.45),
        (0.35, -1.04),
        (-0.35, -1.04),
        (-0.92, -0.45),
    ]
    outline = (
        ellipse(x, y, rx, ry)
        if animal
        else smooth([(x + rx * 1.06 * a, y + ry * 1.06 * b) for a, b in jaw], 3)
    )
    pen.shape([outline], lighter(skin, 0.06), to=darker(skin, 0.08), shade=0.32)
    if animal:
        _muzzle(pen, skeleton, look, skin)
    _features(pen, skeleton, look, pose, skin)
    if says(look.words, "beard", "bearded"):
        _beard(pen, skeleton, colour_of(look, "beard", fallback=hair_colour(look)))
    _mouth(pen, skeleton, pose, skin, animal=animal)
    if says(look.words, "glasses", "spectacles", "goggles"):
        _glasses(pen, skeleton, look)


def _features(pen: Pen, skeleton: Skeleton, look: CharacterLook, pose: Pose, skin: Colour) -> None:
    rx, ry = skeleton.build.head_rx, skeleton.build.head_ry
    iris = colour_of(look, "eye", "eyes", "iris", fallback=(84, 62, 48))
    brow = darker(hair_colour(look), 0.15) if look.kind == "human" else darker(skin, 0.4)
    one = one_eyed(look)
    for across in (0,) if one else (-24, 24):
        x, y, seen = on_head(skeleton, across, -0.02)
        if seen < 0.15:  # noqa: PLR2004 - around the edge of the head nothing of it is seen
            continue
        wide, tall = rx * 0.2 * (0.3 + 0.7 * seen), ry * (0.15 if pose.mood != "sad" else 0.11)
        pen.spot(x, y, wide * 1.16, tall * 1.16, darker(skin, 0.45), 0.8)
        pen.spot(x, y, wide, tall, (252, 250, 246))
        pen.spot(x + wide * 0.15 * sin(skeleton.yaw), y - tall * 0.05, wide * 0.66, tall * 0.82, iris)
        pen.spot(x + wide * 0.15 * sin(skeleton.yaw), y - tall * 0.05, wide * 0.34, tall * 0.44, _DARK)
        pen.spot(x - wide * 0.2, y + tall * 0.32, wide * 0.2, tall * 0.22, (255, 255, 255))
        pen.mark(
            [(x - wide * 1.15, y + tall * 0.5), (x, y + tall * 1.02), (x + wide * 1.15, y + tall * 0.5)],
            0.007,
            _DARK,
        )
        cheek_x, cheek_y, cheek_seen = on_head(skeleton, across * 1.7, -0.36)
        pen.spot(cheek_x, cheek_y, rx * 0.16 * cheek_seen, ry * 0.09, mix(skin, (228, 92, 88), 0.55), 0.4)
        slant = {"sad": 0.07, "happy": -0.02, "calm": 0.0}[pose.mood] * ry * (-1 if across > 0 else 1)
        height = y + tall * (2.0 if pose.mood != "happy" else 2.35)
        if look.kind == "stylised" and pose.mood == "calm":
            continue
        pen.mark(
            [(x - wide * 1.2, height - slant), (x, height + ry * 0.03), (x + wide * 1.2, height + slant)],
            rx * 0.075,
            brow,
        )
    if look.kind == "human":
        nose_x, nose_y, _ = on_head(skeleton, 0, -0.27)
        tip = nose_x + rx * 0.12 * sin(skeleton.yaw)
        pen.mark(
            [
                (nose_x, nose_y + ry * 0.16),
                (tip + rx * 0.05, nose_y),
                (nose_x - rx * 0.03, nose_y - ry * 0.02),
            ],
            0.007,
            darker(skin, 0.36),
        )


def _mouth(pen: Pen, skeleton: Skeleton, pose: Pose, skin: Colour, *, animal: bool) -> None:
    x, y, seen = on_head(skeleton, 0, -0.5 if animal else -0.58)
    x = skeleton.head[0] + (x - skeleton.head[0]) * 0.84
    rx, ry = skeleton.build.head_rx * (0.35 + 0.65 * seen), skeleton.build.head_ry
    lip = mix(darker(skin, 0.5), (178, 52, 62), 0.5)
    if pose.mood == "happy":
        smile = [
            (x - rx * 0.34, y + ry * 0.05),
            (x + rx * 0.34, y + ry * 0.05),
            (x + rx * 0.2, y - ry * 0.16),
            (x - rx * 0.2, y - ry * 0.16),
        ]
        pen.shape([smooth(smile, 2)], (140, 44, 56), shade=0, edged=False)
        pen.mark([(x - rx * 0.2, y + ry * 0.02), (x + rx * 0.2, y + ry * 0.02)], ry * 0.045, (252, 250, 246))
        return
    bend = {"sad": -0.09, "calm": 0.045}[pose.mood] * ry
    arc = curve([(x - rx * 0.26, y + bend), (x, y - bend * 2), (x + rx * 0.26, y + bend)])
    pen.mark(arc, rx * 0.07, lip)


def _glasses(pen: Pen, skeleton: Skeleton, look: CharacterLook) -> None:
    rx, ry = skeleton.build.head_rx, skeleton.build.head_ry
    frame = colour_of(look, "glasses", "spectacles", "goggles", fallback=_DARK)
    rims = []
    for across in (-24, 24):
        x, y, seen = on_head(skeleton, across, -0.03)
        if seen < 0.15:  # noqa: PLR2004 - around the edge of the head nothing of it is seen
            continue
        wide = rx * 0.32 * (0.3 + 0.7 * seen)
        ring = ellipse(x, y, wide, ry * 0.25, steps=30)
        pen.spot(x, y, wide, ry * 0.25, (225, 240, 250), 0.22)
        pen.mark([(float(a), float(b)) for a, b in np.concatenate([ring, ring[:1]])], rx * 0.075, frame)
        rims.append((x, y))
    if len(rims) > 1:
        (x0, y0), (x1, _) = rims
        middle = (x0 + x1) / 2
        pen.mark([(middle - rx * 0.1, y0 + ry * 0.03), (middle + rx * 0.1, y0 + ry * 0.03)], rx * 0.07, frame)


def _beard(pen: Pen, skeleton: Skeleton, colour: Colour) -> None:
    x, y = skeleton.head[0] + skeleton.build.head_rx * 0.2 * sin(skeleton.yaw), skeleton.head[1]
    rx, ry = skeleton.build.head_rx, skeleton.build.head_ry
    outline = [
        (-1.0, -0.08),
        (-0.72, -0.34),
        (-0.3, -0.42),
        (0.3, -0.42),
        (0.72, -0.34),
        (1.0, -0.08),
        (0.95, -0.8),
        (0.4, -1.34),
        (-0.4, -1.34),
        (-0.95, -0.8),
    ]
    pen.shape([smooth([(x + rx * a, y + ry * b) for a, b in outline], 2)], colour, shade=0.3)


def _muzzle(pen: Pen, skeleton: Skeleton, look: CharacterLook, fur: Colour) -> None:
    x, y, seen = on_head(skeleton, 0, -0.4)
    x = skeleton.head[0] + (x - skeleton.head[0]) * 0.8
    pale = colour_of(look, "muzzle", "belly", fallback=lighter(fur, 0.55))
    rx, ry = skeleton.build.head_rx, skeleton.build.head_ry
    wide = rx * 0.5 * (0.6 + 0.4 * seen)
    pen.shape(
        [ellipse(x + rx * 0.2 * sin(skeleton.yaw), y, wide, ry * 0.4)],
        pale,
        shade=0.2,
        edged=skeleton.side < _TURNED,
    )
    nose = colour_of(look, "nose", fallback=_DARK)
    pen.ball(x + rx * 0.22 * sin(skeleton.yaw), y + ry * 0.22, rx * 0.14, ry * 0.11, nose, edged=False)


def draw_earrings(pen: Pen, skeleton: Skeleton, look: CharacterLook) -> None:
    """Draw a hoop in the ear that the bible names; the figure's left is the picture's right."""
    if not says(look.words, "earring", "hoop", "ear ring"):
        return
    rx, ry = skeleton.build.head_rx, skeleton.build.head_ry
    metal = colour_of(look, "hoop", "earring", fallback=(214, 218, 226))
    sides = {"left": (84,), "right": (-84,)}
    for across in next((ears for side, ears in sides.items() if says(look.words, f"{side} ear")), (-84, 84)):
        x, y, _ = on_head(skeleton, across, -0.42)
        if np.cos(np.radians(across) + skeleton.yaw) > _EAR_HIDDEN:
            ring = ellipse(x + 0.06 * rx * (1 if across > 0 else -1), y, rx * 0.13, ry * 0.13, steps=20)
            pen.mark([(float(a), float(b)) for a, b in np.concatenate([ring, ring[:1]])], rx * 0.055, metal)
