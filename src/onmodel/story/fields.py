"""The kinds of value that story files have: seconds, rates, names, colours, files; and what a part is."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)

LONGEST_S: Final = 30
"""Seconds of the longest clip that any endpoint sells: motion control in video orientation.
Source: guide, 2026-01; fal's contract, 2026-11."""

LONGEST_PROGRAMME_S: Final = 6 * 3600
"""Seconds that a place in a programme, or in a music file, may be named at."""

SLOWEST: Final = Fraction(1, 4)
FASTEST: Final = 4
"""Between these a clip's speed may be changed: beyond, frames stand or are jumped over visibly."""

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


def number(value: Any) -> Any:
    """A number as it was written; `true`, which Python counts as 1, is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, Fraction)):
        raise ValueError("a number is wanted, like 5 or 2.5")  # noqa: TRY004 (pydantic reads only ValueError)
    return value


def _fraction(value: Any) -> Fraction:
    found = number(value)
    return Fraction(str(found)) if isinstance(found, float) else Fraction(found)


def _seconds(value: Any) -> Fraction:
    seconds = _fraction(value)
    if not 0 < seconds <= LONGEST_S:
        raise ValueError(f"allowed is more than 0, at most {LONGEST_S} seconds")
    return seconds


def _moment(value: Any) -> Fraction:
    moment = _fraction(value)
    if not 0 <= moment <= LONGEST_PROGRAMME_S:
        raise ValueError(f"allowed are 0 to {LONGEST_PROGRAMME_S} seconds")
    return moment


def _speed(value: Any) -> Fraction:
    speed = _fraction(value)
    if not SLOWEST <= speed <= FASTEST:
        raise ValueError(f"allowed are {float(SLOWEST):g} to {FASTEST} times the clip's own speed")
    return speed


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
    if not value.strip():
        raise ValueError("the name of a file is wanted, like assets/motion/sway.mp4")
    if unseen := next((letter for letter in value if not letter.isprintable()), ""):
        raise ValueError(f"{unseen!r} cannot be in the name of a file here; rename it")
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


def as_files(value: Any) -> Any:
    """One alone, or in a list: a file, or a block that names it."""
    listed = [value] if isinstance(value, (str, dict)) else value
    if not isinstance(listed, list):
        return listed
    return [{"file": one} if isinstance(one, str) else one for one in listed]


def _spot(value: Any) -> Fraction | str:
    if not isinstance(value, str):
        return _moment(value)
    if not re.fullmatch(NAME, value):
        raise ValueError("a shot's id is wanted, or a second of the episode, like s020 or 12.5")
    return value


def _words(value: Any) -> Any:
    """One text may stand where a list of texts is wanted."""
    return [value] if isinstance(value, str) else value


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
Moment = Annotated[
    Fraction,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": LONGEST_PROGRAMME_S}),
]
Spot = Annotated[Fraction | str, PlainValidator(_spot, json_schema_input_type=Name | Moment)]
Speed = Annotated[
    Fraction,
    BeforeValidator(_speed),
    WithJsonSchema({"type": "number", "minimum": float(SLOWEST), "maximum": FASTEST}),
]
Decibels = Annotated[
    float,
    BeforeValidator(number),
    Field(ge=-60, le=12),
    WithJsonSchema({"type": "number", "minimum": -60, "maximum": 12}),
]
Rate = Annotated[
    Fraction, BeforeValidator(_rate), WithJsonSchema({"type": "number", "minimum": 1, "maximum": 120})
]
Usd = Annotated[
    Decimal, BeforeValidator(number), Field(ge=0), WithJsonSchema({"type": "number", "minimum": 0})
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
