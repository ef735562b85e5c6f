"""Steps as Prefect tasks: one row for each take, style pass and conform, under the name a producer knows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any, Final, Protocol, TypeVar

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.context import FlowRunContext, TaskRunContext
from prefect.tasks import Task

from onmodel.errors import OnModelError
from onmodel.flowkit.rows import Row, is_transport
from onmodel.stages.crew import Crew

T = TypeVar("T")

RETRY_DELAYS_S: Final = [10.0, 60.0]


async def passes_by_itself(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:  # noqa: ARG001 (Prefect's form)
    """Whether a failed step failed on the way to fal or back."""
    return is_transport(await state.aresult(raise_on_failure=False))


@task(
    cache_policy=NO_CACHE,  # the vault makes steps idempotent; a cache keyed by code would not know of money
    persist_result=False,
    retries=len(RETRY_DELAYS_S),
    retry_delay_seconds=RETRY_DELAYS_S,
    retry_condition_fn=passes_by_itself,
    task_run_name="{label}",
)
async def _do(label: str, work: Callable[[], Awaitable[Any]], row: Row) -> Any:  # noqa: ARG001 (it names the row)
    context = TaskRunContext.get()
    return await work() if context is None else await row.see_through(context.task_run, work)


@cache
def _of_kind(kind: str) -> Task[..., Any]:
    """The task of that name; made once, since Prefect reads its source each time."""
    return _do.with_options(name=kind)


class Rows(Protocol):
    """Whoever wants to know which rows are at work."""

    def begin(self, subject: str, stage: str, row: Row) -> None:
        """A row begins; it is told what is going on until it ends."""
        ...

    def end(self, subject: str, stage: str) -> None:
        """It has ended."""
        ...


class WatchedSteps:
    """Does the steps of one set as Prefect tasks; outside a flow run, just does them.

    Args:
        crew: whose steps they are.
        rows: told of every row that begins and ends.
    """

    def __init__(self, crew: Crew, rows: Rows) -> None:
        self._crew = crew
        self._rows = rows

    async def __call__(self, name: str, kind: str, work: Callable[[], Awaitable[T]]) -> T:
        """Do a piece of work; raises what it raises."""
        if FlowRunContext.get() is None:
            return await work()
        subject = self._subject(name, kind)
        row = Row([*tags_of(name, kind), *self._tags_of(subject, kind)])
        self._rows.begin(subject, kind, row)
        try:
            done: T = _result(await _of_kind(kind)(name, work, row))
            return done
        finally:
            self._rows.end(subject, kind)

    def _subject(self, name: str, kind: str) -> str:
        """Under whose name the step's events are told."""
        return self._crew.scope if kind == "assemble" else name.split(" · ")[1]

    def _tags_of(self, subject: str, stage: str) -> list[str]:
        """For which episode it is, whether it is rehearsed; of a take by which endpoint, and who is in it."""
        crew = self._crew
        marks = [crew.scope, "rehearsal"] if crew.folders.rehearsal else [crew.scope]
        line = crew.plan.lines.get(f"{subject}.{stage}")
        if line is None:
            return marks
        who = (one.character for one in line.commission.likenesses)
        return [*marks, line.commission.choice.endpoint.short, *who]


def tags_of(name: str, kind: str) -> list[str]:
    """What a producer filters rows by: the stage, the episode or the cast, and the shot or the character."""
    scope, subject = name.split(" · ")[:2]
    return [kind, scope, subject.partition(".")[0]]


def _result(done: Any) -> Any:
    """What a row's work returned: Prefect hands a row's own state over as it is."""
    if not isinstance(done, State):
        return done
    found = done.data.result if hasattr(done.data, "result") else done.data
    if isinstance(found, OnModelError):
        raise found
    return found
