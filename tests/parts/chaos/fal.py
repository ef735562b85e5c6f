"""Fal, as the killed productions see it: the rehearsal's double, with pictures that were drawn before."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import httpx

from chaos.steps import Watch
from onmodel.endpoints import Catalogue
from onmodel.story import read_story
from onmodel.studio.rehearsal.artist import carry_out
from onmodel.studio.rehearsal.double import FalDouble
from onmodel.studio.rehearsal.looks import CharacterLook
from onmodel.studio.rehearsal.orders import ArtOrder, Made
from onmodel.studio.rehearsal.storage import BUCKET_HOST, MEDIA_HOST
from onmodel.studio.transport import is_submit
from onmodel.units import Size, digest_of, sha256_of_file

SMALLER: Final = 2
"""How much smaller than fal's the pictures are: as inputs they may have no side under 300 px."""

PATIENCE_S: Final = 3.0
LOOK_S: Final = 0.01


class ReadyArtist:
    """Draws each order once for all productions: the same order gives the same bytes, whoever asks.

    An order is what it asks for and what its files hold; upload addresses are fresh each time.
    """

    def __init__(self, gallery: Path) -> None:
        self._gallery = gallery

    async def make(self, order: ArtOrder) -> list[Made]:
        """Hand out what was drawn before, or draw it."""
        return await asyncio.to_thread(self._make, order)

    def _make(self, order: ArtOrder) -> list[Made]:
        files = {name: sha256_of_file(path) for name, path in sorted(order.files.items())}
        asked = {"kind": order.kind, "arguments": _without_addresses(order.arguments), "files": files}
        shelf = self._gallery / digest_of(asked)
        if not shelf.exists():
            self._draw(order, shelf)
        made = []
        for path in sorted(shelf.iterdir()):
            copy = order.folder / f".{path.name}.{os.getpid()}"
            shutil.copyfile(path, copy)
            copy.replace(order.folder / path.name)  # another run may be fetching it just now
            kind = "image/png" if path.suffix == ".png" else "video/mp4"
            made.append(Made(order.folder / path.name, kind, order.size.width, order.size.height, None))
        return made

    def _draw(self, order: ArtOrder, shelf: Path) -> None:
        draft = shelf.with_name(f"{shelf.name}.{os.getpid()}")
        draft.mkdir(parents=True)
        # No seed and no label: both would come from the addresses where the request names none.
        size = Size(order.size.width // SMALLER, order.size.height // SMALLER)
        carry_out(replace(order, folder=draft, size=size, seed=7, label="killed and started again"), _looks())
        try:
            draft.rename(shelf)
        except OSError:  # another process was as quick
            shutil.rmtree(draft)


def _looks() -> tuple[CharacterLook, ...]:
    """Who plays in the production of this folder, as the rehearsal draws them."""
    bibles = read_story(Path.cwd(), episodes=()).bibles
    return tuple(
        CharacterLook(
            id=name,
            name=bible.name,
            kind=bible.kind,
            looks=bible.looks,
            always=tuple(bible.always),
            palette=dict(bible.palette),
            wardrobe=dict(bible.wardrobe),
        )
        for name, bible in bibles.items()
    )


def _without_addresses(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_addresses(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_addresses(one) for one in value]
    return "" if isinstance(value, str) and value.startswith("https://") else value


class WatchedFal(httpx.AsyncBaseTransport):
    """The double behind the transport of a live run, with the wire's own steps to die at."""

    def __init__(self, folder: Path, gallery: Path, watch: Watch, *, history: bool) -> None:
        self._watch = watch
        self._double = FalDouble(
            folder, endpoints=Catalogue.load(), artist=ReadyArtist(gallery), history=history, concurrency=4
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        step = _step_of(request)
        self._watch.at(step, "before")
        response = await self._double.handle_async_request(request)
        self._watch.at(step, "after")
        if not request.url.path.endswith("/status"):
            return response
        return await self._when_completed(request, response)

    async def _when_completed(self, request: httpx.Request, response: httpx.Response) -> httpx.Response:
        """Answer once the job is drawn: nobody has to sleep for half a second in between."""
        waited_s = 0.0
        while response.status_code == httpx.codes.ACCEPTED and waited_s < PATIENCE_S:
            await asyncio.sleep(LOOK_S)
            waited_s += LOOK_S
            response = await self._double.handle_async_request(request)
        return response

    async def aclose(self) -> None:
        """Stop drawing."""
        await self._double.aclose()


def _step_of(request: httpx.Request) -> str | None:
    if is_submit(request):
        return "post"
    if request.url.host in {MEDIA_HOST, BUCKET_HOST}:
        return "fetch" if request.method == "GET" else "upload"
    return None


_ONE_CORE: Final = threading.Lock()


async def in_this_process(_: object, work: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Do the cores' work in a thread: a pool of processes takes longer to start than all of it."""

    def alone() -> Any:
        with _ONE_CORE:  # each process of a pool does one thing at a time, and OpenCV's networks rely on it
            return work(*arguments, **named)

    return await asyncio.to_thread(alone)
