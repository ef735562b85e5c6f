"""`onmodel server`: the production's own Prefect server."""

from __future__ import annotations

from pathlib import Path

from onmodel.cli.quiet import quiet_prefect
from onmodel.cli.showing import remark, say


def start(root: Path) -> None:
    """Start the server and say where it is.

    Raises:
        SetupError: it does not answer.
    """
    server = _server(root)
    if server.url() is None:
        remark("Starting Prefect: the first time takes about half a minute.")
    say(server.start().removesuffix("/api"))


def stop(root: Path) -> None:
    """End the server."""
    say("Stopped." if _server(root).stop() else "No server was running.")


def status(root: Path) -> bool:
    """Say where the server is; whether it answers."""
    url = _server(root).url()
    say(url.removesuffix("/api") if url else "No server answers. Start it: onmodel server start")
    return url is not None


def _server(root: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202
    quiet_prefect()
    from onmodel.flowkit.server import Server  # noqa: PLC0415 (Prefect takes seconds to import)

    return Server(root.absolute())
