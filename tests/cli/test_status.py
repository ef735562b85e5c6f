from __future__ import annotations

import json
from pathlib import Path

import pytest

from onmodel.cli.edge import run


@pytest.fixture
def production(tmp_path: Path) -> Path:
    """A production as `init` makes it, with nothing filmed."""
    assert run(["init", str(tmp_path / "prod")]) == 0
    return tmp_path / "prod"


def test_an_episode_that_nobody_began_stands_somewhere_too(
    production: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every shot is listed with what it lacks, and nothing is written by asking."""
    before = sorted(production.rglob("*"))
    capsys.readouterr()
    assert run(["status", "s01e01", "-p", str(production)]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "s01e01 · Full circle"
    assert out[1].startswith("0 of 6 shots · 0 of 30 s · $0.00")
    assert out[2].split()[:3] == ["s010", "keyframe", "missing"]
    assert len(out) == 8
    assert [path for path in sorted(production.rglob("*")) if ".onmodel" not in path.parts] == before


def test_a_script_reads_it_as_json(production: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One document, with the schema's name in it."""
    capsys.readouterr()
    assert run(["status", "s01e01", "-p", str(production), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "onmodel.status/1"
    assert (found["shots"], found["shots_done"], found["at_work"]) == (6, 0, False)
    assert {row["subject"] for row in found["rows"]} == {f"s0{n}0" for n in range(1, 7)}
