"""The program behind `onmodel server start`: Prefect's server, with two things of ours around it.

Its newer pages send what is clicked to an analytics host, whatever `DO_NOT_TRACK` says; a content security
policy has the browser refuse that, and every other outside address. And pictures that an artifact names by a
short address are served from a folder beside the database.

Run as a file, not as a module: it needs nothing else of ours, and starts the sooner.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

import uvicorn
from prefect.server.api.server import create_app
from prefect.settings import PREFECT_HOME, PREFECT_SERVER_API_KEEPALIVE_TIMEOUT, PREFECT_SERVER_LOGGING_LEVEL
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; worker-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'"
)
"""What a page of the server may load: itself. Its scripts are its own: they may do as they were written."""

PICTURES: Final = "/onmodel/pictures"
"""Under this address are the files of `pictures/` beside the database; `server.py` has it too."""


def with_ours(app: ASGIApp, pictures: Path) -> ASGIApp:
    """The server's pages under our policy, and our pictures."""
    pictures.mkdir(parents=True, exist_ok=True)
    ours = Starlette(routes=[Mount(PICTURES, StaticFiles(directory=pictures))])

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return

        async def under_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                named = (b"content-security-policy", POLICY.encode())
                message = {**message, "headers": [*message.get("headers", ()), named]}
            await send(message)

        is_ours = scope["path"].startswith(f"{PICTURES}/")
        await (ours if is_ours else app)(scope, receive, under_policy)

    return served


def main() -> None:
    """Serve until told to end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", required=True, type=int)
    asked = parser.parse_args()
    uvicorn.run(
        with_ours(create_app(final=True), Path(PREFECT_HOME.value()) / "pictures"),
        host=asked.host,
        port=asked.port,
        timeout_keep_alive=PREFECT_SERVER_API_KEEPALIVE_TIMEOUT.value(),
        log_level=PREFECT_SERVER_LOGGING_LEVEL.value().lower(),
    )


if __name__ == "__main__":
    main()
