"""A small production under a real Prefect server: what a producer sees there, and what nobody ever sees.

The tests go on from each other in the order they stand in: one server, one production, little time.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = [
    pytest.mark.server,
    # The server outlives whoever started it: that is what it is for.
    pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning"),
]


RECORDED_WITHIN_S = 30.0


def runs(filmed: Any, name: str) -> list[dict[str, Any]]:
    return filmed.ask("flow_runs", flow_runs={"name": {"any_": [name]}}, sort="START_TIME_ASC")  # type: ignore[no-any-return]


def rows(filmed: Any, run: dict[str, Any]) -> dict[str, set[str]]:
    """The names and tags of a run's rows, once the server has recorded them all."""
    wanted = {"flow_runs": {"id": {"any_": [run["id"]]}}, "sort": "EXPECTED_START_TIME_ASC"}
    return {row["name"]: set(row["tags"]) for row in filmed.ask("task_runs", **wanted)}


def artifacts(filmed: Any, key: str) -> list[dict[str, Any]]:
    return filmed.ask("artifacts", artifacts={"key": {"any_": [key]}})  # type: ignore[no-any-return]


def test_an_episode_is_shown_as_a_producer_reads_it(filmed: Any) -> None:
    """`auto` finds the production's server: a tagged run, a named and tagged row a step, plan and result."""
    done = filmed.onmodel("produce", "s01e01", "--rehearse", "--json")
    assert done.returncode == 0, done.stderr
    assert "Under Prefect: http://127.0.0.1:" in done.stderr
    result = json.loads(done.stdout)
    (run,) = runs(filmed, "s01e01")
    assert (run["state_name"], run["tags"]) == ("Completed", ["rehearsal", "s01e01"])
    found = _until_recorded(filmed, run, 8)
    assert found["s01e01 · s010 · take 1 · image-to-video"] == {"shoot", "s01e01", "s010", "rehearsal"}
    assert found["cast · pip.default.front · take 1 · model sheet"] >= {"sheet", "cast", "pip"}
    assert {"s01e01 · s010 · take 1 · keyframe", "s01e01 · s010 · conform", "s01e01 · cut"} <= found.keys()
    (plan,) = artifacts(filmed, "s01e01-plan")
    assert {row["state"] for row in json.loads(plan["data"])} == {"missing"}
    (told,) = artifacts(filmed, "s01e01-result")
    assert result["cut"] in told["data"]


def _until_recorded(filmed: Any, run: dict[str, Any], count: int) -> dict[str, set[str]]:
    """The server writes a row down a moment after it ends, and its name, with dots, a moment later."""
    deadline = time.monotonic() + RECORDED_WITHIN_S
    while time.monotonic() < deadline:
        found = rows(filmed, run)
        if sum(" · " in name for name in found) >= count:
            break
        time.sleep(0.3)
    return found


def test_what_needs_a_person_says_so(filmed: Any) -> None:
    """A flagged shot: exit code 4 with the whole result, and a run that is named for it."""
    path = filmed.root / "episodes" / "s01e01.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("it blinks", "it waves"), encoding="utf-8")
    done = filmed.onmodel("produce", "s01e01", "--rehearse", "--json", "--max-usd", "0.01")
    path.write_text(text, encoding="utf-8")
    assert done.returncode == 4, done.stderr
    assert json.loads(done.stdout)["needs_person"]["s01e01"]
    run = runs(filmed, "s01e01")[-1]
    assert (run["state_type"], run["state_name"]) == ("COMPLETED", "Needs a person")
    assert "s01e01: " in run["state"]["message"]


def test_a_known_error_is_one_message(filmed: Any) -> None:
    """A known error: exit code 1, and our message once, with nothing of Prefect's around it."""
    done = filmed.onmodel("produce", "s01e01", "--rehearse", "--shots", "s999")
    assert done.returncode == 1
    assert done.stderr.count("has no shot 's999'") == 1
    assert "Traceback" not in done.stderr
    assert len([line for line in done.stderr.splitlines() if not line.startswith("Under Prefect")]) <= 2


def test_the_home_folder_stays_empty(filmed: Any) -> None:
    """The command line leaves no database and no stored errors of Prefect in the home folder."""
    left = [path.name for path in Path(filmed.home).rglob("*") if path.is_file()]
    assert left == []


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
    worker = filmed.prefect("worker", "start", "--pool", "onmodel", "--run-once")
    assert worker.returncode == 0, worker.stderr
    run = httpx.get(f"{filmed.api}/flow_runs/{started.json()['id']}", timeout=30).json()
    assert (run["state_type"], run["state_name"]) == ("COMPLETED", "Needs a person"), worker.stdout
    assert "s01e02: " in run["state"]["message"]
    (failed,) = runs(filmed, "s01e02")
    assert failed["state_type"] == "FAILED"
    assert "episodes/s01e02.yaml:3:18: unknown character 'nobody'" in failed["state"]["message"]
    logs = filmed.ask("logs", logs={"flow_run_id": {"any_": [failed["id"]]}})
    assert not [line for line in logs if "Traceback" in line["message"]]
    (episode,) = runs(filmed, "s01e03")
    assert episode["state_name"] == "Completed"
    assert (filmed.root / "deliverables" / "rehearsal" / "s01e03.mp4").is_file()
    (told,) = artifacts(filmed, "season-1-result")
    assert "| s01e02 | not produced |" in told["data"]


RETRIES = """
import asyncio
from prefect import flow
from onmodel.errors import FetchFailed, SubmitOutcomeUnknown
from onmodel.flowkit import steps

steps._do = steps._do.with_options(retry_delay_seconds=0)
tried = []

async def fetch():
    tried.append("fetch")
    if tried.count("fetch") < 3:
        raise FetchFailed("the connection broke")
    return "here"

async def submit():
    tried.append("submit")
    raise SubmitOutcomeUnknown("nobody knows")

@flow
async def both():
    try:
        await steps.watched_step("s01e01 \u00b7 s010 \u00b7 take 1 \u00b7 x", "shoot", submit)
    except SubmitOutcomeUnknown:
        return await steps.watched_step("s01e01 \u00b7 s020 \u00b7 take 1 \u00b7 x", "shoot", fetch)

print(asyncio.run(both()), *tried)
"""


def test_only_transport_is_retried_by_prefect(filmed: Any, tmp_path: Path) -> None:
    """A download that failed is fetched twice more; a submit that nobody knows of is never sent again."""
    script = tmp_path / "retries.py"
    script.write_text(RETRIES, encoding="utf-8")
    done = filmed.python(str(script), PREFECT_API_URL=filmed.api)
    assert done.stdout.split() == ["here", "submit", "fetch", "fetch", "fetch"], done.stderr


def test_the_key_is_nowhere(filmed: Any, key: str) -> None:
    """After all this the fal key stands in no database, log, artifact, parameter, manifest or error."""
    files = [path for path in filmed.root.rglob("*") if path.is_file()]
    assert any(path.name == "prefect.db" for path in files)
    assert [path for path in files if key.encode() in path.read_bytes()] == []
