"""Clothes, drawn over any figure's joints: coat and hood, cloak, dress, suit, hat and the rest."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, radians, sin

import numpy as np

from onmodel.studio.rehearsal.canvas import Colour, Points, darker, ellipse, lighter, ribbon, smooth
from onmodel.studio.rehearsal.looks import Garment
from onmodel.studio.rehearsal.pen import Pen
from onmodel.studio.rehearsal.pose import Skeleton

_LAYERS = {
    "dress": 0,
    "shirt": 0,
    "skirt": 0,
    "tie": 2,
    "jacket": 2,
    "suit": 1,
    "coat": 3,
    "raincoat": 3,
    "scarf": 4,
}
"""What is worn over what; 1 where nothing is said."""
_HOODED = {"raincoat", "hoodie"}
_SLEEVED = {"raincoat", "hoodie", "coat", "jacket", "suit", "shirt", "armour"}


def wear_behind(pen: Pen, skeleton: Skeleton, worn: tuple[Garment, ...]) -> None:
    """What hangs behind the body: a hood's inside, a cloak, a backpack."""
    for garment in worn:
        if garment.shape == "cloak":
            _cloak(pen, skeleton, garment.colour)
        if garment.shape == "backpack":
            x, y = skeleton.neck
            pen.ball(
                x - 0.12 * (1 - skeleton.side), y - 0.09, skeleton.build.waist * 1.25, 0.12, garment.colour
            )
        if garment.shape in _HOODED:
            build = skeleton.build
            pen.ball(
                skeleton.head[0],
                skeleton.head[1] + build.head_ry * 0.04,
                build.head_rx * 1.2,
                build.head_ry * 1.16,
                darker(garment.colour, 0.3),
            )


def wear_legs(pen: Pen, skeleton: Skeleton, worn: tuple[Garment, ...], side: int) -> None:
    """Trousers and boots on one leg."""
    hip, knee, ankle = skeleton.legs[side]
    wide = skeleton.build.leg_width
    for garment in worn:
        if garment.shape in {"trousers", "suit", "overalls", "armour"}:
            pen.limb(
                [hip, knee, ankle], [wide * 1.25, wide * 1.12, wide * 1.08], darker(garment.colour, 0.06)
            )
            if side == 1:
                middle, seat = skeleton.hip, skeleton.build.waist * (0.62 + 0.38 * skeleton.side)
                pelvis = ribbon(
                    [(middle[0], middle[1] + 0.03), (middle[0], middle[1] - 0.005)], [seat * 1.7, seat * 1.85]
                )
                pen.shape(pelvis, darker(garment.colour, 0.06), shade=0, edged=False)
        if garment.shape == "shorts":
            pen.limb([hip, knee], [wide * 1.35, wide * 1.4], garment.colour)
    for garment in worn:
        if garment.shape == "boots":
            top = (knee[0] * 0.4 + ankle[0] * 0.6, knee[1] * 0.4 + ankle[1] * 0.6)
            pen.limb([top, ankle], [wide * 1.12, wide * 1.02], garment.colour)
            toe = (
                ankle[0] + 0.02 * (1 if side else -1) * skeleton.side + 0.03 * sin(skeleton.yaw),
                ankle[1] - 0.012,
            )
            pen.ball(*toe, 0.052, 0.028, garment.colour)


def wear_over(pen: Pen, skeleton: Skeleton, worn: tuple[Garment, ...]) -> None:
    """What is worn over the body and arms."""
    inner = next((garment for garment in worn if garment.shape in {"dress", "shirt"}), None)
    for garment in sorted(worn, key=lambda garment: _LAYERS.get(garment.shape, 1)):
        dresser = _OVER.get(garment.shape)
        if dresser:
            dresser(pen, skeleton, garment)
        if garment.shape in _SLEEVED:
            for shoulder, elbow, hand in skeleton.arms:
                wide = skeleton.build.arm_width
                cuff = (elbow[0] + (hand[0] - elbow[0]) * 0.82, elbow[1] + (hand[1] - elbow[1]) * 0.82)
                pen.limb([shoulder, elbow, cuff], [wide * 1.55, wide * 1.4, wide * 1.5], garment.colour)
        if inner and garment.shape == "jacket":
            _open_front(pen, skeleton, inner.colour)
        if garment.sparkles:
            _sparkle(pen, skeleton)


