"""Which runs may have stopped; `test_deploying.py` has the commands, under a real server."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from prefect.client.schemas.objects import State, StateType

from onmodel.flowkit.living import RESUMED
from onmodel.flowkit.resuming import _may_have_stopped


@pytest.mark.parametrize(
    ("kind", "name", "pool", "stopped"),
    [
        ("CRASHED", "Crashed", "onmodel", True),
        ("FAILED", "Failed", None, True),
        ("RUNNING", "Running", "onmodel", True),
        ("PENDING", "Pending", "onmodel", True),
        ("COMPLETED", "Interrupted", None, False),
        ("SCHEDULED", "Scheduled", "onmodel", False),
        ("SCHEDULED", RESUMED, "onmodel", False),
        ("SCHEDULED", RESUMED, None, True),
    ],
)
def test_a_run_may_have_stopped(kind: str, name: str, pool: str | None, *, stopped: bool) -> None:
    """It ended badly, or is said to be at work; or it was to go on in a terminal that may be gone."""
    state = State(type=StateType(kind), name=name)
    run: Any = SimpleNamespace(state=state, state_type=state.type, work_pool_name=pool)
    assert _may_have_stopped(run) is stopped
