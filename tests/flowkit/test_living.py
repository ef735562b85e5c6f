"""Whether somebody films a run that is said to be running."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from onmodel.flowkit.living import HOST, LIFE, SESSION, SILENT_S, why_dead
from onmodel.vault.session import Session


class Server:
    """Answers what it was told of a run's heartbeats."""

    def __init__(self, *heard_s_ago: float) -> None:
        self.events = [
            {"occurred": (datetime.now(UTC) - timedelta(seconds=one)).isoformat()} for one in heard_s_ago
        ]

    async def request(self, method: str, path: str, **_: Any) -> httpx.Response:
        """Answer."""
        return httpx.Response(
            200, content=json.dumps({"events": self.events}), request=httpx.Request(method, f"http://x{path}")
        )


def run(*, started_s_ago: float = 600, lives: int = 1, kind: str = "RUNNING", **labels: Any) -> Any:
    state = SimpleNamespace(timestamp=datetime.now(UTC) - timedelta(seconds=started_s_ago), type=kind)
    named = {f"onmodel.{name}": value for name, value in labels.items()}
    return SimpleNamespace(id="1", run_count=lives, state=state, labels=named)


def asked(server: Server, one: Any, here: Session) -> str | None:
    return asyncio.run(why_dead(server, one, here))  # type: ignore[arg-type]


def test_a_lock_tells_of_this_machine_at_once(tmp_path: Path) -> None:
    """A run whose session lives is alive, however silent; one whose session is gone is dead."""
    with Session(tmp_path) as here:
        theirs = Session(tmp_path)
        filmed = run(session=theirs.id, host=theirs.host, life=1)
        assert asked(Server(SILENT_S * 9), filmed, here) == ""
        theirs.close()
        assert asked(Server(0), filmed, here) == "its process on this machine is gone"


@pytest.mark.parametrize("labels", [{}, {"host": "elsewhere/1-2", "session": "ab", "life": 1}])
def test_heartbeats_tell_of_other_machines(tmp_path: Path, labels: dict[str, Any]) -> None:
    """Heard of a moment ago: alive. Silent for minutes: dead, with how long. Never heard: nobody can tell."""
    with Session(tmp_path) as here:
        assert asked(Server(20), run(**labels), here) == ""
        assert asked(Server(300), run(**labels), here) == "nothing was heard of it for 5 minutes"
        assert asked(Server(), run(**labels), here) is None


def test_signs_of_an_earlier_life_do_not_count(tmp_path: Path) -> None:
    """A run that goes on keeps its labels and its events: neither says anything of its new process."""
    with Session(tmp_path) as here:
        gone = Session(tmp_path)
        gone.close()
        again = run(started_s_ago=10, lives=2, session=gone.id, host=gone.host, life=1)
        assert asked(Server(300), again, here) is None


@pytest.mark.parametrize("kind", ["PENDING", "SCHEDULED"])
def test_a_run_that_was_taken_up_and_never_began_is_dead_after_a_while(tmp_path: Path, kind: str) -> None:
    """It has no lock and no heartbeat yet: its worker, or the terminal that was to go on with it, is gone."""
    with Session(tmp_path) as here:
        assert asked(Server(), run(started_s_ago=60, kind=kind), here) is None
        why = asked(Server(), run(started_s_ago=900, kind=kind), here)
        assert why == "it was taken up 15 minutes ago, and never began"


def test_the_labels_are_those_that_are_read() -> None:
    """The names that these tests write out are the ones in use."""
    assert (SESSION, HOST, LIFE) == ("onmodel.session", "onmodel.host", "onmodel.life")
