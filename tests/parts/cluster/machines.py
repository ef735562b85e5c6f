"""Prefect's server and its workers, as processes that can be stopped, killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from onmodel.flowkit.server import TUNED, answers

PATIENCE_S: Final = 240.0


def wait_until(there: Callable[[], Any], what: str, *, within_s: float = PATIENCE_S) -> Any:
    """Wait for something, and return it.

    Raises:
        AssertionError: it does not come; `what` says so.
    """
    deadline = time.monotonic() + within_s
    while not (found := there()):
        assert time.monotonic() < deadline, f"{what}: not within {within_s:.0f} s"
        time.sleep(0.3)
    return found


@dataclass
class Process:
    """A program in the background; everything that it said is in its log."""

    command: list[str]
    folder: Path
    environment: dict[str, str]
    log: Path
    _running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin, or begin once more."""
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def stop(self) -> None:
        """Ask it to end; kill it where it does not."""
        if self._running is None:
            return
        self._running.terminate()
        try:
            self._running.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
        self._running = None

    def kill(self) -> None:
        """SIGKILL for it and everything that it began: a machine that loses its power."""
        if self._running is None:
            return
        for pid in [self._running.pid, *descendants(self._running.pid)]:
            _send(pid, signal.SIGSTOP)  # nobody tells anybody, and nobody begins anything more
        for pid in [self._running.pid, *descendants(self._running.pid)]:
            _send(pid, signal.SIGKILL)
        self._running.wait(20)
        self._running = None


def descendants(pid: int) -> list[int]:
    """Every living process that a process began, and those that these began."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(after_name[1]), []).append(int(stat.parent.name))
    found, todo = [], [pid]
    while todo:
        children = parents.get(todo.pop(), [])
        found += children
        todo += children
    return found


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


@dataclass
class Server:
    """Prefect's server, on a database that outlives it."""

    database: str
    folder: Path
    port: int
    process: Process = field(init=False)

    def __post_init__(self) -> None:
        """Name its program; nothing is started yet."""
        self.folder.mkdir(parents=True)
        environment = {
            **bare_environment(),
            **TUNED,
            "HOME": str(self.folder),
            "PREFECT_HOME": str(self.folder),
            "PREFECT_API_DATABASE_CONNECTION_URL": self.database,
        }
        command = [
            sys.executable,
            "-m",
            "prefect",
            "server",
            "start",
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
        ]
        self.process = Process(command, self.folder, environment, self.folder / "server.log")

    @property
    def api(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/api"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.process.start()
        wait_until(lambda: answers(self.api), "Prefect's server")

    def ask(self, what: str, **filters: Any) -> list[dict[str, Any]]:
        """Everything of a sort that it knows."""
        answer = httpx.post(f"{self.api}/{what}/filter", json=filters, timeout=60)
        found: list[dict[str, Any]] = answer.raise_for_status().json()
        return found

    def start_run(self, deployment: str, parameters: Mapping[str, Any]) -> str:
        """Begin a run of a deployment, `season/season`; its id."""
        there = httpx.get(f"{self.api}/deployments/name/{deployment}", timeout=60).raise_for_status().json()
        where = f"{self.api}/deployments/{there['id']}/create_flow_run"
        made = httpx.post(where, json={"parameters": dict(parameters)}, timeout=60).raise_for_status().json()
        return str(made["id"])

    def run(self, run_id: str) -> dict[str, Any]:
        """A flow run."""
        found: dict[str, Any] = (
            httpx.get(f"{self.api}/flow_runs/{run_id}", timeout=60).raise_for_status().json()
        )
        return found


def bare_environment() -> dict[str, str]:
    """This process's environment without a word of Prefect, proxies or keys."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PREFECT_", "AWS_", "ONMODEL_")) and not name.lower().endswith("_proxy")
    }
