"""Episodes that workers film: waited for to their ends, and gone on with where their processes died."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from prefect.client.schemas.objects import State, StateType
from prefect.exceptions import ObjectNotFound

from onmodel.flowkit import elsewhere
from onmodel.flowkit.elsewhere import LIVES, RunElsewhere, film_elsewhere
from onmodel.flowkit.living import RESUMED
from onmodel.studio.stop import Stop
from onmodel.vault.session import Session

Film = Callable[..., Any]

ASKED = {"episode": "s01e01", "rehearse": True, "max_usd": 5, "production": "."}
DEPLOYMENT: Any = SimpleNamespace(id=uuid4())
DIED = "its process on this machine is gone"


def run(kind: str, name: str | None = None, message: str = "") -> Any:
    """As much of a flow run as is looked at."""
    state = State(type=StateType(kind), name=name or kind.title(), message=message)
    return SimpleNamespace(
        id=UUID(int=1),
        name="s01e01",
        state=state,
        state_type=state.type,
        expected_start_time=None,
        parameters=dict(ASKED),
    )


class Server:
    """Tells the same run again and again, each time further on; a run that goes on is scheduled."""

    def __init__(self, *turns: Any, there: Any = None) -> None:
        self.turns = list(turns)
        self.there = [there] if there else []
        self.revived: list[str] = []
        self.begun: list[dict[str, Any]] = []

    async def read_flow_runs(self, **_: Any) -> list[Any]:
        """Runs that have not ended."""
        return self.there

    async def read_flow_run(self, _: Any) -> Any:
        """The run as it stands."""
        turn = self.turns.pop(0) if len(self.turns) > 1 else self.turns[0]
        if isinstance(turn, Exception):
            raise turn
        return turn

    async def set_flow_run_state(self, _: Any, state: Any, *, force: bool) -> None:
        """Schedule it."""
        assert force
        self.revived.append(state.name)

    async def begin(self, _: Any, **asked: Any) -> Any:
        """Begin a run."""
        self.begun.append(asked)
        return run("SCHEDULED")


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Film:
    """Has an episode filmed under a server; whatever is `RUNNING` there is dead."""

    def work(server: Server, stop: Stop | None = None) -> RunElsewhere | None:
        @asynccontextmanager
        async def client() -> AsyncIterator[Server]:
            yield server

        async def why_dead(_: Any, one: Any, __: Any) -> str:
            return DIED if one.state.name == "Running" else ""

        monkeypatch.setattr(elsewhere, "get_client", client)
        monkeypatch.setattr(elsewhere, "run_deployment", server.begin)
        monkeypatch.setattr(elsewhere, "why_dead", why_dead)
        monkeypatch.setattr(elsewhere, "get_run_logger", lambda: SimpleNamespace(warning=lambda *_: None))
        monkeypatch.setattr(elsewhere, "LOOK_S", 0)
        with Session(tmp_path) as here:
            return asyncio.run(film_elsewhere(DEPLOYMENT, ASKED, here, stop or Stop()))

    return work


def test_a_run_is_begun_and_waited_for(film: Film) -> None:
    """One run of the deployment, named for its episode, in the worker's own folder; its end is told."""
    server = Server(
        run("PENDING"), run("RUNNING", "Retrying"), run("COMPLETED", "Awaiting approval", "1 cut")
    )
    found = film(server)
    (begun,) = server.begun
    assert begun["parameters"] == {"episode": "s01e01", "rehearse": True, "max_usd": 5}
    assert (begun["flow_run_name"], begun["timeout"]) == ("s01e01", 0)
    assert (found.state, found.message, found.is_well) == ("Awaiting approval", "1 cut", True)
    assert server.revived == []


def test_a_run_that_is_there_is_not_doubled(film: Film) -> None:
    """An approval began it a moment ago: two runs of one episode would be in each other's way."""
    server = Server(run("COMPLETED"), there=run("SCHEDULED"))
    assert film(server).is_well
    assert server.begun == []


def test_a_season_that_goes_on_takes_its_dead_episode_with_it(film: Film) -> None:
    """Worker, season and episode died together: whoever resumes the season alone waits for nobody dead."""
    dead = run("RUNNING")
    server = Server(dead, dead, run("SCHEDULED", RESUMED), run("COMPLETED"), there=dead)
    assert film(server).is_well
    assert (server.begun, server.revived) == ([], [RESUMED])


def test_a_process_that_just_came_to_its_end_is_not_dead(film: Film) -> None:
    """It is gone a moment before the server hears how it ended: nothing is filmed again for that."""
    server = Server(run("RUNNING"), run("COMPLETED", "Awaiting approval"))
    found = film(server)
    assert (found.state, server.revived) == ("Awaiting approval", [])


def test_a_run_that_dies_again_and_again_needs_a_person(film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes on so many times; then the season says why, and how to go on."""
    monkeypatch.setattr(elsewhere, "LOOKS", 1)
    server = Server(run("RUNNING"))
    found = film(server)
    assert server.revived == [RESUMED] * LIVES
    assert (found.state, found.is_well) == ("Died", False)
    assert DIED in found.message
    assert f"onmodel resume {found.run}" in found.message


@pytest.mark.parametrize("state", ["Needs a person", "Interrupted"])
def test_a_run_that_ended_in_order_is_not_always_well(film: Film, state: str) -> None:
    """Prefect counts both as completed; the episode is not."""
    assert not film(Server(run("COMPLETED", state))).is_well


def test_a_run_that_was_deleted_stops_nobody(film: Film) -> None:
    """Somebody tidied up on the server: the season says so, and its other episodes go on."""
    gone = ObjectNotFound(httpx.HTTPError("404"))
    found = film(Server(run("RUNNING", "Retrying"), gone))
    assert (found.state, found.is_well) == ("Deleted", False)


def test_whoever_asks_to_end_leaves_the_workers_to_it(film: Film) -> None:
    """Ctrl-C in a terminal that waits: the run at a worker is neither waited for nor cancelled."""

    class Pressed(Stop):
        async def pause(self, seconds: float) -> None:
            """Ctrl-C, in the first pause."""
            self.finish()

    server = Server(run("RUNNING", "Retrying"))
    assert film(server, Pressed()) is None
    assert server.revived == []
