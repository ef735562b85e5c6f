"""Running a production's flow: under a Prefect server where one answers, or the same function directly."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import httpx
from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.flow_engine import run_flow_async
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    PREFECT_LOCAL_STORAGE_PATH,
    PREFECT_SERVER_ALLOW_EPHEMERAL_MODE,
    temporary_settings,
)

from onmodel.errors import SetupError
from onmodel.flowkit.living import HEARTBEAT_S
from onmodel.flowkit.loading import load_flow
from onmodel.flowkit.server import Server, answering_url
from onmodel.flowkit.watching import watched_by
from onmodel.settings import Settings
from onmodel.stages.crew import Report
from onmodel.studio.stop import Stop

Prefect = Literal["auto", "on", "off"]


async def run_flow(
    root: Path,
    name: str,
    parameters: dict[str, Any],
    *,
    prefect: Prefect,
    settings: Settings,
    report: Report,
    say: Callable[[str], None],
    stop: Stop | None = None,
    resume: UUID | None = None,
) -> Any:
    """Run `flows/NAME.py` of a production.

    Args:
        root: the production's folder.
        name: of the file and of the flow in it.
        parameters: the flow's; no secret is ever among them, since Prefect keeps them.
        prefect: `on` starts the production's own server if none answers, `auto` uses one that answers,
            `off` never asks.
        settings: for the address of a server that is not ours.
        report: told of every event.
        say: for the one line that says how it runs.
        stop: what the run obeys when Ctrl-C is pressed; without it, nobody hears that.
        resume: a scheduled flow run to go on with, under its own id; without it, a new one begins.

    Raises:
        OnModelError: as the flow does.
        SetupError: the flow does not load or fit, or the server cannot be started or stopped answering.
    """
    flow = load_flow(root, name)
    _check_takes(flow, name, parameters)
    url = None if prefect == "off" else await _find_server(root, settings, start=prefect == "on", say=say)
    with watched_by(report, stop), _under(url, root):
        if url is None:
            if prefect == "off":
                say("Without Prefect.")
            return await flow.fn(**parameters)
        say(f"Under Prefect: {url.removesuffix('/api')}")
        try:
            if resume is None:
                return await flow(**parameters)
            return await _go_on(flow, resume, parameters)
        except httpx.HTTPError as error:
            # Errors on the way to fal were mapped long before: this is the way to Prefect.
            raise SetupError(
                f"the run lost its Prefect server at {url}: {type(error).__name__}: {error}",
                hint="Nothing paid is lost. Run the same again; without Prefect: --prefect off",
            ) from error


async def _go_on(flow: Flow[..., Any], run: UUID, parameters: dict[str, Any]) -> Any:
    """Run a flow as a run that is there already; a call of the flow would begin a new one."""
    async with get_client() as client:
        flow_run = await client.read_flow_run(run)
    return await run_flow_async(flow, flow_run=flow_run, parameters=parameters)


def _check_takes(flow: Flow[..., Any], name: str, parameters: dict[str, Any]) -> None:
    """Make sure that a flow, which the production may have changed, still takes what it is given."""
    try:
        inspect.signature(flow.fn).bind(**parameters)
    except TypeError as error:
        raise SetupError(
            f"flows/{name}.py: the flow {name} cannot be called: {error}",
            hint=f"It is given: {', '.join(parameters)}.",
        ) from error


async def _find_server(
    root: Path, settings: Settings, *, start: bool, say: Callable[[str], None]
) -> str | None:
    url = await asyncio.to_thread(answering_url, root, settings.prefect_api_url)
    if url is not None:
        return url
    silent = f"At {settings.prefect_api_url} no" if settings.prefect_api_url else "No"
    if not start:
        say(f"{silent} Prefect server answers, so this runs without one.")
        return None
    say(f"{silent} Prefect server answers: starting the production's own. It stays: onmodel server stop")
    return await asyncio.to_thread(Server(root).start)


def _under(url: str | None, root: Path) -> AbstractContextManager[Any]:
    """Under a server, or under none: Prefect starts no server of its own, whatever a flow calls."""
    if url is None:
        return temporary_settings({PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: False})
    # Prefect keeps every error that ends a run; the home folder is no place for it.
    storage = Server(root).folder / "storage"
    return temporary_settings(
        {
            PREFECT_API_URL: url,
            PREFECT_LOCAL_STORAGE_PATH: storage,
            PREFECT_FLOWS_HEARTBEAT_FREQUENCY: HEARTBEAT_S,
        }
    )