def _open_front(pen: Pen, skeleton: Skeleton, inner: Colour) -> None:
    """What is worn under an open jacket shows in a strip down the front."""
    x, neck = skeleton.neck[0] + skeleton.build.waist * 0.4 * sin(skeleton.yaw), skeleton.neck[1]
    low, wide = skeleton.hip[1] - 0.046, skeleton.build.waist * 0.52 * skeleton.side
    strip = [(x - wide, neck), (x + wide, neck), (x + wide * 0.55, low), (x - wide * 0.55, low)]
    pen.shape([np.array(strip)], inner, shade=0, edged=False)


def wear_on_head(pen: Pen, skeleton: Skeleton, worn: tuple[Garment, ...]) -> None:
    """Hoods, hats, caps and crowns, drawn in the head's own turn."""
    x, y = skeleton.head
    rx, ry = skeleton.build.head_rx, skeleton.build.head_ry
    for garment in worn:
        if garment.shape in _HOODED:
            _hood(pen, skeleton, garment.colour)
        elif garment.shape == "hat":
            pen.shape(
                [
                    smooth(
                        [
                            (x - rx * 1.2, y + ry * 0.4),
                            (x - rx * 0.95, y + ry * 1.62),
                            (x + rx * 0.95, y + ry * 1.62),
                            (x + rx * 1.2, y + ry * 0.4),
                        ],
                        2,
                    )
                ],
                garment.colour,
            )
            pen.ball(x, y + ry * 0.62, rx * 1.55, ry * 0.16, garment.colour)
            pen.mark(
                [(x - rx * 0.86, y + ry * 0.84), (x + rx * 0.86, y + ry * 0.84)],
                ry * 0.12,
                darker(garment.colour, 0.45),
            )
        elif garment.shape == "cap":
            dome = [
                (x + rx * 1.18 * cos(a), y + ry * 0.34 + ry * 1.02 * sin(a))
                for a in np.linspace(0, np.pi, 18)
            ]
            pen.shape([np.array(dome)], garment.colour)
            peak = x + rx * (0.25 + 0.9 * sin(skeleton.yaw))
            pen.shape([ellipse(peak, y + ry * 0.4, rx * 0.85, ry * 0.12)], darker(garment.colour, 0.2))
        elif garment.shape == "crown":
            teeth = [
                (-0.75, 0.75),
                (-0.8, 1.3),
                (-0.4, 0.98),
                (0.0, 1.4),
                (0.4, 0.98),
                (0.8, 1.3),
                (0.75, 0.75),
            ]
            pen.shape([np.array([(x + rx * a, y + ry * b) for a, b in teeth])], garment.colour)


def _flare(skeleton: Skeleton, top: float, bottom_y: float, spread: float) -> Points:
    """The outline of a coat or dress from the shoulders to a hem."""
    x, neck = skeleton.neck
    build = skeleton.build
    side = 0.62 + 0.38 * skeleton.side
    shoulder, hem = max(build.shoulder_x * 1.05, build.waist * 0.9) * side * top, build.waist * spread * side
    return smooth(
        [
            (x - shoulder * 0.5, neck + 0.01),
            (x + shoulder * 0.5, neck + 0.01),
            (x + shoulder * 1.08, neck - 0.045),
            (x + build.waist * 1.02 * side, skeleton.hip[1] + 0.06),
            (x + hem, bottom_y),
            (x + hem * 0.96, bottom_y - 0.012),
            (x - hem * 0.96, bottom_y - 0.012),
            (x - hem, bottom_y),
            (x - build.waist * 1.02 * side, skeleton.hip[1] + 0.06),
            (x - shoulder * 1.08, neck - 0.045),
        ],
        2,
    )


def _knee_y(skeleton: Skeleton) -> float:
    return min(leg[1][1] for leg in skeleton.legs)


