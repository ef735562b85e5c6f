"""Bringing a paid result home: waiting for fal, writing its answer down, fetching the media into the archive.

`submitted → result → media`. A result is written down as soon as it is read, and the job is done only when
every file of it is in the archive, under the sha256 of its bytes.
"""

from __future__ import annotations

import asyncio
import mimetypes
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from onmodel.endpoints import Catalogue
from onmodel.errors import FetchFailed, JobFailed, ResultGone, ServerFailed, Stopped, WireError
from onmodel.studio.containers import HEAD_BYTES, container_of
from onmodel.studio.landing import unwritable
from onmodel.studio.stop import AGAIN, Stop
from onmodel.studio.wire import Progress, Wire
from onmodel.vault import CANCELLED, Cancellation, Delivery, Job, MediaRef, Result, Vault

LARGEST_BYTES: Final = 2_000_000_000
"""A result over this is no clip of ours: 30 s at the highest rate sold are far below."""

CANCEL_S: Final = 10.0
"""Seconds for which fal is asked to drop a job; whoever presses Ctrl-C twice is in haste."""

SUFFIX: Final = re.compile(r"\.[a-z0-9]{1,8}")
"""What the vault takes as the end of a name."""

SORTS: Final = {"images": "image", "video": "video", "audio": "audio"}
"""What must come, by the field of the answer that holds it."""

Tell = Callable[[str, str], None]


class Homecoming:
    """Waits for accepted jobs and archives what they made.

    Args:
        wire: the way to fal.
        vault: where journal and media are.
        catalogue: tells which field of an answer holds the media.
        scratch: a folder of this machine for downloads under way.
        stop: whether the run is to end.
        interval_s: seconds between two looks at a job.
    """

    def __init__(
        self, *, wire: Wire, vault: Vault, catalogue: Catalogue, scratch: Path, stop: Stop, interval_s: float
    ) -> None:
        self._wire = wire
        self._vault = vault
        self._journal = vault.journal
        self._catalogue = catalogue
        self._scratch = scratch
        self._stop = stop
        self._interval_s = interval_s

    async def await_result(self, job: Job, tell: Tell) -> None:
        """Wait for fal, however long it takes and however often it cannot be reached; write the result down.

        Raises:
            Stopped: the run is to leave. A job that still waited in fal's queue was cancelled there, where
                that was asked for; what came of it is found out by the next run.
            ResultGone: fal no longer knows the request.
            WireError: as `Wire.watch` and `Wire.result` do.
        """
        seen = _Seen(tell)
        try:
            result = await self._stop.unless_leaving(self._answer(job, seen))
        except Stopped as stopped:
            dropped = self._stop.cancels and seen.may_be_queued and await self._cancel(job)
            what = "fal was asked to drop it" if dropped else "it goes on at fal"
            raise Stopped(f"{job.intent.label}: {what}", hint=AGAIN, spent_usd=job.cost_usd) from stopped
        except ResultGone as gone:
            if job.cancellation is None:
                raise _of_job(gone, job) from None
            result = _failed(CANCELLED, "cancelled; fal does not know it any more", billed="maybe")
        await asyncio.to_thread(self._journal.record_result, job, result)

    async def _answer(self, job: Job, seen: _Seen) -> Result:
        endpoint, request_id = job.intent.endpoint, job.request_id or ""
        await self._wire.watch(endpoint, request_id, seen, self._interval_s)
        try:
            payload = await self._wire.result(endpoint, request_id)
        except JobFailed as error:
            kind = error.kind
            if job.cancellation is not None and kind in {JobFailed.kind, ServerFailed.kind}:
                kind = (
                    CANCELLED  # what fal answers after a cancel has not been seen: whatever it says, we asked
                )
            billed = "maybe" if error.may_be_billed else "no"
            return _failed(kind, error.message, billed=billed, field=error.field or None)
        return Result(kind="ok", payload=payload, billed="yes", at=datetime.now(UTC))

    async def _cancel(self, job: Job) -> bool:
        """Ask fal to drop a job; whether it was asked. What comes of it is for the next run to find out."""
        request_id = job.request_id or ""
        wish = Cancellation(request_id=request_id, at=datetime.now(UTC))
        await asyncio.to_thread(self._journal.record_cancellation, job, wish)
        try:
            async with asyncio.timeout(CANCEL_S):
                return await self._wire.cancel(job.intent.endpoint, request_id) == "requested"
        except (TimeoutError, WireError):
            return False

    async def fetch(self, job: Job, tell: Tell) -> None:
        """Fetch every file that a job's result names, and archive it.

        Raises:
            FetchFailed: it is paid, and not home yet; the message names the request.
            ResultGone: fal has it no longer.
            Stopped: the run is to leave; the next one fetches it.
            VaultFull: no space is left in the archive, or on this machine.
        """
        payload = job.result.payload if job.result else {}
        try:
            try:
                refs = await self._bring(job, payload, tell)
            except ResultGone as gone:
                refs = await self._bring_anew(job, payload, tell, gone)
        except FetchFailed as error:
            raise _of_job(error, job) from None
        delivery = Delivery(media=tuple(refs), at=datetime.now(UTC))
        await asyncio.to_thread(self._journal.record_media, job, delivery)

    async def _bring_anew(
        self, job: Job, payload: Mapping[str, Any], tell: Tell, gone: ResultGone
    ) -> list[MediaRef]:
        """Read the result once more: fal may name another address by now."""
        try:
            now = await self._wire.result(job.intent.endpoint, job.request_id or "")
        except WireError as error:
            raise gone from error
        output = self._catalogue.get(job.intent.endpoint).output
        if list(_files_of(now, output)) == list(_files_of(payload, output)):
            raise gone
        return await self._bring(job, now, tell)

    async def _bring(self, job: Job, payload: Mapping[str, Any], tell: Tell) -> list[MediaRef]:
        output = self._catalogue.get(job.intent.endpoint).output
        try:
            self._scratch.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(self._scratch, error) from error
        into = self._scratch / f"fetch-{uuid4().hex}"
        return await self._stop.unless_leaving(
            bring_home(self._wire, self._vault, payload, output, into, tell)
        )


