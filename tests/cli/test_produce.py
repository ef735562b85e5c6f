from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from onmodel.cli.edge import run
from onmodel.scaffold import write_starter
from onmodel.stages.crew import Crew

OnModel = Callable[..., Any]
REHEARSE = ("produce", "s01e03", "--rehearse", "--prefect", "off")

EPISODE = """\
episode: 1
title: Two shots
shots:
  s010:
    setting: a quiet beach at dawn
    start: mist over the water
    action: the mist lifts
    seconds: 3
  s020:
    setting: the same beach at noon
    start: bright sun over the water
    action: a gull flies by
    seconds: 3
"""


def write_episode(folder: Path) -> None:
    (folder / "episodes" / "s01e03.yaml").write_text(EPISODE)


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A production whose episode of two shots was rehearsed by the command, once for all tests."""
    folder = tmp_path_factory.mktemp("rehearsed")
    write_starter(folder)
    write_episode(folder)
    assert run([*REHEARSE, "--json", "--production", str(folder)]) == 0
    return folder


@pytest.fixture
def standing(production: Path, rehearsed: Path) -> Path:
    """The rehearsed production, copied to where the test stands."""
    shutil.copytree(rehearsed, production, dirs_exist_ok=True)
    return production


def test_producing_again_buys_nothing(standing: Path, onmodel: OnModel) -> None:
    """--json has what a script needs; a second run sends no request and the cut is the same file."""
    first, again = onmodel(*REHEARSE, "--json"), onmodel(*REHEARSE, "--json")
    assert (first.code, again.code) == (0, 0)
    result = json.loads(again.out)
    assert result.keys() >= {"episode", "cut", "cut_sha256", "submitted", "reused", "spent_usd", "shots"}
    assert (result["episode"], result["submitted"], result["reused"], result["spent_usd"]) == (
        "s01e03",
        0,
        2,
        0,
    )
    assert [shot["shot"] for shot in result["shots"]] == ["s010", "s020"]
    assert result["cut_sha256"] == json.loads(first.out)["cut_sha256"]
    assert Path(result["cut"]).is_relative_to(standing)
    assert "s010 shoot take 1 current" in again.err


def test_a_person_reads_where_the_cut_is_and_what_it_cost(standing: Path, onmodel: OnModel) -> None:
    """Without --json: the file, the requests, and that a rehearsal costs nothing."""
    found = onmodel(*REHEARSE)
    assert f"s01e03: {standing / 'deliverables' / 'rehearsal' / 's01e03.mp4'}" in found.out
    assert "0 requests, 2 current already; spent $0: a rehearsal." in found.out


def test_only_the_shots_that_are_named_are_made(standing: Path, onmodel: OnModel) -> None:
    """--shots: what is left out and has no take is named, and there is no cut, which is no error."""
    path = standing / "episodes" / "s01e03.yaml"
    path.write_text(EPISODE.replace("a gull flies by", "a crab walks by").replace("mist lifts", "mist stays"))
    found = onmodel(*REHEARSE, "--shots", " s020 ,")
    assert found.code == 0
    assert "1 request, " in found.out
    assert "No cut yet: s010" in found.out
    assert "s010" not in found.err


def test_what_needs_a_person_is_exit_code_4(
    standing: Path, onmodel: OnModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shot over the cap is flagged with the reason and the run ends with 4; --json stays one document."""
    path = standing / "episodes" / "s01e03.yaml"
    path.write_text(EPISODE.replace("a gull flies by", "a crab walks by"))
    found = onmodel(*REHEARSE, "--json", "--max-usd", "0.01")
    assert found.code == 4
    result = json.loads(found.out)
    assert result["submitted"] == 0
    assert list(result["needs_person"]) == ["s020"]
    assert [shot["state"] for shot in result["shots"]] == ["circled", "flagged"]
    assert "needs a person · s020: " in found.err


def test_takes_and_jobs_show_what_was_made(standing: Path, onmodel: OnModel) -> None:
    """Every take with its verdict, price and file; every job with its state; the circled ones are marked."""
    takes = onmodel("takes", "s01e03", "--rehearse")
    assert takes.out.count("●  s01e03 · ") == 2
    document = json.loads(onmodel("takes", "s01e03", "--rehearse", "--json").out)
    for take in document["takes"]:
        assert Path(take["file"]).is_file()
        assert take["file"] in takes.out
        assert Decimal(take["price_usd"]) > 0
    jobs = onmodel("jobs", "--rehearse")
    assert jobs.out.endswith("2 of 2 jobs.\n")
    assert onmodel("jobs", "--rehearse", "--state", "ambiguous").out == "0 of 2 jobs.\n"
    key = json.loads(onmodel("jobs", "--rehearse", "--json").out)["jobs"][0]["job"]
    done = onmodel("jobs", "resolve", key[:12], "--lost", "--rehearse")
    assert (done.code, done.out) == (1, "")
    assert "nothing to resolve" in done.err


def test_an_unexpected_error_in_a_shot_is_told_as_itself(
    standing: Path, onmodel: OnModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of shots that run side by side the one that broke is told, not the group that it broke in."""

    def broken(*_: object) -> bool:
        raise ZeroDivisionError("in a shot")

    monkeypatch.setattr(Crew, "asks_for", broken)
    found = onmodel(*REHEARSE, "--json")
    assert (found.code, found.out) == (3, "")
    assert "unexpected ZeroDivisionError: in a shot" in found.err


@pytest.mark.process
def test_ctrl_c_loses_nothing(production: Path) -> None:
    """A real Ctrl-C: exit code 130, one message, no traceback; the next run goes on and repeats no job."""
    write_episode(production)
    command = [sys.executable, "-c", "from onmodel.cli import main; main()", *REHEARSE, "--json"]
    errors = production / "errors.txt"
    with errors.open("w") as said:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=said, text=True, start_new_session=True
        )
        deadline = time.monotonic() + 60
        while "planned" not in errors.read_text() and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert errors.read_text().count("onmodel: interrupted") == 1
    assert "Traceback" not in errors.read_text()
    again = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert json.loads(again.stdout)["cut_sha256"]
    accepted = (production / ".onmodel" / "rehearsal" / "fal" / "jobs").glob("*.json")
    assert len([job for job in accepted if not job.name.endswith(".answer.json")]) == 2
