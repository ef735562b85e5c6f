"""Steps as Prefect tasks: one row for each take, style pass and conform, under the name a producer knows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.context import FlowRunContext
from prefect.tasks import Task

from onmodel.errors import FetchFailed, ResultGone, SubmitNotSent, UploadFailed

T = TypeVar("T")

TRANSPORT: Final = (FetchFailed, SubmitNotSent, UploadFailed)
"""What may pass by itself a minute later, with nothing bought by trying again. All else is retaken or flagged
by us: what Prefect ran again could cost money."""

RETRY_DELAYS_S: Final = [10.0, 60.0]


async def is_transport(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:  # noqa: ARG001 (Prefect's form)
    """Whether a failed step failed on the way to fal or back."""
    error = await state.aresult(raise_on_failure=False)
    return isinstance(error, TRANSPORT) and not isinstance(error, ResultGone)


@task(
    cache_policy=NO_CACHE,  # the vault makes steps idempotent; a cache keyed by code would not know of money
    persist_result=False,
    retries=len(RETRY_DELAYS_S),
    retry_delay_seconds=RETRY_DELAYS_S,
    retry_condition_fn=is_transport,
)
async def _do(work: Callable[[], Awaitable[Any]]) -> Any:
    return await work()


async def watched_step(name: str, kind: str, work: Callable[[], Awaitable[T]]) -> T:
    """Do a piece of work as a Prefect task; outside a flow run, just do it."""
    if FlowRunContext.get() is None:
        return await work()
    row = _do.with_options(name=kind, task_run_name=_escaped(name), tags=tags_of(name, kind))
    done: T = await row(work)
    return done


def tags_of(name: str, kind: str) -> list[str]:
    """What a producer filters rows by: the stage, the episode or the cast, and the shot or the character."""
    scope, subject = name.split(" · ")[:2]
    return [kind, scope, subject.partition(".")[0]]


def _escaped(name: str) -> str:
    """Prefect fills run names like a template; ours are plain."""
    return name.replace("{", "{{").replace("}", "}}")
