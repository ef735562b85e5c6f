"""Robots: a head with one eye or two, a jointed body, an antenna, as the bible's words say."""

from __future__ import annotations

from math import radians, sin

import numpy as np

from onmodel.studio.rehearsal.canvas import curve, darker, ellipse, lighter, rounded
from onmodel.studio.rehearsal.looks import CharacterLook, Garment, colour_of, one_eyed, says
from onmodel.studio.rehearsal.pen import Pen
from onmodel.studio.rehearsal.pose import Build, Pose, Skeleton, joints, on_head
from onmodel.studio.rehearsal.wardrobe import wear_behind, wear_on_head, wear_over

BUILD = Build(
    head_y=0.72, head_rx=0.235, head_ry=0.225, shoulder_y=0.445, shoulder_x=0.165, hip_y=0.24, hip_x=0.075,
    upper_arm=0.12, lower_arm=0.115, arm_width=0.048, leg_width=0.058, waist=0.135,
)  # fmt: skip


def draw_robot(pen: Pen, look: CharacterLook, pose: Pose, worn: tuple[Garment, ...]) -> None:
    """Draw a robot from its bible, feet at the pen's origin."""
    skeleton = joints(BUILD, pose)
    steel = colour_of(look, "body", "torso", "chassis", fallback=(186, 192, 202))
    limb = colour_of(look, "limb", "arm", "leg", fallback=darker(steel, 0.1))
    joint = colour_of(look, "joint", fallback=darker(steel, 0.52))
    wear_behind(pen, skeleton, worn)
    near, far = (0, 1) if pose.yaw >= 0 else (1, 0)
    turned = skeleton.side < 0.6  # noqa: PLR2004 - the far arm is hidden behind the body from here on
    if turned:
        _arm(pen, skeleton, far, limb, joint)
    for side in (far, near):
        _leg(pen, skeleton, side, limb, joint)
    _torso(pen, skeleton, look, steel, joint)
    for side in (near,) if turned else (far, near):
        _arm(pen, skeleton, side, limb, joint)
    wear_over(pen, skeleton, worn)
    _head(pen, skeleton, look, pose, worn)


def _torso(
    pen: Pen,
    skeleton: Skeleton,
    look: CharacterLook,
    steel: tuple[float, float, float],
    joint: tuple[float, float, float],
) -> None:
    x, hip = skeleton.hip
    middle = hip + 0.115
    width = BUILD.waist * (0.72 + 0.28 * skeleton.side)
    pen.limb([(x, middle + 0.09), (x, middle + 0.19)], [0.07, 0.07], joint)
    if says(look.words, "boxy", "square body", "box"):
        pen.shape([rounded(x - width, middle - 0.135, x + width, middle + 0.135, 0.03)], steel, shade=0.5)
    else:
        pen.shape([rounded(x - width, middle - 0.14, x + width, middle + 0.14, 0.105)], steel, shade=0.5)
    pen.spot(x - width * 0.42, middle + 0.075, 0.035, 0.02, lighter(steel, 0.75), 0.75)
    pen.mark(
        [(x - width * 0.86, middle - 0.045), (x + width * 0.86, middle - 0.045)],
        0.006,
        darker(steel, 0.4),
        0.8,
    )
    light = colour_of(look, "chest", "light", "accent", fallback=colour_of(look, "head", fallback=steel))
    chest = x + width * 0.5 * sin(skeleton.yaw)
    pen.ball(chest, middle + 0.03, 0.036 * max(0.35, skeleton.side), 0.036, light)
    pen.spot(chest - 0.01, middle + 0.04, 0.01, 0.01, lighter(light, 0.7), 0.8)
    for rivet in (-0.7, 0.7):
        pen.spot(x + width * rivet, middle - 0.085, 0.008, 0.008, darker(steel, 0.45))


def _arm(
    pen: Pen,
    skeleton: Skeleton,
    side: int,
    limb: tuple[float, float, float],
    joint: tuple[float, float, float],
) -> None:
    shoulder, elbow, hand = skeleton.arms[side]
    wide = BUILD.arm_width
    pen.limb([shoulder, elbow], [wide * 0.85, wide * 0.8], limb)
    pen.limb([elbow, hand], [wide * 0.85, wide * 1.15], limb)
    pen.ball(*shoulder, wide * 0.78, wide * 0.78, joint)
    pen.ball(*elbow, wide * 0.62, wide * 0.62, joint)
    reach = np.array(hand) - np.array(elbow)
    reach = reach / max(float(np.hypot(*reach)), 1e-6)
    across = np.array([-reach[1], reach[0]])
    palm = np.array(hand) + reach * 0.012
    for finger in (-1.0, 1.0):
        knuckle = palm + across * finger * 0.026
        tip = palm + reach * 0.045 + across * finger * 0.014
        pen.limb([tuple(knuckle), tuple(tip)], [0.022, 0.018], joint, 0.2)
    pen.ball(float(palm[0]), float(palm[1]), wide * 0.66, wide * 0.66, limb)


def _leg(
    pen: Pen,
    skeleton: Skeleton,
    side: int,
    limb: tuple[float, float, float],
    joint: tuple[float, float, float],
) -> None:
    hip, knee, ankle = skeleton.legs[side]
    wide = BUILD.leg_width
    pen.limb([hip, knee], [wide, wide * 0.85], limb)
    pen.limb([knee, ankle], [wide * 0.9, wide * 1.15], limb)
    pen.ball(*knee, wide * 0.62, wide * 0.62, joint)
    toe = 0.035 * sin(skeleton.yaw)
    x, y = ankle[0] + toe, ankle[1] - 0.03
    pen.shape([rounded(x - 0.058, y - 0.005, x + 0.058, y + 0.055, 0.03)], joint, shade=0.4)


