"""`onmodel deploy`, `onmodel resume`, `onmodel worker`: productions that a Prefect server runs."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from onmodel.cli.quiet import quiet_prefect
from onmodel.cli.showing import counted, in_columns, print_json, remark, say
from onmodel.errors import SetupError
from onmodel.settings import read_settings
from onmodel.story import require_production

DIFFERS: Final = 1
"""Exit code of a look that found something to change."""


def show_deploy(root: Path, *, only_look: bool, as_json: bool) -> int:
    """Deploy, or say what differs; return the exit code.

    Raises:
        OnModelError: no server answers, it refuses something, or `deploy/` is not of its form.
    """
    root = root.absolute()
    url = _server(root)
    from onmodel.flowkit.deploying import deploy  # noqa: PLC0415 (Prefect takes seconds to import)

    found = deploy(root, url, read_settings(), only_look=only_look)
    if as_json:
        print_json({"schema": "onmodel.deploy/1", "changed": not only_look, **asdict(found)})
    else:
        _say_deployed(found, only_look=only_look)
    return DIFFERS if only_look and found.differences else 0


def _say_deployed(found: Any, *, only_look: bool) -> None:
    by_piece: dict[str, list[Any]] = {piece: [] for piece in found.pieces}
    for one in found.differences:
        by_piece[one.piece].append(one)
    rows = [
        (piece, "; ".join(filter(None, (_stands(differs, only_look=only_look), found.off.get(piece)))))
        for piece, differs in by_piece.items()
    ]
    rows += [(piece, f"left out: {why}") for piece, why in found.left_out.items()]
    rows += [
        (f"deployment {name}", f"not in deploy/, and goes on: prefect deployment delete {name}")
        for name in found.left_over
    ]
    for line in in_columns(rows):
        say(line)
    there, wanted = ("there", "in deploy/") if only_look else ("was", "is")
    for one in found.differences:
        if one.wanted:
            say(f"{one.piece}, {one.what}: {there} {one.there}, {wanted} {one.wanted}")
    if not only_look:
        say(f"Deployed to {found.api.removesuffix('/api')}. A worker films: onmodel worker")
    elif found.differences:
        say("Bring it in line: onmodel deploy")


def _stands(differs: list[Any], *, only_look: bool) -> str:
    """How a piece stands, or stood: one of its settings is wanted otherwise, or it is not there at all."""
    if not differs:
        return "as it should be"
    if not differs[0].wanted:
        return "missing" if only_look else "made"
    whats = ", ".join(one.what for one in differs)
    return f"differs: {whats}" if only_look else f"changed: {whats}"


def show_stopped(root: Path, *, as_json: bool) -> None:
    """List the runs that did not come to their ends.

    Raises:
        SetupError: this is no production's folder, or no server answers.
    """
    root = root.absolute()
    require_production(root)
    url = _server(root)
    from onmodel.flowkit.resuming import stopped_runs  # noqa: PLC0415 (Prefect takes seconds to import)

    found = stopped_runs(root, url)
    if as_json:
        print_json({"schema": "onmodel.stopped-runs/1", "runs": [asdict(one) for one in found]})
        return
    for line in _listed(found):
        say(line)
    say(_next(found))


def _listed(found: list[Any]) -> list[str]:
    """A line a run; what a run says of itself stands behind it."""
    rows = [
        (
            one.name,
            str(one.id),
            one.state,
            f"{one.since:%Y-%m-%d %H:%M}" if one.since else "",
            one.why[:200],
        )
        for one in found
    ]
    return in_columns([("run", "id", "state", "since (UTC)", "why"), *rows]) if rows else []


def _next(found: list[Any]) -> str:
    if not found:
        return "Every run came to its end, or is at work."
    # A season first: it looks after the episodes that it waits for.
    dead = sorted((one for one in found if one.is_dead), key=lambda one: one.flow != "season")
    if not dead:
        return f"Look whether it is at work; if not: onmodel resume {found[0].id} --dead"
    return f"Go on with one: onmodel resume {dead[0].id}"


def resume(root: Path, run: str, *, surely_dead: bool, quiet: bool) -> int:
    """Go on with a run under its own id; return the exit code.

    Raises:
        OnModelError: there is no such run, it lives, or it cannot go on.
    """
    root = root.absolute()
    require_production(root)
    url = _server(root)
    from onmodel.flowkit.resuming import revive  # noqa: PLC0415 (Prefect takes seconds to import)

    standing = revive(root, url, run, surely_dead=surely_dead)
    page = f"{url.removesuffix('/api')}/runs/flow-run/{standing.id}"
    if standing.is_deployed:
        say(f"{standing.name} goes on as soon as a worker is free: {page}")
        return 0
    remark(f"{standing.name} goes on here: {page}")
    from onmodel.cli.producing import run_again  # noqa: PLC0415 (only where it is filmed here)

    return run_again(root, standing.flow, standing.parameters, standing.id, quiet=quiet)


def work(root: Path, pool: str, *, limit: int, revives: bool, answers_health: bool) -> None:
    """Become a worker of a pool, after a look at the runs that died; this does not come back.

    Raises:
        SetupError: this is no production's folder, no server answers, or it has no such pool.
    """
    root = root.absolute()
    require_production(root)
    url = _server(root)
    from onmodel.flowkit.deploying import pool_type  # noqa: PLC0415 (Prefect takes seconds to import)

    if pool_type(url, pool) == "docker" and find_spec("prefect_docker") is None:
        # Prefect's worker says only that something is missing.
        raise SetupError(f"the pool {pool} starts a container a run", hint="pip install prefect-docker")
    from onmodel.flowkit.living import HEARTBEAT_S  # noqa: PLC0415 (Prefect takes seconds to import)
    from onmodel.flowkit.resuming import revive, stopped_runs  # noqa: PLC0415 (same)

    dead = [one for one in stopped_runs(root, url) if one.is_deployed]
    for one in dead:
        if revives and one.is_dead and one.state != "Failed":
            revive(root, url, str(one.id), surely_dead=False)
            remark(f"{one.name} goes on ({one.why}): {one.id}")
    offered = [one for one in dead if not (revives and one.is_dead and one.state != "Failed")]
    if offered:
        remark(f"{counted(len(offered), 'run')} did not come to the end:")
        for line in _listed(offered):
            remark(line)
        remark(_next(offered))
    environment = {
        **os.environ,
        "PREFECT_API_URL": url,
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_S),
        # This worker's own folder: a deployment may name it instead of one path for all machines.
        "ONMODEL_PRODUCTION": str(root),
    }
    for name in ("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "PREFECT_LOGGING_INTERNAL_LEVEL"):
        environment.pop(name, None)  # a worker's lines are what its log is for
    more = ["--limit", str(limit), *(["--with-healthcheck"] if answers_health else [])]
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", pool, *more]
    # Prefect's worker ends by a SIGINT that it sends to itself; a script's background job is born deaf to it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.stdout.flush()
    os.execve(sys.executable, command, environment)  # noqa: S606 (an argv list of ours; signals reach the worker)


def _server(root: Path) -> str:
    """The API of the server that answers.

    Raises:
        SetupError: none does.
    """
    quiet_prefect()
    from onmodel.flowkit.server import answering_url  # noqa: PLC0415 (Prefect takes seconds to import)

    configured = read_settings().prefect_api_url
    url = answering_url(root, configured)
    if url is None:
        raise SetupError(
            f"no Prefect server answers at {configured}" if configured else "no Prefect server answers",
            hint="Set PREFECT_API_URL to a server that does; or start the production's own: "
            "onmodel server start",
        )
    return url
