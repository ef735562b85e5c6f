"""From the story's words to the composer's briefs, and to the content that a basis digest is taken of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onmodel.craft import (
    Advice,
    CameraBrief,
    CharacterBrief,
    ShotBrief,
    advised_adherence,
    preset_move,
)
from onmodel.craft.prompt import ADVISED_CHARS
from onmodel.endpoints import Endpoint
from onmodel.story import Bible, Shot
from onmodel.story.shot import Camera


def wardrobe_text(bible: Bible, wardrobe: str) -> str | None:
    """What the character wears; None where the bible says nothing of it."""
    return bible.wardrobe.get(wardrobe)


def brief_of(bible: Bible, wardrobe: str) -> CharacterBrief:
    """A character in one of its wardrobes, for the composer."""
    return CharacterBrief(
        name=bible.name,
        looks=bible.looks,
        always=tuple(bible.always),
        never=tuple(bible.never),
        style=bible.style or "",
        wardrobe=wardrobe_text(bible, wardrobe),
    )


def traits_of(bible: Bible, wardrobe: str) -> dict[str, Any]:
    """What of a bible shows on screen, for a basis digest."""
    return {
        "name": bible.name,
        "kind": bible.kind,
        "looks": bible.looks,
        "always": list(bible.always),
        "never": list(bible.never),
        "style": bible.style,
        "palette": dict(bible.palette),
        "wardrobe": wardrobe_text(bible, wardrobe),
    }


def shot_brief(shot: Shot, bibles: Mapping[str, Bible], look: str | None, ratio: str = "") -> ShotBrief:
    """A shot, for the composer."""
    camera = shot.camera
    return ShotBrief(
        characters=tuple(brief_of(bibles[who], wardrobe) for who, wardrobe in (shot.cast or {}).items()),
        setting=shot.setting or "",
        start=shot.start or "",
        action=shot.action or "",
        camera=camera_brief(camera) if camera else None,
        mood=shot.mood or "",
        look=look or "",
        ratio=ratio,
    )


def camera_brief(camera: Camera) -> CameraBrief:
    """The camera, for the composer; a preset and the words say the same movement."""
    move = preset_move(camera.preset) if camera.preset else camera.move
    return CameraBrief(camera.size, move, camera.angle, camera.lens)


def adherence_advice(shot: Shot, *, picture: bool, last_frame: bool) -> Advice:
    """What is advised for such a clip: how strictly its words are to be followed.

    Args:
        shot: its defaults filled in.
        picture: whether a picture opens it.
        last_frame: whether a picture ends it.
    """
    return advised_adherence(
        picture=picture,
        cast=bool(shot.cast),
        last_frame=last_frame,
        size=shot.camera.size if shot.camera else None,
        action=shot.action or "",
    )


def prompt_limit(endpoint: Endpoint) -> int:
    """Characters of a prompt: what is advised, or what the endpoint takes where that is less."""
    return min(ADVISED_CHARS, endpoint.prompt_chars or ADVISED_CHARS)


def shot_content(shot: Shot, bibles: Mapping[str, Bible], look: str | None) -> dict[str, Any]:
    """What of a shot shows on screen, for a basis digest; `action` is the clip's own and is not in here."""
    return {
        "cast": {who: traits_of(bibles[who], wardrobe) for who, wardrobe in (shot.cast or {}).items()},
        "setting": shot.setting,
        "start": shot.start,
        "camera": shot.camera.model_dump(exclude_none=True) if shot.camera else None,
        "mood": shot.mood,
        "avoid": list(shot.avoid or ()),
        "look": look,
    }
