"""`episodes/ID.yaml` and `episodes/season-N.yaml`: shot lists, and their order."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from onmodel.story.deliverables import Deliverable
from onmodel.story.fields import (
    Colour,
    Decibels,
    FilePath,
    Moment,
    Name,
    Part,
    Seconds,
    Spot,
    Text,
    Usd,
    as_files,
    number,
)
from onmodel.story.production import Format, Gate
from onmodel.story.shot import Shot


def _card(value: Any) -> Any:
    """One text alone is the large line."""
    return {"text": value} if isinstance(value, str) else value


def _captions(value: Any) -> Any:
    """One file alone has the words and their times."""
    return {"file": value} if isinstance(value, str) else value


def _zone(value: str) -> str:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 (few read a season)

    try:
        ZoneInfo(value)
    except (LookupError, OSError, ValueError) as error:
        raise ValueError("the name of a time zone is wanted, like Europe/Berlin") from error
    return value


def _due(value: Any) -> Any:
    """An episode's id alone has no date."""
    return {"id": value} if isinstance(value, str) else value


class Card(Part):
    """A picture with words, between the shots."""

    text: Text
    """The large lines; they are broken where they are too long."""
    sub: Text | None = None
    """The small line below."""
    seconds: Seconds = Fraction(3)
    """How long it stands."""
    background: Colour | None = None
    """Another colour than the palette's."""


class Cards(Part):
    """What is written before and after the shots."""

    title: Annotated[Card | None, BeforeValidator(_card, json_schema_input_type=Text | Card)] = None
    """Before the first shot."""
    end: Annotated[Card | None, BeforeValidator(_card, json_schema_input_type=Text | Card)] = None
    """After the last shot."""


class Captions(Part):
    """Subtitles."""

    file: FilePath | None = None
    """An SRT or VTT file with the times of the finished episode; otherwise they are what the shots `say`."""
    burn: bool = False
    """Write them into the picture, besides the files beside the episode."""


class Bed(Part):
    """Sound under the episode."""

    file: FilePath
    """The sound."""
    begin: Spot | None = None
    """Where it begins: a second of the episode, or a shot's id; where nothing is said, with the episode."""
    end: Spot | None = None
    """Where it ends: a second of the episode, or the id of the last shot under which it is heard."""
    in_: Annotated[Moment, Field(alias="in")] = Fraction(0)
    """Seconds of the file that are passed over."""
    fade_in: Moment = Fraction(1)
    """Seconds in which it comes up."""
    fade_out: Moment = Fraction(2)
    """Seconds in which it goes away."""
    level_db: Decibels = -12
    """How loud it is against the file, in decibels."""
    duck_db: Annotated[float, Field(ge=0, le=40), BeforeValidator(number)] = 12
    """How much quieter it is under speech, in decibels."""
    loop: bool = True
    """Begin it anew where it is too short."""


Beds = Annotated[
    list[Bed], BeforeValidator(as_files, json_schema_input_type=FilePath | Bed | list[FilePath | Bed])
]


class Episode(Part):
    """`episodes/ID.yaml`: a shot list."""

    episode: Literal[1]
    """Version of this file's form."""
    title: Text
    """The episode's title."""
    format: Format | None = None
    """Another format than the production's."""
    approve: list[Gate] | None = None
    """What a person must approve in this episode, instead of what the production says."""
    deliver: list[Deliverable] | None = None
    """What is made of this episode's cut, instead of what the production says."""
    cards: Cards = Cards()
    """What is written before and after the shots."""
    captions: Annotated[Captions, BeforeValidator(_captions, json_schema_input_type=FilePath | Captions)] = (
        Captions()
    )
    """Subtitles."""
    music: Beds = Field(default=[])
    """Music and other sound under the whole or a part of the episode."""
    defaults: Shot = Shot()
    """What holds for every shot that does not say otherwise."""
    shots: Annotated[dict[str, Shot], Field(min_length=1)]
    """The shots by id, in the order of the cut."""


class Due(Part):
    """An episode of a season, and when it is shown."""

    id: Name
    """The episode's id."""
    airs: dt.date | None = None
    """The day on which it is shown, like 2026-12-24."""


class Season(Part):
    """`episodes/season-N.yaml`: episodes in their order."""

    season: Literal[1]
    """Version of this file's form."""
    title: Text
    """The season's title."""
    episodes: Annotated[
        list[Annotated[Due, BeforeValidator(_due, json_schema_input_type=Name | Due)]], Field(min_length=1)
    ]
    """The episodes in order: their ids, or `{id: s01e03, airs: 2026-12-24}`."""
    zone: Annotated[Text, AfterValidator(_zone)] = "UTC"
    """The time zone of the air dates, like Europe/Berlin."""
    lead_days: Annotated[int, Field(ge=0, le=365, strict=True)] = 7
    """Days before its air date from which an episode is produced; one without a date is due at once."""
    weekly_usd: Usd | None = None
    """The most that may be spent on the season from one Monday to the next, in its time zone."""
    budget_usd: Usd | None = None
    """The most that the episodes of this season may cost together, whichever command produces them."""

    @property
    def ids(self) -> list[str]:
        """The episodes' ids in order."""
        return [due.id for due in self.episodes]
