from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import agreeable
from reel import PILOT, PIP

HERE = Path(__file__).resolve().parents[2]
KEY = "live-k3y:S3CRET-that-is-nobodys"

PRODUCTION = """\
production: 1
name: reel
title: Reel
format: {ratio: "16:9", resolution: 90p, fps: 24}
"""

REHEARSE = ("produce", "s01e01", "--rehearse", "--prefect", "off", "--json")


@dataclass
class Ended:
    """A run of the program that has ended."""

    code: int
    out: str
    err: str

    @property
    def result(self) -> Any:
        """What `--json` printed."""
        return json.loads(self.out)


@dataclass
class Cinema:
    """A small production in a folder of its own, and the program to produce it with."""

    root: Path
    key: str = KEY

    def write(self) -> None:
        """Write the story, and the flows that ship with the program."""
        texts = {"production.yaml": PRODUCTION, "characters/pip.yaml": PIP, "episodes/s01e01.yaml": PILOT}
        texts |= {f"flows/{path.name}": path.read_text("utf-8") for path in (HERE / "flows").glob("*.py")}
        for name, text in texts.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text, encoding="utf-8")
        agreeable.name_in(self.root)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the program, with a home folder and a key of its own."""
        home = self.root.parent / f"{self.root.name}-home"
        home.mkdir(exist_ok=True)
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        environ = {**kept, "HOME": str(home), "FAL_KEY": self.key}
        program = Path(sys.executable).with_name("onmodel")
        return subprocess.Popen(
            [str(program), *arguments],
            cwd=self.root,
            env=environ,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *arguments: str) -> Ended:
        """Run the program to its end."""
        return ended(self.start(*arguments))

    def accepted(self) -> list[str]:
        """The keys of all jobs that the double has accepted."""
        jobs = self.root.glob(".onmodel/rehearsal/fal/jobs/*.json")
        kept = (path for path in jobs if not path.name.endswith(".answer.json"))
        return [json.loads(path.read_text("utf-8"))["job"] for path in kept]

    def everything(self) -> bytes:
        """All that was written, in the production and in the home folder."""
        folders = (self.root, self.root.parent / f"{self.root.name}-home")
        return b"".join(path.read_bytes() for one in folders for path in one.rglob("*") if path.is_file())


def ended(process: subprocess.Popen[str]) -> Ended:
    """Wait for a run."""
    out, err = process.communicate(timeout=120)
    return Ended(process.returncode, out, err)


@dataclass
class Premiere:
    """An undisturbed run, and a second one that was started while it was going on."""

    cinema: Cinema
    first: Ended
    second: Ended
    pid: int
    start_s: float
    """Seconds until the program began to work on the episode."""


@pytest.fixture(scope="session")
def premiere(tmp_path_factory: pytest.TempPathFactory) -> Premiere:
    """Both runs, made once for all tests."""
    cinema = Cinema(tmp_path_factory.mktemp("premiere") / "reel")
    cinema.write()
    began = time.monotonic()
    process = cinema.start(*REHEARSE)
    lock = cinema.root / ".onmodel/run/hold-the rehearsal of s01e01.lock"
    while process.poll() is None and not (lock.exists() and lock.stat().st_size):
        time.sleep(0.02)
    start_s = time.monotonic() - began
    second = cinema.run(*REHEARSE)
    return Premiere(cinema, ended(process), second, process.pid, start_s)


@pytest.fixture
def new_cinema(tmp_path: Path) -> Callable[[], Cinema]:
    """Writes the same production somewhere else."""

    def new() -> Cinema:
        cinema = Cinema(tmp_path / "reel")
        cinema.write()
        return cinema

    return new
