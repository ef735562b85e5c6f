from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.process, pytest.mark.cluster]

ROOT = Path(__file__).resolve().parents[2]
KILLS, RACES = 6, 1


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A small share of `make chaos`, in a process of its own: whoever forks runs must have no threads."""
    told = tmp_path_factory.mktemp("chaos") / "counts.json"
    wanted = ["--small", "--kills", str(KILLS), "--races", str(RACES), "--json", str(told)]
    command = [sys.executable, "-m", "benchmarks.chaos", *wanted]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return json.loads(told.read_text())


def test_killed_anywhere_nothing_is_paid_twice_lost_or_over_the_cap(found: Any) -> None:
    """SIGKILL at steps of the journal and at random, on both archives: the zeros of docs/guarantees.md."""
    zeros = ("paid_twice", "lost", "over_the_cap", "unreserved")
    assert [found[name] for name in zeros] == [0, 0, 0, 0]
    assert found["problems"] == []
    assert found["kills"] >= KILLS
    assert found["accepted"] == found["job_keys"] > 0


def test_what_a_kill_left_open_is_shown_and_every_film_is_the_same(found: Any) -> None:
    """Killed between sending and writing the id: `onmodel jobs` shows it; at last every cut is the same."""
    assert found["shown_ambiguous"] == found["ambiguous"]
    assert found["same_cut"] == found["productions"] > 0
