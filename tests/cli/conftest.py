from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from onmodel.cli.edge import run
from onmodel.scaffold import write_starter


class Outcome(NamedTuple):
    """What a command line came to."""

    code: int
    out: str
    err: str


OnModel = Callable[..., Outcome]


@pytest.fixture
def production(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh starter production, in which the test stands; nobody has a key or a server."""
    folder = tmp_path / "ours"
    write_starter(folder)
    monkeypatch.chdir(folder)
    for name in ("FAL_KEY", "PREFECT_API_URL", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def onmodel(production: Path, capsys: pytest.CaptureFixture[str]) -> OnModel:
    """Types a command in the production's folder."""

    def typed(*arguments: str) -> Outcome:
        capsys.readouterr()
        code = run(list(arguments))
        return Outcome(code, *capsys.readouterr())

    return typed
