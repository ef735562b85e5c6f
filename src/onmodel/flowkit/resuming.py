"""Going on with a run that crashed, failed or died, under its own id.

A run goes on by being scheduled once more: one of a deployment is taken up by the next free worker, any other
is run here. What it paid for is in the vault, so it goes on where it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

import httpx
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Scheduled

from onmodel.errors import SetupError
from onmodel.flowkit.going_on import roots_of
from onmodel.flowkit.living import RESUMED, why_dead
from onmodel.planning import CAST
from onmodel.settings import Folders
from onmodel.vault.session import Session

T = TypeVar("T")

FLOWS: Final = ("cast", "episode", "season")
ENDED_BADLY: Final = ("CRASHED", "FAILED")
AT_WORK: Final = ("RUNNING", "PENDING")
MOST: Final = 200
"""Runs that are looked at, the newest first: what is older than so many is nobody's concern any more."""


@dataclass(frozen=True)
class StoppedRun:
    """A run that did not come to its end."""

    id: UUID
    flow: str
    """cast, episode or season."""
    name: str
    state: str
    """As Prefect calls it: Crashed, Failed, Running, ..."""
    since: datetime | None
    why: str
    """What Prefect, or a missing sign of life, says of it."""
    is_dead: bool
    """Whether it is known that nobody films it; False: nobody can tell from here."""
    is_deployed: bool
    """Whether a worker takes it up; otherwise it is run here."""
    parameters: dict[str, Any]


def stopped_runs(root: Path, url: str) -> list[StoppedRun]:
    """The runs of a production that did not come to their ends, newest first.

    Of runs for the same thing only the newest counts: a later one did the earlier one's work too.

    Args:
        root: the production's folder.
        url: the server's API.

    Raises:
        SetupError: the server stopped answering.
    """
    return _asked(url, lambda client: _stopped(client, root.resolve()))


def revive(root: Path, url: str, run: str, *, surely_dead: bool) -> StoppedRun:
    """Have a run that did not come to its end scheduled once more, under its own id.

    Args:
        root: the production's folder.
        url: the server's API.
        run: its id, or the beginning of it, or the run's name where that is enough.
        surely_dead: somebody says that nobody films it any more.

    Raises:
        SetupError: there is no such run, it came to its end, or it lives as far as anybody can tell.
    """
    return _asked(url, lambda client: _revive(client, root.resolve(), run, surely_dead=surely_dead))


def _asked(url: str, work: Callable[[PrefectClient], Awaitable[T]]) -> T:
    async def ask() -> T:
        async with get_client() as client:
            return await work(client)

    with temporary_settings({PREFECT_API_URL: url}):
        try:
            return asyncio.run(ask())
        except httpx.HTTPError as error:
            raise SetupError(
                f"the Prefect server at {url} stopped answering: {type(error).__name__}: {error}",
                hint="onmodel server status",
            ) from error


async def _stopped(client: PrefectClient, root: Path) -> list[StoppedRun]:
    found = []
    for run, flow in _newest(await _ours(client, root)):
        if _may_have_stopped(run):
            one = await _standing(client, root, run, flow)
            if one is not None:
                found.append(one)
    return found


def _may_have_stopped(run: Any) -> bool:
    """Whether a run ended badly, is said to be at work, or was to go on in a terminal that is gone."""
    if run.state_type is None:
        return False
    nobodys = run.state_type.value == "SCHEDULED" and run.state.name == RESUMED and run.work_pool_name is None
    return nobodys or run.state_type.value in (*ENDED_BADLY, *AT_WORK)


async def _standing(client: PrefectClient, root: Path, run: Any, flow: str) -> StoppedRun | None:
    """How a run stands that has not ended well; None where it is at work."""
    badly = run.state_type.value in ENDED_BADLY
    why: str | None = " ".join((run.state.message or "").split())
    if not badly:
        with Session(Folders(root, rehearsal=False).run) as here:
            why = await why_dead(client, run, here)
    if why == "" and not badly:
        return None
    return StoppedRun(
        id=run.id,
        flow=flow,
        name=run.name,
        state=run.state.name,
        since=run.state.timestamp,
        why="nothing shows whether it is at work" if why is None else why,
        is_dead=why is not None,
        is_deployed=run.work_pool_name is not None,
        parameters=dict(run.parameters),
    )


