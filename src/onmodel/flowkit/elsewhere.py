"""Episodes that workers film: each a run of the episode's deployment, begun and seen to its end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from prefect.client.orchestration import PrefectClient, get_client
from prefect.context import FlowRunContext
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
from prefect.logging import get_run_logger
from pydantic import BaseModel, ConfigDict

from onmodel.flowkit.going_on import not_ended
from onmodel.flowkit.living import UNBEGUN_S, why_dead
from onmodel.flowkit.resuming import AT_WORK, schedule_again
from onmodel.studio.stop import Stop
from onmodel.vault.session import Session

LOOK_S: Final = 5.0
"""Seconds between two looks at a run that a worker does."""

LOOKS: Final = 6
"""Every so many looks it is asked whether somebody still films the run."""

LIVES: Final = 3
"""How often a run goes on whose process died, before a person is called."""

_ENDING: Final = timedelta(seconds=UNBEGUN_S)
"""How long a run that is cancelled may take to end."""

NEEDS_PERSON: Final = "Needs a person"
"""The state of a run that finished, with something that a person has to look at."""

AWAITING: Final = "Awaiting approval"
"""The state of a run that did everything up to a gate; its message says what waits."""

INTERRUPTED: Final = "Interrupted"
"""The state of a run that was asked to end, and did so in order."""


class RunElsewhere(BaseModel):
    """What became of an episode that a worker produced as a run of its own."""

    model_config = ConfigDict(frozen=True)

    episode: str
    state: str
    """As Prefect calls it: Completed, Needs a person, Awaiting approval, Failed, Crashed, ..."""
    message: str
    is_well: bool
    """Whether it came to its end, in order."""
    run: str
    """The id of its flow run; empty where the server could not be asked."""


async def film_elsewhere(
    deployment: Any, parameters: Mapping[str, Any], here: Session, stop: Stop
) -> RunElsewhere | None:
    """Have a worker produce an episode, and wait for its end.

    A run of the same that waits or is at work already is waited for, whoever began it: an approval, or this
    very season before its worker died. One whose process died meanwhile goes on under its own id.

    Args:
        deployment: of the episode flow.
        parameters: of the flow.
        here: of this machine.
        stop: whether somebody asked to end; the worker is not asked.

    Returns:
        How it ended; None where nobody waits for that any more.
    """
    asked = {name: value for name, value in parameters.items() if name != "production"}
    async with get_client() as client:
        same = {name: asked[name] for name in ("episode", "rehearse")}
        run = await not_ended(client, deployment, same) or await _begin(deployment, asked)
        try:
            ended, dead = await _to_its_end(client, run.id, here, stop)
        except ObjectNotFound:
            return lost(asked["episode"], "Deleted", "somebody deleted its run", str(run.id))
    state = ended.state
    if stop.reason is not None and not state.is_final():
        return None
    again = f"; onmodel resume {ended.id}" if dead or state.is_crashed() else ""
    return RunElsewhere(
        episode=asked["episode"],
        state="Died" if dead else state.name,
        message=(dead or state.message or "") + again,
        is_well=state.is_completed() and state.name not in (NEEDS_PERSON, INTERRUPTED),
        run=str(ended.id),
    )


def lost(episode: str, state: str, message: str, run: str = "") -> RunElsewhere:
    """An episode of whose run nothing more can be known."""
    return RunElsewhere(episode=episode, state=state, message=message, is_well=False, run=run)


async def _begin(deployment: Any, asked: Mapping[str, Any]) -> Any:
    """Begin a run of an episode: one for each life of ours, however often this is asked in it."""
    context = FlowRunContext.get()
    ours = context.flow_run if context else None
    life = f"{ours.id}-{ours.run_count}" if ours else "nobody"
    return await run_deployment(  # type: ignore[misc]  # Prefect declares it for callers of both kinds
        deployment.id,
        parameters=dict(asked),
        flow_run_name=asked["episode"],
        timeout=0,
        idempotency_key=f"{life}-{asked['episode']}",
    )


async def _to_its_end(client: PrefectClient, run_id: Any, here: Session, stop: Stop) -> tuple[Any, str]:
    """A run when it is over, or when nobody waits for it; how it is known that it died once too often."""
    died = look = 0
    suspect = None  # the state in which its process was found gone
    while not (run := await client.read_flow_run(run_id)).state or not run.state.is_final():
        state = run.state
        if state and state.type.value in AT_WORK and (suspect or look % LOOKS == 0):
            why = await why_dead(client, run, here)
            # A process that came to its end is gone a moment before the server hears of that: look twice.
            if why and suspect == state.id:
                died += 1
                if died > LIVES:
                    return run, f"its process died {died} times: {why}"
                get_run_logger().warning("%s goes on: %s", run.name, why)
                await schedule_again(client, run_id)
            suspect = state.id if why else None
        if state and state.type.value == "CANCELLING" and datetime.now(UTC) - state.timestamp > _ENDING:
            return run, "it was asked to end, and nobody is there who would"
        if stop.reason is not None:
            break
        look += 1
        await stop.pause(LOOK_S)
    return run, ""
