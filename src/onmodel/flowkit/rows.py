"""One row of the run page: what a step is at while it runs, and how it ended, in a producer's words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, TypeVar

from prefect.client.schemas.objects import State, TaskRun
from prefect.states import Cancelled, Completed, Failed, Running
from prefect.utilities.engine import emit_task_run_state_change_event

from onmodel.errors import (
    AccountLocked,
    FetchFailed,
    InputUnreadable,
    OnModelError,
    OverBudget,
    ResultGone,
    ServerFailed,
    Stopped,
    SubmitNotSent,
    SubmitOutcomeUnknown,
    UploadFailed,
    VaultFull,
)
from onmodel.flowkit.markdown import in_a_line
from onmodel.stages.crew import Event

T = TypeVar("T")

LIVE: Final = {
    "waiting": "Waiting",
    "uploading": "Uploading",
    "sending": "Sending",
    "queued": "In fal's queue",
    "running": "At work at fal",
    "fetching": "Fetching",
    "judging": "Judging",
    "conforming": "Conforming",
    "cutting": "Cutting",
}
"""How a step is called while it runs, by what it was last heard to be at."""

VERDICTS: Final = {
    "on-model": "On-model",
    "passed": "Passed",
    "broken": "Broken",
    "off-model": "Off-model",
    "drifting": "Drifting",
    "partial": "Partly on-model",
    "unscorable": "Unscorable",
}
"""How a step is called once its take was judged."""

TRANSPORT: Final = (FetchFailed, SubmitNotSent, UploadFailed)
"""What may pass by itself a minute later, with nothing bought by trying again. All else is retaken or flagged
by us: what Prefect ran again could cost money."""

Errors = tuple[type[OnModelError], ...]

ENDS: Final[tuple[tuple[Errors, Callable[..., State[Any]], str, str], ...]] = (
    ((Stopped,), Cancelled, "Interrupted", ""),
    ((OverBudget,), Failed, "Budget reached", ""),
    ((AccountLocked,), Failed, "Account locked", ""),
    ((VaultFull,), Failed, "No space left", ""),
    ((ServerFailed, InputUnreadable), Failed, "Died at fal", ""),
    ((SubmitOutcomeUnknown,), Failed, "Needs a person", "ambiguous submit: "),
    ((OnModelError,), Failed, "Needs a person", ""),
)
"""How a step is called that ended in an error, and what its message begins with; the first that fits."""


class Row:
    """What was heard of one step while it ran.

    Its tags are given to Prefect with the first state that is told of it while it runs: with tags of its own
    from the start, Prefect would ask the server twice for each row whether a tag is limited, and start a
    thread for the answer.

    Args:
        tags: what a producer filters rows by.
    """

    def __init__(self, tags: Iterable[str] = ()) -> None:
        self._tags = frozenset(tags)
        self._run: TaskRun | None = None
        self._latest: Event | None = None
        self._shown: tuple[str, str] | None = None
        self._verdict: Event | None = None
        self._again = False

    async def see_through(self, run: TaskRun, work: Callable[[], Awaitable[T]]) -> State[T]:
        """Do the work of a row and say how it ended.

        Args:
            run: the row in Prefect; it is tagged with the verdict.
            work: what is to be done.

        Raises:
            FetchFailed, SubmitNotSent, UploadFailed: Prefect tries the row again a little later.
        """
        self._run = run
        run.tags = sorted(self._tags.union(run.tags))
        try:
            done = await work()
        except OnModelError as error:
            if is_transport(error):
                raise
            return _ended(error)
        finally:
            self._run = None
        if self._verdict is None:
            return Completed(data=done)
        run.tags = sorted({*run.tags, self._verdict.state})
        name = VERDICTS[self._verdict.state] + (", retaking" if self._again else "")
        return Completed(name=name, message=self._verdict.detail or None, data=done)

    def hear(self, event: Event) -> None:
        """Take in what is going on."""
        self._latest = event
        if event.state in VERDICTS:
            self._verdict, self._again = event, False
        elif event.state == "again":
            self._again = self._verdict is not None and self._verdict.state not in ("on-model", "passed")

    def show(self) -> None:
        """Bring the row in the UI up to date, if there is something new: one event, no request."""
        run, latest = self._run, self._latest
        if run is None or run.state is None or latest is None or latest.state not in LIVE:
            return
        now = (LIVE[latest.state], latest.detail)
        if now != self._shown:
            self._shown = now
            state: State[Any] = Running(name=now[0], message=now[1] or None)
            # Prefect's own state stays, and with it the seconds that it sums up: the page is told of both.
            lasted = run.total_run_time + (state.timestamp - run.state.timestamp)
            known = run.model_copy(update={"total_run_time": lasted})
            emit_task_run_state_change_event(known, initial_state=run.state, validated_state=state)


def is_transport(error: BaseException | None) -> bool:
    """Whether an error came up on the way to fal or back, and trying again buys nothing."""
    return isinstance(error, TRANSPORT) and not isinstance(error, ResultGone)


def _ended(error: OnModelError) -> State[Any]:
    make, name, begins = next(
        (make, name, begins) for errors, make, name, begins in ENDS if isinstance(error, errors)
    )
    return make(name=name, message=begins + in_a_line(str(error)), data=error)
