"""Opening the set inside a flow: ports, plan and progress, shown in Prefect where Prefect watches."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Final

from prefect.context import FlowRunContext
from prefect.logging import get_run_logger

from onmodel.errors import OnModelError
from onmodel.flowkit.artifacts import show_plan
from onmodel.flowkit.board import Board
from onmodel.flowkit.living import living
from onmodel.flowkit.patience import once_there
from onmodel.flowkit.slots import shared_slots
from onmodel.flowkit.steps import WatchedSteps
from onmodel.flowkit.tagging import other_version, tag_run
from onmodel.flowkit.watching import STOP, WATCHER
from onmodel.settings import read_settings
from onmodel.stages.crew import Crew, Event, Report
from onmodel.stages.opening import open_crew
from onmodel.stages.script import Call

ALARMING: Final = frozenset({"broken", "died", "flagged", "off-model", "drifting", "partial", "unscorable"})
TOLD: Final = ALARMING | {"retake", "circled", "done", "held", "left"}
"""States worth a line in a run's log; the others pass within seconds."""


@asynccontextmanager
async def on_set(
    production: str,
    scope: str,
    *,
    rehearse: bool = False,
    max_usd: float | None = None,
    characters: list[str] | None = None,
    trouble: list[str] | None = None,
    answers: str | None = None,
) -> AsyncIterator[Crew]:
    """Open a production for one episode, or for the cast.

    Args:
        production: the production's folder.
        scope: the episode's id, or `cast`.
        rehearse: film everything with pictures made on this machine, for $0.
        max_usd: the most that this episode may have cost in all.
        characters: for the cast: which ones.
        trouble: what goes wrong in a rehearsal, as the command line takes it: `429=3`, `drift=0.3`.
        answers: a folder of files that a rehearsal answers with.

    Raises:
        OnModelError: as `open_crew` does.
    """
    call = Call(
        Path(production),
        scope,
        rehearse=rehearse,
        max_usd=None if max_usd is None else Decimal(str(max_usd)),
        characters=tuple(characters or ()),
        trouble=tuple(trouble or ()),
        answers=None if answers is None else Path(answers),
    )
    told, settings = _told(), read_settings()

    def opened() -> Awaitable[Crew]:
        opening = open_crew(call, settings, told, STOP.get(), shared_slots(settings))
        return stack.enter_async_context(opening)

    async with living(call.root), _marked(call), AsyncExitStack() as stack:
        crew = await once_there(opened)
        if FlowRunContext.get() is None:
            yield crew
            return
        told.board = board = Board(crew)
        crew.step = WatchedSteps(crew, board)
        await tag_run(*_who(crew))
        await show_plan(crew)
        async with board.shown():
            yield crew


def _who(crew: Crew) -> set[str]:
    """Everybody who is to be recognised in something of the plan."""
    return {one.character for line in crew.plan.lines.values() for one in line.commission.likenesses}


@asynccontextmanager
async def _marked(call: Call) -> AsyncIterator[None]:
    """Tag the flow run with its episode, and keep the log readable."""
    if FlowRunContext.get() is None:
        yield
        return
    marks = {call.scope, "rehearsal"} if call.rehearse else {call.scope}
    await tag_run(*marks)
    for name in ("prefect.flow_runs", "prefect.task_runs"):
        logging.getLogger(name).addFilter(_tidy)  # the same filter counts once, however often it is added
    if otherwise := other_version():
        get_run_logger().warning(otherwise)
    yield


def _tidy(record: logging.LogRecord) -> bool:
    """A producer's log: no line for each step that ended, no traceback of an error that says it all."""
    if record.exc_info and isinstance(record.exc_info[1], OnModelError):
        record.exc_info = None
    if not record.getMessage().startswith("Finished in state"):
        return True
    # How a step ended is told by an event of ours; its state in Prefect says it too.
    return record.name != "prefect.task_runs" and not record.getMessage().startswith(
        "Finished in state Completed"
    )


class _Told:
    """Hears of every event: tells the run's log, the board, and whoever watches everything."""

    def __init__(self, watcher: Report | None) -> None:
        self._watcher = watcher
        self.board: Board | None = None
        """Set as soon as the set is open."""

    def __call__(self, event: Event) -> None:
        """Hear of one event."""
        _log(event)
        if self.board is not None:
            self.board.hear(event)
        if self._watcher is not None:
            self._watcher(event)


def _told() -> _Told:
    return _Told(WATCHER.get())


def _log(event: Event) -> None:
    if event.state not in TOLD or event.share is not None or FlowRunContext.get() is None:
        return
    take = f"take {event.take}" if event.take else ""
    words = " ".join(word for word in (event.subject, event.stage, take, event.state) if word)
    level = logging.WARNING if event.state in ALARMING else logging.INFO
    get_run_logger().log(level, "%s%s", words, f": {event.detail}" if event.detail else "")
