"""Deployments and dead runs of a small production under a real Prefect server.

The tests go on from each other in the order they stand in.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from onmodel.scaffold import write_starter

pytestmark = [
    pytest.mark.server,
    pytest.mark.cluster,
    # The server outlives whoever started it: that is what it is for.
    pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning"),
]

WITHIN_S = 120.0
ONMODEL = ("-c", "from onmodel.cli import main; main()")


def wait_until(there: Callable[[], Any]) -> Any:
    """Wait for something, and return it."""
    deadline = time.monotonic() + WITHIN_S
    while not (found := there()):
        assert time.monotonic() < deadline
        time.sleep(0.3)
    return found


def of_name(production: Any, name: str) -> list[dict[str, Any]]:
    """The runs of a name, oldest first."""
    return production.ask("flow_runs", flow_runs={"name": {"any_": [name]}}, sort="START_TIME_ASC")  # type: ignore[no-any-return]


def test_what_is_missing_is_made_once(deployed: Any) -> None:
    """`--check` says what is missing and changes nothing; `deploy` makes it; then nothing differs."""
    looked = deployed.onmodel("deploy", "--check")
    assert looked.returncode == 1, looked.stderr
    assert re.search(r"deployment episode/episode +missing", looked.stdout)
    assert deployed.ask("deployments") == []
    made = deployed.onmodel("deploy")
    assert made.returncode == 0, made.stderr
    assert re.search(r"work pool onmodel +made", made.stdout)
    assert re.search(r"automation onmodel off-model +left out: whom to tell is missing", made.stdout)
    assert {one["name"] for one in deployed.ask("deployments")} == {"cast", "episode", "season"}
    assert {one["type"] for one in deployed.ask("work_pools")} == {"process", "docker"}
    after = deployed.onmodel("deploy", "--check")
    assert (after.returncode, " missing\n" in after.stdout) == (0, False), after.stdout


def test_only_what_differs_is_changed(deployed: Any) -> None:
    """Somebody's change on the server and one in the file are told apart by value, and brought in line."""
    before = {one["name"]: one for one in deployed.ask("deployments")}
    season = before["season"]["id"]
    httpx.patch(f"{deployed.api}/deployments/{season}", json={"description": "by hand"}, timeout=30)
    path = deployed.root / "deploy" / "prefect.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("30 2 * * *", "0 4 * * *").replace("CANCEL_NEW", "ENQUEUE"), encoding="utf-8"
    )
    looked = deployed.onmodel("deploy", "--check", "--json")
    assert looked.returncode == 1
    found = {one["what"]: one for one in json.loads(looked.stdout)["differences"]}
    assert found.keys() == {"description", "schedules", "concurrency_limit"}
    assert found["description"]["there"] == '"by hand"'
    assert "0 4 * * *" in found["schedules"]["wanted"]
    assert deployed.onmodel("deploy").returncode == 0
    after = {one["name"]: one for one in deployed.ask("deployments")}
    assert after["season"]["id"] == season
    assert [one["schedule"]["cron"] for one in after["season"]["schedules"]] == ["0 4 * * *"]
    assert after["episode"]["updated"] == before["episode"]["updated"]
    path.write_text(text, encoding="utf-8")
    assert deployed.onmodel("deploy").returncode == 0


def test_what_somebody_switched_off_is_told_and_left_so(deployed: Any) -> None:
    """A pause is no difference, and nothing is filmed because of it: both looks say so, and how it ends."""
    season = next(one for one in deployed.ask("deployments") if one["name"] == "season")
    where = f"{deployed.api}/deployments/{season['id']}"
    pool = f"{deployed.api}/work_pools/onmodel"
    httpx.patch(pool, json={"is_paused": True}, timeout=30).raise_for_status()
    httpx.post(f"{where}/pause_deployment", timeout=30).raise_for_status()
    assert deployed.onmodel("deploy").returncode == 0
    looked = deployed.onmodel("deploy", "--check")
    httpx.patch(pool, json={"is_paused": False}, timeout=30).raise_for_status()
    httpx.post(f"{where}/resume_deployment", timeout=30).raise_for_status()
    assert looked.returncode == 0, looked.stdout
    assert re.search(
        r"work pool onmodel +as it should be; paused, .*prefect work-pool resume onmodel", looked.stdout
    )
    assert re.search(r"deployment season/season +as it should be; paused, ", looked.stdout)
    assert "paused" not in deployed.onmodel("deploy", "--check").stdout


