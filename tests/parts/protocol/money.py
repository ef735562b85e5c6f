"""The model of the money: a fal that remembers every submit it accepted, and a way to it that may fail."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from onmodel.errors import (
    FetchFailed,
    ServerFailed,
    SubmitOutcomeUnknown,
    SubmitRefused,
    UploadFailed,
    WireError,
)
from onmodel.studio.wire import PastRequest, Progress
from protocol.turns import Turns

T = TypeVar("T")

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
"""How every picture begins; what follows here is the name of the request."""


@dataclass(frozen=True)
class Bought:
    """One submit that fal accepted, and bills."""

    key: str
    """The job key, from the header that a rehearsal sends."""
    session: str
    """Whose submit it was."""
    past: PastRequest


class Fal:
    """Fal's side of it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.bought: list[Bought] = []
        self.history = True
        """Whether the request history answers."""
        self.refuses = False
        """Whether the next submit is refused."""
        self.free: set[str] = set()
        """Requests of which fal has said that they failed, and cost nothing."""
        self.fails = False
        """Whether jobs fail, for nothing."""
        self._clock = clock
        self._uploads = 0

    def accept(self, key: str, session: str, arguments: dict[str, Any]) -> str:
        """Take a submit."""
        request_id = f"req-{len(self.bought) + 1}"
        past = PastRequest(request_id, json.loads(json.dumps(arguments)), self._clock())
        self.bought.append(Bought(key, session, past))
        return request_id

    def address(self) -> str:
        """A fresh public address."""
        self._uploads += 1
        return f"https://media/{self._uploads}.png"

    @property
    def by_key(self) -> Counter[str]:
        """How often each job was bought."""
        return Counter(one.key for one in self.bought)

    @property
    def billed_by_key(self) -> Counter[str]:
        """The same without those that are known to have failed for nothing."""
        return Counter(one.key for one in self.bought if one.past.request_id not in self.free)


class FailingWire:
    """A worker's way to fal; stands in for `Wire`."""

    absence_is_proof = False

    def __init__(self, fal: Fal, turns: Turns, session: str) -> None:
        self._fal = fal
        self._turns = turns
        self._session = session

    def _touch(self, what: str, do: Callable[[], T], lost: WireError, otherwise: T | None = None) -> T:
        return self._turns.touch(what, do, lost=lost, otherwise=otherwise)

    async def upload(self, path: Path, content_type: str, name: str) -> str:
        """A fresh public address."""
        return self._touch("upload", self._fal.address, UploadFailed("rehearsed: the upload was lost"))

    async def submit(self, endpoint: str, arguments: dict[str, Any], *, headers: Mapping[str, str]) -> str:
        """The one POST."""
        key = str(json.loads(headers["x-onmodel-rehearsal"])["job"])

        def do() -> str:
            if self._fal.refuses:
                self._fal.refuses = False
                raise SubmitRefused("rehearsed: too many", status=429)
            return self._fal.accept(key, self._session, arguments)

        return self._touch("post", do, SubmitOutcomeUnknown("rehearsed: the answer was lost"))

    async def history(self, endpoint: str, since: datetime) -> list[PastRequest] | None:
        """What fal lists; the newest may be missing."""

        def do() -> list[PastRequest] | None:
            listed = [one.past for one in self._fal.bought if one.past.at >= since - timedelta(seconds=1)]
            return listed if self._fal.history else None

        try:
            return self._touch("history", do, WireError("rehearsed: it does not answer"), otherwise=[])
        except WireError:
            return None

    async def watch(
        self, endpoint: str, request_id: str, on_progress: Callable[[Progress], None], interval_s: float = 0.5
    ) -> None:
        """Wait for a job."""
        self._touch("watch", lambda: None, WireError("rehearsed: fal cannot be reached"))

    async def result(self, endpoint: str, request_id: str) -> dict[str, Any]:
        """The answer of a job."""

        def do() -> dict[str, Any]:
            if self._fal.fails:
                self._fal.free.add(request_id)
                raise ServerFailed("rehearsed: fal's own trouble")
            return {"images": [{"url": f"https://media/{request_id}.png", "content_type": "image/png"}]}

        return self._touch("result", do, WireError("rehearsed: fal cannot be reached"))

    async def fetch(self, url: str, into: Path, *, limit_bytes: int) -> str:
        """Bring a picture home."""

        def do() -> str:
            into.write_bytes(PNG + url.encode())
            return "image/png"

        return self._touch("fetch", do, FetchFailed("rehearsed: it broke off"))
