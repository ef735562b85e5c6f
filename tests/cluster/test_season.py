"""A season of eight episodes on two machines: a worker is killed, the server restarts, nothing is paid twice.

The tests go on from each other in the order they stand in.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cluster.machines import wait_until
from cluster.season import EPISODES, JOBS
from s3_policy import allows, calls_of

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning"),
]

S3_AWAY_S = 4.0
"""Seconds for which the bucket refuses everything; the client library waits longer than that."""

QUIET_S = 0.8
"""Seconds without a submit: nothing is between its sending and the word about it, when a worker is killed."""


def is_between_submits(cluster: Any, count: int) -> bool:
    """Whether so many jobs were accepted, and no submit is under way."""
    posts = cluster.fal.lines(r"^POST .*queue\.fal\.run")
    if len(cluster.fal.accepted()) < count or len(posts) != len(cluster.fal.accepted()):
        return False
    time.sleep(QUIET_S)
    return len(cluster.fal.lines(r"^POST .*queue\.fal\.run")) == len(posts)


def runs(cluster: Any, *names: str) -> list[dict[str, Any]]:
    """Flow runs of those names."""
    wanted: list[dict[str, Any]] = cluster.server.ask("flow_runs", flow_runs={"name": {"any_": list(names)}})
    return wanted


def states(cluster: Any) -> Counter[str]:
    """How the episodes' runs stand."""
    return Counter(run["state_name"] for run in runs(cluster, *EPISODES))


def test_a_deployment_is_made_once_and_then_in_line(cluster: Any) -> None:
    """`deploy` makes what is missing; the second time, and `--check`, nothing differs."""
    before = cluster.onmodel("one", "deploy", "--check")
    assert (before.returncode, "deployment season/season" in before.stdout) == (1, True), before.stderr
    made = cluster.onmodel("one", "deploy", "--json")
    assert made.returncode == 0, made.stderr
    assert {one["what"] for one in json.loads(made.stdout)["differences"]} == {"is not there"}
    after = cluster.onmodel("two", "deploy", "--check", "--json")
    assert (after.returncode, json.loads(after.stdout)["differences"]) == (0, []), after.stdout


def test_a_schedule_makes_runs(cluster: Any) -> None:
    """The season's next nights are runs already, at the hour of its own time zone, each once."""

    def scheduled() -> list[str]:
        found = cluster.server.ask("flow_runs", flow_runs={"state": {"type": {"any_": ["SCHEDULED"]}}})
        return [run["expected_start_time"] for run in found]

    times = wait_until(scheduled, "the runs of the season's schedule", within_s=90)
    assert len(set(times)) == len(times)
    for moment in map(datetime.fromisoformat, times):
        assert f"{moment.astimezone(ZoneInfo('Europe/Berlin')):%H:%M}" == "02:30"


def test_a_season_is_filmed_by_two_machines_whatever_dies(cluster: Any) -> None:
    """No disk is shared; a worker is killed with its episodes, the server restarts: all is finished."""
    cluster.start_worker("one", "--limit", "3")
    two = cluster.start_worker("two", "--limit", "3")
    asked = {"season": "season-1", "rehearse": False, "max_usd_per_episode": 10, "production": "."}
    season = cluster.server.start_run("season/season", asked)

    locks = cluster.root("two") / ".onmodel" / "run"
    wait_until(lambda: list(locks.glob("hold-s01e*.lock")), "an episode on machine two")
    wait_until(lambda: is_between_submits(cluster, 3), "a moment between submits")
    two.kill()

    wait_until(lambda: len(cluster.fal.accepted()) >= 5, "more jobs")
    cluster.server.process.stop()
    time.sleep(2)
    cluster.server.start()

    away = [(f"{method} /reels", "503:ServiceUnavailable*") for method in ("GET", "HEAD", "PUT", "POST")]
    cluster.bucket.trouble.extend(away)
    time.sleep(S3_AWAY_S)
    cluster.bucket.trouble.clear()

    listed = cluster.onmodel("two", "resume", "--json")
    dead = [one for one in json.loads(listed.stdout)["runs"] if one["is_dead"]]
    assert dead, listed.stdout + listed.stderr
    assert {one["why"] for one in dead} == {"its process on this machine is gone"}
    cluster.start_worker("two", "--limit", "3", "--resume")

    done = wait_until(lambda: _ended(cluster, season), "the season's end", within_s=400)
    assert states(cluster) == Counter({"Completed": len(EPISODES)}), _told(cluster)
    assert len(runs(cluster, *EPISODES)) == len(EPISODES)
    assert done["state_name"] == "Completed", done["state"]


def _ended(cluster: Any, season: str) -> dict[str, Any] | None:
    """The season's run, when it and all episodes are over."""
    run: dict[str, Any] = cluster.server.run(season)
    over = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
    all_over = all(one["state_type"] in over for one in runs(cluster, *EPISODES))
    return run if run["state_type"] in over and all_over else None


def _told(cluster: Any) -> str:
    """What the runs say of themselves, for whoever has to find out."""
    said = [
        f"{run['name']}: {run['state_name']}: {run['state']['message']}" for run in runs(cluster, *EPISODES)
    ]
    return "\n".join([*said, *(log.read_text()[-3000:] for log in cluster.base.glob("*.log"))])


def test_every_shot_was_paid_once(cluster: Any) -> None:
    """As many jobs as there are pictures and clips, no request twice; the ledger and the statement agree."""
    jobs = cluster.fal.accepted()
    assert len(jobs) == JOBS
    assert len(cluster.fal.lines(r"^POST .*queue\.fal\.run")) == JOBS
    told = cluster.onmodel("one", "spend", "--json")
    assert told.returncode == 0, told.stderr
    statement = json.loads(told.stdout)
    assert len({charge["job"] for charge in statement["charges"]}) == len(statement["charges"]) == JOBS
    (budget,) = (cap for cap in statement["caps"] if cap["cap_usd"] == "100")
    assert budget["reserved_usd"] == statement["counted_usd"]


def test_every_episode_is_finished_for_every_machine(cluster: Any) -> None:
    """What one machine cut, the other finds finished: the next run over the season has nothing to do."""
    told = cluster.onmodel("one", "season", "status", "season-1", "--json")
    assert {one["state"] for one in json.loads(told.stdout)["episodes"]} == {"finished"}, told.stdout
    listed = cluster.onmodel("two", "resume", "--json")
    assert json.loads(listed.stdout)["runs"] == []


def test_the_bucket_policy_lets_all_this_through(cluster: Any) -> None:
    """Whatever the season asked of the bucket, `deploy/bucket-policy.json` allows."""
    text = (Path(__file__).parents[2] / "deploy" / "bucket-policy.json").read_text(encoding="utf-8")
    policy = json.loads(text.replace("BUCKET", "reels").replace("PREFIX", "season"))
    asked = [call for call in set(calls_of(cluster.bucket.calls)) if call.action != "s3:CreateBucket"]
    assert len(asked) > JOBS
    assert [call for call in asked if not allows(policy, call)] == []


def test_the_key_is_nowhere(cluster: Any) -> None:
    """No log, and nothing that the server tells, has the workers' key."""
    key = cluster.environment["FAL_KEY"]
    assert key not in json.dumps([cluster.server.ask("flow_runs"), cluster.server.ask("deployments")])
    assert [log for log in cluster.base.rglob("*.log") if key in log.read_text(errors="replace")] == []
