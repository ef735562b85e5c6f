"""How a figure stands: poses by words, and the joints that follow from them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, radians, sin
from typing import Literal

from onmodel.studio.rehearsal.looks import says

Joint = tuple[float, float]
"""A point in the figure's space: x to the right, y up, 1 is the figure's height."""
Mood = Literal["calm", "sad", "happy"]


@dataclass(frozen=True)
class Pose:
    """A stance. Limb angles are degrees from straight down, positive to the picture's right."""

    yaw: float = 0.0
    """Degrees that the figure is turned; positive faces the picture's right."""
    lean: float = 0.0
    """Degrees of the whole figure, clockwise."""
    nod: float = 0.0
    """Degrees of the head, clockwise."""
    left_arm: tuple[float, float] = (-16, -8)
    """Upper and lower arm on the picture's left."""
    right_arm: tuple[float, float] = (16, 8)
    left_leg: tuple[float, float] = (-4, -2)
    right_leg: tuple[float, float] = (4, 2)
    seated: bool = False
    mood: Mood = "calm"


@dataclass(frozen=True)
class Build:
    """Proportions of a figure; lengths in units of its height."""

    head_y: float
    head_rx: float
    head_ry: float
    shoulder_y: float
    shoulder_x: float
    hip_y: float
    hip_x: float
    upper_arm: float
    lower_arm: float
    arm_width: float
    leg_width: float
    waist: float
    """Half the width of the waist."""


@dataclass(frozen=True)
class Skeleton:
    """Where every joint of a posed figure lies."""

    build: Build
    head: Joint
    neck: Joint
    hip: Joint
    arms: tuple[tuple[Joint, Joint, Joint], tuple[Joint, Joint, Joint]]
    """Shoulder, elbow, hand; the picture's left arm first."""
    legs: tuple[tuple[Joint, Joint, Joint], tuple[Joint, Joint, Joint]]
    """Hip, knee, ankle; the picture's left leg first."""
    side: float
    """Cosine of the yaw: 1 from the front, near 0 in profile."""
    yaw: float
    """Radians."""


def read_mood(text: str) -> Mood:
    """The mood that a text asks a figure to show."""
    if says(
        text, "sad", "lonely", "alone", "droop", "melancholy", "downcast", "weeping", "cries", "tired", "lost"
    ):
        return "sad"
    bright = (
        "happy",
        "joyful",
        "joy",
        "smile",
        "smiling",
        "laugh",
        "laughing",
        "delighted",
        "proud",
        "beaming",
    )
    return "happy" if says(text, *bright, "excited", "cheerful", "home at last", "glow brightly") else "calm"


_STANCES: tuple[tuple[tuple[str, ...], Pose], ...] = (
    (
        ("sit", "sitting", "seated", "kneel", "kneeling", "crouch", "crouching", "perched", "rests on"),
        Pose(yaw=12, seated=True, left_arm=(-14, 34), right_arm=(14, -34)),
    ),
    (
        ("run", "running", "chase", "chasing", "sprint", "sprinting", "dash"),
        Pose(
            yaw=50, lean=9, left_arm=(-62, 10), right_arm=(52, 125), left_leg=(-48, -96), right_leg=(52, 12)
        ),
    ),
    (
        ("jump", "jumping", "leap", "leaping"),
        Pose(yaw=12, left_arm=(-140, -155), right_arm=(140, 155), left_leg=(-30, 30), right_leg=(30, -30)),
    ),
    (
        (
            "arms up",
            "arms wide",
            "arms raised",
            "arms in the air",
            "raise its arms",
            "raises its arms",
            "raises her arms",
            "raises his arms",
            "spin",
            "spinning",
            "twirl",
            "twirling",
            "celebrate",
        ),
        Pose(
            yaw=12,
            lean=-4,
            left_arm=(-128, -150),
            right_arm=(132, 158),
            left_leg=(-12, -6),
            right_leg=(14, 4),
        ),
    ),
    (
        ("dance", "dancing", "sway", "perform", "performing", "pose"),
        Pose(
            yaw=12, lean=3, left_arm=(-58, -118), right_arm=(48, -20), left_leg=(-12, -4), right_leg=(10, 0)
        ),
    ),
    (("wave", "waving", "greet"), Pose(yaw=12, right_arm=(118, 172))),
    (("reach", "reaching", "point", "pointing", "hold out", "touch"), Pose(yaw=28, right_arm=(70, 98))),
    (
        ("walk", "walking", "stroll", "wander", "wandering"),
        Pose(yaw=40, left_arm=(-26, -8), right_arm=(22, 40), left_leg=(-22, -34), right_leg=(22, 8)),
    ),
    (
        ("hold", "holding", "carry", "carrying", "work", "working", "repair", "repairing", "tinker"),
        Pose(yaw=20, left_arm=(-18, 44), right_arm=(24, 84)),
    ),
)
"""The words that ask for a stance, and the stance; the first that is asked for counts."""

