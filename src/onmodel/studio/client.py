"""fal-client's AsyncClient over a transport of ours.

The client takes no transport. It opens three httpx clients by itself: for the queue, for upload tokens and
for uploads; all three are replaced here. A contract test fails when a release opens another one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import fal_client
import httpx
from fal_client.auth import AuthCredentials
from fal_client.client import (
    MULTIPART_THRESHOLD,
    QUEUE_POLL_TIMEOUT,
    USER_AGENT,
    AsyncBackupDomainTransport,
    AsyncCDNTokenManager,
    AsyncMultipartUpload,
    AsyncRequestHandle,
    CDNToken,
    _async_maybe_retry_request,
)

from onmodel.studio.transport import Gate

T = TypeVar("T")

TIMEOUT = httpx.Timeout(120.0, connect=10.0)
"""Seconds; fal-client's own default with a shorter wait for a connection."""


class OneWireClient(fal_client.AsyncClient):
    """fal-client with one way out, which the caller gives."""

    def __init__(self, *, key: str, transport: httpx.AsyncBaseTransport) -> None:
        super().__init__(key=key)
        gate = Gate(transport, key)
        # The gate is inside: its own errors are no httpx errors, so the backup domain never sees a submit.
        self._keyed = httpx.AsyncClient(
            transport=AsyncBackupDomainTransport(transport=gate),
            headers={"Authorization": AuthCredentials("Key", key).header_value, "User-Agent": USER_AGENT},
            timeout=TIMEOUT,
        )
        self.public = httpx.AsyncClient(transport=gate, headers={"User-Agent": USER_AGENT}, timeout=TIMEOUT)
        """For media, which have public addresses: it sends no key."""
        self._tokens = _Tokens(key, self._keyed)

    @property
    def _client(self) -> Awaitable[httpx.AsyncClient]:
        return _ready(self._keyed)

    @property
    def _token_manager(self) -> Awaitable[AsyncCDNTokenManager]:
        return _ready(self._tokens)

    @asynccontextmanager
    async def _cdn_client(self) -> AsyncIterator[httpx.AsyncClient]:
        yield self.public  # shared: it must outlive the upload, so it is not entered

    async def ask(self, url: str, params: dict[str, str]) -> httpx.Response:
        """One GET with the key and no retries."""
        return await self._keyed.get(url, params=params)

    async def job(self, endpoint: str, request_id: str) -> Job:
        """Re-attach to an accepted request."""
        there = await self.get_handle(endpoint, request_id)
        return Job(there.request_id, there.response_url, there.status_url, there.cancel_url, self._keyed)

    async def upload_media(self, path: Path, content_type: str, name: str) -> str:
        """Upload a file and return its public address; in parts, never read whole, where it is large."""
        content = await asyncio.to_thread(_read_small, path)
        if content is None:
            return await AsyncMultipartUpload.save_file(
                client=self.public, token_manager=self._tokens, file_path=path, content_type=content_type
            )
        return await self.upload(content, content_type, name)

    async def aclose(self) -> None:
        """Close the way out."""
        await self._keyed.aclose()
        await self.public.aclose()


class _Tokens(AsyncCDNTokenManager):
    """Upload tokens, asked for over the shared client."""

    def __init__(self, key: str, client: httpx.AsyncClient) -> None:
        super().__init__(AuthCredentials("Key", key))
        self._client = client

    async def _refresh_token(self) -> CDNToken:
        response = await _async_maybe_retry_request(
            self._client, "POST", self._url, headers=self._headers, json={}
        )
        answer = response.json()
        return CDNToken(
            token=answer["token"],
            token_type=answer["token_type"],
            base_upload_url=answer["base_url"],
            expires_at=datetime.fromisoformat(answer["expires_at"]),
        )


class UnknownStatus(ValueError):
    """Fal's answer was read well, and says a status that fal-client does not know."""


class Job(AsyncRequestHandle):
    """fal-client's handle of an accepted request, without its trust in answers that nobody has seen."""

    def _parse_status(self, data: dict[str, Any]) -> fal_client.Status:
        known = {"logs": None, "queue_position": 0, **data}
        try:
            return super()._parse_status(known)
        except ValueError as error:
            raise UnknownStatus(f"fal says a status that nobody knows: {known['status']!r}") from error

    async def answer(self) -> Any:
        """The result of a finished request; the status is not asked for again."""
        response = await _async_maybe_retry_request(
            self.client, "GET", self.response_url, timeout=QUEUE_POLL_TIMEOUT
        )
        return response.json()


def _read_small(path: Path) -> bytes | None:
    """The file's bytes; None where it is too large to be read whole."""
    return path.read_bytes() if path.stat().st_size <= MULTIPART_THRESHOLD else None


async def _ready(value: T) -> T:
    return value