def test_a_flow_that_takes_more_is_deployed_again(deployed: Any) -> None:
    """Prefect refuses runs with a parameter that it does not know: what the flow takes is held against it."""
    path = deployed.root / "flows" / "cast.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("rehearse: bool = False,", "rehearse: bool = False,\n    night: bool = False,"),
        encoding="utf-8",
    )
    looked = deployed.onmodel("deploy", "--check", "--json")
    path.write_text(text, encoding="utf-8")
    (found,) = json.loads(looked.stdout)["differences"]
    assert (found["piece"], found["what"]) == ("deployment cast/cast", "takes")
    assert (found["there"], found["wanted"]) == ("{}", '{"night": "boolean, else false"}')


def test_a_deployment_that_has_another_name_now_is_told(deployed: Any) -> None:
    """Its schedule goes on: it is said how it is done away with, and nothing is deleted unasked."""
    path = deployed.root / "deploy" / "prefect.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("- name: cast", "- name: faces"), encoding="utf-8")
    looked = deployed.onmodel("deploy", "--check")
    path.write_text(text, encoding="utf-8")
    assert re.search(r"deployment cast/faces +missing", looked.stdout)
    assert re.search(r"deployment cast/cast +not in deploy/, .*deployment delete cast/cast", looked.stdout)


def test_another_productions_deployments_are_not_taken_over(deployed: Any, tmp_path: Path) -> None:
    """A second production of the same names is told so and changes nothing; under names of its own it may."""
    second = tmp_path / "second"
    write_starter(second)
    before = {one["id"]: one["updated"] for one in deployed.ask("deployments")}
    asked = ("deploy", "--production", str(second))
    done = deployed.python(*ONMODEL, *asked, PREFECT_API_URL=deployed.api)
    assert (done.returncode, f"films another production: {deployed.root}" in done.stderr) == (1, True)
    assert {one["id"]: one["updated"] for one in deployed.ask("deployments")} == before
    path = second / "deploy" / "prefect.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("- name: ", "- name: second-"), encoding="utf-8")
    done = deployed.python(*ONMODEL, *asked, PREFECT_API_URL=deployed.api)
    assert done.returncode == 0, done.stderr
    more = {one["id"] for one in deployed.ask("deployments")} - before.keys()
    assert len(more) == 3
    assert "not in deploy/" not in deployed.onmodel("deploy", "--check").stdout
    for one in more:
        httpx.delete(f"{deployed.api}/deployments/{one}", timeout=30).raise_for_status()


def test_a_worker_of_a_pool_that_is_not_there_does_not_begin(deployed: Any) -> None:
    """Prefect would make an empty pool of that name, and wait at it for ever."""
    done = deployed.onmodel("worker", "--pool", "onmodle")
    assert (done.returncode, "no work pool 'onmodle'" in done.stderr) == (1, True), done.stderr
    assert "Did you mean 'onmodel'?" in done.stderr
    assert {one["name"] for one in deployed.ask("work_pools")} == {"onmodel", "onmodel-docker"}


def test_a_slip_in_deploy_changes_nothing(deployed: Any) -> None:
    """A file that cannot be read is told with exit code 1 before anything is written."""
    path = deployed.root / "deploy" / "prefect.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("limit: 1,", "limits: 1,"), encoding="utf-8")
    done = deployed.onmodel("deploy")
    path.write_text(text, encoding="utf-8")
    assert done.returncode == 1
    assert "deploy/prefect.yaml: deployments.cast.concurrency_limit.limit: Field required" in done.stderr


