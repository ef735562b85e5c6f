"""The words that a shot is asked for in: subject, camera, action, mood, in that order.

Every prompt says the character by name with its traits, most important first, then the place, the camera and
the mood. What the picture shows comes before what changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from onmodel.craft.camera import camera_phrase
from onmodel.craft.framing import framing_phrase
from onmodel.craft.sentences import Piece, Prompt, clean, fit
from onmodel.craft.words import consistency, style_phrase, view_phrase

ADVISED_CHARS = 500
"""From here on a prompt gets worse, not better. Source: the guide, 2026-01-26."""

_SUBJECT, _FRAME, _SETTING, _PICTURES, _CAMERA, _ACTION, _ANCHOR, _MOOD, _KEEP, _REPAIR = range(10)
"""The order of the sentences."""

_COSTUME, _TRAITS, _STYLE_WORDS, _FRAMING, _COHERENCE = 1, 2, 100, 150, 200
"""Ranks: coherence goes first, then framing and style words, then traits from the last, then the costume."""


@dataclass(frozen=True)
class CharacterBrief:
    """A character as the prompt needs it."""

    name: str
    looks: str
    always: tuple[str, ...] = ()
    """Traits in every picture, most important first."""
    never: tuple[str, ...] = ()
    """Traits in no picture; they belong into the negative prompt."""
    style: str = ""
    wardrobe: str | None = None
    """What it wears in this shot."""


@dataclass(frozen=True)
class CameraBrief:
    """How we see it, in the words of the shot list."""

    size: str | None = None
    move: str | None = None
    angle: str | None = None
    lens: str | None = None

    def moving(self) -> str:
        """The whole camera, for clips."""
        return camera_phrase(self.size, self.move, self.angle, self.lens)

    def standing(self) -> str:
        """The camera without its movement, for stills and for clips whose movement comes from a reference."""
        return camera_phrase(self.size, None, self.angle, self.lens)


@dataclass(frozen=True)
class ShotBrief:
    """A shot as the prompt needs it."""

    characters: tuple[CharacterBrief, ...] = ()
    setting: str = ""
    start: str = ""
    """What the first frame shows."""
    action: str = ""
    """What changes after it."""
    camera: CameraBrief | None = None
    mood: str = ""
    look: str = ""
    """The production's look; where empty, the characters' own style."""
    ratio: str = ""
    """Width to height of the picture; stills and clips from words are framed for it."""
    anchors: tuple[str, ...] = ()
    """What a remedy wants said besides; it ends the prompt and is never left out."""


def compose_sheet(
    character: CharacterBrief,
    view: str,
    look: str = "",
    *,
    references: int = 0,
    anchors: tuple[str, ...] = (),
    limit: int = ADVISED_CHARS,
) -> Prompt:
    """Asks for one view of a model sheet: the character alone, evenly lit, on a plain ground."""
    same = "the same character as in the reference picture, " if references else ""
    pieces = [
        *_identity((character,), f"character model sheet of {same}"),
        Piece(view_phrase(view), _CAMERA),
        Piece("one single figure, plain light grey background", _ACTION),
        Piece("soft even lighting", _MOOD),
        *_style(look, (character,)),
        Piece("high resolution, sharp, suitable for animation", _MOOD, _COHERENCE),
        *(Piece(anchor, _REPAIR) for anchor in anchors),
    ]
    return fit(pieces, limit)


def compose_keyframe(shot: ShotBrief, references: int, *, limit: int = ADVISED_CHARS) -> Prompt:
    """Asks for a shot's first frame: the characters of the reference pictures, placed into the setting."""
    lead = "" if not references else f"exactly as in the reference picture{'s' if references > 1 else ''}, "
    coherence = consistency("face", "costume") if references else ()
    pieces = [
        *_identity(shot.characters, lead),
        *_place(shot),
        Piece(shot.camera.standing() if shot.camera else "", _CAMERA),
        *_framing(shot),
        *_mood(shot),
        *_coherence(coherence),
        *_anchors(shot),
    ]
    return fit(pieces, limit)


def compose_target(shot: ShotBrief, *, limit: int = ADVISED_CHARS) -> Prompt:
    """Asks for the picture that a link of a long shot ends on: a frame of it, drawn as the sheet says.

    The first reference is the last frame of the link before, the others are of the model sheet.
    """
    pieces = [
        *_identity(shot.characters, "exactly as in the pictures of the model sheet, "),
        Piece("the same place, pose, framing and light as in the first reference picture", _FRAME),
        Piece(_setting(shot), _SETTING, _FRAMING),
        *_mood(shot),
        *_coherence(consistency("face", "costume")),
        *_anchors(shot),
    ]
    return fit(pieces, limit)


def compose_text_to_video(shot: ShotBrief, *, limit: int = ADVISED_CHARS) -> Prompt:
    """Asks for a clip from words only: who, the first frame, how we see it, what changes, the mood."""
    return _compose_clip(shot, consistency("identity", "motion"), limit, _framing(shot))


def compose_image_to_video(shot: ShotBrief, *, limit: int = ADVISED_CHARS) -> Prompt:
    """Asks for a clip from a picture: first what is in the picture, then what moves.

    The words must not contradict the picture, or it melts from one into the other.
    """
    return _compose_clip(shot, consistency("identity", "form"), limit)


class Handle(NamedTuple):
    """A picture or an element that goes along, by the name that the prompt has for it."""

    tag: str
    """`@Image1`, `@Element1`: counted from 1 in the order of the request."""
    shows: str
    """A character's name, or what is to be taken from it: the place, the costume, the light."""


