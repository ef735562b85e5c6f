"""The double's queue: jobs wait, are drawn a few at a time, and answer in the contract's shape."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image

from onmodel.endpoints import Endpoint
from onmodel.errors import OnModelError, SetupError
from onmodel.studio.rehearsal.book import AcceptedJob, Book
from onmodel.studio.rehearsal.framing import frame_of
from onmodel.studio.rehearsal.limits import object_to
from onmodel.studio.rehearsal.orders import Artist, ArtOrder, Made
from onmodel.studio.rehearsal.storage import Storage
from onmodel.studio.rehearsal.trouble import OFF_MODEL

PICTURES = frozenset({"text-to-image", "image-edit"})
"""The kinds of endpoint that answer with pictures."""

FILMED = frozenset({"text-to-video", "image-to-video", "reference-to-video", "effects", "video-reference"})
"""The kinds whose clips are made of words or a first picture."""

DRAWN = PICTURES | FILMED | {"motion-control", "video-edit"}
"""The kinds of endpoint that the artist knows."""


@dataclass(frozen=True)
class Standing:
    """Where a job stands."""

    state: str
    """IN_QUEUE, IN_PROGRESS or COMPLETED."""
    position: int = 0
    """Jobs before it, where it is queued."""


@dataclass(frozen=True)
class Fate:
    """What is to happen to a job on purpose."""

    fault: Callable[[], str | None]
    """Asked when the job's turn has come."""
    wait_s: float = 0.0
    """How long it waits at least, from when it was accepted."""


class Queue:
    """Draws accepted jobs in the order in which they came, `concurrency` at a time."""

    def __init__(self, book: Book, storage: Storage, artist: Artist, concurrency: int) -> None:
        self._book = book
        self._storage = storage
        self._artist = artist
        self._desks = asyncio.Semaphore(concurrency)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._waiting: list[str] = []

    def begin(self, job: AcceptedJob, endpoint: Endpoint, fate: Fate) -> None:
        """Let a job take its place, unless it has one."""
        if job.request_id in self._tasks or self._book.answer(job.request_id) is not None:
            return
        self._waiting.append(job.request_id)
        self._tasks[job.request_id] = asyncio.create_task(self._take(job, endpoint, fate))

    def standing(self, request_id: str) -> Standing:
        """Where a begun job stands.

        Raises:
            OnModelError: drawing it went wrong on this machine.
            RuntimeError: drawing it went wrong because of a fault of ours, which is not dressed up as fal's.
        """
        if self._book.answer(request_id) is not None:
            return Standing("COMPLETED")
        task = self._tasks.get(request_id)
        if task is not None and task.done():
            del self._tasks[request_id]
            _raise_ours(task.exception())
        if request_id in self._waiting:
            return Standing("IN_QUEUE", self._waiting.index(request_id))
        return Standing("IN_PROGRESS")

    def cancel(self, request_id: str) -> bool:
        """Drop a job; False where it is finished."""
        if self._book.answer(request_id) is not None:
            return False
        answer = {"detail": "Request was cancelled", "error_type": "client_cancelled"}
        self._book.write_answer(request_id, 499, answer)
        task = self._tasks.pop(request_id, None)
        if task is not None:
            task.cancel()
        return True

    async def aclose(self) -> None:
        """Put the pencils down; what is not finished is drawn when it is next asked for."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()

    async def _take(self, job: AcceptedJob, endpoint: Endpoint, fate: Fate) -> None:
        try:
            if fate.wait_s:
                await asyncio.sleep(fate.wait_s - (datetime.now(UTC) - job.at).total_seconds())
            async with self._desks:
                self._waiting.remove(job.request_id)
                status, body = await self._draw(job, endpoint, fate.fault())
        finally:
            if job.request_id in self._waiting:
                self._waiting.remove(job.request_id)
        self._book.write_answer(job.request_id, status, body)

    async def _draw(self, job: AcceptedJob, endpoint: Endpoint, fault: str | None) -> tuple[int, Any]:
        objections, files = await asyncio.to_thread(object_to, endpoint, job.input, self._storage.path)
        if objections:
            return 422, {"detail": objections}
        if fault is not None and fault in _VERDICTS:
            return _verdict(fault, list(files))
        folder = self._storage.folder / job.request_id
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        size = await asyncio.to_thread(frame_of, job.input, files)
        departs = (fault or "") if fault in OFF_MODEL else ""
        order = ArtOrder(
            endpoint.kind, endpoint.name, job.input, files, job.seed, job.label, folder, size, departs
        )
        if fault == "nsfw-black":
            black = await asyncio.to_thread(_blacken, order)
            return 200, self._answer(job, [black], blackened=True)
        return 200, self._answer(job, await self._artist.make(order), blackened=False)

    def _answer(self, job: AcceptedJob, made: list[Made], *, blackened: bool) -> dict[str, Any]:
        """The result in the contract's shape: Kling's one clip, or Flux's pictures."""
        if made[0].content_type.startswith("video/"):
            return {"video": self._file(made[0])}
        pictures = [{**self._file(one), "width": one.width, "height": one.height} for one in made]
        return {
            "images": pictures,
            "seed": job.seed,
            "has_nsfw_concepts": [blackened] * len(made),
            "prompt": job.input.get("prompt", ""),
            "timings": {},
        }

    def _file(self, made: Made) -> dict[str, Any]:
        return {
            "url": self._storage.address(made.path),
            "content_type": made.content_type,
            "file_name": made.path.name,
            "file_size": made.path.stat().st_size,
        }


_VERDICTS: dict[str, tuple[str, str]] = {
    "moderate-prompt": ("content_policy_violation", "The prompt was flagged by a content checker"),
    "moderate-image": ("content_policy_violation", "The picture was flagged by a content checker"),
    "unreadable": ("file_download_error", "Failed to download the file"),
    "5xx": ("runner_disconnected", "The runner disconnected unexpectedly"),
}


def _verdict(fault: str, fields: list[str]) -> tuple[int, Any]:
    kind, msg = _VERDICTS[fault]
    if fault == "5xx":
        return 503, {"detail": msg, "error_type": kind}
    field = "prompt" if fault == "moderate-prompt" or not fields else fields[0]
    loc = [int(part) if part.isdigit() else part for part in field.split(".")]
    return 422, {"detail": [{"loc": ["body", *loc], "msg": msg, "type": kind}]}


def _raise_ours(error: BaseException | None) -> None:
    if isinstance(error, OnModelError):
        raise error
    if isinstance(error, OSError):
        raise SetupError(
            f"The rehearsal could not write its pictures: {error}", hint="Make room there; then run it again"
        ) from error
    if error is not None:
        raise RuntimeError("The rehearsal could not draw an answer") from error


def _blacken(order: ArtOrder) -> Made:
    path: Path = order.folder / "blackened.png"
    Image.new("RGB", (order.size.width, order.size.height)).save(path)
    return Made(path, "image/png", order.size.width, order.size.height, None)
