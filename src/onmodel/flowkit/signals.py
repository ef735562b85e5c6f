"""Events for Prefect's automations: what happened to a take, a shot, a budget, an episode.

`onmodel.take.off-model` and its like concern a take, `onmodel.episode.finished` a run. Each names production,
episode, shot, take and whether it is a rehearsal in its resource, so that an automation can match on them.
"""

from __future__ import annotations

from typing import Final

from prefect.context import FlowRunContext
from prefect.events import emit_event

from onmodel.planning import CAST
from onmodel.stages.crew import Crew, Event

OF_TAKES: Final = frozenset(
    {"broken", "off-model", "drifting", "partial", "unscorable", "circled", "died", "retake"}
)
"""States of a take that are told as `onmodel.take.STATE`."""


def signal_take(crew: Crew, event: Event) -> None:
    """Tell what became of a take, or that a shot needs a person; without a flow run, do nothing."""
    if FlowRunContext.get() is None:
        return
    if event.state in OF_TAKES:
        scope = CAST if event.stage == "sheet" else crew.scope
        named = f"{event.subject}.{event.stage}.{event.take or 0}"
        label = f"{scope} · {event.subject} · {event.stage} · take {event.take or '?'}"
        about = {
            "onmodel.shot": event.subject,
            "onmodel.stage": event.stage,
            "onmodel.take": str(event.take or 0),
        }
        _emit(crew, f"take.{event.state}", f"take.{scope}.{named}", label, about, event.detail)
    elif event.state == "flagged":
        about = {"onmodel.shot": event.subject}
        label = f"{crew.scope} · {event.subject}"
        _emit(crew, "shot.needs-person", f"shot.{crew.scope}.{event.subject}", label, about, event.detail)


def signal_budget(crew: Crew, why: str) -> None:
    """Tell that a cap ended the buying of a run; without a flow run, do nothing."""
    if FlowRunContext.get() is not None:
        _emit(crew, "budget.reached", f"budget.{crew.scope}", f"{crew.scope} · budget", {}, why)


def signal_run(crew: Crew, what: str, detail: str) -> None:
    """Tell how a run over an episode or the cast ended: `finished`, `needs-person`, `awaiting-approval`, ...

    Without a flow run, do nothing.
    """
    if FlowRunContext.get() is not None:
        kind = "cast" if crew.format is None else "episode"
        _emit(crew, f"{kind}.{what}", f"{kind}.{crew.scope}", crew.scope, {}, detail)


def _emit(crew: Crew, name: str, resource: str, label: str, about: dict[str, str], detail: str) -> None:
    emit_event(
        event=f"onmodel.{name}",
        resource={
            "prefect.resource.id": f"onmodel.{crew.story.production.name}.{resource}",
            "prefect.resource.name": label,
            "onmodel.production": crew.story.production.name,
            "onmodel.episode": crew.scope,
            "onmodel.rehearsal": "true" if crew.folders.rehearsal else "false",
            **about,
        },
        payload={"detail": detail},
    )
