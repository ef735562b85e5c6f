"""What `deploy/` has beside the flows: checked as far as a machine without a container engine can."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from prefect.client.schemas.schedules import CronSchedule
from prefect.server.schemas.schedules import CronSchedule as ServersSchedule
from ruamel.yaml import YAML

from onmodel.errors import SetupError
from onmodel.flowkit.deploy_file import read_deploy_file
from onmodel.flowkit.deployed import deployment_piece
from onmodel.flowkit.loading import load_flow
from onmodel.flowkit.server import TUNED
from onmodel.scaffold import write_starter

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, with what they say."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def said(word: str) -> list[str]:
    return [rest for name, rest in instructions() if name == word]


def compose() -> dict[str, Any]:
    text = (DEPLOY / "compose.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return found


def test_everything_that_is_copied_into_the_image_is_in_a_production(tmp_path: Path) -> None:
    """A fresh production has every file that the Dockerfile copies; folders in brackets may be missing."""
    write_starter(tmp_path)
    for line in said("COPY"):
        *sources, _ = [word for word in line.split() if not word.startswith("--")]
        assert [one for one in sources if "[" not in one and not (tmp_path / one).exists()] == []
        assert any("[" not in one for one in sources), "a COPY of nothing fails"


def test_the_image_is_pinned_and_runs_as_nobody_special() -> None:
    """Python to its patch level, the rest by the lock, this onmodel; a numbered user, and a health check."""
    (base,) = said("FROM")
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", base)
    assert said("ARG") == [f'ONMODEL="onmodel=={version("onmodel")}"']
    installs = [line for line in said("RUN") if "pip install" in line]
    assert installs
    assert all("--constraint /tmp/install/requirements.lock" in line for line in installs)
    (user,) = said("USER")
    assert int(user.split(":")[0]) > 0
    assert instructions().index(("USER", user)) > max(
        number for number, (word, _) in enumerate(instructions()) if word in ("RUN", "COPY")
    )
    assert "8080/health" in said("HEALTHCHECK")[0]
    assert "--health" in said("CMD")[0]


def test_no_secret_is_built_in() -> None:
    """Neither ARG nor ENV has a key, and what might hold one stays out of the image."""
    assert not re.search("KEY|SECRET|PASSWORD|TOKEN", " ".join([*said("ARG"), *said("ENV")]))
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert {".git", ".env", "archive", ".onmodel"} <= set(ignored)


def test_the_compose_file_refers_to_what_it_has() -> None:
    """Every image is pinned, and every service and volume that is referred to exists."""
    file = compose()
    services = file["services"]
    for name, service in services.items():
        assert re.fullmatch(r"[\w/.-]+:(?!latest)[\w.-]+", service["image"]), name
        assert set(service.get("depends_on", {})) <= services.keys(), name
        for mount in service.get("volumes", ()):
            assert mount.split(":")[0] in file["volumes"], name
        for needed, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "test" in services[needed]["healthcheck"], f"{name} waits for the health of {needed}"
    assert set(file["volumes"]) == {
        mount.split(":")[0] for service in services.values() for mount in service.get("volumes", ())
    }
    ours = {one["image"] for one in services.values() if one["image"].startswith("onmodel")}
    assert ours == {f"onmodel-production:{version('onmodel')}"}


def test_the_studio_is_two_workers_on_a_real_database() -> None:
    """PostgreSQL behind a tuned server, an S3 server, two workers with a quota each."""
    services = compose()["services"]
    assert services["database"]["image"].startswith("postgres:")
    server = services["prefect"]["environment"]
    assert server["PREFECT_API_DATABASE_CONNECTION_URL"].startswith("postgresql+asyncpg://")
    assert (
        TUNED.items() - {("PREFECT_SERVER_ANALYTICS_ENABLED", "false"), ("DO_NOT_TRACK", "1")}
        <= server.items()
    )
    workers = [one for name, one in services.items() if name.startswith("worker")]
    assert len(workers) == 2
    assert all(one["environment"]["ONMODEL_IN_FLIGHT"].isdigit() for one in workers)
    assert len({one["volumes"][0] for one in workers}) == 2, "workers share no disk"


def test_no_secret_has_a_default_and_nothing_listens_to_the_world() -> None:
    """Keys and passwords come from the shell, or compose refuses; the one open port is this machine's own."""
    text = (DEPLOY / "compose.yml").read_text(encoding="utf-8")
    for name in ("FAL_KEY", "POSTGRES_PASSWORD", "ARCHIVE_ACCESS_KEY", "ARCHIVE_SECRET_KEY"):
        assert f"${{{name}:?" in text
    assert ":-" not in text
    ports = [port for service in compose()["services"].values() for port in service.get("ports", ())]
    assert ports == ["127.0.0.1:4200:4200"]


def test_the_deployments_are_those_of_the_flows() -> None:
    """cast, episode and season; each flow takes its parameters; the schedule keeps a named zone's clock."""
    file = read_deploy_file(ROOT)
    assert [one.name for one in file.deployments] == ["cast", "episode", "season"]
    assert {(pool.name, pool.type) for pool in file.pools.values()} == {
        ("onmodel", "process"),
        ("onmodel-docker", "docker"),
    }
    for one in file.deployments:
        assert one.parameters.keys() <= load_flow(ROOT, one.flow).parameters.properties.keys()
        assert one.parameters["rehearse"] is True, "nothing is bought before its owner says so"
    season = file.deployments[-1]
    assert season.concurrency_limit is not None
    assert (season.concurrency_limit.limit, season.concurrency_limit.collision_strategy) == (1, "CANCEL_NEW")
    (schedule,) = season.schedules
    assert CronSchedule(cron=schedule.cron, timezone=schedule.timezone)
    assert ZoneInfo(schedule.timezone)


