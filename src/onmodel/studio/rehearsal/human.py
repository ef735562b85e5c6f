"""People and creatures: skin or fur, hair, beard, glasses, ears and tail, as the bible's words say."""

from __future__ import annotations

from math import radians, sin

from onmodel.studio.rehearsal.canvas import Colour, curve, darker, lighter, mix, smooth
from onmodel.studio.rehearsal.faces import draw_earrings, draw_face
from onmodel.studio.rehearsal.hair import draw_fringe, draw_hair, draw_hair_behind, hair_colour, pick
from onmodel.studio.rehearsal.looks import CharacterLook, Garment, colour_of, says
from onmodel.studio.rehearsal.pen import Pen
from onmodel.studio.rehearsal.pose import Build, Pose, Skeleton, joints
from onmodel.studio.rehearsal.wardrobe import wear_behind, wear_legs, wear_on_head, wear_over

ADULT = Build(
    head_y=0.865, head_rx=0.103, head_ry=0.122, shoulder_y=0.695, shoulder_x=0.112, hip_y=0.42, hip_x=0.05,
    upper_arm=0.145, lower_arm=0.14, arm_width=0.046, leg_width=0.066, waist=0.095,
)  # fmt: skip

CHILD = Build(
    head_y=0.81, head_rx=0.15, head_ry=0.165, shoulder_y=0.585, shoulder_x=0.115, hip_y=0.33, hip_x=0.055,
    upper_arm=0.125, lower_arm=0.12, arm_width=0.05, leg_width=0.07, waist=0.11,
)  # fmt: skip

CREATURE = Build(
    head_y=0.72, head_rx=0.2, head_ry=0.18, shoulder_y=0.5, shoulder_x=0.13, hip_y=0.24, hip_x=0.075,
    upper_arm=0.1, lower_arm=0.1, arm_width=0.066, leg_width=0.085, waist=0.15,
)  # fmt: skip

_DARK = (44, 38, 48)
_TONES: tuple[Colour, ...] = (
    (246, 212, 184),
    (232, 184, 148),
    (206, 152, 112),
    (164, 112, 78),
    (112, 76, 54),
)
_TOPS = {"raincoat", "coat", "hoodie", "shirt", "jacket", "suit", "armour", "dress"}
_LEGS = {"trousers", "suit", "skirt", "shorts", "dress", "overalls", "armour"}


def _skin(look: CharacterLook) -> Colour:
    if look.kind == "stylised":
        return colour_of(look, "fur", "body", "skin", "coat", "feather", "scale")
    dark = says(look.words, "black woman", "black man", "african")
    return colour_of(look, "skin", fallback=_TONES[4] if dark else pick(_TONES[:4], f"{look.id}/skin"))


def _is_child(look: CharacterLook) -> bool:
    return says(look.words, "child", "girl", "boy", "kid", "toddler", "year-old")


def _dressed(look: CharacterLook, worn: tuple[Garment, ...]) -> tuple[Garment, ...]:
    """A person always wears something: what the wardrobe leaves open is filled in from the palette."""
    shapes = {garment.shape for garment in worn}
    base: list[Garment] = []
    if not shapes & _LEGS:
        base.append(
            Garment("trousers", colour_of(look, "trousers", "bottom", "jeans", fallback=(62, 70, 98)))
        )
    if not shapes & _TOPS:
        base.append(Garment("shirt", colour_of(look, "outfit", "top", "shirt", "clothes", "jacket")))
    if "boots" not in shapes:
        base.append(Garment("boots", colour_of(look, "shoes", "boots", fallback=(64, 54, 58))))
    return (*base, *worn)


def draw_human(pen: Pen, look: CharacterLook, pose: Pose, worn: tuple[Garment, ...]) -> None:
    """Draw a person from the bible, feet at the pen's origin."""
    build = CHILD if _is_child(look) else ADULT
    skeleton, skin, clothes = joints(build, pose), _skin(look), _dressed(look, worn)
    wear_behind(pen, skeleton, clothes)
    head = _head_pen(pen, skeleton, pose)
    draw_hair_behind(head, skeleton, look)
    _limbs_and_torso(pen, skeleton, skin, clothes)
    wear_over(pen, skeleton, clothes)
    _hands(pen, skeleton, skin)
    draw_face(head, skeleton, look, pose, skin)
    if not any(garment.shape in {"raincoat", "hoodie"} for garment in worn):
        draw_hair(head, skeleton, look)
    else:
        draw_fringe(head, skeleton, hair_colour(look))
    draw_earrings(head, skeleton, look)
    wear_on_head(head, skeleton, (*_marked_hat(look, worn), *clothes))


