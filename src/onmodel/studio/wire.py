"""The one face of fal for the floors above: upload, submit once, watch, read the result, fetch the media.

Whatever fails on the way arrives as a `WireError` of the error tree; nothing of httpx or fal-client comes
through, and the key is in no message.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import fal_client
import httpx

from onmodel.errors import FetchFailed, KeyMissing, WireError
from onmodel.studio import faults
from onmodel.studio.client import Job, OneWireClient, UnknownStatus
from onmodel.studio.landing import fetch_media
from onmodel.studio.rhythm import Rhythm
from onmodel.studio.transport import Outward

__all__ = ["PastRequest", "Progress", "Wire", "open_live_wire"]

HISTORY_URL = "https://api.fal.ai/v1/models/requests/by-endpoint"
"""Pages of at most 100, sorted by end time. Source: fal's platform API reference, 2026-11; not run."""

STATUS_PATIENCE_S = 30.0
"""Seconds until a status that does not come counts as unreachable; fal-client's ten tries happen inside."""

LONGEST_PAUSE_S = 30.0
"""Seconds between two looks while fal cannot be reached."""

UNKNOWN_STATUSES = 5
"""After so many statuses in a row that nobody knows the result is asked for: it tells more than they do."""

LOOKS_AT_ONCE = FETCHES_AT_ONCE = 8
"""Requests about jobs that are under way, and downloads, at a time; others wait their turn. More would bring
nothing home sooner, and each connection makes every request dearer: httpcore looks all of them over, twice
for each request (with a hundred of them a seventh of a run's CPU, measured 2026-11)."""

HISTORY_PAGES = 20
"""Pages of history that are read at most."""

THE_RESULT_TELLS = fal_client.Completed(logs=None, metrics={})

E = TypeVar("E", bound=WireError)


@dataclass(frozen=True)
class Progress:
    """What fal says about a job that is under way."""

    state: Literal["queued", "running", "completed", "unreachable"]
    position: int | None = None
    """Jobs before this one in fal's queue, from 0; None where it is no longer queued."""
    logs: tuple[str, ...] = ()
    """Log lines that were not reported before."""
    detail: str = ""
    """Why fal is unreachable."""


@dataclass(frozen=True)
class PastRequest:
    """One request that fal's history lists."""

    request_id: str
    input: dict[str, Any]
    """The arguments as fal received them."""
    at: datetime
    """When fal received it, UTC."""