def test_a_season_that_stopped_is_listed_whatever_its_schedule_has_in_store(deployed: Any) -> None:
    """Tomorrow's run did none of the work of the one that died tonight."""
    season = next(one for one in deployed.ask("deployments") if one["name"] == "season")
    where = f"{deployed.api}/deployments/{season['id']}/create_flow_run"
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    later = {"type": "SCHEDULED", "name": "Scheduled", "state_details": {"scheduled_time": tomorrow}}
    tonight, next_one = (
        httpx.post(where, json={"state": state}, timeout=30).raise_for_status().json()["id"]
        for state in ({"type": "CRASHED", "name": "Crashed"}, later)
    )
    listed = json.loads(deployed.onmodel("resume", "--json").stdout)["runs"]
    assert [one["id"] for one in listed] == [tonight]
    waits = deployed.onmodel("resume", next_one)
    assert (waits.returncode, "is Scheduled: it did not begin yet" in waits.stderr) == (1, True)
    for run in (tonight, next_one):
        httpx.delete(f"{deployed.api}/flow_runs/{run}", timeout=30).raise_for_status()


def test_a_production_that_is_gone_is_a_clear_error(deployed: Any) -> None:
    """The run of a deployment whose folder was moved says which folder, on which machine, and what to do."""
    gone = deployed.root.with_name("moved")
    episode = next(one for one in deployed.ask("deployments") if one["name"] == "episode")
    pull = [{"onmodel.flowkit.place.go_to_production": {"directory": str(gone)}}]
    run = _filmed_by_a_worker(deployed, episode, pull)
    assert run["state_type"] in ("FAILED", "CRASHED")
    assert f"'{gone}' on " in run["state"]["message"]
    assert "the folder is gone" in run["state"]["message"]


def test_a_worker_of_another_version_is_noticed(deployed: Any) -> None:
    """The run's log names both versions, and what to do; it is filmed all the same."""
    episode = next(one for one in deployed.ask("deployments") if one["name"] == "episode")
    mine = next(tag for tag in episode["tags"] if tag.startswith("onmodel="))
    asked = {"tags": [tag.replace(mine, "onmodel=9.9.9") for tag in episode["tags"]]}
    httpx.patch(f"{deployed.api}/deployments/{episode['id']}", json=asked, timeout=30).raise_for_status()
    run = _filmed_by_a_worker(deployed, episode, episode["pull_steps"], episode="s01e03")
    assert run["state_type"] == "COMPLETED", run["state"]
    logs = wait_until(lambda: deployed.ask("logs", logs={"flow_run_id": {"any_": [run["id"]]}}))
    (warned,) = (line["message"] for line in logs if "9.9.9" in line["message"])
    assert (
        warned == f"deployed by onmodel 9.9.9, filmed by {mine.replace('=', ' ')}: " + warned.split(": ")[1]
    )
    looked = deployed.onmodel("deploy", "--check", "--json")
    assert [one["what"] for one in json.loads(looked.stdout)["differences"]] == ["tags"]


def _filmed_by_a_worker(
    production: Any, deployment: dict[str, Any], pull: Any, **asked: Any
) -> dict[str, Any]:
    """A run of a deployment with its pull steps for once; how it ended."""
    where = f"{production.api}/deployments/{deployment['id']}"
    httpx.patch(where, json={"pull_steps": pull}, timeout=30).raise_for_status()
    begun = httpx.post(f"{where}/create_flow_run", json={"parameters": asked}, timeout=30).raise_for_status()
    worker = production.prefect("worker", "start", "--pool", "onmodel", "--run-once")
    httpx.patch(where, json={"pull_steps": deployment["pull_steps"]}, timeout=30).raise_for_status()
    run: dict[str, Any] = httpx.get(f"{production.api}/flow_runs/{begun.json()['id']}", timeout=30).json()
    assert run["state_type"] != "SCHEDULED", worker.stdout + worker.stderr
    return run


