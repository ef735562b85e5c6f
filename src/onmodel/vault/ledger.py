"""What a cap has already promised away, one object a cap.

A price is reserved before its request may be sent. The ledger is changed by compare-and-swap only, so that
racing processes never pass a cap together, and it can be made again from the journals.
"""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from json.encoder import encode_basestring_ascii as _quoted
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from onmodel.errors import OverBudget, RecordBroken, VaultError
from onmodel.units import usd
from onmodel.vault.jobs import Job
from onmodel.vault.records import Usd
from onmodel.vault.store import Store

_TRIES = 60
_LONGEST_WAIT_S = 0.1

PRODUCTION: Final = "production"
"""The cap that production.yaml sets, whatever episode is bought for; every other one is of a command."""

_SEASON = re.compile(r"(season-[0-9]+)(\.[0-9]{4}-w[0-9]{2})?")

Entries = dict[str, Decimal]
Change = Callable[[Entries], Entries]
Read = Callable[[bytes], tuple[Entries, int]]
Seen = tuple[str, int, Entries]
"""A ledger as it was last seen: its tag, its turn, and what it says."""


@dataclass(frozen=True)
class Cap:
    """A ledger and the most that may be reserved in it."""

    ledger: Ledger
    most_usd: Decimal | None


def ledger_of(scope: str) -> str:
    """The name of the ledger of an episode or of the cast; an episode may be called `production` too."""
    return f"episode.{scope}" if scope == PRODUCTION else scope