async def _ours(client: PrefectClient, root: Path) -> list[tuple[Any, str]]:
    """The newest runs of this production that began, each with its flow's name."""
    runs = await client.read_flow_runs(flow_run_filter=_BEGUN, sort=_NEWEST_FIRST, limit=MOST)
    flows = {flow.id: flow.name for flow in await client.read_flows() if flow.name in FLOWS}
    deployments = {one.id: one for one in await client.read_deployments()}
    ours = []
    for run in runs:
        deployment = deployments.get(run.deployment_id) if run.deployment_id else None
        # A command line's run says where it was, in full.
        roots = set(roots_of(deployment)) if deployment else {Path(run.parameters.get("production", ""))}
        # An episode that a season's own process films is its affair: the season goes on with it.
        is_part = run.parent_task_run_id is not None and deployment is None
        if run.flow_id in flows and root in roots and not is_part:
            ours.append((run, flows[run.flow_id]))
    return ours


_NEWEST_FIRST: Any = "EXPECTED_START_TIME_DESC"

# What a schedule has in store for the next hundred nights did nobody's work yet.
_BEGUN: Final = FlowRunFilter.model_validate(
    {"state": {"operator": "or_", "type": {"not_any_": ["SCHEDULED"]}, "name": {"any_": [RESUMED]}}}
)


def _newest(runs: Iterable[tuple[Any, str]]) -> list[tuple[Any, str]]:
    """Of runs for the same thing the newest."""
    seen: dict[tuple[str, str, bool], tuple[Any, str]] = {}
    for run, flow in runs:
        about = str(run.parameters.get(flow, flow))
        seen.setdefault((flow, about, bool(run.parameters.get("rehearse"))), (run, flow))
    return list(seen.values())


async def _revive(client: PrefectClient, root: Path, wanted: str, *, surely_dead: bool) -> StoppedRun:
    run, flow = await _named(client, root, wanted)
    if not _may_have_stopped(run):
        raise SetupError(
            f"the run {run.name} ({run.id}) is {run.state.name if run.state else 'in no state'}: "
            "there is nothing to go on with",
            hint=f"Begin a new one: {_anew(run, flow)}",
        )
    standing = await _standing(client, root, run, flow)
    if standing is None:
        raise SetupError(
            f"the run {run.name} ({run.id}) is at work: it gives signs of life",
            hint=f"Watch it: onmodel status {run.name} --watch",
        )
    if not standing.is_dead and not surely_dead:
        raise SetupError(
            f"the run {run.name} ({run.id}) is {standing.state}, and nothing shows from here whether anybody "
            "films it",
            hint=f"Look on its machine. If you know that nobody does: onmodel resume {run.id} --dead",
        )
    now = await client.read_flow_run(run.id)
    if now.state is None or run.state is None or now.state.id != run.state.id:
        raise SetupError(  # it came to its end, or another revived it, while we looked
            f"the run {run.name} ({run.id}) is {now.state.name if now.state else 'in no state'} by now",
            hint="onmodel resume",
        )
    await schedule_again(client, run.id)
    return standing


async def schedule_again(client: PrefectClient, run: UUID) -> None:
    """Have a run begin once more under its own id; whatever it was at must be known to be over."""
    # By force: Prefect lets no run that ended, or is said to be at work, begin by itself.
    await client.set_flow_run_state(run, Scheduled(name=RESUMED), force=True)


def _anew(run: Any, flow: str) -> str:
    """The command that does the same as a run."""
    what = "cast" if flow == CAST else f"produce {run.name}"
    return f"onmodel {what}{' --rehearse' if run.parameters.get('rehearse') else ''}"


async def _named(client: PrefectClient, root: Path, wanted: str) -> tuple[Any, str]:
    """The run that is meant.

    Raises:
        SetupError: there is none, or more than one.
    """
    ours = await _ours(client, root)
    found = [one for one in ours if str(one[0].id).startswith(wanted.lower())]
    found = found or _newest(one for one in ours if one[0].name == wanted)
    if not found and (by_id := await _by_id(client, wanted)):
        raise SetupError(f"the run {wanted} {by_id}", hint="onmodel resume, in its production's folder")
    if not found:
        raise SetupError(f"the server knows no run '{wanted}' of this production", hint="onmodel resume")
    if len(found) > 1:
        ids = ", ".join(str(run.id) for run, _ in found)
        raise SetupError(f"'{wanted}' may be any of {ids}", hint="Say the id.")
    return found[0]


async def _by_id(client: PrefectClient, wanted: str) -> str | None:
    try:
        run = await client.read_flow_run(UUID(wanted))
    except (ValueError, ObjectNotFound):
        return None
    if run.state and run.state.is_scheduled():
        return f"is {run.state.name}: it did not begin yet"
    return f"is no run of this production: it films {run.parameters.get('production', 'another folder')}"
