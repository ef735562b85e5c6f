"""PostgreSQL of this machine, in a folder of its own. It refuses to run as root, who makes it nobody's."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cluster.ports import free_port

NOBODY: Final = 65534
READY_WITHIN_S: Final = 60.0
FAST: Final = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=100")


def postgres_bin() -> Path | None:
    """The folder of the newest PostgreSQL that is installed; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda one: int(one.parts[4]))
    if found:
        return found[-1].parent
    there = shutil.which("postgres")
    return Path(there).resolve().parent if there else None


@contextmanager
def postgres(binaries: Path) -> Iterator[str]:
    """An empty database; its address for SQLAlchemy."""
    folder = Path(tempfile.mkdtemp(prefix="onmodel-pg-"))
    lent = os.geteuid() == 0
    if lent:
        os.chown(folder, NOBODY, NOBODY)
    as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if lent else []
    port = free_port()
    try:
        made = [binaries / "initdb", "-D", folder / "data", "-U", "prefect", "-A", "trust", "--no-sync"]
        subprocess.run([*as_nobody, *made], check=True, capture_output=True, cwd=folder)
        options = [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", *FAST]
        command = [
            binaries / "postgres",
            "-D",
            folder / "data",
            *(word for one in options for word in ("-c", one)),
        ]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen([*as_nobody, *command], stdout=log, stderr=log, cwd=folder)
        try:
            _wait(binaries, port, process, folder / "log")
            yield f"postgresql+asyncpg://prefect@127.0.0.1:{port}/postgres"
        finally:
            process.send_signal(signal.SIGINT)  # PostgreSQL's word for: at once, and in order
            process.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(binaries: Path, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    asked = [binaries / "pg_isready", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(asked, check=False, capture_output=True).returncode != 0:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)
