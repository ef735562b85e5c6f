"""What people decided about takes: which is circled, approved or to be taken again; and their notes.

A decision is written once, under the next free number of its scope; the newest one about a thing holds.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, NamedTuple, Self

from pydantic import Field, FiniteFloat, PositiveInt, model_validator

from onmodel.errors import VaultError
from onmodel.vault.records import Moment, Record, Usd, read_record
from onmodel.vault.slots import Stage
from onmodel.vault.store import Store

_DIGITS = 6
_TRIES = 1000


CUT: Final = "cut"
"""The stage of a decision about the finished cut."""

_Share = Annotated[FiniteFloat, Field(ge=0, le=1)]


class Box(NamedTuple):
    """A part of the picture, in shares of its width and height, from the top left corner: 0 to 1."""

    x: _Share
    """Left edge."""
    y: _Share
    """Upper edge."""
    w: Annotated[FiniteFloat, Field(gt=0, le=1)]
    h: Annotated[FiniteFloat, Field(gt=0, le=1)]


class Decision(Record):
    """A person's word about the takes of one shot or sheet view, or about the cut."""

    schema_name = "onmodel.decision/1"

    kind: Literal["circle", "retake", "approve", "note"]
    subject: str
    """The shot's id, or `pip.default.front`; of a cut, the episode's id."""
    stage: Stage | Literal["cut"]
    basis: str
    """Digest of the story content whose takes are meant; of a cut, its own sha256."""
    n: PositiveInt
    """`circle`, `approve`, `note`: the take; 1 for a cut. `retake`: the newest when another was ordered."""
    media: str | None = None
    """sha256 of the picture or clip that was decided about; None for a retake, and in older records."""
    problem: str | None = None
    """`retake`: what is wrong, by the name of its tree."""
    remedy: str | None = None
    """`retake`: the one change of the next take."""
    usd: Usd | None = None
    """`retake`: the price of the take that was ordered."""
    note: str = ""
    """In the person's words; of a retake it joins the prompt, and so does a `note`, of the next retake."""
    at_s: Annotated[FiniteFloat, Field(ge=0)] | None = None
    """`note`: seconds from the beginning of the clip; None for all of it, and for a picture."""
    box: Box | None = None
    """`note`: the part of the picture that is meant; None for all of it."""
    by: str
    at: Moment

    @model_validator(mode="after")
    def _fields_of_its_kind(self) -> Self:
        if self.kind != "note" and (self.at_s is not None or self.box is not None):
            raise ValueError(f"a decision of kind {self.kind!r} has at_s {self.at_s} and box {self.box}")
        if self.kind == "approve" and self.media is None:
            raise ValueError("an approval names no media")
        if self.kind == "note" and not self.note:
            raise ValueError("a note has no words")
        return self


class Decisions:
    """The archive's decisions."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._last: dict[str, int] = {}
        """The number last written here in each scope: who approves a thousand takes lists them once."""

    def of(self, scope: str) -> tuple[Decision, ...]:
        """The decisions about an episode, or about the cast, oldest first.

        Raises:
            RecordBroken: one of them cannot be read.
        """
        return tuple(self._read(name) for name in self._names(scope))

    def keep(self, scope: str, decision: Decision) -> None:
        """Write a decision down, after all that were made before it.

        Raises:
            VaultError: the archive cannot be written.
        """
        number = self._last.get(scope) or len(self._names(scope))
        for _ in range(_TRIES):
            number += 1  # another process may decide at the same moment: the next number is free for us
            name = f"decisions/{scope}/{number:0{_DIGITS}}.json"
            if self._store.create(name, decision.to_bytes()):
                self._last[scope] = number
                return
        raise VaultError(
            f"decisions/{scope} in {self._store.address} is written by others all the time",
            hint="Run the same command again.",
        )

    def _names(self, scope: str) -> list[str]:
        return self._store.gather(f"decisions/{scope}/")

    def _read(self, name: str) -> Decision:
        return read_record(Decision, self._store.read(name), f"{name} in {self._store.address}")