def draw_creature(pen: Pen, look: CharacterLook, pose: Pose, worn: tuple[Garment, ...]) -> None:
    """Draw an animal or a fantastic creature from the bible, feet at the pen's origin."""
    skeleton, fur = joints(CREATURE, pose), _skin(look)
    belly = colour_of(look, "belly", "chest", fallback=lighter(fur, 0.55))
    x, hip = skeleton.hip
    if says(look.words, "tail") or says(
        look.words, "fox", "cat", "wolf", "dog", "mouse", "dragon", "squirrel"
    ):
        tail = colour_of(look, "tail", fallback=fur)
        sway = -0.2 if pose.yaw >= 0 else 0.2
        bend = [(x + sway * 0.4, hip + 0.02), (x + sway * 1.3, hip + 0.02), (x + sway * 1.75, hip + 0.18)]
        bend = curve(bend)
        pen.limb(bend, [0.06 + 0.07 * sin(3.1 * step / len(bend)) for step in range(len(bend))], tail)
        pen.ball(*bend[-1], 0.045, 0.045, belly, edged=False)
    wear_behind(pen, skeleton, worn)
    head = _head_pen(pen, skeleton, pose)
    _animal_ears(head, skeleton, look, fur)
    _limbs_and_torso(pen, skeleton, fur, worn)
    pen.ball(x, hip + 0.12, CREATURE.waist * (0.8 + 0.2 * skeleton.side), 0.16, fur)
    pen.spot(x + 0.05 * sin(skeleton.yaw), hip + 0.1, 0.09 * skeleton.side + 0.01, 0.11, belly)
    wear_over(pen, skeleton, worn)
    _hands(pen, skeleton, fur)
    draw_face(head, skeleton, look, pose, fur)
    wear_on_head(head, skeleton, (*_marked_hat(look, worn), *worn))


def _head_pen(pen: Pen, skeleton: Skeleton, pose: Pose) -> Pen:
    x, y = skeleton.head
    base = y - skeleton.build.head_ry
    head = pen.inside(x, base, radians(pose.nod))
    return Pen(head.canvas, *head.at(-x, -base), head.scale, head.turn, head.light, head.line)


def _limbs_and_torso(pen: Pen, skeleton: Skeleton, skin: Colour, worn: tuple[Garment, ...]) -> None:
    build = skeleton.build
    for side in (0, 1):
        hip, knee, ankle = skeleton.legs[side]
        pen.limb([hip, knee, ankle], [build.leg_width, build.leg_width * 0.9, build.leg_width * 0.75], skin)
        foot = ankle[0] + 0.02 * (1 if side else -1) * skeleton.side + 0.03 * sin(skeleton.yaw)
        shoe = next((garment.colour for garment in worn if garment.shape == "boots"), darker(skin, 0.25))
        pen.ball(foot, ankle[1] - 0.012, 0.05, 0.026, shoe)
        wear_legs(pen, skeleton, worn, side)
    x, neck = skeleton.neck
    pen.limb(
        [(x, neck - 0.03), (skeleton.head[0], skeleton.head[1] - build.head_ry * 0.6)],
        [0.06, 0.056],
        darker(skin, 0.1),
    )
    wide = build.waist * (0.65 + 0.35 * skeleton.side)
    pen.shape(
        [
            smooth(
                [
                    (x - wide, neck),
                    (x + wide, neck),
                    (x + wide * 0.86, skeleton.hip[1] - 0.03),
                    (x - wide * 0.86, skeleton.hip[1] - 0.03),
                ],
                2,
            )
        ],
        skin,
    )
    for arm in skeleton.arms:
        pen.limb(arm, [build.arm_width, build.arm_width * 0.9, build.arm_width * 0.75], skin)


def _hands(pen: Pen, skeleton: Skeleton, skin: Colour) -> None:
    for _, elbow, hand in skeleton.arms:
        wide = skeleton.build.arm_width * 0.62
        pen.limb(
            [(hand[0] * 0.9 + elbow[0] * 0.1, hand[1] * 0.9 + elbow[1] * 0.1), hand],
            [wide * 1.3, wide * 1.6],
            skin,
        )


def _animal_ears(pen: Pen, skeleton: Skeleton, look: CharacterLook, fur: Colour) -> None:
    x, y = skeleton.head
    rx, ry = skeleton.build.head_rx, skeleton.build.head_ry
    inner = colour_of(look, "ears", "ear", fallback=mix(fur, (240, 160, 160), 0.5))
    tall = 1.9 if says(look.words, "rabbit", "bunny", "hare", "long ears") else 1.0
    for sign in (-1, 1):
        root = x + sign * rx * 0.58 - 0.1 * rx * sin(skeleton.yaw)
        if says(look.words, "bear", "mouse", "panda", "round ears"):
            pen.ball(root, y + ry * 0.85, rx * 0.34, rx * 0.34, fur)
            pen.spot(root, y + ry * 0.85, rx * 0.19, rx * 0.19, inner)
            continue
        tip_y = y + ry * (0.75 + 0.8 * tall)
        pen.shape(
            [
                smooth(
                    [
                        (root - rx * 0.36, y + ry * 0.6),
                        (root + sign * rx * 0.2, tip_y),
                        (root + rx * 0.36, y + ry * 0.6),
                    ],
                    2,
                )
            ],
            fur,
        )
        pen.shape(
            [
                smooth(
                    [
                        (root - rx * 0.18, y + ry * 0.7),
                        (root + sign * rx * 0.15, tip_y - ry * 0.3),
                        (root + rx * 0.18, y + ry * 0.7),
                    ],
                    2,
                )
            ],
            inner,
            shade=0,
            edged=False,
        )


def _marked_hat(look: CharacterLook, worn: tuple[Garment, ...]) -> tuple[Garment, ...]:
    """A hat that belongs to the character whatever is worn; a hood hides it."""
    if any(garment.shape in {"hat", "cap", "crown", "raincoat", "hoodie"} for garment in worn):
        return ()
    caps = ("cap", "beanie", "helmet", "captain's hat", "sailor's hat")
    for shape, words in (("cap", caps), ("hat", ("hat",)), ("crown", ("crown",))):
        if says(look.words, *words):
            return (Garment(shape, colour_of(look, *words, "hat")),)
    return ()