def compose_reference_to_video(
    shot: ShotBrief, handles: Sequence[Handle], *, limit: int = ADVISED_CHARS
) -> Prompt:
    """Asks for a clip of what several pictures show: each is named where the prompt first speaks of it.

    A prompt that does not name its pictures leaves it to chance who looks like which.
    """
    told, others = _named(shot, handles)
    return _compose_clip(told, consistency("identity", "form"), limit, [*others, *_framing(shot)])


def _named(shot: ShotBrief, handles: Sequence[Handle]) -> tuple[ShotBrief, list[Piece]]:
    """The shot with the names of pictures behind those of its characters, and what else the pictures show."""
    tags = {handle.shows: handle.tag for handle in handles}
    named = tuple(
        replace(one, name=f"{one.name} ({tags[one.name]})" if one.name in tags else one.name)
        for one in shot.characters
    )
    cast = {one.name for one in shot.characters}
    others = [Piece(f"{one.shows} as in {one.tag}", _PICTURES) for one in handles if one.shows not in cast]
    return replace(shot, characters=named), others


def compose_motion_control(shot: ShotBrief, *, limit: int = ADVISED_CHARS) -> Prompt:
    """Asks for a clip whose movement comes from a reference: who, where, in which style, and no movement.

    `start`, `action` and the camera's movement are not said: the reference alone moves.
    """
    pieces = [
        *_identity(shot.characters),
        Piece(_setting(shot), _SETTING),
        Piece(shot.camera.standing() if shot.camera else "", _CAMERA),
        *_mood(shot),
        *_style_words(shot.look),
        *_coherence(consistency("identity", "face", "costume", "light")),
        *_anchors(shot),
    ]
    return fit(pieces, limit)


def compose_restyle(
    shot: ShotBrief,
    look: str,
    keep: Iterable[str] = (),
    *,
    handles: Sequence[Handle] = (),
    limit: int = ADVISED_CHARS,
) -> Prompt:
    """Asks for an existing clip in another look: the result as it will be seen, and what stays as it is."""
    shot, others = _named(shot, handles)
    anchors = _listed([clean(one) for one in keep if clean(one)]) or "all positions, movements and timing"
    plural = " and " in anchors or anchors.startswith("all ")
    pieces = [
        *_identity(shot.characters),
        *_place(shot),
        *others,
        Piece(shot.camera.moving() if shot.camera else "", _CAMERA),
        Piece(shot.action, _ACTION),
        Piece(f"rendered as {look}" if clean(look) else "", _ANCHOR),
        *_style_words(look, _ANCHOR),
        Piece(f"{anchors} remain{'' if plural else 's'} exactly unchanged", _KEEP),
        Piece(shot.mood, _MOOD),
        *_coherence(consistency("identity")),
        *_anchors(shot),
    ]
    return fit(pieces, limit)


def _compose_clip(
    shot: ShotBrief, coherence: tuple[str, ...], limit: int, more: Iterable[Piece] = ()
) -> Prompt:
    pieces = [
        *_identity(shot.characters),
        *_place(shot),
        Piece(shot.camera.moving() if shot.camera else "", _CAMERA),
        *more,
        Piece(shot.action, _ACTION),
        *_mood(shot),
        *_coherence(coherence),
        *_anchors(shot),
    ]
    return fit(pieces, limit)


def _identity(characters: Iterable[CharacterBrief], lead: str = "") -> list[Piece]:
    """Each character by name; of several, each loses its last trait before any loses a better one."""
    pieces = []
    for index, character in enumerate(characters):
        before = lead if index == 0 else "and "
        pieces.append(Piece(f"{before}{character.name}", _SUBJECT))
        pieces.append(Piece(character.looks, _SUBJECT))
        pieces += [Piece(trait, _SUBJECT, _TRAITS + place) for place, trait in enumerate(character.always)]
        if character.wardrobe:
            pieces.append(Piece(f"wearing {character.wardrobe}", _SUBJECT, _COSTUME))
    return pieces


def _place(shot: ShotBrief) -> list[Piece]:
    return [Piece(shot.start, _FRAME), Piece(_setting(shot), _SETTING)]


def _setting(shot: ShotBrief) -> str:
    return f"setting: {shot.setting}" if clean(shot.setting) else ""


def _framing(shot: ShotBrief) -> list[Piece]:
    said = framing_phrase(shot.ratio, shot.camera.size if shot.camera else None)
    return [Piece(said, _CAMERA, _FRAMING)] if said else []


def _mood(shot: ShotBrief) -> list[Piece]:
    return [Piece(shot.mood, _MOOD), *_style(shot.look, shot.characters)]


def _style(look: str, characters: Iterable[CharacterBrief]) -> list[Piece]:
    styles = [clean(look)] if clean(look) else [clean(character.style) for character in characters]
    return [Piece(style, _MOOD) for style in dict.fromkeys(styles)]


def _style_words(look: str, number: int = _MOOD) -> list[Piece]:
    words = style_phrase(look)
    return [] if words is None else [Piece(words, number, _STYLE_WORDS)]


def _coherence(phrases: Iterable[str]) -> list[Piece]:
    return [Piece(phrase, _KEEP, _COHERENCE + place) for place, phrase in enumerate(phrases)]


def _anchors(shot: ShotBrief) -> list[Piece]:
    return [Piece(anchor, _REPAIR) for anchor in shot.anchors]


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1] if words else ""
