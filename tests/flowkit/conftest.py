from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

import httpx
import pytest

from onmodel.flowkit.server import Server
from onmodel.scaffold import write_starter

KEY = "the-key-that-nobody-may-ever-see"

EPISODE = """\
episode: 1
title: Small
defaults: {cast: pip, seconds: 1, mood: warm lamp light}
shots:
  s010: {setting: a workshop, start: Pip stands at the bench, action: it blinks}
"""


def write_small(folder: Path) -> Path:
    """A production of one character and two episodes of one shot each, and a third that cannot be read."""
    write_starter(folder)
    for path in [*(folder / "episodes").iterdir(), folder / "characters" / "mina.yaml"]:
        path.unlink()
    settings = folder / "production.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("720p", "180p"), encoding="utf-8")
    episodes = {
        "s01e01": EPISODE,
        "s01e02": EPISODE.replace("a workshop", "a garden").replace("cast: pip", "cast: nobody"),
        "s01e03": EPISODE.replace("a workshop", "a street"),
        "season-1": "season: 1\ntitle: One\nepisodes: [s01e02, s01e03]\n",
    }
    for name, text in episodes.items():
        (folder / "episodes" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def key() -> str:
    """The fal key of the small production's shell."""
    return KEY


@pytest.fixture
def flow_file(tmp_path: Path) -> Callable[[str, str], Path]:
    """Writes `flows/NAME.py`; returns the folder that it is a production's."""

    def write(name: str, text: str) -> Path:
        (tmp_path / "flows").mkdir(exist_ok=True)
        (tmp_path / "flows" / f"{name}.py").write_text(dedent(text), encoding="utf-8")
        return tmp_path

    return write


class Filmed:
    """A small production with its server: what the command line does with it, and what Prefect shows."""

    def __init__(self, root: Path, home: Path, api: str) -> None:
        self.root = root
        self.home = home
        self.api = api

    def environment(self, **more: str) -> dict[str, str]:
        """A stranger's shell: an empty home folder, a key, and no word of Prefect."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        return {**kept, "HOME": str(self.home), "FAL_KEY": KEY, **more}

    def onmodel(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `onmodel ARGUMENTS` in the production's folder."""
        return self.python("-c", "from onmodel.cli import main; main()", *arguments)

    def prefect(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `prefect ARGUMENTS` against the server."""
        return self.python("-m", "prefect", *arguments, PREFECT_API_URL=self.api)

    def python(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the production's folder."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def ask(self, what: str, **filters: Any) -> list[dict[str, Any]]:
        """Everything of a sort that Prefect knows, oldest first where it has an order."""
        answer = httpx.post(f"{self.api}/{what}/filter", json=filters, timeout=30)
        found: list[dict[str, Any]] = answer.raise_for_status().json()
        return found


@contextmanager
def _under_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filmed]:
    root = write_small(tmp_path_factory.mktemp("production"))
    home = tmp_path_factory.mktemp("home")
    server = Server(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FAL_KEY", KEY)
        patch.setenv("HOME", str(home))
        api = server.start()
    try:
        yield Filmed(root, home, api)
    finally:
        server.stop()


@pytest.fixture(scope="session")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filmed]:
    """A production, its home folder and its real server, for all tests that need one."""
    with _under_server(tmp_path_factory) as production:
        yield production


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filmed]:
    """Another one, for tests that change what is deployed and kill what runs; it makes no retakes."""
    with _under_server(tmp_path_factory) as production:
        settings = production.root / "production.yaml"
        text = re.sub(r"(?m)^retakes:.*$", "retakes: 0", settings.read_text(encoding="utf-8"))
        settings.write_text(text, encoding="utf-8")
        yield production