_TILTED = ("tilt its head", "tilts its head", "tilts her head", "tilts his head", "tilting", "curious")


def read_pose(text: str) -> Pose:
    """The stance that a text asks for; standing when it says nothing."""
    pose = next((stance for words, stance in _STANCES if says(text, *words)), Pose(yaw=12))
    mood = read_mood(text)
    if mood == "sad":
        return replace(pose, mood=mood, nod=9, yaw=pose.yaw + 8)
    return replace(pose, mood=mood, nod=-12 if says(text, *_TILTED) else 0)


def joints(build: Build, pose: Pose) -> Skeleton:
    """Put a figure of some build into a pose."""
    yaw = radians(pose.yaw)
    side = max(0.22, abs(cos(yaw)))
    drop = build.hip_y * 0.46 if pose.seated else 0.0
    hip_y, shoulder_y = build.hip_y - drop, build.shoulder_y - drop
    arms = tuple(
        _chain(
            (sign * build.shoulder_x * side, shoulder_y),
            (build.upper_arm, build.lower_arm),
            _foreshortened(angles, side),
        )
        for sign, angles in ((-1, pose.left_arm), (1, pose.right_arm))
    )
    legs = tuple(
        _leg(build, sign, hip_y, side, angles, pose)
        for sign, angles in ((-1, pose.left_leg), (1, pose.right_leg))
    )
    sag = 0.02 if pose.mood == "sad" else 0.0
    head = (0.05 * build.head_rx + 0.14 * build.head_rx * sin(yaw), build.head_y - drop - sag)
    return Skeleton(
        build, head, (0.0, shoulder_y + 0.02), (0.0, hip_y), (arms[0], arms[1]), (legs[0], legs[1]), side, yaw
    )


def _foreshortened(angles: tuple[float, float], side: float) -> tuple[float, float]:
    """Arms that hang close the body in profile, so that the far one does not stick out."""
    hanging = all(abs(angle) < 30 for angle in angles)  # noqa: PLR2004 - below this an arm hangs
    return (angles[0] * side, angles[1] * side) if hanging else angles


def _leg(
    build: Build, sign: int, hip_y: float, side: float, angles: tuple[float, float], pose: Pose
) -> tuple[Joint, Joint, Joint]:
    hip = (sign * build.hip_x * side, hip_y)
    if pose.seated:
        spread = sign * build.hip_x * (1.5 * side + 0.15) + 0.5 * build.hip_y * sin(radians(pose.yaw))
        return hip, (spread, hip_y + 0.01), (spread * 1.05 + 0.01, 0.035)
    half = (build.hip_y - 0.035) / 2
    return _chain(hip, (half, half), angles)


def _chain(
    start: Joint, lengths: tuple[float, float], angles: tuple[float, float]
) -> tuple[Joint, Joint, Joint]:
    points = [start]
    for length, angle in zip(lengths, angles, strict=True):
        x, y = points[-1]
        points.append((x + length * sin(radians(angle)), y - length * cos(radians(angle))))
    return points[0], points[1], points[2]


def on_head(skeleton: Skeleton, across: float, up: float) -> tuple[float, float, float]:
    """A mark on the round of a head: its x and y, and how wide it looks from here (0 when it is behind).

    Args:
        skeleton: the posed figure.
        across: degrees around the head from the nose, positive to the figure's left (the picture's right).
        up: height from the head's centre in head radii, positive upwards.
    """
    turn = radians(across) + skeleton.yaw
    girth = skeleton.build.head_rx * max(0.2, (1 - up * up * 0.8)) ** 0.5
    return (
        skeleton.head[0] + girth * sin(turn),
        skeleton.head[1] + up * skeleton.build.head_ry,
        max(0.0, cos(turn)),
    )
