"""One run of the command line in a forked process: all is imported already, and it may die anywhere."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from chaos.fal import WatchedFal, in_this_process
from chaos.steps import Point, Watch

LONGEST_S: Final = 120.0
"""Seconds after which a run counts as hung."""


@dataclass(frozen=True)
class Ended:
    """A run that is over."""

    code: int | None
    """Its exit code; None where it was killed."""
    out: str
    err: str

    @property
    def killed(self) -> bool:
        """Whether it died before its end."""
        return self.code is None

    def document(self) -> Any:
        """What `--json` printed."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Set:
    """Where a production runs: its folder, its fal, and the pictures that are ready."""

    root: Path
    fal: Path
    gallery: Path
    history: bool
    environ: tuple[tuple[str, str], ...] = ()
    deadline_s: float | None = None
    """Seconds after which a submit without an answer counts as ambiguous; None: as shipped."""


class Run:
    """A forked run of `onmodel`.

    Args:
        where: its production and its fal.
        arguments: of the command line.
        point: the step to die at.
    """

    def __init__(self, where: Set, arguments: tuple[str, ...], point: Point | None = None) -> None:
        self._said = where.root.parent / f"{where.root.name}-{time.monotonic_ns()}"
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        self.pid = os.fork()
        if self.pid == 0:
            _become(lambda: _play(where, arguments, point), self._said)

    def kill(self) -> None:
        """End it as the power would."""
        os.kill(self.pid, signal.SIGKILL)

    def end(self, *, kill_after_s: float | None = None) -> Ended:
        """Wait for its end, or kill it after a while."""
        until = time.monotonic() + (LONGEST_S if kill_after_s is None else kill_after_s)
        while not (found := os.waitpid(self.pid, os.WNOHANG))[0]:
            if time.monotonic() >= until:
                self.kill()
                found = os.waitpid(self.pid, 0)
                if kill_after_s is None:
                    raise AssertionError(f"a run did not end: {self._texts()[1]}")
                break
            time.sleep(0.002)
        code = os.waitstatus_to_exitcode(found[1])
        return Ended(None if code == -signal.SIGKILL else code, *self._texts())

    def _texts(self) -> tuple[str, str]:
        texts = []
        for name in ("out", "err"):
            path = self._said.with_suffix(f".{name}")
            texts.append(path.read_text(errors="replace") if path.exists() else "")
            path.unlink(missing_ok=True)
        return texts[0], texts[1]


def _become(work: Callable[[], int], said: Path) -> None:
    """Do work in this forked process and end it: whatever the parent was doing is not gone on with."""
    code = 99
    try:
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(said.with_suffix(f".{name}"), os.O_CREAT | os.O_WRONLY | os.O_TRUNC), number)
        code = work()
    except BaseException:  # noqa: BLE001 (a forked process ends here, whatever it met; 99 tells of it)
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


def _play(where: Set, arguments: tuple[str, ...], point: Point | None) -> int:
    random.seed()
    os.environ.update(where.environ)
    os.chdir(where.root)
    watch = Watch(point)
    watch.stores()
    _put_in_place(where, watch)
    from onmodel.cli.edge import run  # noqa: PLC0415 (after the double is in its place)

    return run(list(arguments))


def _put_in_place(where: Set, watch: Watch) -> None:
    from onmodel.stages.cores import Cores  # noqa: PLC0415 (this process only)
    from onmodel.studio import wire  # noqa: PLC0415 (same)

    wire.Outward = lambda: WatchedFal(where.fal, where.gallery, watch, history=where.history)  # type: ignore[assignment, misc]
    Cores.run = in_this_process  # type: ignore[assignment, method-assign]
    if where.deadline_s is not None:
        for name, module in list(sys.modules.items()):
            if name.startswith("onmodel.studio.") and hasattr(module, "DEADLINE_S"):
                module.DEADLINE_S = where.deadline_s  # type: ignore[attr-defined]
