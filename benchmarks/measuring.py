"""How things are measured: whole processes in turn with their baseline, medians, memory of the tree."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

PYTHON = sys.executable
ONMODEL = str(Path(sys.executable).with_name("onmodel"))
SAMPLE_S = 0.2


@dataclass
class Figure:
    """One line of the result."""

    what: str
    figure: str
    baseline: str = ""
    ratio: str = ""
    target: str = ""


@dataclass(frozen=True)
class Run:
    """What one finished process took."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    """Memory of the whole tree at its worst sample, in 10^6 bytes; 0 where it was not watched."""


def run(command: Sequence[str], folder: Path, *, watch: bool = False) -> Run:
    """Run a command to its end.

    Raises:
        subprocess.CalledProcessError: it failed; its output is in the error.
    """
    with tempfile.TemporaryFile() as output:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output, env=_environment())
        peak = _Peak(process.pid) if watch else None
        code = process.wait()
        wall = time.perf_counter() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        peak_mb = peak.stop() if peak else 0.0
        if code:
            output.seek(0)
            raise subprocess.CalledProcessError(code, command, output.read().decode(errors="replace"))
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(wall, cpu, peak_mb)


def in_turn(
    first: Sequence[str], second: Sequence[str], folder: Path, rounds: int
) -> tuple[float, float, float]:
    """Run two commands in turn, after one round that is not counted.

    Returns:
        The median wall of each in seconds, and the median of the ratios first to second, pair by pair.
    """
    pairs = [(run(first, folder).wall_s, run(second, folder).wall_s) for _ in range(rounds + 1)][1:]
    ratios = [one / other for one, other in pairs]
    return median(one for one, _ in pairs), median(other for _, other in pairs), median(ratios)


def _environment() -> dict[str, str]:
    """As a user has it: compiled modules are kept, and no key is at hand."""
    environment = {**os.environ, "NO_COLOR": "1"}
    for name in ("PYTHONDONTWRITEBYTECODE", "FAL_KEY", "PREFECT_API_URL"):
        environment.pop(name, None)
    return environment


class _Peak:
    """Samples the memory of a process tree until it is stopped."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._most = 0.0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        self._end.set()
        self._thread.join()
        return self._most

    def _watch(self) -> None:
        while not self._end.wait(SAMPLE_S):
            self._most = max(self._most, sum(map(_pss_mb, tree(self._pid))))


def tree(pid: int) -> list[int]:
    """A process and all that it started."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                waiting.extend(int(child) for child in (task / "children").read_text().split())
        except OSError:
            continue
    return found


def _pss_mb(pid: int) -> float:
    """Memory of one process, shared pages by their share."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6
