"""What a job's journal says, record by record, as it stands in the archive's JSON files.

Records are written once and never changed. Times are UTC, money is US dollars of the price table, lengths are
exact fractions of a second; numbers that must stay exact travel as strings.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    JsonValue,
    PositiveInt,
    ValidationError,
    model_validator,
)

from onmodel.errors import RecordBroken
from onmodel.vault.media import MediaRef
from onmodel.vault.slots import Slot


def _as_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_as_utc)]
Usd = Annotated[Decimal, Field(ge=0)]


class Record(BaseModel):
    """The base of everything that is written once: closed, frozen, and it names its schema in the file."""

    # Built when the first record is read: `check`, and a plan of what was never made, read none.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    schema_name: ClassVar[str]
    """`onmodel.<record>/<version>`; stands in the file as `schema`."""

    def to_bytes(self) -> bytes:
        """The record as its file has it: JSON for people to read, schema first."""
        content = {"schema": self.schema_name, **self.model_dump(mode="json")}
        return (json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


class Intent(Record):
    """What is to be bought, frozen before anything is sent: the request, its price, and why."""

    schema_name = "onmodel.intent/1"

    slot: Slot
    label: str
    """For people: `s01e01 · s010 · take 1 · image-to-video`."""
    endpoint: str
    arguments: dict[str, JsonValue]
    """The request; media stand as `{"$media": sha256, "size": bytes, "suffix": ".png"}` at any depth,
    never as addresses."""
    price_usd: Usd
    seconds: Fraction | None = None
    """The length that is bought, in seconds; None for stills."""
    basis_content: dict[str, JsonValue]
    """The story content that the slot's basis is the digest of."""
    change: str | None = None
    """Retakes: the one thing that changed, in words."""
    remedy: str | None = None
    """Retakes: the remedy behind the change, as `onmodel diagnose` lists it."""
    rung: str | None = None
    """Shots with a ladder: the rung that it is asked for on."""
    made_at: Moment
    onmodel: str
    """Version of onmodel that composed the request."""


class Sending(Record):
    """The right to send the request once; written right before it is sent."""

    schema_name = "onmodel.sending/1"

    attempt: PositiveInt
    nonce: str
    """Tells one's own claim from another's where the answer to a write was lost."""
    session: str
    host: str
    arguments: dict[str, JsonValue]
    """Empty where the right to send was taken so that nobody sends: the job is withdrawn.

    Otherwise the request exactly as it is sent, upload addresses and all: fal's history is searched
    for it."""
    caps: tuple[str, ...] = ()
    """The ledgers in which its price was set aside before: a ledger that is lost is made again by them."""
    at: Moment
    deadline: Moment
    """After this moment without an outcome, nobody knows whether a job exists."""


class Outcome(Record):
    """What became of one sending."""

    schema_name = "onmodel.outcome/1"

    attempt: PositiveInt
    kind: Literal["submitted", "not-sent", "resolved"]
    request_id: str | None = None
    """Set for `submitted`."""
    resolution: Literal["resubmit", "lost"] | None = None
    """Set for `resolved`: what a person decided about a sending that nobody knows the end of."""
    reason: str = ""
    at: Moment

    @model_validator(mode="after")
    def _fields_of_its_kind(self) -> Self:
        if (self.kind == "submitted") != bool(self.request_id):
            raise ValueError(f"an outcome of kind {self.kind!r} has request_id {self.request_id!r}")
        if (self.kind == "resolved") != (self.resolution is not None):
            raise ValueError(f"an outcome of kind {self.kind!r} has resolution {self.resolution!r}")
        return self


class Cancellation(Record):
    """Fal was asked to drop the job; written right before it is asked. Fal's result says what came of it."""

    schema_name = "onmodel.cancel/1"

    request_id: str
    at: Moment


