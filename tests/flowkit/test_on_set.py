"""What a run's log says: what a producer would want to read there, and no more."""

from __future__ import annotations

import logging
import sys

import pytest

from onmodel.errors import PlanError
from onmodel.flowkit.on_set import ALARMING, TOLD, _tidy, _told
from onmodel.flowkit.watching import watched_by
from onmodel.stages.crew import Event


def record(
    message: str, level: int = logging.INFO, error: Exception | None = None, name: str = "prefect.task_runs"
) -> logging.LogRecord:
    caught = None
    if error is not None:
        try:
            raise error
        except type(error):
            caught = sys.exc_info()
    return logging.LogRecord(name, level, "x.py", 1, message, (), caught)


def test_how_a_step_ended_is_no_line() -> None:
    """Four lines a shot that say "Completed" would be most of the log, and ours tell what failed."""
    assert not _tidy(record("Finished in state Completed()"))
    assert not _tidy(record("Finished in state On-model('pip 0.71', type=COMPLETED)"))
    assert not _tidy(record("Finished in state Needs a person('s020', type=FAILED)", logging.ERROR))
    assert _tidy(record("s010 shoot take 1 circled"))


def test_how_a_run_ended_is_a_line_unless_all_is_well() -> None:
    """A run that needs a person, or failed, says so in its log's last line."""
    assert not _tidy(record("Finished in state Completed()", name="prefect.flow_runs"))
    assert _tidy(record("Finished in state Needs a person('s020')", name="prefect.flow_runs"))
    assert _tidy(record("Finished in state Failed('x')", logging.ERROR, name="prefect.flow_runs"))


def test_a_known_error_has_no_traceback() -> None:
    """A story error says all in its message; an unexpected one keeps the way it came."""
    known = record("Encountered exception", logging.ERROR, PlanError("no such shot"))
    bug = record("Encountered exception", logging.ERROR, ZeroDivisionError("bug"))
    assert _tidy(known)
    assert _tidy(bug)
    assert known.exc_info is None
    assert bug.exc_info is not None


def test_whoever_watches_is_told_everything() -> None:
    """The command line sees every event of the sets that are opened while it watches, and none later."""
    seen: list[Event] = []
    event = Event("s010", "shoot", "queued")
    with watched_by(seen.append):
        _told()(event)
    _told()(event)
    assert seen == [event]


@pytest.mark.parametrize("state", sorted(ALARMING))
def test_what_alarms_is_told(state: str) -> None:
    """Every state that is a warning is a line of the log at all."""
    assert state in TOLD
