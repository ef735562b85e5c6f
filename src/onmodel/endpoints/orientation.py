"""Motion control's orientation, chosen from what is seen in the reference: a full body or a portrait."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, NamedTuple

from onmodel.endpoints.choice import FRAME_S

PORTRAIT_FACE = 0.18
"""Face height to frame height from which a shot is a portrait: a body seen from head to foot is seven to
eight heads tall, so that its face stays under 0.12; head and chest make 0.25 and more."""

LONGEST_IMAGE_S = 10
"""Seconds that orientation image takes at most. Source: the guide, 2026-01-26."""


class Orientation(NamedTuple):
    """Whether body and framing follow the reference or the picture, and why."""

    value: Literal["video", "image"]
    why: str


def orientation_for(
    *, face_height: float | None, person_height: float | None, seconds: Fraction | None
) -> Orientation:
    """Choose as the guide does: full body follows the video, a portrait follows the picture.

    Args:
        face_height: of the reference's face, as a share of the frame's height; None where none was found.
        person_height: of the standing person found in it, as a share too; None where none was found.
        seconds: length of the reference; None if not measured.
    """
    if seconds is not None and seconds > LONGEST_IMAGE_S + FRAME_S:
        return Orientation("video", f"the reference is longer than {LONGEST_IMAGE_S} s")
    if face_height is not None and face_height >= PORTRAIT_FACE:
        return Orientation("image", f"a portrait: the face is {face_height:.0%} of the frame's height")
    if person_height is not None:
        return Orientation("video", f"a whole body, {person_height:.0%} of the frame's height")
    if face_height is not None:
        return Orientation("video", f"a body: the face is {face_height:.0%} of the frame's height")
    return Orientation("video", "nobody could be measured in the reference, and most references show a body")
