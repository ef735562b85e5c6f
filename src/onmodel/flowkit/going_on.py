"""Going on after somebody decided: the run of a deployment, where one of this production is known."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import FlowFilter, FlowFilterName, FlowRunFilter
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import PrefectException
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.utilities.templating import apply_values

from onmodel.flowkit.server import answering_url
from onmodel.planning import CAST
from onmodel.settings import read_settings

NOT_ENDED: Final = ("SCHEDULED", "PENDING", "RUNNING")
SOON: Final = timedelta(minutes=1)
"""A run that is to start later than that is a schedule's: nobody waits for it."""
LOOKED_AT: Final = 100
"""Newest runs among which the last one of the same is looked for."""
_AT_WORK: Final = "RUNNING"


def go_on(root: Path, scope: str, *, rehearse: bool) -> str | None:
    """Have a deployment of this production go on with an episode, or with the cast.

    A run that waits for a worker already is not doubled. One that is at work was begun before the decision,
    and only one can produce the same at once, so none is started beside it.

    Args:
        root: the production's folder.
        scope: the episode's id, or `cast`.
        rehearse: whether the rehearsal goes on.

    Returns:
        What came of it, for people; None where no server answers, or it has no such deployment.
    """
    url = answering_url(root, read_settings().prefect_api_url)
    if url is None:
        return None
    with temporary_settings({PREFECT_API_URL: url}):
        try:
            return asyncio.run(_go_on(root.resolve(), scope, rehearse=rehearse, url=url))
        except (httpx.HTTPError, PrefectException):
            return None  # decided is decided: whoever hears nothing of a run is told the command


async def _go_on(root: Path, scope: str, *, rehearse: bool, url: str) -> str | None:
    flow = CAST if scope == CAST else "episode"
    asked = {"rehearse": rehearse} if scope == CAST else {"episode": scope, "rehearse": rehearse}
    async with get_client() as client:
        mine = await deployment_of(client, root, flow)
        if mine is None:
            return None
        there = await not_ended(client, mine, asked)
        if there is not None and there.state_type == _AT_WORK:
            return f"{_address(url, there.id)} is still at it; what was decided is for the next run."
        run = there
        if run is None:
            held = await _last_cap(client, flow, asked)
            run = await client.create_flow_run_from_deployment(mine.id, parameters=asked | held, name=scope)
    return f"The deployment {flow}/{mine.name} goes on with it: {_address(url, run.id)}"


async def deployment_of(client: PrefectClient, root: Path, flow: str) -> DeploymentResponse | None:
    """The deployment of a production's flow; None where the server has none.

    Args:
        client: of the server.
        root: the production's folder.
        flow: episode, cast or season.
    """
    named = FlowFilter(name=FlowFilterName(any_=[flow]))
    found = await client.read_deployments(flow_filter=named)
    return next((one for one in found if root in roots_of(one)), None)


async def _last_cap(client: PrefectClient, flow: str, asked: dict[str, Any]) -> dict[str, Any]:
    """The cap that the last run of the same was held to: a person's word about a take raises no cap."""
    runs = await client.read_flow_runs(
        flow_filter=FlowFilter(name=FlowFilterName(any_=[flow])),
        sort=FlowRunSort.EXPECTED_START_TIME_DESC,
        limit=LOOKED_AT,
    )
    last = next((run for run in runs if asked.items() <= run.parameters.items()), None)
    most_usd = last.parameters.get("max_usd") if last else None
    return {} if most_usd is None else {"max_usd": most_usd}


async def not_ended(client: PrefectClient, deployment: DeploymentResponse, asked: dict[str, Any]) -> Any:
    """A run of the same that waits or is at work; None where there is none.

    Args:
        client: of the server.
        deployment: whose run it is.
        asked: the parameters that make it the same.
    """
    wanted = FlowRunFilter.model_validate(
        {"deployment_id": {"any_": [deployment.id]}, "state": {"type": {"any_": NOT_ENDED}}}
    )
    runs = await client.read_flow_runs(flow_run_filter=wanted)
    soon = datetime.now(UTC) + SOON
    return next((run for run in runs if asked.items() <= run.parameters.items() and _begins(run, soon)), None)


def _begins(run: Any, by: datetime) -> bool:
    """Whether a run is at work, or will be by then."""
    return run.state_type == _AT_WORK or run.expected_start_time is None or run.expected_start_time <= by


def roots_of(deployment: DeploymentResponse) -> Iterator[Path]:
    """The folders of productions that a deployment may mean: where it works, and what it is told.

    `{{ $NAME }}` in a folder is filled in from this machine's environment, as a worker on it does.
    """
    production = Path(str(deployment.parameters.get("production", ".")))
    steps = (step.values() for step in deployment.pull_steps or ())
    folders = [str(given.get("directory", "")) for values in steps for given in values]
    for folder in [*folders, deployment.path or ""]:
        found = Path(apply_values(folder, {})) / production
        if found.is_absolute():
            yield found.resolve()


def _address(url: str, run: Any) -> str:
    return f"{url.removesuffix('/api')}/runs/flow-run/{run}"