class _Seen:
    """Hears what fal says of a job, and tells it on in words."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._lost_since: datetime | None = None
        self.may_be_queued = True
        """Whether the job still waited in fal's queue when it was last seen."""

    def __call__(self, progress: Progress) -> None:
        """Hear of a look."""
        if progress.state == "unreachable":
            self._lost_since = self._lost_since or datetime.now(UTC)
            since = self._lost_since.astimezone().strftime("%H:%M")
            self._tell("waiting", f"fal cannot be reached since {since}: {progress.detail}")
            return
        self._lost_since = None
        self.may_be_queued = progress.state == "queued"
        if progress.state == "queued" and progress.position is not None:
            place = f"position {progress.position}" if progress.position else "next"
            self._tell("queued", f"{place} in fal's queue")
        else:
            self._tell(progress.state, progress.logs[-1] if progress.logs else "")


async def bring_home(
    wire: Wire, vault: Vault, payload: Mapping[str, Any], output: str, into: Path, tell: Tell
) -> list[MediaRef]:
    """Fetch every file that an answer names, see that it is what was bought, and archive it.

    Args:
        wire: the way to fal.
        vault: where the media stay.
        payload: fal's answer.
        output: the field of it that holds the media.
        into: where each file is as long as it is not archived; nothing stays there.
        tell: called with `fetching` and a file's name.

    Raises:
        FetchFailed: the answer names nothing, or a file could not be brought home, or is something else.
        VaultFull: no space is left.
    """
    refs: list[MediaRef] = []
    for url, named in _files_of(payload, output):
        tell("fetching", url.rsplit("/", 1)[-1])
        with _passing(into):
            content_type = await wire.fetch(url, into, limit_bytes=LARGEST_BYTES) or named
            sort = SORTS.get(output)
            own = checked_suffix(into, content_type, url, sort) if sort else suffix_of(content_type, url)
            refs.append(await asyncio.to_thread(vault.media.keep, into, suffix=own))
    if not refs:
        raise FetchFailed(
            f"fal's answer names no {output}", hint="The answer is kept in the journal: onmodel jobs"
        )
    return refs


@contextmanager
def _passing(path: Path) -> Iterator[None]:
    """Leave no file there."""
    try:
        yield
    finally:
        with suppress(OSError):  # what went wrong before is the news
            path.unlink(missing_ok=True)


def _files_of(payload: Mapping[str, Any], output: str) -> Iterator[tuple[str, str]]:
    """Addresses and content types in an answer; only the address is sure to be there."""
    found = payload.get(output)
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, Mapping) and isinstance(one.get("url"), str):
            yield one["url"], str(one.get("content_type") or "")


def checked_suffix(path: Path, content_type: str, url: str, sort: str) -> str:
    """How the archive names a file, once its bytes are of the sort that was bought.

    Args:
        path: the file.
        content_type: what the server calls it.
        url: where it came from.
        sort: image, video or audio.

    Raises:
        FetchFailed: the bytes are something else, or the server calls them something else.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    found = container_of(head)
    called = content_type.partition("/")[0].strip().lower()
    is_it = found is not None and (found.sort == sort or (found.sort, sort) == ("video", "audio"))
    if found is None or not is_it or (called in SORTS.values() and called != sort):
        what = (
            f"bytes of {found.suffix}" if found else f"bytes of no format that we know ({head[:8].hex(' ')})"
        )
        raise FetchFailed(
            f"{url} brought {what}, called {content_type or 'nothing'}, where {sort} was bought",
            hint="The job is kept: run the same command again; if it comes again, ask fal about the request",
        )
    suffix = suffix_of(content_type, url)
    return found.suffix if suffix == ".bin" else suffix


def suffix_of(content_type: str, url: str) -> str:
    """How the archive names a file: by its type, or as fal names it where the type says nothing."""
    by_type = mimetypes.guess_extension(content_type.partition(";")[0].strip()) or ".bin"
    by_name = Path(url.split("?", 1)[0]).suffix.lower()
    return by_name if by_type == ".bin" and SUFFIX.fullmatch(by_name) else by_type


def _failed(kind: str, message: str, *, billed: Any, field: str | None = None) -> Result:
    return Result(
        kind="failed",
        error_kind=kind,
        error_message=message,
        error_field=field,
        billed=billed,
        at=datetime.now(UTC),
    )


def _of_job(error: FetchFailed, job: Job) -> FetchFailed:
    """The same error with the request and the price of what is not home."""
    error.request_id, error.spent_usd = job.request_id or "", job.cost_usd
    if error.request_id not in error.message:
        error.message = f"{job.intent.label} (request {error.request_id}): {error.message}"
        error.args = (error.message,)
    if isinstance(error, ResultGone):
        error.hint = f"{error.hint}; to write it off: onmodel jobs resolve {job.slot.key[:12]} --lost"
    return error
