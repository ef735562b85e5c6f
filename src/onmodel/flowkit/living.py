"""Who films a flow run, and whether that process lives: a killed one leaves its run `Running` for ever.

Two signs: on the machine that films it, a lock which the system takes back when the process dies; everywhere
else the heartbeats that Prefect sends while a flow runs. A run that somebody took up, and never began, gives
neither: it is told by its age.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from prefect.client.orchestration import PrefectClient, get_client
from prefect.context import FlowRunContext

from onmodel.settings import Folders
from onmodel.vault.session import Session

HEARTBEAT_S: Final = 30
"""Seconds between two signs of life of a run. Source: the shortest that Prefect 3.8 takes, 2026-11."""

SILENT_S: Final = 4 * HEARTBEAT_S
"""Seconds of silence after which a run that used to be heard is taken for dead."""

UNBEGUN_S: Final = 600
"""Seconds after which nobody begins a run any more that was taken up: a process is there within seconds, a
container with its image within minutes."""

RESUMED: Final = "Going on"
"""The state of a run that was told to go on."""

SESSION: Final = "onmodel.session"
HOST: Final = "onmodel.host"
LIFE: Final = "onmodel.life"
"""Labels of a run: whose it is, where, and in which of its lives, since a run that goes on keeps them."""


@asynccontextmanager
async def living(root: Path) -> AsyncIterator[None]:
    """Have the flow run known as this process's, until the block ends; without a flow run, do nothing.

    Args:
        root: the production's folder.
    """
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    if run is None:
        yield
        return
    with Session(Folders(root, rehearsal=False).run) as session:
        async with get_client() as client:
            labels: dict[str, bool | int | float | str] = {
                SESSION: session.id,
                HOST: session.host,
                LIFE: run.run_count,
            }
            await client.update_flow_run_labels(run.id, labels)
        yield


async def why_dead(client: PrefectClient, run: Any, here: Session) -> str | None:
    """What shows that nobody films a run any more that is said to be running, or about to.

    Args:
        client: of the server.
        run: the flow run.
        here: of this machine.

    Returns:
        The sign, for people; empty where a sign says that it lives; None where nobody can tell from here.
    """
    if run.state.type != "RUNNING":
        return _unbegun(run.state)
    labels = run.labels
    if labels.get(HOST) == here.host and labels.get(LIFE) == run.run_count:
        return "its process on this machine is gone" if here.is_dead(labels[SESSION], here.host) else ""
    heard = await _last_heard(client, run)
    if heard is None or heard < run.state.timestamp:
        return None  # what was heard was an earlier life
    silent = datetime.now(UTC) - heard
    if silent < timedelta(seconds=SILENT_S):
        return ""
    return f"nothing was heard of it for {silent.total_seconds() / 60:.0f} minutes"


def _unbegun(state: Any) -> str | None:
    """What shows that nobody begins a run any more that was taken up."""
    waited = datetime.now(UTC) - state.timestamp
    if waited < timedelta(seconds=UNBEGUN_S):
        return None
    return f"it was taken up {waited.total_seconds() / 60:.0f} minutes ago, and never began"


async def _last_heard(client: PrefectClient, run: Any) -> datetime | None:
    """When a run gave its last sign of life; None where it gave none."""
    wanted = {
        "event": {"name": ["prefect.flow-run.heartbeat"]},
        "resource": {"id": [f"prefect.flow-run.{run.id}"]},
        # Prefect looks at today only where no time is named.
        "occurred": {"since": (datetime.now(UTC) - timedelta(days=7)).isoformat()},
        "order": "DESC",
    }
    answer = await client.request("POST", "/events/filter", json={"filter": wanted, "limit": 1})
    events = answer.raise_for_status().json()["events"]
    return datetime.fromisoformat(events[0]["occurred"]) if events else None
