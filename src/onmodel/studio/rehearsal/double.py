"""A fal in this process: an httpx transport that speaks fal's queue and storage, with no network behind it.

It keeps every job on disk before it answers the submit, so a production that is killed finds its jobs again,
and a second submit of the same job is a second job and can be counted.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Protocol

import httpx

from onmodel.endpoints import Endpoint, UnknownEndpoint
from onmodel.studio.rehearsal.accounts import tell_account
from onmodel.studio.rehearsal.book import AcceptedJob, Book
from onmodel.studio.rehearsal.mischief import Mischief, raise_lost, refusal
from onmodel.studio.rehearsal.orders import Artist
from onmodel.studio.rehearsal.queue import DRAWN, PICTURES, Fate, Queue
from onmodel.studio.rehearsal.storage import BUCKET_HOST, MEDIA_HOST, REST_HOST, Storage
from onmodel.studio.rehearsal.trouble import OFF_MODEL, About, Trouble
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
        history: whether the platform's history and billing answer, unless trouble silences it.
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
        self._trouble = trouble or Trouble()
        self._history = history and not self._trouble.of("history")
        self._mischief = Mischief(self._trouble, folder / "trouble")
        self._begun = False
        self._book = Book(folder / "jobs")
        self._storage = Storage(folder / "media")
        self._queue = Queue(self._book, self._storage, artist, concurrency)

    def accepted(self) -> list[AcceptedJob]:
        """Every job that was ever accepted in this folder, oldest first: what fal would bill."""
        return self._book.jobs()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request as fal would."""
        if not self._begun:  # not when it is made: whoever only asks what was accepted begins nothing
            self._begun = True
            self._mischief.forget_the_rest()
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
            return self._receive(request, body) if host == REST_HOST else self._tell_account(request)
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
        header = _json_object(request.headers.get(HEADER, "{}").encode()) or {}
        about = About(name, str(header.get("job", "")), str(header.get("label", "")))
        fault = self._mischief.strike("submit", about)
        refused = refusal(fault)
        if refused is not None:
            return refused
        if fault != "lost-after":
            raise_lost(fault, request)
        arguments = _json_object(body)
        if arguments is None:
            return httpx.Response(422, json={"detail": "The body is not a JSON object"})
        job = self._book.accept(name, arguments, header)
        self._begin(job, endpoint)
        raise_lost(fault, request)
        return httpx.Response(200, json={"request_id": job.request_id, **_addresses(job)})

    def _begin(self, job: AcceptedJob, endpoint: Endpoint) -> None:
        about = _about(job)
        slow = [rule.seconds for rule in self._trouble.of("queue") if rule.is_about("queue", about)]
        clip = endpoint.kind not in PICTURES
        spared = ("picture-off",) if clip else tuple(fault for fault in OFF_MODEL if fault != "picture-off")

        def fault() -> str | None:
            return self._mischief.strike("result", about, of_the_job=True, spared=spared)

        self._queue.begin(job, endpoint, Fate(fault, max(slow, default=0.0)))

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
        fault = self._mischief.strike("status" if what else "result", _about(job))
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

    def _tell_account(self, request: httpx.Request) -> httpx.Response:
        return tell_account(request, self._book, open_to_us=self._history)

    def _serve(self, request: httpx.Request) -> httpx.Response:
        job = self._book.job(request.url.path.split("/")[-2])
        other = self._other_medium(request, job)
        spared = () if other else ("swapped",)
        fault = self._mischief.strike("media", _about(job) if job else About(), spared=spared)
        raise_lost(fault, request)
        return refusal(fault) or self._storage.serve(request, fault, other if fault == "swapped" else None)

    def _other_medium(self, request: httpx.Request, job: AcceptedJob | None) -> Path | None:
        """Another job's picture or clip, of the same sort, where trouble asks for one."""
        if job is None or not any(rule.fault == "swapped" for rule in self._trouble.of("media")):
            return None
        suffix = Path(request.url.path).suffix
        others = (one for one in self._book.jobs() if one.request_id != job.request_id)
        files = (path for one in others for path in self._storage.made_by(one.request_id))
        return next((path for path in files if path.suffix == suffix), None)


def _about(job: AcceptedJob) -> About:
    return About(job.endpoint, job.job, job.label, job.request_id)


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