class Wire:
    """The way to fal over one transport.

    Args:
        key: fal's API key.
        transport: httpx's, live; `rehearsal.double.FalDouble`, in rehearsal. `aclose` closes it.
        absence_is_proof: a job that the history does not list was never accepted. True in rehearsal, where
            every job is written down before it is answered; fal does not promise it.

    Raises:
        KeyMissing: the key is empty, or has characters that no key has.
    """

    def __init__(
        self, *, key: str, transport: httpx.AsyncBaseTransport, absence_is_proof: bool = False
    ) -> None:
        key = key.strip()
        if not key:
            raise KeyMissing("There is no key for fal", hint=faults.CHECK_KEY)
        if not (key.isascii() and key.isprintable()) or " " in key:
            # httpx would quote an unacceptable header, key and all, in its error.
            raise KeyMissing("FAL_KEY holds characters that no key has", hint=faults.CHECK_KEY)
        self.absence_is_proof = absence_is_proof
        self._key = key
        self._fal = OneWireClient(key=key, transport=transport)
        self._rhythm = Rhythm()
        self._looking = asyncio.Semaphore(LOOKS_AT_ONCE)
        self._fetching = asyncio.Semaphore(FETCHES_AT_ONCE)

    async def upload(self, path: Path, content_type: str, name: str) -> str:
        """Bring a file to fal and return its public address, a fresh one each time.

        Raises:
            UploadFailed: the file did not arrive; nothing was bought.
            AccountLocked: fal stops this account.
        """
        try:
            return await self._fal.upload_media(path, content_type, name)
        except (*faults.FOREIGN, KeyError, ValueError, OSError) as error:
            raise self._hide(faults.of_upload(error, name)) from None

    async def submit(
        self, endpoint: str, arguments: dict[str, Any], *, headers: Mapping[str, str] | None = None
    ) -> str:
        """Buy one job: exactly one POST. Returns fal's request id.

        Raises:
            SubmitNotSent: nothing was bought, it may be tried again.
            SubmitRefused: nothing was bought; `status` says why.
            SubmitOutcomeUnknown: there may be a job.
        """
        try:
            json.dumps(arguments, allow_nan=False, ensure_ascii=False).encode()
        except (TypeError, ValueError) as error:
            raise self._hide(faults.of_unwritable(error, endpoint)) from None
        try:
            handle = await self._fal.submit(endpoint, arguments, headers=dict(headers or {}))
        except WireError as error:
            raise self._hide(error) from None
        except faults.FOREIGN as error:
            raise self._hide(faults.of_submit(error, endpoint)) from None
        return handle.request_id

    async def watch(
        self,
        endpoint: str,
        request_id: str,
        on_progress: Callable[[Progress], None],
        interval_s: float = 0.5,
    ) -> None:
        """Wait until a job is completed, however long fal takes and however often it cannot be reached.

        `on_progress` is called when something has changed, and at every failed look. `interval_s` is the
        time between two looks as long as nothing is known of what such jobs take.

        Raises:
            AccountLocked: fal stops this account.
            ResultGone: fal does not know the request.
            WireError: fal does not accept the key.
        """
        job = await self._fal.job(endpoint, request_id)
        seen, looks = _Seen(), self._rhythm.looks(endpoint, interval_s)
        pause_s = interval_s
        unknown = 0
        while True:
            try:
                async with self._looking:
                    status = await self._look(job)
                unknown = 0
            except UnknownStatus as error:
                unknown += 1
                status = faults.in_one_line(str(error)) if unknown < UNKNOWN_STATUSES else THE_RESULT_TELLS
            if isinstance(status, str):
                on_progress(Progress("unreachable", detail=self._safe(status)))
                pause_s = min(max(pause_s * 2, interval_s), LONGEST_PAUSE_S)
            else:
                progress = seen.news(status)
                if progress is not None:
                    on_progress(progress)
                if isinstance(status, fal_client.Completed):
                    looks.end()
                    return
                is_queued = isinstance(status, fal_client.Queued)
                pause_s = looks.queued_pause_s() if is_queued else looks.running_pause_s()
            await asyncio.sleep(pause_s)

    async def _look(self, job: Job) -> fal_client.Status | str:
        """One look at a job: its status, or why there is none.

        Raises:
            UnknownStatus: there is one that nobody knows.
            WireError: asking again is useless.
        """
        try:
            async with asyncio.timeout(STATUS_PATIENCE_S):
                return await job.status(with_logs=True)
        except fal_client.FalClientHTTPError as error:
            if error.status_code in {401, 403, 404, 410}:
                raise self._hide(faults.of_job(error, job.request_id)) from None
            if httpx.codes.is_client_error(error.status_code) and error.status_code not in {408, 409, 429}:
                # What a status says after a failure has not been seen on the real service.
                return THE_RESULT_TELLS
            return faults.describe(error)
        except faults.FOREIGN as error:
            return faults.describe(error)
        except UnknownStatus:
            raise
        except (KeyError, ValueError, TypeError) as error:
            return f"fal's answer could not be read ({type(error).__name__})"

    async def result(self, endpoint: str, request_id: str) -> dict[str, Any]:
        """The answer of a completed job.

        Raises:
            JobFailed: or one of its kinds: what was wrong with the request, or with fal.
            AccountLocked: fal stops this account.
            FetchFailed: the answer cannot be read now; the job may be fine. `ResultGone`: it never can.
        """
        job = await self._fal.job(endpoint, request_id)
        try:
            async with self._looking:
                payload = await job.answer()
        except faults.FOREIGN as error:
            raise self._hide(faults.of_job(error, request_id)) from None
        except ValueError:
            payload = None
        if not isinstance(payload, dict):
            raise FetchFailed(
                f"request {request_id}: fal's answer is not a JSON object",
                hint="The job is kept: run the same command again",
                request_id=request_id,
            )
        moderated = faults.of_blackened(payload, request_id)
        if moderated is not None:
            raise moderated
        return payload

    async def cancel(self, endpoint: str, request_id: str) -> Literal["requested", "too-late", "unknown"]:
        """Ask fal to drop a job. Too late means that it is made, and billed."""
        job = await self._fal.job(endpoint, request_id)
        try:
            await job.cancel()
        except fal_client.FalClientHTTPError as error:
            return "too-late" if "ALREADY_COMPLETED" in error.response.text else "unknown"
        except faults.FOREIGN:
            return "unknown"
        return "requested"

    async def fetch(self, url: str, into: Path, *, limit_bytes: int) -> str:
        """Bring a finished picture or clip home, to `into`, whole or not at all; its type, as fal names it.

        Raises:
            FetchFailed: it could not be brought home; `ResultGone` where it never can.
            VaultFull: no space is left on this machine.
        """
        try:
            async with self._fetching:
                return await fetch_media(self._fal.public, url, into, limit_bytes=limit_bytes)
        except WireError as error:
            raise self._hide(error) from None

    async def history(self, endpoint: str, since: datetime) -> list[PastRequest] | None:
        """The requests that fal received for an endpoint since a moment; None where fal does not say.

        fal sorts them by their end, so one that is still under way may be missing.
        """
        found: list[PastRequest] = []
        params = {"endpoint_id": endpoint, "start": _utc(since), "limit": "100", "expand": "payloads"}
        for _ in range(HISTORY_PAGES):
            try:
                response = await self._fal.ask(HISTORY_URL, params)
                page = response.raise_for_status().json()
                found += [_past(item) for item in page["items"] if item.get("json_input")]
            except (*faults.FOREIGN, KeyError, TypeError, ValueError, AttributeError):
                return None
            if not page.get("next_cursor"):
                return found
            params["cursor"] = str(page["next_cursor"])
        return None  # a part of the history proves nothing

    async def aclose(self) -> None:
        """Hang up."""
        await self._fal.aclose()

    def _safe(self, text: str) -> str:
        return text.replace(self._key, "[key]")

    def _hide(self, error: E) -> E:
        """An error without the key, should a server have echoed it."""
        error.message = self._safe(error.message)
        error.args = tuple(self._safe(arg) if isinstance(arg, str) else arg for arg in error.args)
        if hasattr(error, "detail"):
            error.detail = self._safe(error.detail)
        return error