@pytest.fixture(scope="module")
def killed(deployed: Any) -> str:
    """The id of a run whose process was killed while fal was at work."""
    command = "from onmodel.cli import main; main()"
    argv = [sys.executable, "-c", command, "produce", "s01e01", "--rehearse", "--trouble", "slow-queue=3s"]
    process = subprocess.Popen(
        argv,
        cwd=deployed.root,
        env=deployed.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    jobs = deployed.root / ".onmodel" / "rehearsal" / "archive" / "jobs" / "s01e01"
    try:
        wait_until(lambda: list(jobs.rglob("outcome.1.json")) or process.poll())
    finally:
        process.kill()
        process.wait()
    return str(of_name(deployed, "s01e01")[-1]["id"])


def test_a_run_whose_process_is_gone_is_known_to_be_dead(deployed: Any, killed: str) -> None:
    """Prefect calls it Running for ever; `resume` lists it, with what shows that nobody films it."""
    assert of_name(deployed, "s01e01")[-1]["state_type"] == "RUNNING"
    listed = json.loads(deployed.onmodel("resume", "--json").stdout)["runs"]
    (found,) = (one for one in listed if one["id"] == killed)
    assert (found["is_dead"], found["is_deployed"]) == (True, False)
    assert found["why"] == "its process on this machine is gone"
    assert killed in deployed.onmodel("resume").stdout


def test_a_dead_run_goes_on_under_its_own_id(deployed: Any, killed: str) -> None:
    """It ends well, no second run is begun, and what was sent before it died is not sent again."""
    before = len(of_name(deployed, "s01e01"))
    done = deployed.onmodel("resume", killed)
    assert done.returncode in (0, 4), done.stderr
    run = httpx.get(f"{deployed.api}/flow_runs/{killed}", timeout=30).json()
    assert (run["state_type"], run["run_count"]) == ("COMPLETED", 2)
    assert len(of_name(deployed, "s01e01")) == before
    jobs = deployed.root / ".onmodel" / "rehearsal" / "archive" / "jobs" / "s01e01"
    assert not list(jobs.rglob("sending.2.json"))
    assert (deployed.root / "deliverables" / "rehearsal" / "s01e01.mp4").is_file()


def test_a_run_that_came_to_its_end_is_left_alone(deployed: Any, killed: str) -> None:
    """There is nothing to go on with, and the message says how to begin anew."""
    done = deployed.onmodel("resume", killed)
    assert done.returncode == 1
    assert "there is nothing to go on with" in done.stderr
    assert "onmodel produce s01e01" in done.stderr


def test_a_run_that_lives_is_left_alone(deployed: Any) -> None:
    """A run that is at work is not listed, and not begun a second time."""
    command = "from onmodel.cli import main; main()"
    path = deployed.root / "episodes" / "s01e01.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("blinks", "waves"), encoding="utf-8")
    argv = [sys.executable, "-c", command, "produce", "s01e01", "--rehearse", "--trouble", "slow-queue=60s"]
    process = subprocess.Popen(
        argv,
        cwd=deployed.root,
        env=deployed.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        run = wait_until(
            lambda: [
                one
                for one in of_name(deployed, "s01e01")
                if one["labels"].get("onmodel.life") == 1 and one["state_type"] == "RUNNING"
            ]
        )[-1]
        listed = json.loads(deployed.onmodel("resume", "--json").stdout)["runs"]
        assert run["id"] not in {one["id"] for one in listed}
        done = deployed.onmodel("resume", run["id"], "--dead")
        assert (done.returncode, "it gives signs of life" in done.stderr) == (1, True), done.stderr
    finally:
        process.kill()
        process.wait()
        path.write_text(text, encoding="utf-8")


def test_a_run_that_nobody_knows_is_told_so(deployed: Any) -> None:
    """A name that no run has is told with the command that lists those that are there."""
    nobody = deployed.onmodel("resume", "s09e09")
    assert (nobody.returncode, "knows no run 's09e09'" in nobody.stderr) == (1, True)


def test_without_a_server_the_next_command_is_told(deployed: Any, tmp_path: Path) -> None:
    """The commands say what to start, with exit code 1."""
    (tmp_path / "production.yaml").write_text("production: 1\n", encoding="utf-8")
    for command in ("deploy", "worker"):
        done = deployed.onmodel(command, "--production", str(tmp_path))
        assert done.returncode == 1
        assert "no Prefect server answers" in done.stderr
        assert "onmodel server start" in done.stderr
