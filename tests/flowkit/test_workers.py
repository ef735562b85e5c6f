"""A small production whose deployments a worker films, under a real Prefect server.

The tests go on from each other in the order they stand in.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from onmodel.flowkit.going_on import go_on

pytestmark = [
    pytest.mark.server,
    pytest.mark.cluster,
    # The server outlives whoever started it: that is what it is for.
    pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning"),
]

PAUSED_WITHIN_S = 30.0


def runs(filmed: Any, name: str) -> list[dict[str, Any]]:
    """The runs of a name, oldest first."""
    return filmed.ask("flow_runs", flow_runs={"name": {"any_": [name]}}, sort="START_TIME_ASC")  # type: ignore[no-any-return]


def wait_until(there: Callable[[], bool]) -> None:
    """Wait for what the server does by itself a moment later."""
    deadline = time.monotonic() + PAUSED_WITHIN_S
    while not there():
        assert time.monotonic() < deadline
        time.sleep(0.3)


def test_a_deployed_season_is_filmed_by_a_worker(filmed: Any) -> None:
    """Deployed from the production's folder, on its schedule; a worker films past an episode that fails."""
    made = filmed.prefect("--no-prompt", "work-pool", "create", "onmodel", "--type", "process")
    assert made.returncode == 0, made.stderr
    made = filmed.prefect("--no-prompt", "deploy", "--prefect-file", "deploy/prefect.yaml", "--all")
    assert made.returncode == 0, made.stdout + made.stderr
    season = httpx.get(f"{filmed.api}/deployments/name/season/season", timeout=30).json()
    (schedule,) = season["schedules"]
    assert schedule["active"]
    assert schedule["schedule"]["cron"] == "30 2 * * *"
    assert schedule["schedule"]["timezone"] == "Europe/Berlin"

    started = httpx.post(f"{filmed.api}/deployments/{season['id']}/create_flow_run", json={}, timeout=30)
    once = ("worker", "start", "--pool", "onmodel", "--run-once")
    with ThreadPoolExecutor(1) as other:
        # The season's worker waits for its episodes, which another one takes.
        waiting = other.submit(filmed.prefect, *once)
        while not runs(filmed, "s01e03") and not waiting.done():
            time.sleep(1)
        worker = filmed.prefect(*once)
        assert worker.returncode == 0, worker.stderr
        assert waiting.result().returncode == 0
    run = httpx.get(f"{filmed.api}/flow_runs/{started.json()['id']}", timeout=30).json()
    assert (run["state_type"], run["state_name"]) == ("COMPLETED", "Needs a person"), worker.stdout
    assert "s01e02: " in run["state"]["message"]
    # What cannot be read is told by the season, and no run is begun for it.
    assert "episodes/s01e02.yaml:3:18: unknown character 'nobody'" in run["state"]["message"]
    assert runs(filmed, "s01e02") == []
    logs = filmed.ask("logs", logs={"flow_run_id": {"any_": [run["id"]]}})
    assert not [line for line in logs if "Traceback" in line["message"]]
    (episode,) = runs(filmed, "s01e03")
    assert episode["state_name"] == "Completed"
    assert (filmed.root / "deliverables" / "rehearsal" / "s01e03.mp4").is_file()
    (told,) = filmed.ask("artifacts", artifacts={"key": {"any_": ["season-1-result"]}})
    assert "| s01e02 | not produced |" in told["data"]


def test_an_approval_starts_the_run_that_goes_on(filmed: Any) -> None:
    """The deployment of this very production gets one run, however often somebody decides before that."""
    path = filmed.root / "episodes" / "s01e01.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("title: Small", "title: Small\napprove: [keyframes]").replace("blinks", "nods")
    )
    made = filmed.onmodel("produce", "s01e01", "--rehearse", "--prefect", "off")
    assert (made.returncode, "awaiting approval: 1 keyframe" in made.stderr) == (4, True), made.stderr
    done = filmed.onmodel("approve", "s01e01", "--rehearse", "--as", "ada")
    path.write_text(text, encoding="utf-8")
    assert "The deployment episode/episode goes on with it: http://127.0.0.1:" in done.stdout, done.stderr
    again = go_on(filmed.root, "s01e01", rehearse=True)
    assert again == done.stdout.strip().splitlines()[-1]
    found = httpx.get(f"{filmed.api}/flow_runs/{again.rpartition('/')[2]}", timeout=30).json()
    assert (found["name"], found["state_type"]) == ("s01e01", "SCHEDULED")
    assert (found["parameters"]["episode"], found["parameters"]["rehearse"]) == ("s01e01", True)
    httpx.delete(f"{filmed.api}/flow_runs/{found['id']}", timeout=30).raise_for_status()


def test_a_deployment_that_reached_its_budget_is_paused(filmed: Any) -> None:
    """`deploy/automation-budget.yaml`: a deployed run that meets its cap pauses its deployment."""
    made = filmed.prefect("automation", "create", "--from-file", "deploy/automation-budget.yaml")
    assert made.returncode == 0, made.stdout + made.stderr
    episode = httpx.get(f"{filmed.api}/deployments/name/episode/episode", timeout=30).json()
    assert episode["paused"] is False
    path = filmed.root / "episodes" / "s01e01.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("it blinks", "it jumps"), encoding="utf-8")
    asked = {"parameters": {"episode": "s01e01", "rehearse": True, "max_usd": 0.01, "production": "."}}
    started = httpx.post(f"{filmed.api}/deployments/{episode['id']}/create_flow_run", json=asked, timeout=30)
    worker = filmed.prefect("worker", "start", "--pool", "onmodel", "--run-once")
    path.write_text(text, encoding="utf-8")
    run = httpx.get(f"{filmed.api}/flow_runs/{started.json()['id']}", timeout=30).json()
    assert run["state_name"] == "Needs a person", worker.stdout + worker.stderr
    where = f"{filmed.api}/deployments/{episode['id']}"
    wait_until(lambda: httpx.get(where, timeout=30).json()["paused"])
    httpx.patch(where, json={"paused": False}, timeout=30).raise_for_status()


def test_a_worker_that_a_script_began_ends_when_it_is_told_to(filmed: Any, tmp_path: Path) -> None:
    """A background job is born deaf to SIGINT, by which Prefect's worker ends itself on a SIGTERM."""
    command = 'trap "" INT; exec "$@"'
    argv = [sys.executable, "-c", "from onmodel.cli import main; main()", "worker", "--pool", "quiet"]
    pool = {"name": "quiet", "type": "process"}
    httpx.post(f"{filmed.api}/work_pools/", json=pool, timeout=30).raise_for_status()
    log = tmp_path / "worker.log"
    with log.open("wb") as said:
        worker = subprocess.Popen(
            ["/bin/sh", "-c", command, "sh", *argv],
            cwd=filmed.root,
            env=filmed.environment(),
            stdout=said,
            stderr=said,
        )
    try:
        wait_until(lambda: "started!" in log.read_text(encoding="utf-8") or worker.poll() is not None)
        worker.terminate()
        assert worker.wait(30) is not None, log.read_text(encoding="utf-8")
    finally:
        worker.kill()
        worker.wait()
