from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from onmodel.flowkit.going_on import _last_cap, go_on, not_ended, roots_of

WORKS_IN = "prefect.deployments.steps.set_working_directory"


@pytest.mark.parametrize(
    ("production", "steps", "path", "found"),
    [
        (".", [{WORKS_IN: {"directory": "/films/reel"}}], None, ["/films/reel"]),
        ("reel", [{WORKS_IN: {"directory": "/films"}}], None, ["/films/reel"]),
        ("/films/reel", [], None, ["/films/reel"]),
        (".", None, "/films/reel", ["/films/reel"]),
        (".", [{"prefect.deployments.steps.git_clone": {"repository": "x"}}], None, []),
        (".", None, None, []),
    ],
)
def test_whose_a_deployment_is(production: str, steps: Any, path: str | None, found: list[str]) -> None:
    """It is this production's where it works in its folder; what is cloned elsewhere is nobody's here."""
    deployment: Any = SimpleNamespace(parameters={"production": production}, pull_steps=steps, path=path)
    assert sorted({str(one) for one in roots_of(deployment)}) == found


def test_without_a_server_nothing_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No server of its own, and none that answers where one is named: the command is told instead."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert go_on(tmp_path, "s01e01", rehearse=True) is None
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    assert go_on(tmp_path, "s01e01", rehearse=True) is None


def run(state: str, starts: timedelta, **parameters: Any) -> Any:
    """As much of a flow run as is looked at."""
    return SimpleNamespace(
        state_type=state, expected_start_time=datetime.now(UTC) + starts, parameters=parameters, id=state
    )


class Client:
    """A server that knows some runs."""

    def __init__(self, *runs: Any) -> None:
        self.runs = runs

    async def read_flow_runs(self, **_: Any) -> list[Any]:
        """Whatever is asked for."""
        return list(self.runs)


ASKED = {"episode": "s01e01", "rehearse": False}


def test_a_run_of_next_weeks_schedule_waits_for_nobody() -> None:
    """One that a worker takes up now is not doubled; one that is to begin some day is no answer."""
    deployment: Any = SimpleNamespace(id=uuid4())
    later = run("SCHEDULED", timedelta(days=7), **ASKED)
    now = run("SCHEDULED", timedelta(seconds=-5), **ASKED, max_usd=5)
    assert asyncio.run(not_ended(Client(later), deployment, ASKED)) is None  # type: ignore[arg-type]
    assert asyncio.run(not_ended(Client(later, now), deployment, ASKED)) is now  # type: ignore[arg-type]


def test_an_approval_raises_no_cap() -> None:
    """What goes on after it is held to what the last run of the same episode was held to."""
    other = run("COMPLETED", timedelta(), episode="s01e02", rehearse=False, max_usd=99)
    last = run("COMPLETED", timedelta(hours=-1), **ASKED, max_usd=10)
    assert asyncio.run(_last_cap(Client(other, last), "episode", ASKED)) == {"max_usd": 10}  # type: ignore[arg-type]
    assert asyncio.run(_last_cap(Client(other), "episode", ASKED)) == {}  # type: ignore[arg-type]
