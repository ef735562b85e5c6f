"""The review server: the same page, with decisions; it serves what its page names, and nothing else."""

from __future__ import annotations

import asyncio
import json
import mimetypes
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from onmodel.dailies.answering import DECISIONS, Answering, fault_of
from onmodel.dailies.filming import Filming
from onmodel.dailies.guard import Guard, Secrets
from onmodel.dailies.links import ServedLinks
from onmodel.dailies.page import Desk, page_policy, page_script, page_style, render
from onmodel.dailies.stills import Stills
from onmodel.dailies.viewing import Viewing, produce_command, view_episode
from onmodel.errors import MediaAltered, OnModelError, PlanError, StoryError
from onmodel.settings import Folders
from onmodel.stages.script import Call, look_into_archive, read_script
from onmodel.vault import MediaRef, ObjectMissing, Vault

LARGEST_BYTES: Final = 64 * 1024
"""What a decision may come to."""
FOREVER: Final = "private, max-age=31536000, immutable"
"""For what stands under its own sha256."""

GoOn = Callable[[], str | None]
"""Has a deployment go on, and says what came of it; None where none is known."""


class Review:
    """One episode, or the cast, under review.

    Args:
        call: the production and the episode.
        by: who decides, as long as they give no other name.
        go_on: starts the run that goes on; for a rehearsal the server does so itself.
    """

    def __init__(self, call: Call, by: str, go_on: GoOn) -> None:
        self._call = call
        self._by = by
        self._go_on = go_on
        self._folders = Folders(call.root, call.rehearse)
        self._links = ServedLinks()
        self._rendering = asyncio.Lock()
        self._rendered = ""
        self._renders_begun = 0
        self._open = ExitStack()
        self._vault: Vault | None = None
        self._opening = asyncio.Lock()
        self.secrets = Secrets()
        self.answering = Answering(call)
        self.filming = Filming(call)

    def app(self) -> Guard:
        """The server as an ASGI application."""
        routes = [
            Route("/", self.page),
            Route("/stills/{name}", self.still),
            Route("/clips/{name}", self.clip),
            Route("/api/remedy", self.remedy),
            Route("/api/film", self.film, methods=["GET", "POST"]),
            Route("/api/{what}", self.decide, methods=["POST"]),
        ]
        told = {OnModelError: _refused, ValidationError: _misunderstood, HTTPException: _not_here}
        return Guard(Starlette(routes=routes, exception_handlers=told), self.secrets)

    async def close(self) -> None:
        """End what runs, and let go of the archive."""
        try:
            await self.filming.stop()
        finally:
            self._open.close()

    async def page(self, _: Request) -> Response:
        """The page as things stand."""
        policy = page_policy(page_style(), page_script(decides=True), served=True)
        headers = {
            "Content-Security-Policy": f"{policy}; frame-ancestors 'none'",
            "Cache-Control": "no-store",
        }
        return HTMLResponse(await self._page(), headers=headers)

    async def _page(self) -> str:
        """A page that was begun after it was asked for: of many that ask at once, few have it made."""
        asked = self._renders_begun
        async with self._rendering:
            if self._renders_begun <= asked:
                self._renders_begun += 1
                self._rendered = await run_in_threadpool(self._render)
            return self._rendered

    def _render(self) -> str:
        desk = Desk(self.secrets.deciding, self._by, self._call.rehearse)
        return render(self._view(), self._links, desk)

    def _view(self) -> Viewing:
        script = read_script(self._call)
        with look_into_archive(script.story.production, self._folders) as vault:
            return view_episode(self._call, script, vault)

    async def still(self, request: Request) -> Response:
        """A picture that a page has named; made now, if it never was."""
        still = self._links.stills.get(request.path_params["name"])
        if still is None:
            raise HTTPException(404)
        vault = await self._archive()
        stills = Stills(vault.media if vault else None, self._folders.cache / "dailies")
        path = await run_in_threadpool(stills.file, still)
        if path is None:
            raise HTTPException(404)
        return FileResponse(path, headers={"Cache-Control": FOREVER})

    async def clip(self, request: Request) -> Response:
        """A clip that a page has named, whole or in ranges."""
        source = self._links.clips.get(request.path_params["name"])
        if source is None:
            raise HTTPException(404)
        path = await self._path(source)
        kind = mimetypes.guess_type(path.name)[0]
        return FileResponse(path, media_type=kind, headers={"Cache-Control": FOREVER})

    async def _path(self, source: MediaRef | Path) -> Path:
        if isinstance(source, Path):
            if not await run_in_threadpool(source.is_file):
                raise HTTPException(404)
            return source
        vault = await self._archive()
        if vault is None:
            raise HTTPException(404)
        try:
            return await run_in_threadpool(vault.media.path, source)
        except (ObjectMissing, MediaAltered):
            raise HTTPException(404) from None

    async def _archive(self) -> Vault | None:
        """The archive, opened once for pictures and clips; None as long as there is none."""
        async with self._opening:
            if self._vault is None:
                self._vault = await run_in_threadpool(self._find_archive)
            return self._vault

    def _find_archive(self) -> Vault | None:
        production = read_script(self._call).story.production
        return self._open.enter_context(look_into_archive(production, self._folders))

    async def decide(self, request: Request) -> Response:
        """Write a decision down."""
        what = request.path_params["what"]
        if what not in DECISIONS:
            raise HTTPException(404)
        body = await _body(request)
        answer = await run_in_threadpool(self.answering.decide, what, body)
        more = f" {await self._going_on()}" if answer.goes_on else ""
        return JSONResponse({"said": answer.said + more})

    async def remedy(self, request: Request) -> Response:
        """What a retake would change."""
        asked = request.query_params
        wanted = [asked.get(name, "") for name in ("scope", "subject", "stage", "problem")]
        return JSONResponse({"said": await run_in_threadpool(self.answering.remedy, *wanted)})

    async def film(self, request: Request) -> Response:
        """Film what is to be filmed, or say how far that is."""
        if request.method == "POST":
            return JSONResponse({"said": await self._going_on()})
        return JSONResponse(vars(self.filming.progress))

    async def _going_on(self) -> str:
        """Have it filmed: a rehearsal here, anything else by its deployment, or whoever types the command."""
        if self._call.rehearse:
            return self.filming.start()
        said = await run_in_threadpool(self._go_on)
        return said or f"Next, on the terminal: {produce_command(self._call)}"


async def _body(request: Request) -> dict[str, Any]:
    """What the page sent.

    Raises:
        PlanError: it is no JSON object, or far too large.
    """
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > LARGEST_BYTES:
            raise PlanError(f"the request has more than {LARGEST_BYTES} bytes.")
    try:
        body = json.loads(found)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise PlanError("the request is not a JSON object.")
    return body


async def _refused(_: Request, error: Exception) -> Response:
    """What cannot be decided so is refused with why; 409: the page may be older than the takes are."""
    if isinstance(error, OnModelError):
        status = 409 if isinstance(error, PlanError | StoryError) else 503
        return JSONResponse({"error": error.message, "hint": error.hint}, status_code=status)
    raise error


async def _misunderstood(_: Request, error: Exception) -> Response:
    if isinstance(error, ValidationError):
        return JSONResponse({"error": fault_of(error), "hint": ""}, status_code=422)
    raise error


async def _not_here(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return PlainTextResponse("Not here.\n", status_code=status)
