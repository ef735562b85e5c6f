"""The named steps of the journal, and dying exactly there."""

from __future__ import annotations

import os
import re
import signal
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from onmodel.vault import LocalStore
from onmodel.vault.s3 import S3Store

Side = Literal["before", "after"]

JOURNAL: Final = (
    "intent",
    "ledger",
    "upload",
    "sending",
    "post",
    "outcome",
    "result",
    "fetch",
    "archive",
    "media",
    "verdict",
    "cut",
    "close",
)
"""What happens to a job, in order; `post` is the submit, `fetch` and `archive` its media's way home."""

_RECORD: Final = re.compile(r"jobs/.*/([a-z]+)[^/]*\.json")


@dataclass(frozen=True)
class Point:
    """One place to die at: right before or right after the n-th step of a name."""

    step: str
    side: Side
    n: int = 1

    def __str__(self) -> str:
        return f"{self.side} {self.step} {self.n}"


class Watch:
    """Counts the steps of this process, and ends it at one of them as `kill -9` would.

    Args:
        point: where to die; None: nowhere.
    """

    def __init__(self, point: Point | None) -> None:
        self._point = point
        self._counts: Counter[tuple[str, Side]] = Counter()
        self._turn = threading.Lock()

    def at(self, step: str | None, side: Side) -> None:
        """Pass a step; no return where it is the one to die at."""
        if step is None:
            return
        with self._turn:
            self._counts[step, side] += 1
            if self._point == Point(step, side, self._counts[step, side]):
                os.kill(os.getpid(), signal.SIGKILL)

    def stores(self) -> None:
        """Watch what every store of this process writes."""
        for store in (LocalStore, S3Store):
            for method in ("create", "swap", "put_file", "close"):
                setattr(store, method, self._watched(getattr(store, method), method))

    def _watched(self, real: Callable[..., Any], method: str) -> Callable[..., Any]:
        def watched(store: Any, *arguments: Any, **named: Any) -> Any:
            step = step_of(method, str(arguments[0]) if arguments else "")
            self.at(step, "before")
            answer = real(store, *arguments, **named)
            self.at(step, "after")
            return answer

        return watched


def step_of(method: str, name: str) -> str | None:
    """The step that a call of a store is; None where it is none of the journal's."""
    if method in {"put_file", "close"}:
        return {"put_file": "archive"}.get(method, method)
    if name.startswith("ledger/"):
        return "ledger"
    if name.startswith("cuts/"):
        return "cut"
    record = _RECORD.fullmatch(name)
    return record[1] if record else None
