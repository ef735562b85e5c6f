from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from onmodel.errors import Busy, SetupError
from onmodel.vault import Session

OTHER = """
import os, sys, time
from pathlib import Path
from onmodel.vault import Session
session = Session(Path(sys.argv[1]))
child = 0
with session.hold("s01e01"):
    if sys.argv[2] == "fork":
        started, say_started = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(say_started, b"!")
            time.sleep(60)
            os._exit(0)
        os.read(started, 1)
    print(session.id, session.host, child, flush=True)
    time.sleep(60)
"""


@contextmanager
def other_process(
    run_folder: Path, *, fork: bool = False
) -> Iterator[tuple[subprocess.Popen[str], str, str, int]]:
    """A process that holds s01e01, perhaps with a forked child: it, its session, host, child's pid."""
    argv = [sys.executable, "-c", OTHER, str(run_folder), "fork" if fork else "alone"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        session_id, host, child = process.stdout.readline().split()
        try:
            yield process, session_id, host, int(child)
        finally:
            process.kill()
            if int(child):
                os.kill(int(child), signal.SIGKILL)


def test_a_living_session_is_not_dead_and_a_closed_one_is(tmp_path: Path) -> None:
    """A session lives until it is closed, in its own eyes and in others'."""
    one, other = Session(tmp_path), Session(tmp_path)
    assert one.host == other.host
    assert not one.is_dead(one.id, one.host)
    assert not other.is_dead(one.id, one.host)
    one.close()
    one.close()
    assert other.is_dead(one.id, one.host)
    other.close()


def test_of_other_machines_nobody_knows(tmp_path: Path) -> None:
    """Neither another host nor another run folder lets a missing lock prove anything."""
    with Session(tmp_path / "a") as session, Session(tmp_path / "b") as elsewhere:
        assert not session.is_dead("gone", "another host")
        assert not session.is_dead(elsewhere.id, elsewhere.host)
        assert session.is_dead("gone", session.host)
        assert not session.is_dead("../../etc/passwd", session.host)


def test_a_killed_process_is_known_to_be_dead_at_once(tmp_path: Path) -> None:
    """SIGKILL says nothing, its lock does: session and episode are free again."""
    with Session(tmp_path) as session, other_process(tmp_path) as (process, other_id, host, _):
        assert not session.is_dead(other_id, host)
        with pytest.raises(Busy, match=f"s01e01 is being produced by process {process.pid} since"):
            session.hold("s01e01").__enter__()
        process.kill()
        process.wait()
        assert session.is_dead(other_id, host)
        with session.hold("s01e01"):
            pass


def test_a_forked_child_does_not_keep_its_killed_parent_alive(tmp_path: Path) -> None:
    """A pool's worker that outlives the process it belongs to holds neither its session nor its episode."""
    with Session(tmp_path) as session, other_process(tmp_path, fork=True) as (process, other_id, host, child):
        process.kill()
        process.wait()
        os.kill(child, 0)
        assert session.is_dead(other_id, host)
        with session.hold("s01e01"):
            pass


def test_many_may_ask_for_a_dead_session_at_once(tmp_path: Path) -> None:
    """Those who ask never take each other for the one they ask about."""
    left = tmp_path / "session-killed.lock"
    with Session(tmp_path) as session, left.open("wb") as asked_by_another:
        fcntl.flock(asked_by_another, fcntl.LOCK_SH)
        assert session.is_dead("killed", session.host)
        fcntl.flock(asked_by_another, fcntl.LOCK_EX)
        assert not session.is_dead("killed", session.host)


def test_an_episode_is_held_by_one_at_a_time(tmp_path: Path, clock: Callable[[], datetime]) -> None:
    """A second holder is told who has it, since when, and what to do; another episode is free."""
    with Session(tmp_path, clock=clock) as one, Session(tmp_path) as other:
        with one.hold("s01e01"), other.hold("s01e02"):
            with pytest.raises(Busy) as caught, other.hold("s01e01"):
                pass
            since = clock().astimezone()
            assert (
                caught.value.message
                == f"s01e01 is being produced by process {os.getpid()} since {since:%H:%M}"
            )
            assert f"kill {os.getpid()}" in caught.value.hint
        with other.hold("s01e01"):
            pass


def test_busy_is_said_even_when_the_holder_has_not_signed_yet(tmp_path: Path) -> None:
    """Between locking and writing its name a holder is anonymous; it holds all the same."""
    with Session(tmp_path) as one, Session(tmp_path) as other, one.hold("s01e01"):
        (tmp_path / "hold-s01e01.lock").write_bytes(b"")
        with pytest.raises(Busy, match="another process"), other.hold("s01e01"):
            pass


def test_an_episode_is_free_after_an_error(tmp_path: Path) -> None:
    """Whatever ends the block ends the hold."""
    with Session(tmp_path) as session:
        with pytest.raises(RuntimeError), session.hold("s01e01"):
            raise RuntimeError
        with session.hold("s01e01"):
            pass


def test_lock_files_of_the_dead_are_tidied_and_of_the_living_kept(tmp_path: Path) -> None:
    """Sessions do not pile up, and tidying never makes a living one look dead, however many start at once."""
    with other_process(tmp_path) as (process, _, _, _):
        process.kill()
        process.wait()
        with ThreadPoolExecutor(8) as pool:
            sessions = list(pool.map(lambda _: Session(tmp_path), range(32)))
    assert not any(sessions[0].is_dead(session.id, session.host) for session in sessions)
    assert len(list(tmp_path.glob("session-*.lock"))) == len(sessions)
    for session in sessions:
        session.close()
    assert list(tmp_path.glob("session-*.lock")) == []


def test_a_run_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    """The message names the folder, and what it must be."""
    (tmp_path / "run").write_bytes(b"")
    with pytest.raises(SetupError, match=r"the run folder .*run cannot be used") as caught:
        Session(tmp_path / "run")
    assert caught.value.hint