def _coat(pen: Pen, skeleton: Skeleton, garment: Garment) -> None:
    seated = _knee_y(skeleton) > skeleton.hip[1] - 0.02
    hem = skeleton.hip[1] - 0.03 if seated else max(0.06, skeleton.hip[1] * 0.52)
    colour = garment.colour
    pen.shape([_flare(skeleton, 1.05, hem, 1.5)], lighter(colour, 0.06), to=darker(colour, 0.12), shade=0.45)
    x = skeleton.neck[0] + skeleton.build.waist * 0.45 * sin(skeleton.yaw)
    pen.mark([(x, skeleton.neck[1]), (x, hem)], 0.007, darker(colour, 0.4))
    for step in (0.22, 0.46, 0.7):
        pen.spot(
            x + 0.022, skeleton.neck[1] + (hem - skeleton.neck[1]) * step, 0.011, 0.011, darker(colour, 0.5)
        )
    if garment.shape == "raincoat":
        pen.mark(
            [
                (x - skeleton.build.waist * 0.8, skeleton.hip[1] + 0.035),
                (x - skeleton.build.waist * 0.35, skeleton.hip[1] + 0.028),
            ],
            0.01,
            darker(colour, 0.35),
        )


def _shirt(pen: Pen, skeleton: Skeleton, garment: Garment) -> None:
    colour = garment.colour
    pen.shape([_flare(skeleton, 1.0, skeleton.hip[1] - 0.05, 1.04)], colour, shade=0.4)
    x, neck = skeleton.neck[0] + skeleton.build.waist * 0.4 * sin(skeleton.yaw), skeleton.neck[1]
    if garment.shape in {"jacket", "suit", "armour"}:
        for sign in (-1, 1):
            pen.mark([(x + sign * 0.045, neck - 0.005), (x, neck - 0.13)], 0.012, darker(colour, 0.4))
        pen.mark([(x, neck - 0.13), (x, skeleton.hip[1])], 0.007, darker(colour, 0.4))
    else:
        pen.mark(
            [(x - 0.035, neck - 0.012), (x, neck - 0.035), (x + 0.035, neck - 0.012)],
            0.009,
            darker(colour, 0.35),
        )


def _dress(pen: Pen, skeleton: Skeleton, garment: Garment) -> None:
    hem = max(0.1, _knee_y(skeleton) - 0.06)
    pen.shape(
        [_flare(skeleton, 0.95, hem, 1.75)], lighter(garment.colour, 0.05), to=darker(garment.colour, 0.14)
    )
    x = skeleton.neck[0]
    half = skeleton.build.waist * 0.93 * (0.62 + 0.38 * skeleton.side)
    belt = skeleton.hip[1] + 0.075
    pen.mark(
        [(x - half, belt), (x + half, belt)],
        0.016,
        darker(garment.colour, 0.35),
    )


def _skirt(pen: Pen, skeleton: Skeleton, garment: Garment) -> None:
    x, hip = skeleton.hip
    waist, hem_y = skeleton.build.waist * (0.62 + 0.38 * skeleton.side), max(0.12, _knee_y(skeleton) - 0.01)
    pen.shape(
        [
            np.array(
                [
                    (x - waist, hip + 0.05),
                    (x + waist, hip + 0.05),
                    (x + waist * 1.7, hem_y),
                    (x - waist * 1.7, hem_y),
                ]
            )
        ],
        garment.colour,
    )


def _apron(pen: Pen, skeleton: Skeleton, garment: Garment) -> None:
    x = skeleton.neck[0] + skeleton.build.waist * 0.35 * sin(skeleton.yaw)
    wide, top, low = skeleton.build.waist * 0.72, skeleton.neck[1] - 0.05, skeleton.hip[1] * 0.62
    for sign in (-1, 1):
        pen.mark(
            [(x + sign * wide * 0.7, top), (x + sign * wide * 0.6, skeleton.neck[1] + 0.01)],
            0.014,
            darker(garment.colour, 0.15),
        )
    pen.shape(
        [
            smooth(
                [
                    (x - wide * 0.75, top),
                    (x + wide * 0.75, top),
                    (x + wide * 1.1, low),
                    (x - wide * 1.1, low),
                ],
                2,
            )
        ],
        garment.colour,
        shade=0.3,
    )
    pen.mark(
        [(x - wide * 0.5, skeleton.hip[1] + 0.02), (x + wide * 0.5, skeleton.hip[1] + 0.02)],
        0.007,
        darker(garment.colour, 0.35),
    )


