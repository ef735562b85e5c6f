"""A row's states: what it is at while it runs, and how it ended, in a producer's words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, get_args

import pytest
from prefect.client.schemas.objects import StateType, TaskRun
from prefect.states import Running

from onmodel import errors
from onmodel.flowkit import rows
from onmodel.flowkit.rows import VERDICTS, Row, is_transport
from onmodel.stages.crew import Event
from onmodel.vault import Standing

KNOWN = [
    one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.OnModelError)
]


def event(state: str, detail: str = "") -> Event:
    return Event("s020", "shoot", state, detail, 1)


def ended(heard: list[Event], error: Exception | None = None) -> tuple[Any, TaskRun]:
    """How a row ends that heard these events, and its run."""
    row = Row()
    run = TaskRun(task_key="x", dynamic_key="1", tags=["shoot"], state=Running())

    async def work() -> int:
        for one in heard:
            row.hear(one)
        if error is not None:
            raise error
        return 7

    return asyncio.run(row.see_through(run, work)), run


@pytest.mark.parametrize(
    ("heard", "name", "message"),
    [
        ([event("on-model", "pip 0.71")], "On-model", "pip 0.71"),
        ([event("passed"), event("again", "take 2 of 3")], "Passed", None),
        (
            [event("off-model", "pip: 0.31"), event("again", "take 1 is off-model")],
            "Off-model, retaking",
            "pip: 0.31",
        ),
        ([event("off-model", "pip: 0.31")], "Off-model", "pip: 0.31"),
        ([event("broken", "black"), event("again")], "Broken, retaking", "black"),
        ([event("conforming")], "Completed", None),
    ],
)
def test_a_row_says_its_verdict(heard: list[Event], name: str, message: str | None) -> None:
    """A judged take's row is named by its verdict, and says that it is taken again; others completed."""
    state, _ = ended(heard)
    assert (state.type, state.name, state.message) == (StateType.COMPLETED, name, message)
    assert state.data == 7


def test_a_row_is_tagged_with_its_verdict() -> None:
    """A producer filters rows by verdict."""
    _, run = ended([event("drifting", "from 2 s on")])
    assert set(run.tags) == {"shoot", "drifting"}


@pytest.mark.parametrize("standing", get_args(Standing))
def test_every_standing_has_a_name(standing: str) -> None:
    """Whatever a verdict may be, a row can be called by it."""
    assert standing in VERDICTS


@pytest.mark.parametrize(
    ("error", "kind", "name", "begins"),
    [
        (
            errors.SubmitOutcomeUnknown("nobody knows", hint="Ask them."),
            StateType.FAILED,
            "Needs a person",
            "ambiguous submit: nobody knows. Ask them.",
        ),
        (errors.Moderated("the prompt"), StateType.FAILED, "Needs a person", "the prompt"),
        (errors.OverBudget("the cap"), StateType.FAILED, "Budget reached", "the cap"),
        (errors.ServerFailed("503"), StateType.FAILED, "Died at fal", "503"),
        (errors.Stopped("asked to end"), StateType.CANCELLED, "Interrupted", "asked to end"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_a_row_says_why_it_failed(error: Any, kind: StateType, name: str, begins: str) -> None:
    """A known error is a state with its message, and no traceback; the error itself goes on to the stages."""
    state, _ = ended([event("queued")], error)
    assert (state.type, state.name) == (kind, name)
    assert state.message.startswith(begins)
    assert state.data is error


@pytest.mark.parametrize(
    "kind", [one for one in KNOWN if one is not errors.StoryError], ids=lambda kind: kind.__name__
)
def test_every_known_error_ends_a_row_or_is_tried_again(kind: type[errors.OnModelError]) -> None:
    """No error of ours reaches Prefect as a crash: it is a state, or Prefect tries the row again."""
    named = {"status": 422} if kind is errors.SubmitRefused else {}
    error = kind("it failed", **named)  # type: ignore[arg-type]
    if is_transport(error):
        with pytest.raises(kind):
            ended([], error)
    else:
        assert ended([], error)[0].name


def test_what_is_no_error_of_ours_is_raised() -> None:
    """A fault in the program is a crash with its traceback."""
    with pytest.raises(ZeroDivisionError):
        ended([], ZeroDivisionError())


@pytest.fixture
def emitted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str | None]]:
    """The states that are told to Prefect while a row runs."""
    told: list[tuple[str, str | None]] = []

    def emit(_: TaskRun, *, initial_state: Any, validated_state: Any) -> None:
        told.append((validated_state.name, validated_state.message))

    monkeypatch.setattr(rows, "emit_task_run_state_change_event", emit)
    return told


def test_a_running_row_is_shown_as_it_is_by_now_and_only_if_it_is_new(
    emitted: list[tuple[str, str | None]],
) -> None:
    """Of a hundred positions in fal's queue the page is told the latest at each look, and each once."""
    row = Row()
    run = TaskRun(task_key="x", dynamic_key="1", state=Running())
    steps: list[Callable[[], None]] = [
        lambda: row.hear(event("queued", "position 9")),
        lambda: row.hear(event("queued", "position 3")),
        row.show,
        row.show,
        lambda: row.hear(event("planned")),
        row.show,
        lambda: row.hear(event("judging")),
        row.show,
    ]

    async def work() -> None:
        for step in steps:
            step()

    asyncio.run(row.see_through(run, work))
    row.show()
    assert emitted == [("In fal's queue", "position 3"), ("Judging", None)]
