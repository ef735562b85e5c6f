"""What people decided about takes: which one is circled, and which is to be taken again, and why.

A decision is written once, under the next free number of its scope; the newest one about a thing holds.
"""

from __future__ import annotations

from typing import Literal

from pydantic import PositiveInt

from onmodel.errors import VaultError
from onmodel.vault.records import Moment, Record, Usd, read_record
from onmodel.vault.slots import Stage
from onmodel.vault.store import Store

_DIGITS = 6
_TRIES = 1000


class Decision(Record):
    """A person's word about the takes of one shot or sheet view."""

    schema_name = "onmodel.decision/1"

    kind: Literal["circle", "retake"]
    subject: str
    """The shot's id, or `pip.default.front`."""
    stage: Stage
    basis: str
    """Digest of the story content whose takes are meant."""
    n: PositiveInt
    """`circle`: the take. `retake`: the newest take when another was ordered."""
    problem: str | None = None
    """`retake`: what is wrong, by the name of its tree."""
    remedy: str | None = None
    """`retake`: the one change of the next take."""
    usd: Usd | None = None
    """`retake`: the price of the take that was ordered."""
    note: str = ""
    """In the person's words; of a retake it joins the prompt."""
    by: str
    at: Moment


class Decisions:
    """The archive's decisions."""

    def __init__(self, store: Store) -> None:
        self._store = store

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
        number = len(self._names(scope))
        for _ in range(_TRIES):
            number += 1  # another process may decide at the same moment: the next number is free for us
            name = f"decisions/{scope}/{number:0{_DIGITS}}.json"
            if self._store.create(name, decision.to_bytes()):
                return
        raise VaultError(
            f"decisions/{scope} in {self._store.address} is written by others all the time",
            hint="Run the same command again.",
        )

    def _names(self, scope: str) -> list[str]:
        return self._store.gather(f"decisions/{scope}/")

    def _read(self, name: str) -> Decision:
        return read_record(Decision, self._store.read(name), f"{name} in {self._store.address}")