def _overalls(pen: Pen, skeleton: Skeleton, garment: Garment) -> None:
    _apron(pen, skeleton, garment)
    x, hip = skeleton.hip
    pen.ball(x, hip + 0.01, skeleton.build.waist * 0.95, 0.05, garment.colour, edged=False)


def _scarf(pen: Pen, skeleton: Skeleton, garment: Garment) -> None:
    x, y = skeleton.neck
    wide = skeleton.build.head_rx * 0.72
    pen.limb([(x + wide * 0.45, y), (x + wide * 0.7, y - 0.14)], [0.05, 0.06], darker(garment.colour, 0.12))
    pen.shape([ellipse(x, y + 0.005, wide, 0.036)], garment.colour)


def _tie(pen: Pen, skeleton: Skeleton, garment: Garment) -> None:
    x, y = skeleton.neck[0] + skeleton.build.waist * 0.4 * sin(skeleton.yaw), skeleton.neck[1] - 0.02
    pen.shape(
        [
            np.array(
                [(x - 0.012, y), (x + 0.012, y), (x + 0.02, y - 0.11), (x, y - 0.135), (x - 0.02, y - 0.11)]
            )
        ],
        garment.colour,
    )


def _cloak(pen: Pen, skeleton: Skeleton, colour: Colour) -> None:
    x, y = skeleton.neck
    wide = skeleton.build.shoulder_x
    back = -0.12 * sin(skeleton.yaw)
    outline = [
        (x - wide * 0.8, y + 0.02),
        (x + wide * 0.8, y + 0.02),
        (x + wide * 1.7 + back, 0.1),
        (x + back, 0.07),
        (x - wide * 1.9 + back, 0.1),
    ]
    pen.shape([smooth(outline, 2)], colour, to=darker(colour, 0.25))
    pen.shape(ribbon([(x - wide * 0.8, y), (x, y + 0.012), (x + wide * 0.8, y)], [0.03, 0.036, 0.03]), colour)


def _hood(pen: Pen, skeleton: Skeleton, colour: Colour) -> None:
    """A rim around the face: the head stays in sight, so that it is still this character."""
    x, y = skeleton.head
    rx, ry = skeleton.build.head_rx, skeleton.build.head_ry
    turn = 0.16 * rx * sin(skeleton.yaw)
    angles = np.radians(np.linspace(-42, 222, 40))
    outer = np.stack([x + 1.2 * rx * np.cos(angles), y + 0.04 * ry + 1.16 * ry * np.sin(angles)], axis=1)
    inner = np.stack(
        [x + turn + 0.9 * rx * np.cos(angles), y - 0.12 * ry + 0.88 * ry * np.sin(angles)], axis=1
    )
    pen.shape(
        [np.concatenate([outer, inner[::-1]])], lighter(colour, 0.08), to=darker(colour, 0.12), shade=0.3
    )
    pen.mark([(float(px), float(py)) for px, py in inner[2:-2]], 0.01, darker(colour, 0.28), 0.7)


def _sparkle(pen: Pen, skeleton: Skeleton) -> None:
    x, y = skeleton.neck
    for index in range(14):
        angle, reach = radians(137.5 * index), skeleton.build.waist * 0.85 * ((index + 0.5) / 14) ** 0.5
        px, py = x + reach * cos(angle), y - 0.12 + reach * sin(angle)
        size = 0.007 + 0.004 * (index % 3)
        star = [(px, py + size), (px + size * 0.25, py), (px, py - size), (px - size * 0.25, py)]
        cross = [(px - size, py), (px, py + size * 0.25), (px + size, py), (px, py - size * 0.25)]
        pen.shape([np.array(star), np.array(cross)], (255, 255, 255), shade=0, edged=False, alpha=0.95)


_OVER: dict[str, Callable[[Pen, Skeleton, Garment], None]] = {
    "raincoat": _coat,
    "coat": _coat,
    "hoodie": _shirt,
    "shirt": _shirt,
    "jacket": _shirt,
    "suit": _shirt,
    "armour": _shirt,
    "dress": _dress,
    "skirt": _skirt,
    "apron": _apron,
    "overalls": _overalls,
    "scarf": _scarf,
    "tie": _tie,
}