class _Seen:
    """What was reported already. Logs are a moving window: a line is known by its text, not its index."""

    def __init__(self) -> None:
        self._lines: set[str] = set()
        self._last: tuple[str, int | None] | None = None

    def news(self, status: fal_client.Status) -> Progress | None:
        """The progress worth reporting, if there is any."""
        state: Literal["queued", "running", "completed"] = "running"
        position, logs = None, None
        if isinstance(status, fal_client.Queued):
            state, position = "queued", status.position
        elif isinstance(status, fal_client.InProgress | fal_client.Completed):
            state, logs = (
                ("completed" if isinstance(status, fal_client.Completed) else "running"),
                status.logs,
            )
        fresh = []
        for entry in logs or []:
            line = json.dumps(entry, sort_keys=True, default=str)
            if line not in self._lines:
                self._lines.add(line)
                fresh.append(
                    faults.in_one_line(entry.get("message", entry) if isinstance(entry, dict) else entry)
                )
        if not fresh and self._last == (state, position):
            return None
        self._last = (state, position)
        return Progress(state, position, tuple(fresh))


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _past(item: dict[str, Any]) -> PastRequest:
    payload = item["json_input"]
    if isinstance(payload, str):
        payload = json.loads(payload)
    at = datetime.fromisoformat(item.get("sent_at") or item["started_at"])
    return PastRequest(str(item["request_id"]), dict(payload), at if at.tzinfo else at.replace(tzinfo=UTC))


def open_live_wire(key: str) -> Wire:
    """The wire to fal itself: what goes through it costs money.

    Raises:
        KeyMissing: there is no key.
    """
    return Wire(key=key, transport=Outward())
