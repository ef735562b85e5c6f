"""A fal in this process: an httpx transport that speaks fal's queue and storage, with no network behind it.

It keeps every job on disk before it answers the submit, so a production that is killed finds its jobs again,
and a second submit of the same job is a second job and can be counted.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import httpx

from onmodel.endpoints import Endpoint, UnknownEndpoint
from onmodel.studio.rehearsal.book import AcceptedJob, Book
from onmodel.studio.rehearsal.orders import Artist
from onmodel.studio.rehearsal.queue import DRAWN, Queue
from onmodel.studio.rehearsal.storage import BUCKET_HOST, MEDIA_HOST, REST_HOST, Storage
from onmodel.studio.rehearsal.trouble import Mischief, Trouble, raise_lost, refusal
from onmodel.studio.transport import is_queue

HEADER = "x-onmodel-rehearsal"
"""Sent in rehearsal only: `{"job": key, "label": first line of the slate}`."""

REHEARSAL_KEY = "rehearsal-needs-no-key"
"""What a rehearsal sends as its key; no word of ours, because the wire blots its key out of every message."""

_KEY_BEGINS = "Key rehearsal"
"""The double takes every key that begins so, and no other: a real key that comes here is a mistake."""

API_HOST = "api.fal.ai"

_ASKED_AFTER = re.compile(r"/([^/]+)/([^/]+)/requests/([\w-]+)(/status|/cancel)?")


class Contracts(Protocol):
    """Endpoints by name: the catalogue, or a dict."""

    def get(self, name: str, /) -> Endpoint | None:
        """The endpoint; None or `UnknownEndpoint` where there is none of that name."""
        ...


class FalDouble(httpx.AsyncBaseTransport):
    """Rehearsal's fal. A double belongs to one event loop; its folder may serve many, one after the other.

    Args:
        folder: where jobs and media are kept.
        endpoints: what each endpoint takes; every limit is enforced.
        artist: who draws the answers.
        trouble: what goes wrong, on purpose.
        history: whether the platform's request history answers.
        concurrency: jobs that are drawn at the same time; the others queue.
    """

    def __init__(
        self,
        folder: Path,
        *,
        endpoints: Contracts,
        artist: Artist,
        trouble: Trouble | None = None,
        history: bool = True,
        concurrency: int = 2,
    ) -> None:
        self._endpoints = endpoints
        self._history = history
        self._mischief = Mischief(trouble or Trouble())
        self._book = Book(folder / "jobs")
        self._storage = Storage(folder / "media")
        self._queue = Queue(self._book, self._storage, artist, concurrency)

    def accepted(self) -> list[AcceptedJob]:
        """Every job that was ever accepted in this folder, oldest first: what fal would bill."""
        return self._book.jobs()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request as fal would."""
        body = await request.aread()
        host = request.url.host
        if host in {MEDIA_HOST, BUCKET_HOST}:
            serves = host == MEDIA_HOST and request.method == "GET"
            return self._serve(request) if serves else self._receive(request, body)
        if not (is_queue(request.url) or host in {REST_HOST, API_HOST}):
            raise httpx.ConnectError(f"rehearsed: there is no {host} here", request=request)
        if not request.headers.get("Authorization", "").startswith(_KEY_BEGINS):
            return httpx.Response(401, json={"detail": "No user found for this key"})
        if host in {REST_HOST, API_HOST}:
            return self._receive(request, body) if host == REST_HOST else self._tell_history(request)
        asked_after = _ASKED_AFTER.fullmatch(request.url.path)
        if asked_after is not None:
            return self._tell_job(request, asked_after)
        return self._submit(request, body)

    async def aclose(self) -> None:
        """Stop drawing; what is not finished is drawn when a later double is asked for it."""
        await self._queue.aclose()

    def _endpoint(self, name: str) -> Endpoint | None:
        try:
            return self._endpoints.get(name)
        except UnknownEndpoint:
            return None

    def _submit(self, request: httpx.Request, body: bytes) -> httpx.Response:
        name = request.url.path.strip("/")
        endpoint = self._endpoint(name)
        if request.method != "POST" or endpoint is None or endpoint.kind not in DRAWN:
            return httpx.Response(404, json={"detail": f"{name} is not an endpoint that can be rehearsed"})
        fault = self._mischief.strike("submit", name)
        refused = refusal(fault)
        if refused is not None:
            return refused
        if fault != "lost-after":
            raise_lost(fault, request)
        arguments = _json_object(body)
        if arguments is None:
            return httpx.Response(422, json={"detail": "The body is not a JSON object"})
        header = _json_object(request.headers.get(HEADER, "{}").encode()) or {}
        job = self._book.accept(name, arguments, header)
        self._begin(job, endpoint)
        raise_lost(fault, request)
        return httpx.Response(200, json={"request_id": job.request_id, **_addresses(job)})

    def _begin(self, job: AcceptedJob, endpoint: Endpoint) -> None:
        self._queue.begin(
            job, endpoint, lambda: self._mischief.strike("result", job.endpoint, of_the_job=True)
        )

    def _tell_job(self, request: httpx.Request, asked_after: re.Match[str]) -> httpx.Response:
        owner, alias, request_id, what = asked_after.groups()
        job = self._book.job(request_id)
        endpoint = None if job is None else self._endpoint(job.endpoint)
        if job is None or endpoint is None or job.endpoint.split("/")[:2] != [owner, alias]:
            return httpx.Response(404, json={"detail": "Request not found", "status": "NOT_FOUND"})
        if what == "/cancel":
            if self._queue.cancel(request_id):
                return httpx.Response(202, json={"status": "CANCELLATION_REQUESTED"})
            return httpx.Response(400, json={"status": "ALREADY_COMPLETED"})
        fault = self._mischief.strike("status" if what else "result", job.endpoint)
        raise_lost(fault, request)
        refused = refusal(fault)
        if refused is not None:
            return refused
        self._begin(job, endpoint)  # a job of an earlier process goes on here
        return self._status(job) if what else self._result(job)

    def _status(self, job: AcceptedJob) -> httpx.Response:
        standing = self._queue.standing(job.request_id)
        answer = {"status": standing.state, "request_id": job.request_id, **_addresses(job)}
        if standing.state == "IN_QUEUE":
            return httpx.Response(202, json={**answer, "queue_position": standing.position})
        logs = [{"timestamp": job.at.isoformat(), "level": "INFO", "message": f"drawing {job.label}"}]
        if standing.state == "IN_PROGRESS":
            return httpx.Response(202, json={**answer, "logs": logs})
        return httpx.Response(200, json={**answer, "logs": logs, "metrics": {}})

    def _result(self, job: AcceptedJob) -> httpx.Response:
        answer = self._book.answer(job.request_id)
        if answer is None:
            return httpx.Response(400, json={"detail": "Request is still in progress"})
        status, body = answer
        return httpx.Response(status, json=body, headers={"x-fal-request-id": job.request_id})

    def _receive(self, request: httpx.Request, body: bytes) -> httpx.Response:
        fault = self._mischief.strike("upload")
        raise_lost(fault, request)
        return refusal(fault) or self._storage.receive(request, body)

    def _serve(self, request: httpx.Request) -> httpx.Response:
        place = request.url.path.split("/")[-2]
        job = self._book.job(place)
        fault = self._mischief.strike("media", job.endpoint if job else "")
        raise_lost(fault, request)
        return refusal(fault) or self._storage.serve(request, fault)

    def _tell_history(self, request: httpx.Request) -> httpx.Response:
        if not self._history or request.url.path != "/v1/models/requests/by-endpoint":
            return httpx.Response(403, json={"detail": "This key may not read the history"})
        params = request.url.params
        since = datetime.fromisoformat(params.get("start", "1970-01-01T00:00:00Z"))
        items = [
            {"request_id": job.request_id, "sent_at": job.at.isoformat(), "json_input": job.input}
            for job in self._book.jobs()
            if job.endpoint == params.get("endpoint_id") and job.at >= since
        ]
        return httpx.Response(200, json={"items": items, "next_cursor": None, "has_more": False})


def _addresses(job: AcceptedJob) -> dict[str, Any]:
    owner, alias = job.endpoint.split("/")[:2]
    base = f"https://queue.fal.run/{owner}/{alias}/requests/{job.request_id}"
    return {"response_url": base, "status_url": f"{base}/status", "cancel_url": f"{base}/cancel"}


def _json_object(text: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
