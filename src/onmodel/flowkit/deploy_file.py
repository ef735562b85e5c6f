"""`deploy/prefect.yaml`, read: what is to be deployed, in the form that `prefect deploy` reads too."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from prefect.client.schemas.schedules import CronSchedule
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from onmodel.errors import SetupError

FILE: Final = "deploy/prefect.yaml"

Name = Annotated[str, Field(min_length=1, pattern="^[^/%&><]+$")]
"""What Prefect takes for a name."""


class Part(BaseModel):
    """A part of the file; a key that nobody knows is a slip."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Pool(Part):
    """A work pool, as `definitions` names it and deployments refer to it."""

    name: Name
    type: Literal["process", "docker"] = "process"
    concurrency_limit: int | None = Field(default=None, ge=0)
    """Runs at once over all workers of the pool."""
    work_queue_name: Name | None = None
    job_variables: dict[str, Any] = {}
    """For this deployment's runs."""


class Schedule(Part):
    """When a deployment's runs begin by themselves."""

    cron: str
    timezone: str
    """A name of the time zone database: the clock keeps to it across daylight saving."""
    active: bool = True
    parameters: dict[str, Any] = {}
    slug: str | None = None

    @field_validator("cron")
    @classmethod
    def _is_a_time(cls, given: str) -> str:
        try:
            CronSchedule(cron=given)
        except ValidationError as error:
            raise ValueError("allowed: minute hour day month weekday, like 30 2 * * *") from error
        return given

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, given: str) -> str:
        try:
            CronSchedule(cron="0 0 * * *", timezone=given)
        except ValidationError as error:
            raise ValueError("allowed: the name of a time zone, like Europe/Berlin") from error
        return given


class AtOnce(Part):
    """How many runs of a deployment may be at work at once, and what becomes of one more."""

    limit: int = Field(ge=1)
    collision_strategy: Literal["ENQUEUE", "CANCEL_NEW"] = "ENQUEUE"


class Deployment(Part):
    """One deployment."""

    name: Name
    entrypoint: str
    """`flows/episode.py:episode`."""
    work_pool: Pool
    description: str | None = None
    tags: list[str] = []
    parameters: dict[str, Any] = {}
    schedules: list[Schedule] = []
    concurrency_limit: AtOnce | None = None
    pull: list[dict[str, dict[str, Any]]] | None = None
    """How a worker comes to the files; without it, the folder that was deployed from."""

    @property
    def flow(self) -> str:
        """The flow's name: cast, episode, season, or one of the production's own."""
        return self.entrypoint.rpartition(":")[2]

    @field_validator("entrypoint")
    @classmethod
    def _is_a_flow(cls, given: str) -> str:
        name = given.rpartition(":")[2]
        if given != f"flows/{name}.py:{name}":
            raise ValueError("allowed: flows/NAME.py:NAME, the flow NAME in its file")
        return given


class Definitions(BaseModel):
    """What deployments refer to."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    work_pools: dict[str, Pool] = {}


class DeployFile(BaseModel):
    """The file. Prefect knows more keys at its top, which are its own affair."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    deployments: list[Deployment]
    definitions: Definitions = Definitions()
    pull: list[dict[str, dict[str, Any]]] | None = None

    @field_validator("deployments")
    @classmethod
    def _are_told_apart(cls, given: list[Deployment]) -> list[Deployment]:
        known = Counter(f"{one.flow}/{one.name}" for one in given)
        if twice := next((name for name, times in known.items() if times > 1), None):
            raise ValueError(f"{twice} stands there twice")
        return given

    @property
    def pools(self) -> dict[str, Pool]:
        """Every pool that the file names, used or not."""
        named = [*self.definitions.work_pools.values(), *(one.work_pool for one in self.deployments)]
        return {pool.name: pool for pool in reversed(named)}


def read_deploy_file(root: Path) -> DeployFile:
    """Read what a production deploys.

    Raises:
        SetupError: there is no such file, or something in it is not of its form.
    """
    path = root / FILE
    try:
        given = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        return DeployFile.model_validate(given)
    except OSError as error:
        raise SetupError(
            f"{path} cannot be read: {error.strerror}",
            hint="Is this a production's folder? onmodel init DIR makes one, with deploy/.",
        ) from error
    except (YAMLError, UnicodeDecodeError) as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        what = error.problem if isinstance(error, MarkedYAMLError) else error
        raise SetupError(f"{FILE}{where}: this is no YAML: {what}", hint="Mend that line.") from error
    except ValidationError as error:
        raise SetupError(f"{FILE}: {_told(error, given)}", hint="docs/deploy.md shows the file.") from error


def _told(error: ValidationError, given: Any) -> str:
    """The first fault: the deployment by its name, the keys down to the value, and what is allowed there."""
    first = error.errors()[0]
    where = list(first["loc"])
    if len(where) > 1 and where[0] == "deployments" and isinstance(where[1], int):
        entry = given["deployments"][where[1]]
        where[1] = entry.get("name", where[1]) if isinstance(entry, dict) else where[1]
    told = first["msg"].removeprefix("Value error, ")
    return f"{'.'.join(map(str, where)) or 'the file'}: {told}; found {first['input']!r}"
