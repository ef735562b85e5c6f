"""What overrides what in a shot: which input decides what is seen, and which words change nothing.

A picture outweighs the words about what it shows, a motion reference those about movement, and the negative
prompt those that it denies. Source: the guide, 2026-01-26.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from onmodel.endpoints import told_instead
from onmodel.planning.board import Board
from onmodel.planning.briefs import adherence_advice
from onmodel.planning.commission import Commission
from onmodel.story import Shot
from onmodel.story.shots import first_frame_of

ASPECTS: Final = ("appearance", "motion", "style", "light", "framing")

WORDS: Final = "the words"
PICTURE: Final = "the first frame"
CLIP: Final = "the other shot's clip"


@dataclass(frozen=True)
class Decider:
    """What decides one aspect of a shot."""

    aspect: str
    by: str
    how: str = ""


@dataclass(frozen=True)
class Idle:
    """Something that the shot says and that changes nothing."""

    key: str
    """As the story has it: `camera.move`."""
    words: str
    why: str


@dataclass(frozen=True)
class Explanation:
    """A shot, explained."""

    shot: str
    first_frame: str
    """Where the first picture comes from."""
    deciders: tuple[Decider, ...]
    idle: tuple[Idle, ...]
    adherence: str
    """How strictly the words are followed, and who says so; empty where the endpoint has no such field."""
    recipe: str
    """The recipe that wrote the rest of the shot, with what fills its slots; empty where none did."""
    commissions: tuple[Commission, ...]
    """Everything that is made for it, first things first."""


def explain(board: Board, name: str, commissions: Sequence[Commission]) -> Explanation:
    """Say what overrides what in a shot.

    Args:
        board: its episode.
        name: the shot.
        commissions: what is made for it, first things first.
    """
    shot = board.shots[name]
    clip = commissions[-1]
    return Explanation(
        name,
        _first_frame(shot),
        tuple(_deciders(shot, commissions[0] if shot.restyle else _first_clip(commissions))),
        tuple(_idle(board, name, clip)),
        _adherence(shot, clip),
        _recipe(shot),
        tuple(commissions),
    )


def _first_clip(commissions: Sequence[Commission]) -> Commission:
    return next(one for one in commissions if one.is_clip)


def _first_frame(shot: Shot) -> str:
    if shot.restyle:
        return f"the clip of {shot.restyle.shot}"
    first = first_frame_of(shot)
    told = {
        "keyframe": "a keyframe: the model sheet put into the setting",
        "sheet": "the bare model sheet",
        "previous": "the last frame of the shot before",
        "none": "none: the words, or pictures of who is in it",
    }
    return told.get(first, first)


def _deciders(shot: Shot, clip: Commission) -> Iterator[Decider]:
    by = _by(shot, clip)
    how = {
        "motion": _how_it_moves(shot, clip),
        "framing": _how_it_is_framed(shot, clip),
    }
    for aspect, decider in zip(ASPECTS, by, strict=True):
        yield Decider(aspect, decider, how.get(aspect, ""))


def _by(shot: Shot, clip: Commission) -> tuple[str, str, str, str, str]:
    """Who decides each of `ASPECTS`."""
    if shot.restyle:
        changed = shot.restyle
        look = WORDS if changed.look else CLIP
        seen = WORDS if changed.look or changed.cast else CLIP
        return seen, CLIP, look, WORDS if changed.mood or changed.setting else CLIP, CLIP
    if shot.motion:
        reference = f"the reference {shot.motion.reference}"
        framing = PICTURE if clip.parts.orientation == "image" else reference
        return PICTURE, reference, PICTURE, PICTURE, framing
    moves = f"the effect '{shot.effect}'" if shot.effect else WORDS
    opened = any(role.partition(".")[0] == "first_frame" for role in clip.media_roles)
    if opened:
        return PICTURE, moves, PICTURE, PICTURE, PICTURE
    pictured = any(role.startswith(("elements", "references")) for role in clip.media_roles)
    return "the pictures that go along" if pictured else WORDS, moves, WORDS, WORDS, WORDS


def _how_it_moves(shot: Shot, clip: Commission) -> str:
    if shot.restyle or shot.motion or shot.effect:
        return ""
    ends = ", on the way to the last frame" if "last_frame" in clip.media_roles else ""
    return f"'action' and the camera's movement{ends}"


def _how_it_is_framed(shot: Shot, clip: Commission) -> str:
    if shot.motion:
        return f"orientation {clip.parts.orientation}"
    return "" if shot.restyle else f"{clip.parts.ratio}, then the camera's movement"


def _idle(board: Board, name: str, clip: Commission) -> Iterator[Idle]:
    """What the shot says and that changes nothing in its clip."""
    shot = board.shots[name]
    if shot.camera and shot.camera.preset and shot.camera.move:
        yield Idle("camera.move", shot.camera.move, f"the preset '{shot.camera.preset}' moves the camera")
    if shot.motion:
        yield from _idle_beside_motion(shot)
    elif shot.effect:
        yield from _idle_beside_effect(shot)
    elif first_frame_of(shot) not in ("keyframe", "none") and not shot.restyle:
        yield from _idle_beside_picture(board, shot)
    yield from _idle_without_field(shot, clip)


def _idle_beside_motion(shot: Shot) -> Iterator[Idle]:
    used = (
        "only the keyframe is made from it" if first_frame_of(shot) == "keyframe" else "the picture decides"
    )
    if shot.start:
        yield Idle("start", shot.start, used)
    camera = shot.camera
    if camera and (camera.move or camera.preset):
        yield Idle("camera.move", camera.move or camera.preset or "", "the reference moves the camera too")


def _idle_beside_effect(shot: Shot) -> Iterator[Idle]:
    for key in ("action", "mood"):
        if words := getattr(shot, key):
            yield Idle(key, words, "the effect's endpoint takes no prompt")


def _idle_beside_picture(board: Board, shot: Shot) -> Iterator[Idle]:
    """Words about what a picture that is there already shows: they must agree with it, and decide nothing."""
    if shot.setting:
        yield Idle("setting", shot.setting, "the first frame shows the place")
    for who, wardrobe in (shot.cast or {}).items():
        worn = board.story.bibles[who].wardrobe.get(wardrobe)
        if worn:
            yield Idle(f"cast.{who}", worn, "the first frame shows what is worn")


def _idle_without_field(shot: Shot, clip: Commission) -> Iterator[Idle]:
    endpoint = clip.choice.endpoint
    for key, words, role, field in (
        ("adherence", f"{shot.adherence:g}" if shot.adherence is not None else "", "adherence", "cfg_scale"),
        ("avoid", ", ".join(shot.avoid or ()), "negative", "negative_prompt"),
        (
            "camera.preset",
            (shot.camera.preset or "") if shot.camera else "",
            "camera_preset",
            "camera_control",
        ),
    ):
        if words and role not in endpoint.roles:
            yield Idle(key, words, told_instead(endpoint, field) or f"{endpoint.short} has no such field")


def _adherence(shot: Shot, clip: Commission) -> str:
    if clip.choice.endpoint.adherence is None or clip.parts.adherence is None:
        return ""
    if shot.adherence is not None:
        return f"{clip.parts.adherence:g}, as the shot says"
    roles = clip.media_roles
    advice = adherence_advice(shot, picture="first_frame" in roles, last_frame=bool(shot.last_frame))
    what = "advised for this edit" if shot.restyle else f"advised for {advice.suits}"
    return f"{clip.parts.adherence:g}, {what}"


def _recipe(shot: Shot) -> str:
    if shot.recipe is None:
        return ""
    filled = "; ".join(f"{slot}: {words}" for slot, words in shot.slots.items())
    return f"{shot.recipe} ({filled})" if filled else shot.recipe
