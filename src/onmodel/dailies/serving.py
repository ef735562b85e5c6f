"""Running the review server until Ctrl-C, on this machine only unless somebody says otherwise."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, Final

from onmodel.dailies.server import GoOn, Review
from onmodel.errors import SetupError
from onmodel.settings import Folders
from onmodel.stages.script import Call, read_script

LOOPBACK: Final = "127.0.0.1"
_BACKLOG: Final = 512
_ENDS_WITHIN_S: Final = 2
"""Seconds for answers that are under way when the server ends: a paused clip would keep it for ever."""


def serve_dailies(
    call: Call, *, host: str, port: int, by: str, go_on: GoOn, say: Callable[[str], None]
) -> None:
    """Serve the review page until Ctrl-C; its address stands in `.onmodel/run/dailies.json` meanwhile.

    Args:
        call: the production and the episode.
        host: where it listens; other machines reach it only where this is no loopback address.
        port: 0 for any that is free.
        by: who decides, as long as they give no other name.
        go_on: starts the run that goes on, where a deployment is known.
        say: told the address, once it answers there.

    Raises:
        StoryError: the story is not acceptable.
        SetupError: nobody can listen there.
    """
    read_script(call)  # a mistake in the story is told on the terminal, before anybody opens a page
    listening = _listen(host, port)
    review = Review(call, by, go_on)
    url = f"http://{_shown(host)}:{listening.getsockname()[1]}/?token={review.secrets.address}"
    note = Folders(call.root, call.rehearse).run / "dailies.json"
    with listening, _noted(note, url, call), suppress(KeyboardInterrupt), _ended_in_order():
        say(url)
        asyncio.run(_serve(review, listening))


async def _serve(review: Review, listening: socket.socket) -> None:
    import uvicorn  # noqa: PLC0415 (for a server only)

    config = uvicorn.Config(
        review.app(),
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=_ENDS_WITHIN_S,
    )
    try:
        await uvicorn.Server(config).serve(sockets=[listening])
    finally:
        await review.close()


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listening.close()
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise SetupError(
            f"nobody can listen at {host}, port {port} ({why})",
            hint="Leave --port out for one that is free; --host takes an address of this machine.",
        ) from error
    return listening


def _shown(host: str) -> str:
    """A host as it stands in an address; where all are listened at, this machine's name."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 (compared with: somebody asked for it)
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host


@contextmanager
def _noted(path: Path, url: str, call: Call) -> Iterator[None]:
    """Keep a note of the address, for this user only, as long as the server runs."""
    note: dict[str, Any] = {"url": url, "pid": os.getpid(), "scope": call.scope, "rehearsal": call.rehearse}
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(note, file)
        part.replace(path)
    except OSError as error:
        raise SetupError(
            f"{path} cannot be written ({error.strerror})", hint="Check the folder and its permissions."
        ) from error
    try:
        yield
    finally:
        with suppress(OSError, ValueError):
            if json.loads(path.read_text(encoding="utf-8"))["pid"] == os.getpid():
                path.unlink()


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Whoever terminates the server ends it as Ctrl-C does: the note goes, and a rehearsal ends in order."""

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    # Ctrl-C too: asyncio's own way of hearing it would cut off what is to end in order.
    before = {one: signal.signal(one, interrupt) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, heard in before.items():
            signal.signal(one, heard)
