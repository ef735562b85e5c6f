"""The production's own Prefect server: started in the background, with the settings that measured well."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import httpx

from onmodel.errors import SetupError

READY_WITHIN_S: Final = 180.0
"""Seconds until a server that does not answer is given up. Measured: 8 s with its database, 21 s on the first
start, several times that on a loaded machine (2026-11)."""

ANSWERS_WITHIN_S: Final = 2.0
STOPS_WITHIN_S: Final = 15.0
POLL_S: Final = 0.25

TUNED: Final = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    # Slots of deployments are leased: runs whose lease went with the server's memory crash.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    # Without this the page calls port 4200 whatever port the server has.
    "PREFECT_SERVER_UI_API_URL": "/api",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}
"""Settings of the server. Measured 2026-11: the recorder's cut the server's CPU per task from 64 to 18 ms and
the backlog after a run of 400 tasks from 22 to 4 s."""

PICTURES: Final = "/onmodel/pictures"
"""Under this address the server has the files of `pictures/`; `launch.py` serves them."""

LAUNCH: Final = Path(__file__).with_name("launch.py")

NOT_THE_SERVERS: Final = ("FAL_KEY", "PREFECT_API_URL", "PREFECT_PROFILE")
"""Variables that the server has no business with."""

UNAUTHORISED: Final = (401, 403)


def answers(url: str) -> bool:
    """Whether a Prefect server answers at an API address, be it that it asks for a key."""
    try:
        found = httpx.get(f"{url.rstrip('/')}/health", timeout=ANSWERS_WITHIN_S)
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
    return found.is_success or found.status_code in UNAUTHORISED


def answering_url(root: Path, configured: str | None) -> str | None:
    """The API address of the server to run under, if it answers: the configured one, else our own."""
    if configured:
        return configured if answers(configured) else None
    return Server(root).url()


@dataclass(frozen=True)
class Server:
    """The server of one production; its data are in `.onmodel/prefect`.

    The server inherits an open file with a lock on it and holds that for as long as it lives: so a note that
    a dead server left behind is known to be stale, and the number in it is never taken for another's process.
    """

    root: Path

    @property
    def folder(self) -> Path:
        """Database, log, lock and the note of the running process."""
        return self.root / ".onmodel" / "prefect"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.folder / "server.log"

    @property
    def pictures(self) -> Path:
        """Pictures that artifacts show, as the server serves them."""
        return self.folder / "pictures"

    @property
    def _note(self) -> Path:
        return self.folder / "server.json"

    def url(self) -> str | None:
        """The API address, if the server lives and answers."""
        noted = self._noted()
        return noted["url"] if noted and self._lives() and answers(noted["url"]) else None

    def noted_url(self) -> str | None:
        """The API address that the server was started with, whether it lives or not; None without one."""
        noted = self._noted()
        return noted["url"] if noted else None

    def start(self) -> str:
        """Start the server, unless it runs or is being started; return its API address once it answers.

        Raises:
            SetupError: it does not answer in time, or ended at once.
        """
        deadline = time.monotonic() + READY_WITHIN_S
        self.folder.mkdir(parents=True, exist_ok=True)
        launched: subprocess.Popen[bytes] | None = None
        while time.monotonic() < deadline:
            url = self.url()
            if url:
                return url
            if launched is None:
                launched = self._launch()
            elif launched.poll() is not None:
                raise self._failed(f"ended at once with exit code {launched.returncode}")
            time.sleep(POLL_S)
        if launched is not None:
            self.stop()
        raise self._failed(f"did not answer within {READY_WITHIN_S:.0f} s")

    def pid(self) -> int | None:
        """The process of the server; None where none lives."""
        noted = self._noted() if self._lives() else None
        return noted["pid"] if noted else None

    def newest_run(self, name: str) -> str | None:
        """The page of the newest run of that name; None without one, or without an answering server."""
        url = self.url()
        if url is None:
            return None
        wanted = {"flow_runs": {"name": {"any_": [name]}}, "sort": "START_TIME_DESC", "limit": 1}
        try:
            found = httpx.post(f"{url}/flow_runs/filter", json=wanted, timeout=ANSWERS_WITHIN_S)
            runs = found.raise_for_status().json()
        except httpx.HTTPError:
            return None
        return f"{url.removesuffix('/api')}/runs/flow-run/{runs[0]['id']}" if runs else None

    def stop(self) -> bool:
        """End the server; whether there was one."""
        pid = self.pid()
        if pid is not None:
            self._end(pid)
        self._note.unlink(missing_ok=True)
        return pid is not None

    def _launch(self) -> subprocess.Popen[bytes] | None:
        """Start the process; None where another one has the lock and is on its way up."""
        lock = self._claim(fcntl.LOCK_EX)
        if lock is None:
            return None
        self._note.unlink(missing_ok=True)  # of a server that was killed
        port = _free_port()
        # -P: this folder's modules are ours, and no names for everybody.
        command = [sys.executable, "-P", str(LAUNCH), "--host", "127.0.0.1"]
        with lock, self.log.open("wb") as log:
            process = subprocess.Popen(
                [*command, "--port", str(port)],
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a closed terminal does not end it
                pass_fds=(lock.fileno(),),
            )
            note = {"pid": process.pid, "url": f"http://127.0.0.1:{port}/api"}
            part = self._note.with_suffix(f".{os.getpid()}")
            part.write_text(json.dumps(note), encoding="utf-8")
            part.replace(self._note)
        return process

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in NOT_THE_SERVERS}
        home = self.folder.resolve()
        return {
            **kept,
            **TUNED,
            "PREFECT_HOME": str(home),
            "PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home / 'prefect.db'}",
        }

    def _claim(self, kind: int) -> BinaryIO | None:
        """The lock; None while a server has it."""
        lock = (self.folder / "server.lock").open("ab")
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return None
        return lock

    def _lives(self) -> bool:
        if not self.folder.is_dir():
            return False
        lock = self._claim(fcntl.LOCK_SH)  # shared: two that look do not take each other for a server
        if lock is None:
            return True
        lock.close()
        return False

    def _end(self, pid: int) -> None:
        """Ask the server to end, then make it."""
        for how, within_s in ((signal.SIGTERM, STOPS_WITHIN_S), (signal.SIGKILL, STOPS_WITHIN_S)):
            try:
                os.kill(pid, how)
            except ProcessLookupError:
                return
            deadline = time.monotonic() + within_s
            while time.monotonic() < deadline:
                if not self._lives():
                    return
                time.sleep(POLL_S)

    def _failed(self, what: str) -> SetupError:
        try:
            said = self.log.read_text(encoding="utf-8", errors="replace").split("\n")
        except OSError:
            said = []
        last = next((line.strip() for line in reversed(said) if line.strip()), "")
        return SetupError(
            f"the Prefect server {what}" + (f"; it said last: {last}" if last else ""),
            hint=f"Its log: {self.log}. Without it: --prefect off",
        )

    def _noted(self) -> dict[str, Any] | None:
        try:
            noted = json.loads(self._note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        is_note = isinstance(noted, dict) and isinstance(noted.get("pid"), int) and "url" in noted
        return noted if is_note else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
