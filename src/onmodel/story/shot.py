"""A shot of the list, and its parts."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from onmodel.story.fields import (
    Cast,
    Decibels,
    FilePath,
    Moment,
    Name,
    Part,
    References,
    Seconds,
    Speed,
    Text,
    Words,
    as_files,
    number,
)


def _mask(value: Any) -> Any:
    """A file alone is what must not move."""
    return {"still": value} if isinstance(value, str) else value


def _join(value: Any) -> Any:
    if isinstance(value, str) and value != "cut":
        raise ValueError("allowed is cut, or {crossfade: 0.5} and the like")
    return {} if value == "cut" else value


def _said(value: Any) -> Any:
    """One alone stands for a list of it; a text alone stands for the whole shot."""
    said = {"text": value} if isinstance(value, str) else value
    return [said] if isinstance(said, dict) else said


def _lines(value: Any) -> Any:
    """One text alone is the large line."""
    return {"text": value} if isinstance(value, str) else value


class Camera(Part):
    """How we see it."""

    size: Text | None = None
    """Shot size: close-up, medium, wide, ..."""
    move: Text | None = None
    """Camera movement: dolly in, pan left, ..."""
    angle: Text | None = None
    """Camera angle: eye level, low, ..."""
    lens: Text | None = None
    """Lens: wide angle, 50mm, telephoto, ..."""
    preset: Literal["down_back", "forward_up", "right_turn_forward", "left_turn_forward"] | None = None
    """A movement by the name that an endpoint has for it, instead of `move`; the prompt says the same.
    Source: guide, 2026-01."""


class Motion(Part):
    """The movement comes from a reference clip."""

    reference: FilePath
    """The clip whose movement the character takes over."""
    orientation: Literal["video", "image"] | None = None
    """`video`: the body follows the clip (up to 30 s); `image`: it keeps the picture's pose (up to 10 s).
    Where nothing is said it is chosen from what is seen in the clip: a whole body, or a portrait.
    Source: guide, 2026-01; fal's contract, 2026-11."""


class Point(Part):
    """A place in a picture, in its pixels."""

    x: Annotated[int, Field(ge=0, strict=True)]
    """From the left."""
    y: Annotated[int, Field(ge=0, strict=True)]
    """From the edge that the endpoint counts from."""


class Moving(Part):
    """A part of the first picture that moves, and where to."""

    area: FilePath
    """A picture as large as the first one; what is white in it moves."""
    path: Annotated[list[Point], Field(min_length=2)]
    """The way that it goes."""


class Mask(Part):
    """What of the first picture must not move, and what moves."""

    still: FilePath | None = None
    """A picture as large as the first one; what is white in it does not move."""
    moving: list[Moving] = Field(default=[])
    """Parts that move."""


class Restyle(Part):
    """The shot is another shot in another look, place, light or wardrobe."""

    shot: Name
    """The shot whose circled take is restyled."""
    look: Text | None = None
    """The look that results, in words."""
    setting: Text | None = None
    """Where it happens now, if somewhere else."""
    mood: Text | None = None
    """Light, weather and feeling now, if others."""
    cast: Cast | None = None
    """Who wears another wardrobe now: `{mina: stage}`."""
    keep: Words = Field(default=[])
    """What stays as it is."""


class Join(Part):
    """How the shot goes over into the next one: one of the transitions, or a hard cut."""

    crossfade: Seconds | None = None
    """Seconds during which both shots are seen."""
    dip_to_black: Seconds | None = None
    """Seconds in which the picture goes to black, and comes back with the next shot."""
    dip_to_white: Seconds | None = None
    """The same through white."""
    wipe: Seconds | None = None
    """Seconds in which the next shot is uncovered behind a moving edge."""
    slide: Seconds | None = None
    """Seconds in which the next shot pushes this one out."""
    towards: Literal["left", "right", "up", "down"] = "left"
    """Which way a wipe or a slide goes."""
    audio_lead: Seconds | None = None
    """At a hard cut, seconds for which the next shot is heard before it is seen: a J cut. That shot begins as
    much later in its clip, or more: `in`."""
    audio_lag: Seconds | None = None
    """At a hard cut, seconds for which this shot is still heard under the next one: an L cut. Its clip must
    have as much more than is seen of it."""

    @property
    def transitions(self) -> dict[str, Fraction]:
        """The transitions that are said, by key, with their seconds: none at a hard cut; two are a fault."""
        keys = ("crossfade", "dip_to_black", "dip_to_white", "wipe", "slide")
        said = {key: getattr(self, key) for key in keys}
        return {key: seconds for key, seconds in said.items() if seconds is not None}

    @property
    def overlap_s(self) -> Fraction:
        """Seconds during which both shots are on screen; 0 at a hard cut."""
        return next(iter(self.transitions.values()), Fraction(0))


class Speech(Part):
    """A file of narration or dialogue."""

    file: FilePath
    """The sound."""
    at: Moment = Fraction(0)
    """Seconds after the shot's beginning."""
    level_db: Decibels = 0
    """How much louder or quieter it is, in decibels."""


class Said(Part):
    """Words that are said."""

    text: Text
    """The words."""
    at: Moment = Fraction(0)
    """Seconds after the shot's beginning."""
    seconds: Seconds | None = None
    """How long they stand; to the next words, or the shot's end, where nothing is said."""
    who: Text | None = None
    """Who says it, where that is to be read."""


Dialogue = Annotated[list[Said], BeforeValidator(_said, json_schema_input_type=Text | Said | list[Said])]


