"""What the user writes: production, bible, episode, season. Docs and JSON Schemas are made from these."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from onmodel.units import Size

LONGEST_S: Final = 30
"""Seconds of the longest clip that any endpoint sells: motion control in video orientation.
Source: guide, 2026-01; fal's contract, 2026-11."""

NTSC: Final = {
    "23.976": Fraction(24000, 1001),
    "23.98": Fraction(24000, 1001),
    "29.97": Fraction(30000, 1001),
    "59.94": Fraction(60000, 1001),
}
"""Broadcast rates by the names that people write."""


SMALLEST_PX: Final = 90
LARGEST_PX: Final = 2160
"""Short sides, in pixels, between which a picture is worth making and can be encoded here."""


def _number(value: Any) -> Any:
    """A number as it was written; `true`, which Python counts as 1, is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, Fraction)):
        raise ValueError("a number is wanted, like 5 or 2.5")  # noqa: TRY004 (pydantic reads only ValueError)
    return value


def _fraction(value: Any) -> Fraction:
    number = _number(value)
    return Fraction(str(number)) if isinstance(number, float) else Fraction(number)


def _seconds(value: Any) -> Fraction:
    seconds = _fraction(value)
    if not 0 < seconds <= LONGEST_S:
        raise ValueError(f"allowed is more than 0, at most {LONGEST_S} seconds")
    return seconds


def _rate(value: Any) -> Fraction:
    rate = NTSC.get(str(value)) or _fraction(value)
    if not 1 <= rate <= 120:  # noqa: PLR2004 (the two ends are named in the message)
        raise ValueError("allowed are 1 to 120 frames a second")
    return rate


def _resolution(value: str) -> str:
    if not SMALLEST_PX <= int(value[:-1]) <= LARGEST_PX:
        raise ValueError(f"allowed are {SMALLEST_PX}p to {LARGEST_PX}p")
    return value


def _text(value: str) -> str:
    cleaned = " ".join(value.split())
    if not cleaned:
        raise ValueError("the text is empty")
    if bad := re.search(r"[\x00-\x1f\x7f]", cleaned):
        raise ValueError(f"the control character {bad.group()!r} is not allowed")
    return cleaned


def _file_path(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise ValueError("the name of a file is wanted, like assets/motion/sway.mp4")
    return value


def _cast(value: Any) -> Any:
    """`pip`, `[pip, mina]` and `{pip: rain}` all say who is in the shot."""
    if isinstance(value, str):
        return {value: "default"}
    if not isinstance(value, list):
        return value
    for index, name in enumerate(value):
        if not isinstance(name, str):
            raise ValueError("a list of names is wanted; who wears what is written {pip: rain}")  # noqa: TRY004 (pydantic reads only ValueError)
        if name in value[:index]:
            raise ValueError(f"'{name}' stands twice")
    return dict.fromkeys(value, "default")


def _words(value: Any) -> Any:
    """One text may stand where a list of texts is wanted."""
    return [value] if isinstance(value, str) else value


def _mask(value: Any) -> Any:
    """A file alone is what must not move."""
    return {"still": value} if isinstance(value, str) else value


def _references(value: Any) -> Any:
    """A list of files and names: a file shows what it is called."""
    if not isinstance(value, list):
        return value
    if not all(isinstance(one, str) for one in value):
        raise ValueError("a list of files and names is wanted, or {a brass lantern: assets/lantern.png}")
    return {_shown_by(one): one for one in value}


def _shown_by(reference: str) -> str:
    stem = reference.rpartition("/")[2].rpartition(".")[0]
    return re.sub(r"[-_]+", " ", stem) if stem else reference


def _join(value: Any) -> Any:
    if isinstance(value, str) and value != "cut":
        raise ValueError("allowed is cut, or {crossfade: 0.5}")
    return {} if value == "cut" else value


NAME: Final = r"^[a-z][a-z0-9-]*$"
COLOUR: Final = r"^#[0-9a-fA-F]{6}$"
FACTORY: Final = r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$"
RESOLUTION: Final = r"^[0-9]{2,4}p$"

Text = Annotated[str, AfterValidator(_text)]
Name = Annotated[str, StringConstraints(pattern=NAME)]
Colour = Annotated[str, StringConstraints(pattern=COLOUR)]
Seconds = Annotated[
    Fraction,
    BeforeValidator(_seconds),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": LONGEST_S}),
]
Rate = Annotated[
    Fraction, BeforeValidator(_rate), WithJsonSchema({"type": "number", "minimum": 1, "maximum": 120})
]
Usd = Annotated[
    Decimal, BeforeValidator(_number), Field(ge=0), WithJsonSchema({"type": "number", "minimum": 0})
]
Words = Annotated[list[Text], BeforeValidator(_words, json_schema_input_type=str | list[str])]
Cast = Annotated[
    dict[Name, Name],
    BeforeValidator(_cast, json_schema_input_type=Name | list[Name] | dict[Name, Name]),
]
FilePath = Annotated[str, AfterValidator(_file_path), WithJsonSchema({"type": "string", "minLength": 1})]
References = Annotated[
    dict[Text, FilePath],
    BeforeValidator(_references, json_schema_input_type=list[FilePath] | dict[str, FilePath]),
]
Resolution = Annotated[str, StringConstraints(pattern=RESOLUTION), AfterValidator(_resolution)]


class Part(BaseModel):
    """A part of a story file: every key is known, and nothing changes after reading."""

    # Built when first used: a season's model is of no use to an episode's plan.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Format(Part):
    """Shape, size and rate of the picture."""

    ratio: Literal["16:9", "9:16", "1:1"] = "16:9"
    """Width to height: 16:9 lies, 9:16 stands, 1:1 is square."""
    resolution: Resolution = "720p"
    """The short side in pixels, as people say it: 720p is 1280x720, or 720x1280 when it stands."""
    fps: Rate = Fraction(24)
    """Frames a second; 23.976, 29.97 and 59.94 mean the exact broadcast rates."""

    @property
    def size(self) -> Size:
        """The picture's size in pixels, both sides even."""
        short = int(self.resolution[:-1])
        short += short % 2
        long = round(short * 16 / 9 / 2) * 2
        return {"16:9": Size(long, short), "9:16": Size(short, long), "1:1": Size(short, short)}[self.ratio]


