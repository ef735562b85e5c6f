"""What a cap has already promised away, one object a cap.

A price is reserved before its request may be sent. The ledger is changed by compare-and-swap only, so that
racing processes never pass a cap together, and it can be made again from the journals.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Iterable
from decimal import Decimal
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

Entries = dict[str, Decimal]
Change = Callable[[Entries], Entries]


class _Page(BaseModel):
    """The ledger's file."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    schema_: Annotated[Literal["onmodel.ledger/1"], Field(alias="schema")]
    cap: str
    usd: dict[str, Usd]


class Ledger:
    """The reservations under one cap, in dollars by job key."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._cap = name
        self._key = "`budget_usd` in production.yaml" if name == PRODUCTION else "--max-usd"
        self._name = f"ledger/{name}.json"
        self._turn = threading.Lock()
        self._seen: tuple[bytes, str] | None = None

    def reserve(self, key: str, amount: Decimal, cap: Decimal | None) -> bool:
        """Set a job's price aside; False where it was already: a second time changes nothing.

        Args:
            key: the job's key.
            amount: its price in dollars.
            cap: the most that all reservations together may come to, in dollars; None for no cap.

        Raises:
            OverBudget: it would pass the cap; nothing is reserved.
            VaultError: other processes never let it through.
        """

        def with_it(entries: Entries) -> Entries:
            if key in entries:
                return entries
            total = sum(entries.values(), Decimal(0))
            if cap is not None and total + amount > cap:
                raise OverBudget(
                    f"the next purchase costs {usd(amount)} and would pass the cap {self._cap!r}: "
                    f"{usd(total)} of {usd(cap)} are already reserved",
                    hint=f"Raise {self._key}, or leave shots out with --shots.",
                )
            return {**entries, key: amount}

        return self._change(with_it, self._entries_of)

    def release(self, key: str) -> None:
        """Give a job's reservation back: nothing was bought."""
        self._change(lambda entries: {k: v for k, v in entries.items() if k != key}, self._entries_of)

    def total(self) -> Decimal:
        """Dollars reserved so far."""
        return sum(self.entries().values(), Decimal(0))

    def entries(self) -> Entries:
        """Dollars by job key.

        Raises:
            RecordBroken: the ledger cannot be read; `rebuild` makes it again.
        """
        found = self._store.read_tagged(self._name)
        return self._entries_of(found[0]) if found else {}

    def rebuild(self, jobs: Iterable[Job]) -> None:
        """Make the ledger agree with the journals; all jobs under the cap must be given.

        What was or may have been bought is reserved, what is known to be free is not. A reservation for a job
        that is about to be sent stays, and so does one for a job not among `jobs`: it may be a minute old.
        """
        bought: Entries = {}
        free = set()
        for job in jobs:
            if job.may_have_cost:
                bought[job.slot.key] = job.price_usd
            elif job.state == "failed":
                free.add(job.slot.key)

        def agreeing(entries: Entries) -> Entries:
            return {k: v for k, v in (entries | bought).items() if k not in free}

        self._change(agreeing, self._entries_or_none)

    def _change(self, change: Change, read: Callable[[bytes], Entries]) -> bool:
        """Change the ledger; False where nothing had to be changed."""
        with self._turn:  # threads that share a ledger take turns instead of losing swaps to each other
            if self._seen is not None and self._swap_unseen(self._seen, change, read):
                return True
            for attempt in range(_TRIES):
                found = self._store.read_tagged(self._name)
                after = change(read(found[0]) if found else {})
                content = self._content(after)
                if content == found[0] if found else not after:
                    self._seen = found
                    return False
                if self._swap(content, found[1] if found else None):
                    return True
                wait_s = min(_LONGEST_WAIT_S, 0.001 * 2**attempt)
                time.sleep(random.uniform(0, wait_s))  # noqa: S311 - jitter between writers, not a secret
        raise VaultError(
            f"{self._name} in {self._store.address} is changed by others all the time",
            hint="Run the same command again.",
        )

    def _swap_unseen(self, seen: tuple[bytes, str], change: Change, read: Callable[[bytes], Entries]) -> bool:
        """Change what was there the last time without looking again: the tag tells whether it still is.

        What was seen then may be refused by now, or need no change, only as the ledger truly stands.
        """
        try:
            content = self._content(change(read(seen[0])))
        except (OverBudget, RecordBroken):
            return False
        return content != seen[0] and self._swap(content, seen[1])

    def _swap(self, content: bytes, tag: str | None) -> bool:
        new_tag = self._store.swap(self._name, content, tag)
        self._seen = (content, new_tag) if new_tag is not None else None
        return new_tag is not None

    def _content(self, entries: Entries) -> bytes:
        spelled = {key: f"{amount:f}" for key, amount in sorted(entries.items())}
        page = {"schema": "onmodel.ledger/1", "cap": self._cap, "usd": spelled}
        return (json.dumps(page, indent=1) + "\n").encode()

    def _entries_of(self, content: bytes) -> Entries:
        try:
            return _Page.model_validate_json(content).usd
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise RecordBroken(
                f"{self._name} in {self._store.address} cannot be read: {first['msg']}",
                hint="Move that one file away and run the same command again: the journals make it anew.",
            ) from error

    def _entries_or_none(self, content: bytes) -> Entries:
        try:
            return self._entries_of(content)
        except RecordBroken:
            return {}
