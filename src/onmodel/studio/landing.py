"""Bringing media home: streamed beside its place, hashed on the way, resumed where the server allows it."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import BinaryIO, cast

import httpx

from onmodel.errors import FetchFailed, ResultGone, VaultFull
from onmodel.studio import faults
from onmodel.vault.local import FULL

ATTEMPTS = 6
"""How often a download is begun or resumed before it is given up for this run."""

FIRST_PAUSE_S = 0.5
"""Seconds before the second attempt; doubled each time."""

RETRIED = {408, 425, 429, 500, 502, 503, 504}
"""Statuses of a media server that pass by themselves."""

_AGAIN = "The job is kept: run the same command again"


class _Interrupted(Exception):
    """This attempt broke off; what has come so far may be kept."""


class _Landing:
    """The file that is being fetched."""

    def __init__(self, into: Path) -> None:
        handle, name = tempfile.mkstemp(prefix=f".{into.name}.", suffix=".part", dir=into.parent)
        self._path = Path(name)
        self._file: BinaryIO = os.fdopen(handle, "wb")
        self._into = into
        self._unframed = ""
        self.restart()

    def restart(self) -> None:
        """Forget what has come: the server sends it all again."""
        self._file.seek(0)
        self._file.truncate()
        self._sha256 = hashlib.sha256()
        self.size = 0
        self.etag = ""
        self.content_type = ""

    def add(self, piece: bytes) -> None:
        self._file.write(piece)
        self._sha256.update(piece)
        self.size += len(piece)

    def is_confirmed(self) -> bool:
        """Whether the answer before this one, too, did not say its length and had the same bytes."""
        before, self._unframed = self._unframed, self._sha256.hexdigest()
        return before == self._unframed

    def finish(self) -> str:
        """Put the whole file in its place; its type, as the server named it."""
        self._file.close()
        self._path.replace(self._into)
        return self.content_type

    def drop(self) -> None:
        """Leave nothing behind."""
        self._file.close()
        self._path.unlink(missing_ok=True)


async def fetch_media(client: httpx.AsyncClient, url: str, into: Path, *, limit_bytes: int) -> str:
    """Download one picture or clip to `into`, whole or not at all; its type, as the server names it.

    Raises:
        ResultGone: fal no longer has it.
        FetchFailed: too large, not media, or unreachable after every attempt.
        VaultFull: no space is left on this machine.
    """
    if not url.startswith("https://"):
        raise FetchFailed(f"fal names a result at {faults.in_one_line(url)!r}, which is no https address")
    try:
        landing = _Landing(into)
        try:
            return await _attempt_all(client, url, landing, limit_bytes)
        finally:
            landing.drop()
    except OSError as error:
        raise unwritable(into, error) from None


def unwritable(path: Path, error: OSError) -> FetchFailed | VaultFull:
    """Why a download could not be written; where a disk is full, no other one can be either."""
    if error.errno in FULL:
        return VaultFull(
            f"no space is left on this machine for what is fetched to {path.parent}",
            hint="Make room there; then run the same command again: what is paid is kept.",
        )
    return FetchFailed(
        f"{path}: the result could not be written ({error.strerror or error})",
        hint="See that you may write there; then run the same command again: the job is kept",
    )


async def _attempt_all(client: httpx.AsyncClient, url: str, landing: _Landing, limit_bytes: int) -> str:
    reason = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            await asyncio.sleep(FIRST_PAUSE_S * 2 ** (attempt - 1))
        try:
            await _attempt(client, url, landing, limit_bytes)
            return landing.finish()
        except (_Interrupted, *faults.FOREIGN) as error:
            reason = str(error) if isinstance(error, _Interrupted) else faults.describe(error)
    raise FetchFailed(f"{url} could not be fetched in {ATTEMPTS} attempts: {reason}", hint=_AGAIN)


async def _attempt(client: httpx.AsyncClient, url: str, landing: _Landing, limit_bytes: int) -> None:
    """Begin, or go on with, one download; returns when the file is whole."""
    headers = {"Accept-Encoding": "identity"}
    if landing.size and landing.etag:
        headers |= {"Range": f"bytes={landing.size}-", "If-Range": landing.etag}
    async with client.stream("GET", url, headers=headers, follow_redirects=True) as response:
        _check_status(response, url)
        total = _place(response, landing)
        if total is not None and total > limit_bytes:
            raise FetchFailed(f"{url} has {total} bytes, more than the {limit_bytes} that are allowed")
        async for piece in response.aiter_bytes():
            if not landing.size:
                _check_media(response, piece, url)
            landing.add(piece)
            if landing.size > limit_bytes:
                raise FetchFailed(f"{url} has more than the {limit_bytes} bytes that are allowed")
    if not landing.size:
        raise _Interrupted("the answer is empty")
    if total is not None and landing.size != total:
        raise _Interrupted(f"{landing.size} of {total} bytes came")
    if total is None and not _says_its_end(response) and not landing.is_confirmed():
        # Such an answer ends with its connection, and so it does when the connection is lost.
        landing.restart()
        raise _Interrupted("the answer does not say how long it is, and no second one was the same")


def _check_status(response: httpx.Response, url: str) -> None:
    status = response.status_code
    if status in {httpx.codes.NOT_FOUND, httpx.codes.GONE}:
        raise ResultGone(
            f"{url} has expired: fal no longer has it ({status})",
            hint="fal keeps media for about a week; what was not fetched by then has to be made again",
        )
    if status in RETRIED or status == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
        raise _Interrupted(f"fal answered {status}")
    if status not in {httpx.codes.OK, httpx.codes.PARTIAL_CONTENT}:
        raise FetchFailed(f"{url} could not be fetched: fal answered {status}", hint=_AGAIN)


def _place(response: httpx.Response, landing: _Landing) -> int | None:
    """Set the landing to where this answer begins; the length of the whole file, where it is known."""
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", response.headers.get("Content-Range", ""))
    if response.status_code == httpx.codes.PARTIAL_CONTENT:
        if found is None or int(found[1]) != landing.size:
            landing.restart()
            raise _Interrupted("the server resumed at another place")
        return int(found[2])
    landing.restart()
    landing.etag = response.headers.get("ETag", "") if not _weak(response) else ""
    landing.content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    length = response.headers.get("Content-Length", "")
    return int(length) if length.isdigit() and "Content-Encoding" not in response.headers else None


def _says_its_end(response: httpx.Response) -> bool:
    """Whether half an answer can be told from a whole one; httpx does so where it can be."""
    return "Content-Length" in response.headers or "Transfer-Encoding" in response.headers


def _weak(response: httpx.Response) -> bool:
    """A weak ETag does not promise the same bytes, so nothing is resumed by it."""
    return cast("str", response.headers.get("ETag", "")).startswith("W/")


def _check_media(response: httpx.Response, first: bytes, url: str) -> None:
    """Refuse a page or a message that came in place of a picture."""
    named = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    opening = first.lstrip()[:200]
    if (
        named.startswith("text/")
        or named.endswith(("json", "xml", "html"))
        or opening[:1] in {b"<", b"{", b"["}
    ):
        said = faults.in_one_line(opening.decode(errors="replace"))
        raise FetchFailed(
            f"{url} brought {named or 'an unnamed document'} where a picture or clip was expected: {said}",
            hint=_AGAIN,
        )
