"""The flows and deployments that a production begins with."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from prefect.client.schemas.objects import ConcurrencyLimitStrategy
from ruamel.yaml import YAML

from onmodel.flowkit.loading import load_flow

ROOT = Path(__file__).parents[2]
FLOWS = sorted((ROOT / "flows").glob("*.py"))
NAMES = [path.stem for path in FLOWS]


def deployments() -> dict[str, dict[str, Any]]:
    found = YAML(typ="safe").load((ROOT / "deploy" / "prefect.yaml").read_text(encoding="utf-8"))
    assert "pull" not in found, "a pull step names a path of one machine"
    return {one["name"]: one for one in found["deployments"]}


@pytest.mark.parametrize("name", NAMES)
def test_a_flow_file_hides_no_module_and_needs_no_other(name: str) -> None:
    """Prefect puts this folder first on sys.path: no name is a standard module's, none imports another."""
    assert name not in sys.stdlib_module_names
    tree = ast.parse((ROOT / "flows" / f"{name}.py").read_text(encoding="utf-8"))
    imported = {one.module for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)}
    imported |= {alias.name for one in ast.walk(tree) if isinstance(one, ast.Import) for alias in one.names}
    assert imported.isdisjoint(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_flow_takes_no_secret_and_says_what_its_parameters_are(name: str) -> None:
    """Prefect keeps and shows parameters: each is explained there, and none is a key."""
    schema = load_flow(ROOT, name).parameters
    assert all(field.get("description") for field in schema.properties.values())
    assert not [field for field in schema.properties if "key" in field or "token" in field]


def test_every_flow_is_a_deployment_with_parameters_that_it_takes() -> None:
    """What `prefect deploy --all` makes can be started as it is: entrypoint, parameters and a pool fit."""
    found = deployments()
    assert sorted(found) == NAMES == ["cast", "episode", "season"]
    for name, one in found.items():
        assert one["entrypoint"] == f"flows/{name}.py:{name}"
        assert one["work_pool"] == {"name": "onmodel"}
        assert one["tags"]
        load_flow(ROOT, name).validate_parameters(one["parameters"])


def test_nothing_that_runs_by_itself_buys_until_somebody_says_so() -> None:
    """A fresh deployment only rehearses, and the season has a cap for the day when it does not."""
    found = deployments()
    assert all(one["parameters"]["rehearse"] is True for one in found.values())
    assert found["season"]["parameters"]["max_usd_per_episode"] > 0


def test_the_season_runs_every_night_and_never_twice_at_once() -> None:
    """One cron schedule with a time zone; a night that finds the last one still at work leaves it to it."""
    season = deployments()["season"]
    (schedule,) = season["schedules"]
    assert len(schedule["cron"].split()) == 5
    assert ZoneInfo(schedule["timezone"])
    limit = season["concurrency_limit"]
    assert limit["limit"] == 1
    assert ConcurrencyLimitStrategy(limit["collision_strategy"]) is ConcurrencyLimitStrategy.CANCEL_NEW
