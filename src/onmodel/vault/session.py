"""Who this process is, and which others are alive: locks that the system releases when a process dies.

A killed process cannot say that it is gone; the lock it held says so. That spares a restart the wait for the
deadline of whatever the killed process was sending, and keeps two processes from producing one episode.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import socket
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from onmodel.errors import Busy, SetupError
from onmodel.vault.store import is_component


def utc_now() -> datetime:
    """The clock of everything that is not a test."""
    return datetime.now(UTC)


class Session:
    """This process among those that share a run folder; close it, or leave that to the process's end."""

    def __init__(self, run_folder: Path, *, clock: Callable[[], datetime] = utc_now) -> None:
        self.id = secrets.token_hex(8)
        self._folder = run_folder
        self._clock = clock
        with self._usable():
            self.host = _host_of(run_folder)
            self._tidy()
            alive = _take(self._lock_of(self.id), wait=True)
        if alive is None:  # waiting for a lock never comes back without it
            raise SetupError(f"the run folder {run_folder} keeps no locks", hint="Use a local disk for it.")
        self._alive = alive

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Say goodbye: from now on this session counts as dead. Closing twice is fine."""
        self._lock_of(self.id).unlink(missing_ok=True)
        self._alive.release()

    def is_dead(self, session_id: str, host: str) -> bool:
        """Whether a session is known to be gone; False for other machines' sessions: nobody knows."""
        if host != self.host or not is_component(session_id):
            return False
        return not _is_held(self._lock_of(session_id))

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        """Have something to oneself on this machine, an episode for example, until the block ends.

        Raises:
            Busy: another process has it; the message says which, and since when.
            SetupError: the run folder cannot be used.
        """
        path = self._folder / f"hold-{name}.lock"
        with self._usable():
            held = _take(path, wait=False)
        if held is None:
            raise _busy(name, path)
        try:
            with self._usable():
                held.write(json.dumps({"pid": os.getpid(), "since": self._clock().isoformat()}))
            yield
        finally:
            held.release()

    def _lock_of(self, session_id: str) -> Path:
        return self._folder / f"session-{session_id}.lock"

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            yield
        except OSError as error:
            raise SetupError(
                f"the run folder {self._folder} cannot be used ({error.strerror})",
                hint="It must be a folder on this machine that you may write to.",
            ) from error

    def _tidy(self) -> None:
        for path in self._folder.glob("session-*.lock"):
            left = _take(path, wait=False)
            if left is not None:
                # Removed while locked: a session that waits for this very lock finds the name gone.
                path.unlink(missing_ok=True)
                left.release()


class _LockFile:
    """A file that this process locks for itself; the system unlocks it when the process dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o666)
        # A forked child shares the lock: without this, a worker that outlives its killed parent keeps it.
        mine = weakref.ref(self)
        os.register_at_fork(after_in_child=lambda: _leave_to_parent(mine()))

    def lock(self, *, wait: bool) -> bool:
        """Lock it; False when another has it and `wait` is off."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        return True

    def is_named(self) -> bool:
        """Whether the locked file still has its name: a tidying process may have removed it meanwhile."""
        try:
            return os.path.samestat(os.fstat(self._descriptor), self._path.stat())
        except FileNotFoundError:
            return False

    def write(self, content: str) -> None:
        """Say in the file who has it."""
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, content.encode(), 0)

    def release(self) -> None:
        """Unlock it, by name: closing alone would leave it to a child that shares the descriptor."""
        if self._descriptor >= 0:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            self.drop()

    def drop(self) -> None:
        """Close it without unlocking."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def _leave_to_parent(lock: _LockFile | None) -> None:
    if lock is not None:
        lock.drop()


def _take(path: Path, *, wait: bool) -> _LockFile | None:
    """Lock a file; None when another has it and `wait` is off."""
    while True:  # once more only when a tidying process took the name away between opening and locking
        lock = _LockFile(path)
        if not lock.lock(wait=wait):
            lock.drop()
            return None
        if lock.is_named():
            return lock
        lock.release()


def _is_held(path: Path) -> bool:
    """Whether a living process has locked the file."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        # A shared lock asks, so that two askers never mistake each other for a holder.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _host_of(run_folder: Path) -> str:
    """This machine and this run folder: only here does a missing lock mean a session that is gone."""
    facts = run_folder.stat()
    return f"{socket.gethostname()}/{facts.st_dev:x}-{facts.st_ino:x}"


def _busy(name: str, path: Path) -> Busy:
    who, stop = "another process", "stop it"
    with suppress(OSError, ValueError, KeyError, TypeError):  # it may be writing its name just now
        facts = json.loads(path.read_text())
        since = datetime.fromisoformat(facts["since"]).astimezone()
        who = f"process {int(facts['pid'])} since {since:%H:%M}"
        stop = f"stop it (kill {int(facts['pid'])})"
    return Busy(
        f"{name} is being produced by {who}",
        hint=f"Wait until it has finished, or {stop}; then run the same command again: it goes on there.",
    )