class _Page(BaseModel):
    """The ledger's file."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    schema_: Annotated[Literal["onmodel.ledger/1"], Field(alias="schema")]
    cap: str
    turn: int = 0
    """Counts every change, so that a ledger that says the same again is another version of it."""
    usd: dict[str, Usd]


class Ledger:
    """The reservations under one cap, in dollars by job key."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self.name = name
        self._key, self._else = "--max-usd", "leave shots out with --shots"
        if name == PRODUCTION:
            self._key = "`budget_usd` in production.yaml"
        elif of := _SEASON.fullmatch(name):
            self._key = f"`{'weekly_usd' if of[2] else 'budget_usd'}` in episodes/{of[1]}.yaml"
            self._else = "wait for the next week" if of[2] else self._else
        self._name = f"ledger/{name}.json"
        self._turn = threading.Lock()
        self._seen: Seen | None = None
        self._lines: dict[str, tuple[Decimal, str]] = {}
        """Each entry as it was last spelled: a page is written whole, and grows with each job."""

    def reserve(self, key: str, amount: Decimal, cap: Decimal | None, *, confirming: bool = False) -> bool:
        """Set a job's price aside; False where as much was already: a second time changes nothing.

        Args:
            key: the job's key.
            amount: what it may come to in dollars, every try of it that may have been bought included.
            cap: the most that all reservations together may come to, in dollars; None for no cap.
            confirming: change the ledger in any case, so that whoever read it before, and would lower the job
                by what it knew of it then, has to look at both again.

        Raises:
            OverBudget: it would pass the cap; nothing is reserved.
            VaultError: other processes never let it through.
        """

        def with_it(entries: Entries) -> Entries:
            before = entries.get(key, Decimal(0))
            if key in entries and before >= amount:
                return entries
            total = sum(entries.values(), Decimal(0))
            if cap is not None and total + amount - before > cap:
                raise OverBudget(
                    f"the next purchase costs {usd(amount - before)} and would pass the cap {self.name!r}: "
                    f"{usd(total)} of {usd(cap)} are already reserved",
                    hint=f"Raise {self._key}, or {self._else}.",
                )
            return {**entries, key: amount}

        return self._change(with_it, self._read, always=confirming)

    def lower(self, key: str, owed: Callable[[], Decimal]) -> None:
        """Give back what a job has not cost.

        Args:
            key: the job's key.
            owed: what it may have cost, in dollars. It is asked after the ledger was read, and what it says
                holds as long as nobody changes the ledger: a sender does so between its claim and its POST.
        """

        def lowered(entries: Entries) -> Entries:
            others = {k: v for k, v in entries.items() if k != key}
            left = min(entries.get(key, Decimal(0)), owed())
            return {**others, key: left} if left else others

        self._change(lowered, self._read)

    def total(self) -> Decimal:
        """Dollars reserved so far."""
        return sum(self.entries().values(), Decimal(0))

    def entries(self) -> Entries:
        """Dollars by job key.

        Raises:
            RecordBroken: the ledger cannot be read; `rebuild` makes it again.
        """
        found = self._store.read_tagged(self._name)
        return self._read(found[0])[0] if found else {}

    def rebuild(self, jobs: Iterable[Job]) -> None:
        """Make the ledger agree with the journals; all jobs under the cap must be given.

        What was or may have been bought is reserved, what is known to be free is not. A reservation for a job
        that is about to be sent stays, and so does one for a job not among `jobs`: it may be a minute old.
        """
        bought: Entries = {}
        free = set()
        for job in jobs:
            if job.may_have_cost:
                bought[job.slot.key] = job.cost_usd
            elif job.state == "failed":
                free.add(job.slot.key)

        def agreeing(entries: Entries) -> Entries:
            kept = {k: max(v, bought.get(k, v)) for k, v in entries.items() if k not in free}
            return {**bought, **kept}

        self._change(agreeing, self._read_or_none)

    def _change(self, change: Change, read: Read, *, always: bool = False) -> bool:
        """Change the ledger; False where nothing had to be changed."""
        with self._turn:  # threads that share a ledger take turns instead of losing swaps to each other
            if self._seen is not None and self._swap_unseen(self._seen, change, always=always):
                return True
            for attempt in range(_TRIES):
                found = self._store.read_tagged(self._name)
                before, turn = read(found[0]) if found else ({}, 0)
                after = change(before)
                if after == before and found and not always and turn >= 0:
                    self._seen = (found[1], turn, before)
                    return False
                if not after and not found:
                    return False
                if self._swap(after, turn + 1, found[1] if found else None):
                    return True
                wait_s = min(_LONGEST_WAIT_S, 0.001 * 2**attempt)
                time.sleep(random.uniform(0, wait_s))  # noqa: S311 - jitter between writers, not a secret
        raise VaultError(
            f"{self._name} in {self._store.address} is changed by others all the time",
            hint="Run the same command again.",
        )

    def _swap_unseen(self, seen: Seen, change: Change, *, always: bool) -> bool:
        """Change what was there the last time without looking again: the tag tells whether it still is.

        What was seen then may be refused by now, or need no change, only as the ledger truly stands.
        """
        tag, turn, before = seen
        try:
            after = change(before)
        except OverBudget:
            return False
        return (always or after != before) and self._swap(after, turn + 1, tag)

    def _swap(self, entries: Entries, turn: int, tag: str | None) -> bool:
        # Seen in order too: the next time it is in order but for one.
        in_order = {key: entries[key] for key in sorted(entries)}
        new_tag = self._store.swap(self._name, self._content(in_order, turn), tag)
        self._seen = (new_tag, turn, in_order) if new_tag is not None else None
        return new_tag is not None

    def _content(self, entries: Entries, turn: int) -> bytes:
        page = {"schema": "onmodel.ledger/1", "cap": self.name, "turn": turn, "usd": {}}
        opening, _, end = json.dumps(page, indent=1).rpartition("{}")
        for key, amount in entries.items():
            known = self._lines.get(key)
            if known is None or known[0] is not amount:
                self._lines[key] = amount, f'  {_quoted(key)}: "{amount:f}"'
        spelled = "{\n" + ",\n".join([self._lines[key][1] for key in entries]) + "\n }" if entries else "{}"
        return f"{opening}{spelled}{end}\n".encode()

    def _read(self, content: bytes) -> tuple[Entries, int]:
        """What a page says, and its turn."""
        try:
            page = _Page.model_validate_json(content)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise RecordBroken(
                f"{self._name} in {self._store.address} cannot be read: {first['msg']}",
                hint="Move that one file away and run the same command again: the journals make it anew.",
            ) from error
        return page.usd, page.turn

    def _read_or_none(self, content: bytes) -> tuple[Entries, int]:
        """The same; of a page that cannot be read nothing, and turn -1."""
        try:
            return self._read(content)
        except RecordBroken:
            return {}, -1
