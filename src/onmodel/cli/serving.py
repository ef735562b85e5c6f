"""`onmodel server`: the production's own Prefect server."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path
from typing import Final

from onmodel.cli.quiet import quiet_prefect
from onmodel.cli.showing import remark, say
from onmodel.errors import SetupError

DISPLAYS: Final = ("DISPLAY", "WAYLAND_DISPLAY")
"""Variables that say that there is a screen to open a page on; macOS has none of them, and has a screen."""


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


def show(root: Path, run: str | None) -> None:
    """Say where the page of a run is, and open it where there is a screen; without a run, the list of runs.

    Raises:
        SetupError: the server cannot be started, or knows no such run.
    """
    server = _server(root)
    if server.url() is None:
        remark("Starting Prefect: the first time takes about half a minute.")
    page = server.start().removesuffix("/api") + "/runs"
    if run is not None:
        found = server.newest_run(run)
        if found is None:
            raise SetupError(
                f"the Prefect server at {page} knows no run of '{run}'",
                hint=f"onmodel produce {run} --rehearse --prefect on makes one, for $0.",
            )
        page = found
    say(page)
    if sys.platform == "darwin" or any(os.environ.get(name) for name in DISPLAYS):
        webbrowser.open(page)


def _say_where(url: str) -> None:
    """The page for people, and the line that turns the `prefect` command to this server."""
    say(url.removesuffix("/api"))
    say(f"export PREFECT_API_URL={url}")


def _server(root: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202
    quiet_prefect()
    from onmodel.flowkit.server import Server  # noqa: PLC0415 (Prefect takes seconds to import)

    return Server(root.absolute())