class PriceRow(Part):
    """A price of the user's own, for an endpoint whose price moved or is unknown."""

    usd: Usd
    """Dollars for each unit."""
    unit: Literal["second", "image", "megapixel", "request"]
    """What is counted."""
    source: Text
    """Where the figure comes from, with its date."""
    audio: Usd | None = None
    """Dollars for each unit with generated sound."""
    voices: Usd | None = None
    """Dollars for each unit with generated sound and chosen voices."""


class Scorers(Part):
    """Scorers of your own, each named `package.module:factory`."""

    human: Annotated[str, StringConstraints(pattern=FACTORY)] | None = None
    """For bibles of kind human."""
    stylised: Annotated[str, StringConstraints(pattern=FACTORY)] | None = None
    """For bibles of kind stylised."""


class Production(Part):
    """`production.yaml`: what holds for the whole series."""

    production: Literal[1]
    """Version of this file's form."""
    name: Name
    """Short name; archive and journal carry it, so it does not change once something was bought."""
    title: Text
    """The series' title."""
    format: Format = Format()
    """Shape, size and rate of every episode that does not say otherwise."""
    look: Text | None = None
    """The look of the whole series, in a few words; it ends every prompt."""
    quality: Literal["draft", "standard", "master"] = "standard"
    """Which tier of endpoint is chosen."""
    budget_usd: Usd | None = None
    """The most that this production may cost in all; nothing is sent that could pass it."""
    archive: FilePath = "archive"
    """Where everything bought is kept: a folder, or `s3://bucket/prefix`."""
    retakes: Annotated[int, Field(ge=0, le=5, strict=True)] = 2
    """How often a shot may be bought again by itself when its take is broken or not on-model."""
    strict: bool = False
    """Make no cut as long as a shot has no take that is on-model."""
    scorers: Scorers | None = None
    """Scorers of your own instead of those that come with onmodel; `docs/identity.md` shows one."""
    in_flight: Annotated[int, Field(ge=1, le=40, strict=True)] = 10
    """Requests that may be under way at once. Fal queues what is over the account's own limit
    (2 at first, rising to 40; source: fal's documentation, 2026-11)."""
    prices: dict[str, PriceRow] = {}
    """Prices of your own, by endpoint; they win over the shipped table."""