@pytest.mark.parametrize("server_zone", ["UTC", "America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize("before_a_change", ["2027-03-25", "2027-10-28"])
def test_every_night_comes_once_across_a_change_to_daylight_saving(
    server_zone: str, before_a_change: str
) -> None:
    """Seven nights, seven runs at 02:30 of the schedule's zone; where there is no 02:30, an hour early."""
    (schedule,) = read_deploy_file(ROOT).deployments[-1].schedules
    served = ServersSchedule(cron=schedule.cron, timezone=schedule.timezone)
    start = datetime.fromisoformat(before_a_change).replace(hour=12, tzinfo=ZoneInfo(server_zone))
    times = asyncio.run(served.get_dates(n=7, start=start))
    local = [one.astimezone(ZoneInfo(schedule.timezone)) for one in times]
    assert [(one.date() - local[0].date()).days for one in local] == list(range(7))
    expected = {"2027-03-28": "01:30"}
    assert [f"{one:%H:%M}" for one in local] == [expected.get(f"{one:%Y-%m-%d}", "02:30") for one in local]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("deployments: [", r"prefect\.yaml:\d+:\d+: this is no YAML"),
        ("- a", "the file: "),
        ("deployments: [{name: night}]", "deployments.night.entrypoint: Field required"),
        (
            "deployments: [{name: n, entrypoint: flows/a.py:b, work_pool: {name: p}}]",
            r"deployments.n.entrypoint: .*allowed: flows/NAME.py:NAME.*found 'flows/a.py:b'",
        ),
        (
            "deployments: [{name: n, entrypoint: 'flows/a.py:a', work_pool: {name: p}, parameter: {}}]",
            "deployments.n.parameter: Extra inputs",
        ),
    ],
)
def test_a_slip_in_the_file_is_told_with_its_place(tmp_path: Path, written: str, said: str) -> None:
    """What is wrong, under which deployment, and what is allowed."""
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "prefect.yaml").write_text(written, encoding="utf-8")
    with pytest.raises(SetupError, match=said):
        read_deploy_file(tmp_path)


@pytest.mark.parametrize(
    ("stands", "slip", "said"),
    [
        ("30 2 * * *", "30 25 * * *", r"season\.schedules\.0\.cron: allowed: minute hour .*found '30 25"),
        (
            "Europe/Berlin",
            "Europe/Berlim",
            r"season\.schedules\.0\.timezone: allowed: .*found 'Europe/Berlim'",
        ),
        (
            "{limit: 1, collision_strategy: ENQUEUE}",
            "{limit: 0}",
            r"cast\.concurrency_limit\.limit: .* 1; found 0",
        ),
        ("- name: episode", "- name: a/b", r"deployments\.a/b\.name: .*found 'a/b'"),
        ("{name: onmodel}", "{name: on/model}", r"deployments\.cast\.work_pool\.name: .*found 'on/model'"),
        (
            "- name: episode\n",
            "- {name: cast, entrypoint: 'flows/cast.py:cast', work_pool: *process}\n  - name: episode\n",
            "deployments: cast/cast stands there twice",
        ),
    ],
)
def test_what_a_server_would_refuse_is_told_before_it_is_asked(
    tmp_path: Path, stands: str, slip: str, said: str
) -> None:
    """Nothing of a file is put there while another part of it cannot be."""
    text = (DEPLOY / "prefect.yaml").read_text(encoding="utf-8")
    assert stands in text
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "prefect.yaml").write_text(text.replace(stands, slip), encoding="utf-8")
    with pytest.raises(SetupError, match=said):
        read_deploy_file(tmp_path)


@pytest.mark.parametrize(
    ("given", "said", "hint"),
    [
        ({"episod": "s01e01"}, "the flow episode takes no 'episod'", "Did you mean 'episode'?"),
        ({"episode": "s01e01", "max_usd": "ten"}, "'max_usd'.*'ten'", "flows/episode.py says what it takes."),
    ],
)
def test_a_parameter_that_its_flow_does_not_take_is_told_before_the_server_is_asked(
    given: dict[str, Any], said: str, hint: str
) -> None:
    """A deployment with it could be made, and every run of it would fail."""
    file = read_deploy_file(ROOT)
    episode = next(one for one in file.deployments if one.name == "episode")
    wrong = episode.model_copy(update={"parameters": given})
    with pytest.raises(SetupError, match=said) as caught:
        deployment_piece(ROOT, file, wrong, load_flow(ROOT, "episode"))
    assert caught.value.hint == hint


def test_a_folder_without_the_file_is_no_production(tmp_path: Path) -> None:
    """It is said which file is missing, and what has one."""
    with pytest.raises(SetupError, match=r"deploy/prefect\.yaml cannot be read") as caught:
        read_deploy_file(tmp_path)
    assert "onmodel init" in caught.value.hint
