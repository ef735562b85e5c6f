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
    _say_where(server.start())


def stop(root: Path) -> None:
    """End the server."""
    say("Stopped." if _server(root).stop() else "No server was running.")


def status(root: Path, *, api_only: bool) -> bool:
    """Say where the server is, or its API's address alone; whether it answers."""
    url = _server(root).url()
    if url is None:
        # An address is taken up by a shell: what is none goes elsewhere.
        (remark if api_only else say)("No server answers. Start it: onmodel server start")
    elif api_only:
        say(url)
    else:
        _say_where(url)
    return url is not None


def _say_where(url: str) -> None:
    """The page for people, and the line that turns the `prefect` command to this server."""
    say(url.removesuffix("/api"))
    say(f"export PREFECT_API_URL={url}")


def _server(root: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202
    quiet_prefect()
    from onmodel.flowkit.server import Server  # noqa: PLC0415 (Prefect takes seconds to import)

    return Server(root.absolute())
