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

from onmodel.cli import producing
from onmodel.cli.edge import run
from onmodel.scaffold import write_starter
from onmodel.stages.crew import Crew
from onmodel.stages.together import CastResult
from onmodel.units import usd

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
    assert result.keys() >= {"episode", "cut", "cut_sha256", "submitted", "reused", "shots"}
    assert (result["schema"], result["episode"]) == ("onmodel.produce/1", "s01e03")
    assert (result["submitted"], result["reused"]) == (0, 2)
    assert (result["spent_usd"], result["would_cost_usd"]) == ("0", "0")
    assert [shot["shot"] for shot in result["shots"]] == ["s010", "s020"]
    assert result["cut_sha256"] == json.loads(first.out)["cut_sha256"]
    assert Path(result["cut"]).is_relative_to(standing)
    assert "s010 shoot take 1 current" in again.err


def test_a_person_reads_where_the_cut_is_and_what_it_cost(standing: Path, onmodel: OnModel) -> None:
    """Without --json: the file, the requests, and that a rehearsal costs nothing."""
    found = onmodel(*REHEARSE)
    assert f"s01e03: {standing / 'deliverables' / 'rehearsal' / 's01e03.mp4'}" in found.out
    assert found.out.endswith("0 requests, 2 current already; spent $0: a rehearsal.\n")


def test_only_the_shots_that_are_named_are_made(standing: Path, onmodel: OnModel) -> None:
    """--shots: what is left out and has no take is named, and there is no cut, which is no error."""
    path = standing / "episodes" / "s01e03.yaml"
    path.write_text(EPISODE.replace("a gull flies by", "a crab walks by").replace("mist lifts", "mist stays"))
    found = onmodel(*REHEARSE, "--shots", " s020 ,")
    assert found.code == 0
    assert "1 request, " in found.out
    assert "The same would have cost $0." in found.out
    assert "No cut yet: s010" in found.out
    assert "s010" not in found.err


def test_what_needs_a_person_is_exit_code_4(
    standing: Path, onmodel: OnModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cap that ends the run is told once, and it ends with 4; --json stays one document."""
    path = standing / "episodes" / "s01e03.yaml"
    path.write_text(EPISODE.replace("a gull flies by", "a crab walks by"))
    found = onmodel(*REHEARSE, "--json", "--max-usd", "0.01")
    assert found.code == 4
    result = json.loads(found.out)
    assert result["submitted"] == 0
    assert list(result["needs_person"]) == ["s01e03"]
    assert [shot["state"] for shot in result["shots"]] == ["circled", "not bought"]
    assert "needs a person · s01e03: " in found.err


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
    job = json.loads(onmodel("jobs", "--rehearse", "--json").out)["jobs"][0]
    assert (job["price_usd"], "price" in job) == (document["takes"][0]["price_usd"], False)
    assert usd(Decimal(job["price_usd"])) in jobs.out
    key = job["job"]
    done = onmodel("jobs", "resolve", key[:12], "--lost", "--rehearse")
    assert (done.code, done.out) == (1, "")
    assert "nothing to resolve" in done.err


def test_model_sheets_as_json_say_their_form_and_money_as_text(
    onmodel: OnModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`cast --json` names its schema, and no cent goes through a float."""
    money = {"spent_usd": Decimal(0), "would_cost_usd": Decimal("0.10")}
    result = CastResult(
        rehearsal=True, views={}, submitted=1, reused=0, prices_of="2026-11-22", needs_person={}, **money
    )
    monkeypatch.setattr(producing, "_run", lambda *_, **__: result)
    document = json.loads(onmodel("cast", "--rehearse", "--json").out)
    assert document["schema"] == "onmodel.cast/1"
    assert (document["spent_usd"], document["would_cost_usd"]) == ("0", "0.10")


def test_an_unexpected_error_in_a_shot_is_told_as_itself(
    standing: Path, onmodel: OnModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of shots that run side by side the one that broke is told, not the group that it broke in."""

    def broken(*_: object) -> bool:
        raise ZeroDivisionError("in a shot")

    monkeypatch.setattr(Crew, "asks_for", broken)
    found = onmodel(*REHEARSE, "--json")
    assert found.code == 3
    assert json.loads(found.out)["schema"] == "onmodel.error/1"
    assert "unexpected ZeroDivisionError: in a shot" in found.err


LISTENING = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from onmodel.cli import main; main()"
)
"""Hears Ctrl-C even where whoever runs the tests was started in the background and does not."""


@pytest.mark.process
def test_ctrl_c_loses_nothing(production: Path) -> None:
    """A real Ctrl-C: what is paid is finished, exit code 130; the next run repeats no job."""
    write_episode(production)
    command = [sys.executable, "-c", LISTENING, *REHEARSE, "--json"]
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
    assert process.returncode == 130
    ending = json.loads(out)["ending"]
    assert (ending["interrupted"], ending["terminated"], ending["not_home"]) == (True, False, [])
    assert errors.read_text().count("Ctrl-C: nothing more is bought") == 1
    assert errors.read_text().count("onmodel: interrupted") == 1
    assert "Traceback" not in errors.read_text()
    again = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert json.loads(again.stdout)["cut_sha256"]
    accepted = (production / ".onmodel" / "rehearsal" / "fal" / "jobs").glob("*.json")
    assert len([job for job in accepted if not job.name.endswith(".answer.json")]) == 2
