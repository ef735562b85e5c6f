"""`production.yaml`: what holds for the whole series."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Final, Literal

from pydantic import Field, PlainValidator, StringConstraints

from onmodel.story.deliverables import Deliverable
from onmodel.story.fields import FACTORY, Colour, FilePath, Name, Part, Rate, Resolution, Text, Usd
from onmodel.units import Size

Gate = Literal["sheet", "keyframes", "takes", "cut"]
"""Where a run may wait for a person's approval, in the order of the work."""


def _loudness(value: Any) -> float | str:
    if value in _LOUDNESS:
        return str(value)
    is_number = isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
    if not is_number or not QUIETEST_LUFS <= value <= LOUDEST_LUFS:
        raise ValueError(
            f"allowed are {', '.join(_LOUDNESS)}, or LUFS from {QUIETEST_LUFS} to {LOUDEST_LUFS}"
        )
    return float(value)


_LOUDNESS: Final = ("platform", "broadcast", "as-is")
QUIETEST_LUFS: Final = -40
LOUDEST_LUFS: Final = -5
"""Between these an episode may be as loud as a number says."""

Loudness = Annotated[
    float | str,
    PlainValidator(
        _loudness,
        json_schema_input_type=Literal["platform", "broadcast", "as-is"]
        | Annotated[float, Field(ge=QUIETEST_LUFS, le=LOUDEST_LUFS)],
    ),
]


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


class Palette(Part):
    """The colours of cards and captions."""

    background: Colour = "#101418"
    """Behind cards."""
    text: Colour = "#f4f1ea"
    """Of letters."""
    accent: Colour = "#e8a33d"
    """Of what stands out."""


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
    in_flight: Annotated[int, Field(ge=1, le=200, strict=True)] = 10
    """Requests that may be under way at once. Fal queues what is over the account's own limit (2 at first,
    rising to 40, more by contract; source: fal's documentation, 2026-11): twice that limit keeps it busy."""
    approve: list[Gate] = Field(default=[])
    """What a person must approve before it is gone on with: sheet, keyframes, takes, cut."""
    deliver: list[Deliverable] = Field(default=[])
    """What is made of a finished cut besides the cut itself: `16:9 1080p`, `9:16 1080x1920`, `1:1`, `4:5`."""
    loudness: Loudness = "platform"
    """How loud episodes are: `platform` (-14 LUFS), `broadcast` (-23 LUFS), a number of LUFS, or `as-is`.
    Source: the platforms' published targets and EBU R 128, 2026-11."""
    palette: Palette = Palette()
    """Colours of cards and captions."""
    font: FilePath | None = None
    """A font file of your own for cards and captions, where the shipped one lacks letters."""
    prices: dict[str, PriceRow] = Field(default={})
    """Prices of your own, by endpoint; they win over the shipped table."""