class Result(Record):
    """What fal answered in the end."""

    schema_name = "onmodel.result/1"

    kind: Literal["ok", "failed"]
    payload: dict[str, JsonValue] = {}
    """The answer as it came."""
    error_kind: str | None = None
    """Set for `failed`: the short word of the error, `moderated` and so on."""
    error_message: str | None = None
    error_field: str | None = None
    """The field of the request that was at fault, where one was named."""
    billed: Literal["yes", "maybe", "no"]
    at: Moment

    @model_validator(mode="after")
    def _failure_has_its_word(self) -> Self:
        if (self.kind == "failed") != (self.error_kind is not None):
            raise ValueError(f"a result of kind {self.kind!r} has error_kind {self.error_kind!r}")
        return self


class Delivery(Record):
    """The media of a result, verified and in the archive."""

    schema_name = "onmodel.media/1"

    media: tuple[MediaRef, ...] = Field(min_length=1)
    at: Moment


Standing = Literal["on-model", "unscorable", "partial", "drifting", "off-model"]
"""What a reading comes to, the best first."""


class Likeness(BaseModel):
    """Whether one character of a take is still the character of the bible, as it was measured."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    standing: Standing
    reason: str
    """In words: what was found, where, against what is allowed."""
    score: FiniteFloat | None = None
    """Median over the frames that could be scored, -1 to 1; None where none could."""
    threshold: FiniteFloat | None = None
    """The least that counts as this character."""
    curve: tuple[tuple[FiniteFloat, FiniteFloat | None], ...] = ()
    """Seconds into the clip, and the score there; None where the frame could not be scored."""
    worst_s: FiniteFloat | None = None
    """When it is least like the character, in seconds."""
    box: tuple[FiniteFloat, FiniteFloat, FiniteFloat, FiniteFloat] | None = None
    """Where the character is in the middle of the clip: left, top, right, bottom, as shares of the frame."""
    places: tuple[tuple[FiniteFloat, FiniteFloat, FiniteFloat, FiniteFloat, FiniteFloat], ...] = ()
    """Where it is over time: seconds into the clip, left, top, right, bottom; empty where no face is seen."""
    middles: tuple[tuple[FiniteFloat, FiniteFloat, FiniteFloat], ...] = ()
    """Where its middle most likely is, where no face is seen: seconds into the clip, across, down."""
    signature: str = ""
    """The character as it looks in this take, for comparing takes: the scorer's mean vector."""
    scorer: str
    """Which scorer said so, with its version."""
    colour: FiniteFloat | None = None
    """How far its clothes are from the sheet's in colour, 0 to 1; None where they cannot be seen."""
    colour_note: str = ""
    """What people should know about that, in words; a warning that never changes the standing."""


class Verdict(Record):
    """Whether a take passed its gates and who is recognised in it, with the readings that say so."""

    schema_name = "onmodel.verdict/1"

    ok: bool
    reasons: tuple[str, ...] = ()
    readings: dict[str, bool | int | FiniteFloat | str] = {}
    identity: dict[str, Likeness] = {}
    """By character; empty where nobody has to be recognised, or the gates were closed."""
    at: Moment


AnyRecord = TypeVar("AnyRecord", bound=Record)


def read_record(model: type[AnyRecord], content: bytes, where: str) -> AnyRecord:
    """The record that an archived file holds; `where` names the file for people.

    Raises:
        RecordBroken: the file is empty, cut short, edited, or from a newer onmodel.
    """
    if not content.strip():
        raise broken(where, "it is empty")
    try:
        value: Any = json.loads(content)
    except ValueError as error:
        raise broken(where, f"it is not JSON ({error})") from error
    if not isinstance(value, dict):
        raise broken(where, "it is not a JSON object")
    found = value.pop("schema", None)
    if found != model.schema_name:
        raise broken(where, f"its schema is {found!r}, this onmodel reads {model.schema_name!r}")
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the record"
        raise broken(where, f"{place}: {first['msg']}") from error


def broken(where: str, what: str) -> RecordBroken:
    """The error for a record that cannot be read; the file stays as it is."""
    return RecordBroken(
        f"{where} cannot be read: {what}",
        hint="Restore that file from a backup of the archive, or upgrade onmodel if a newer one wrote it. "
        "Do not delete it: it is the proof of a purchase.",
    )