class LowerThird(Part):
    """A name or a place over the picture."""

    text: Text
    """The large line."""
    sub: Text | None = None
    """The small line below."""
    at: Moment = Fraction(0)
    """Seconds after the shot's beginning."""
    seconds: Seconds = Fraction(3)
    """How long it stands; at most to the shot's end."""


class Shot(Part):
    """One shot of the list."""

    recipe: Name | None = None
    """Writes the rest of the shot; what the shot says itself wins. `onmodel recipes` lists them."""
    slots: dict[Name, Text] = Field(default={})
    """What fills the recipe's slots."""
    cast: Cast | None = None
    """Who is in it: a name, a list of names, or names with the wardrobe they wear."""
    setting: Text | None = None
    """Where it happens."""
    start: Text | None = None
    """What the first frame shows."""
    action: Text | None = None
    """What changes after the first frame."""
    mood: Text | None = None
    """Light and feeling."""
    camera: Camera | None = None
    """How we see it."""
    seconds: Seconds | None = None
    """Length in the cut, before transitions overlap; 5 where nothing is said. Of its clip it needs
    `in` + (`seconds` - `hold`) * `speed`."""
    motion: Motion | None = None
    """Take the movement from a clip, instead of an action."""
    restyle: Restyle | None = None
    """Show another shot in another look, instead of filming."""
    first_frame: FilePath | None = None
    """The first picture: `keyframe` (from the sheet), `sheet`, `previous`, `none`, a shot's id or a file."""
    last_frame: FilePath | None = None
    """A picture file that the shot ends on, where the endpoint takes one."""
    avoid: Words | None = None
    """What must not be seen in this shot."""
    takes: Annotated[int, Field(ge=1, le=10, strict=True)] | None = None
    """How many takes of it are bought to choose the best from; 1 where nothing is said. Keyframes too."""
    adherence: Annotated[float, Field(ge=0, le=1), BeforeValidator(number)] | None = None
    """How strictly the words are followed, 0 to 1, where the endpoint takes it; where nothing is said, what
    is advised for such a shot."""
    mask: Annotated[Mask, BeforeValidator(_mask, json_schema_input_type=FilePath | Mask)] | None = None
    """What must not move: a picture, white where nothing moves; or `still` and `moving`."""
    effect: Text | None = None
    """A ready-made effect on the first picture, instead of an action: hug, kiss, squish, ..."""
    references: References | None = None
    """What else must look like its picture: bibles' ids and files, or words with a file each."""
    mode: Literal["edit", "reference"] | None = None
    """`reference`: filmed from pictures of everybody in it instead of a first frame; with `restyle`, a new
    clip that goes by the other. `edit`, as every `restyle` without it: the other clip itself is changed."""
    audio: bool | None = None
    """Generate sound with the clip, where the endpoint can; it costs more."""
    voices: Annotated[list[Text], Field(max_length=2)] | None = None
    """Ids of the voices that speak, in the order in which the action has them; with them sound is made."""
    keep_sound: bool | None = None
    """Keep the sound of the motion reference (otherwise: no) or of the restyled shot (otherwise: yes)."""
    aspect_ratio: Literal["16:9", "9:16", "1:1"] | None = None
    """Another shape for this shot: it is seen whole, with bars, in the episode's own."""
    clips: Literal["one", "chain"] | None = None
    """`one`: a shot over 5 s is filmed as one long clip, not as a chain of short ones."""
    quality: Literal["draft", "standard", "master"] | None = None
    """Another tier for this shot."""
    endpoint: str | None = None
    """Pins one endpoint."""
    ladder: Literal["motion-control", "refinement"] | None = None
    """Ask for little first, and for more with every take; each rung is judged before the next is bought."""
    in_: Annotated[Moment | None, Field(alias="in")] = None
    """Seconds of the clip that are passed over at its beginning. With `seconds` of the shot's own it needs as
    much more of a clip; without, it becomes shorter."""
    out: Moment | None = None
    """Second of the clip at which the shot leaves it; it says how long the shot is, instead of `seconds`: of
    a long shot's clips together."""
    speed: Speed | None = None
    """How fast the clip runs, and its sound: 0.5 is slow motion. `seconds` of the shot's own stay those
    of the cut; without, slow motion makes it longer."""
    hold: Seconds | None = None
    """Seconds at the shot's end in which its last frame stands still, without sound of its own: a part of
    `seconds` where the shot says them, otherwise they are added."""
    level_db: Decibels | None = None
    """How much louder or quieter the shot's own sound is, in decibels; -60 is silence."""
    speech: Annotated[
        list[Speech],
        BeforeValidator(as_files, json_schema_input_type=FilePath | Speech | list[FilePath | Speech]),
    ] = Field(default=[])
    """Files of narration or dialogue that are heard in the shot."""
    say: Dialogue = Field(default=[])
    """What is said in the shot, for the captions."""
    lower_third: Annotated[
        LowerThird | None, BeforeValidator(_lines, json_schema_input_type=Text | LowerThird)
    ] = None
    """A name or a place, written over the lower part of the picture."""
    focus: (
        Annotated[
            list[Annotated[float, BeforeValidator(number), Field(ge=0, le=1)]],
            Field(min_length=2, max_length=2),
        ]
        | None
    ) = None
    """What stays in the picture in another shape: `[x, y]`, each 0 to 1 from the left and from the top. Where
    nothing is said, it is where the characters were recognised."""
    join: Annotated[Join, BeforeValidator(_join, json_schema_input_type=Literal["cut"] | Join)] | None = None
    """How it goes over into the next shot: `cut`, or `{crossfade: 0.5}`, `{dip_to_black: 1}`, ..."""
