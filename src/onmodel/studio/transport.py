"""The gate that every request to fal passes: a submit leaves once, and its end has a name.

fal-client repeats whatever fails, ten times, a submit too, and each repetition may be one more paid job. It
repeats only httpx's errors and its own; so the gate ends a submit with ours, which pass through its retries
untouched. The answer's body is read in here, because a connection dropped in mid-body would otherwise fail
outside, and be repeated.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
from fal_client.client import _BACKUP_DOMAINS, QUEUE_URL_FORMAT, AppId

from onmodel.studio import faults

FAL_DOMAINS = ("fal.ai", "fal.run", "fal.media", "falrun.com")
"""The domains that may see the key. Source: fal-client 1.0.3, 2026-11."""

QUEUE = httpx.URL(QUEUE_URL_FORMAT)
"""Where jobs are submitted and asked after."""


CONNECTIONS = 100
"""Connections at most, kept for who asks next: httpx would keep 20, and of a hundred requests under way most
would greet anew each time, which costs more than the request (measured 2026-11)."""


def is_queue(url: httpx.URL) -> bool:
    """Whether an address is fal's queue, or the domain that stands in for it."""
    return url.host in {QUEUE.host, _BACKUP_DOMAINS.get(QUEUE.host)}


def is_submit(request: httpx.Request) -> bool:
    """Whether a request buys something."""
    return request.method == "POST" and is_queue(request.url) and "/requests/" not in request.url.path


def _may_see_the_key(host: str) -> bool:
    return any(host == domain or host.endswith("." + domain) for domain in FAL_DOMAINS) or host == QUEUE.host


class Gate(httpx.AsyncBaseTransport):
    """Wraps a transport: one POST a submit, the key for fal alone, no fallback to another model.

    Args:
        inner: the transport that sends.
        key: what no answer may echo: fal-client writes the text of refusals into its log.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, key: str) -> None:
        self._inner = inner
        self._key = key.encode()
        self._closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request.

        Raises:
            SubmitNotSent: a submit never left this machine.
            SubmitRefused: a submit was answered with a refusal.
            SubmitOutcomeUnknown: a submit was sent and its answer is missing or says nothing.
        """
        if not _may_see_the_key(request.url.host):
            # Signed storage addresses belong to other companies, and fal-client sends its headers along.
            request.headers.pop("Authorization", None)
        if is_submit(request):
            return await self._submit(request)
        response = await self._inner.handle_async_request(request)
        if not response.is_error:
            return response
        return httpx.Response(
            response.status_code, headers=unframed(response.headers), content=await self._read(response)
        )

    async def _read(self, response: httpx.Response) -> bytes:
        """The whole body, without the key."""
        try:
            return b"".join([part async for part in response.aiter_bytes()]).replace(self._key, b"[key]")
        finally:
            await response.aclose()

    async def _submit(self, request: httpx.Request) -> httpx.Response:
        # fal may otherwise answer with another model than the one that was ordered.
        request.headers["x-app-fal-disable-fallback"] = "true"
        endpoint = request.url.path.strip("/")
        try:
            response = await self._inner.handle_async_request(request)
            body = await self._read(response)
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            raise faults.of_submit(error, endpoint) from None
        refusal = faults.of_submit_answer(response, body, endpoint)
        if refusal is not None:
            raise refusal
        return httpx.Response(response.status_code, json=_addressed(json.loads(body), endpoint))

    async def aclose(self) -> None:
        """Close the way out, once, however many clients share it."""
        if not self._closed:
            self._closed = True
            await self._inner.aclose()


def unframed(headers: httpx.Headers) -> httpx.Headers:
    """Headers of a body that has been read and decoded: how it was packed no longer holds."""
    kept = headers.copy()
    for name in ("Content-Encoding", "Content-Length", "Transfer-Encoding"):
        kept.pop(name, None)
    return kept


def _addressed(answer: dict[str, Any], endpoint: str) -> dict[str, Any]:
    """An accepted submit's answer with the addresses that fal-client insists on, though it needs none."""
    app = AppId.from_endpoint_id(endpoint)
    owner = "/".join(part for part in (app.namespace, app.owner, app.alias) if part)
    base = f"{QUEUE}{owner}/requests/{answer['request_id']}"
    return {"response_url": base, "status_url": f"{base}/status", "cancel_url": f"{base}/cancel", **answer}


class Outward(httpx.AsyncBaseTransport):
    """The way to the internet, through the proxies of the environment if there are any."""

    def __init__(self) -> None:
        trusted = httpx.create_ssl_context()  # once: each client would read all the certificates again
        kept = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
        self._asking = httpx.AsyncClient(verify=trusted, follow_redirects=False, limits=kept)
        # Media apart: each request costs by the connections of its pool, and these stay open for long.
        self._carrying = httpx.AsyncClient(verify=trusted, follow_redirects=False, limits=kept)
        # A kept-alive connection that the server is just closing would make a submit's outcome unknown, so
        # each submit has a connection of its own.
        self._fresh = httpx.AsyncClient(
            verify=trusted, follow_redirects=False, limits=httpx.Limits(max_keepalive_connections=0)
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request over the network.

        Raises:
            httpx.ConnectError: a submit of which not one byte was sent, where a proxy failed as well.
            httpx.ReadError: a connection whose encryption broke is a lost connection. httpx lets that error
                of `ssl` through as it is, so nobody would try again.
        """
        if not is_submit(request):
            client = self._asking if is_queue(request.url) else self._carrying
            return _decrypted(await self._send(client, request), request)
        spoken = _Spoken()
        request.extensions["trace"] = spoken
        try:
            return _decrypted(await self._send(self._fresh, request), request)
        except httpx.TransportError as error:
            if spoken.last != b"CONNECT":
                raise
            raise httpx.ConnectError(
                f"the proxy made no connection ({type(error).__name__} {error})", request=request
            ) from error

    async def _send(self, client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
        try:
            return await client.send(request, stream=True)
        except ssl.SSLError as error:
            raise _broken(error, request) from error

    async def aclose(self) -> None:
        """Close every pool of connections."""
        for client in (self._asking, self._carrying, self._fresh):
            await client.aclose()


class _Spoken:
    """Hears what a submit's own connection has said last.

    While that is the CONNECT to a proxy, fal cannot have the submit. Nothing else proves it: should httpcore
    tell its steps otherwise one day, nothing is heard, and a lost answer stays unknown.
    """

    last = b""

    async def __call__(self, event: str, info: dict[str, Any]) -> None:
        """Hear of one step of httpcore's."""
        if event.endswith(".send_request_headers.started"):
            self.last = getattr(info.get("request"), "method", b"")


def _decrypted(response: httpx.Response, request: httpx.Request) -> httpx.Response:
    response.stream = _Decrypted(cast("httpx.AsyncByteStream", response.stream), request)
    return response


class _Decrypted(httpx.AsyncByteStream):
    """A body whose connection, too, is lost when its encryption breaks."""

    def __init__(self, inner: httpx.AsyncByteStream, request: httpx.Request) -> None:
        self._inner = inner
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._inner:
                yield piece
        except ssl.SSLError as error:
            raise _broken(error, self._request) from error

    async def aclose(self) -> None:
        await self._inner.aclose()


def _broken(error: ssl.SSLError, request: httpx.Request) -> httpx.ReadError:
    return httpx.ReadError(f"the encrypted connection broke ({error.reason or error})", request=request)