class Sheet(Part):
    """What the model sheet shows."""

    views: Annotated[
        list[Literal["front", "three-quarter", "profile", "back", "full-body"]], Field(min_length=1)
    ] = ["front", "three-quarter", "profile", "full-body"]
    """Turnaround views; the first is made from the words, the others from the first."""
    expressions: list[Text] = []
    """Faces of the expression sheet, a word or two each."""
    references: list[FilePath] = []
    """Pictures of the character that you already have; the views are then made from them."""


class Bible(Part):
    """`characters/NAME.yaml`: who the character is, and what never changes."""

    bible: Literal[1]
    """Version of this file's form."""
    name: Text
    """The name, as prompts say it."""
    kind: Literal["human", "stylised"]
    """Which measure of identity fits: a human face, or a drawn or built figure."""
    looks: Text
    """What the character is, in a few words."""
    always: Annotated[Words, Field(min_length=1)]
    """Marks that are in every prompt, most important first."""
    never: Words = []
    """What must not be seen."""
    style: Text | None = None
    """The style in which the character is drawn."""
    palette: dict[Name, Colour] = {}
    """Colours of its parts, as #rrggbb."""
    wardrobe: dict[Name, Text] = {}
    """What it wears, by name; a shot without a choice uses `default`."""
    sheet: Sheet = Sheet()
    """What the model sheet shows."""


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
    moving: list[Moving] = []
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
    keep: Words = []
    """What stays as it is."""


class Join(Part):
    """How the shot goes over into the next one."""

    crossfade: Seconds | None = None
    """Seconds during which both shots are seen; nothing means a cut."""


class Shot(Part):
    """One shot of the list."""

    recipe: Name | None = None
    """Writes the rest of the shot; what the shot says itself wins. `onmodel recipes` lists them."""
    slots: dict[Name, Text] = {}
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
    """Length in the cut, before transitions overlap; 5 where nothing is said."""
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
    adherence: Annotated[float, Field(ge=0, le=1), BeforeValidator(_number)] | None = None
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
    join: Annotated[Join, BeforeValidator(_join, json_schema_input_type=Literal["cut"] | Join)] | None = None
    """How it goes over into the next shot: `cut`, or `{crossfade: 0.5}`."""


class Episode(Part):
    """`episodes/ID.yaml`: a shot list."""

    episode: Literal[1]
    """Version of this file's form."""
    title: Text
    """The episode's title."""
    format: Format | None = None
    """Another format than the production's."""
    defaults: Shot = Shot()
    """What holds for every shot that does not say otherwise."""
    shots: Annotated[dict[str, Shot], Field(min_length=1)]
    """The shots by id, in the order of the cut."""


class Season(Part):
    """`episodes/season-N.yaml`: episodes in their order."""

    season: Literal[1]
    """Version of this file's form."""
    title: Text
    """The season's title."""
    episodes: Annotated[list[Name], Field(min_length=1)]
    """Episode ids in order."""
    budget_usd: Usd | None = None
    """The most that the episodes of this season may cost together, whichever command produces them."""
