from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.process, pytest.mark.cluster]

REHEARSE = ("produce", "s01e01", "--rehearse", "--prefect", "off", "--json")
KILLS = 6
LATEST_S = 1.2
"""Seconds of work after which a run is killed at the latest: six such runs come to about one whole run."""
ORPHANS_MAY_LIVE_S = 3.0


def family(pid: int) -> set[int]:
    """All processes that descend from one, the workers of its pool among them."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:  # it ended meanwhile
            continue
        state, parent = text.rpartition(")")[2].split()[:2]
        if state != "Z":
            parents[int(stat.parent.name)] = int(parent)
    found = {pid}
    while more := {one for one, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def alive(pids: set[int]) -> set[int]:
    """Those that still live."""
    return {pid for pid in pids if Path(f"/proc/{pid}").exists() and not _is_zombie(pid)}


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_killed_again_and_again_it_ends_with_the_same_film(
    premiere: Any, new_cinema: Callable[[], Any]
) -> None:
    """SIGKILL at random instants: no job is bought twice, no worker stays, the film is the same."""
    cinema = new_cinema()
    dice = random.Random(20261122)  # noqa: S311 - instants, not secrets
    after_s = [0.1, *(premiere.start_s + dice.uniform(0, LATEST_S) for _ in range(KILLS - 1))]
    killed = 0
    for instant_s in after_s:
        process = cinema.start(*REHEARSE)
        try:
            process.wait(instant_s)
        except subprocess.TimeoutExpired:
            workers = family(process.pid)
            process.send_signal(signal.SIGKILL)
            killed += 1
            process.communicate()
            until = time.monotonic() + ORPHANS_MAY_LIVE_S
            while alive(workers) and time.monotonic() < until:
                time.sleep(0.05)
            assert alive(workers) == set()
        else:
            process.communicate()
    end = cinema.run(*REHEARSE)
    assert (end.code, end.err.count("unexpected")) == (0, 0), end.err
    assert killed >= KILLS // 2
    assert sorted(cinema.accepted()) == sorted(set(cinema.accepted())) == sorted(premiere.cinema.accepted())
    assert end.result["cut_sha256"] == premiere.first.result["cut_sha256"]
    assert end.result["needs_person"] == {}