def _head(pen: Pen, skeleton: Skeleton, look: CharacterLook, pose: Pose, worn: tuple[Garment, ...]) -> None:
    shell = colour_of(look, "head", "helmet", "face", fallback=(96, 130, 190))
    metal = colour_of(look, "body", fallback=(186, 192, 202))
    x, y = skeleton.head
    head = pen.inside(x, y - BUILD.head_ry, radians(pose.nod))
    local = Pen(head.canvas, *head.at(-x, BUILD.head_ry - y), head.scale, head.turn, head.light, head.line)
    rx, ry = BUILD.head_rx, BUILD.head_ry
    if says(look.words, "antenna", "antennae", "aerial"):
        _antenna(local, skeleton, look, pose)
    for across in (-88.0, 88.0):
        ear_x, ear_y, _ = on_head(skeleton, across, -0.05)
        local.ball(ear_x, ear_y, 0.042, 0.06, metal)
    if says(look.words, "square head", "boxy head", "box head", "square blue head"):
        local.shape([rounded(x - rx, y - ry, x + rx, y + ry, 0.06)], shell, shade=0.5)
    else:
        local.shape([ellipse(x, y, rx, ry)], lighter(shell, 0.1), to=darker(shell, 0.16), shade=0.5)
    local.spot(x - rx * 0.42, y + ry * 0.52, rx * 0.26, ry * 0.14, lighter(shell, 0.7), 0.5)
    _seam(local, skeleton, darker(shell, 0.35))
    one = one_eyed(look)
    for across in (0.0,) if one else (-27.0, 27.0):
        _eye(local, skeleton, look, pose, across, 0.5 if one else 0.3)
    wear_on_head(local, skeleton, worn)


def _seam(pen: Pen, skeleton: Skeleton, colour: tuple[float, float, float]) -> None:
    points = [
        on_head(skeleton, angle, -0.62)[:2]
        for angle in range(-90, 91, 15)
        if on_head(skeleton, angle, 0)[2] > 0
    ]
    if len(points) > 1:
        pen.mark(points, 0.006, colour, 0.7)


def _eye(pen: Pen, skeleton: Skeleton, look: CharacterLook, pose: Pose, across: float, size: float) -> None:
    x, y, seen = on_head(skeleton, across, 0.02 if pose.mood != "sad" else -0.06)
    x = skeleton.head[0] + (x - skeleton.head[0]) * 0.8
    if seen < 0.12:  # noqa: PLR2004 - around the edge of the head nothing of it is seen
        return
    iris = colour_of(look, "eye", "eyes", fallback=(250, 214, 90))
    radius = size * BUILD.head_rx
    wide = radius * (0.25 + 0.75 * seen)
    pen.shape([ellipse(x, y, wide * 1.26, radius * 1.26)], (40, 42, 58), shade=0.2)
    dim = {"sad": 0.42, "calm": 0.0, "happy": 0.0}[pose.mood]
    lit = darker(iris, dim)
    pen.shape([ellipse(x, y, wide, radius)], lighter(lit, 0.3), to=lit, shade=0.25, edged=False)
    pupil_x = x + wide * 0.12 * sin(skeleton.yaw)
    pen.spot(pupil_x, y, wide * 0.36, radius * 0.36, darker(iris, 0.72), 0.85)
    pen.spot(x - wide * 0.34, y + radius * 0.4, wide * 0.2, radius * 0.17, (255, 255, 250), 0.95)
    if pose.mood == "sad":
        shell = darker(colour_of(look, "head", fallback=(96, 130, 190)), 0.22)
        socket = ellipse(x, y, wide * 1.28, radius * 1.28)
        above = socket[socket[:, 1] > y + radius * (0.28 + 0.16 * (socket[:, 0] - x) / max(wide, 1e-6))]
        pen.shape([above[np.argsort(-np.arctan2(above[:, 1] - y, above[:, 0] - x))]], shell, shade=0)
    if pose.mood == "happy":
        cheek = [
            (x - wide * 1.13, y - radius * 0.6),
            (x, y - radius * 0.12),
            (x + wide * 1.13, y - radius * 0.6),
        ]
        angles = np.linspace(radians(-28), radians(-152), 15)
        low = [(x + wide * 1.3 * float(np.cos(a)), y + radius * 1.3 * float(np.sin(a))) for a in angles]
        shell = darker(colour_of(look, "head", fallback=(96, 130, 190)), 0.06)
        pen.shape([np.array([*curve(cheek), *low])], shell, shade=0)
    if says(look.words, "glowing", "glow", "bright", "luminous"):
        px, py = pen.at(x, y)
        pen.canvas.glow(
            px, py, radius * pen.scale * 2.1, iris, {"sad": 0.05, "calm": 0.14, "happy": 0.26}[pose.mood]
        )


def _antenna(pen: Pen, skeleton: Skeleton, look: CharacterLook, pose: Pose) -> None:
    x, y = skeleton.head[0], skeleton.head[1] + BUILD.head_ry * 0.94
    tip = colour_of(look, "antenna", "accent", fallback=colour_of(look, "eye", fallback=(250, 214, 90)))
    rod = darker(colour_of(look, "body", fallback=(186, 192, 202)), 0.35)
    bend = {"sad": [(x, y), (x + 0.01, y + 0.12), (x + 0.12, y + 0.15), (x + 0.15, y + 0.03)]}.get(
        pose.mood, [(x, y), (x + 0.004, y + 0.07), (x + 0.012, y + 0.13)]
    )
    bend = curve(bend)
    pen.limb(bend, [0.018] * len(bend), rod, 0.2)
    pen.ball(x, y, 0.045, 0.022, rod)
    pen.ball(*bend[-1], 0.032, 0.032, darker(tip, 0.35) if pose.mood == "sad" else tip)
