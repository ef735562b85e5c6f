"""The pieces of `deploy/`: how each is written down, read back from a server, and put there."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from prefect import Flow
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.objects import ConcurrencyOptions
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule
from prefect.exceptions import ObjectNotFound
from prefect.utilities.callables import parameter_schema
from prefect.utilities.schema_tools import ValidationError as Unfit
from prefect.utilities.schema_tools import validate
from prefect.workers.utilities import get_default_base_job_template_for_infrastructure_type

from onmodel.errors import SetupError
from onmodel.flowkit.deploy_file import FILE, AtOnce, DeployFile, Deployment, Pool, Schedule
from onmodel.flowkit.going_on import roots_of
from onmodel.flowkit.pieces import OFF, Piece
from onmodel.flowkit.tagging import version_tag
from onmodel.story.validation import did_you_mean

STEP: Final = "onmodel.flowkit.place.go_to_production"


def pool_piece(pool: Pool) -> Piece:
    """A work pool; its job template is Prefect's own, and stays as somebody changed it."""
    wanted = {"type": pool.type, "concurrency_limit": pool.concurrency_limit}

    async def read(client: PrefectClient) -> Mapping[str, Any] | None:
        try:
            there = await client.read_work_pool(pool.name)
        except ObjectNotFound:
            return None
        off = f"paused, its runs wait: prefect work-pool resume {pool.name}" if there.is_paused else ""
        return {"type": there.type, "concurrency_limit": there.concurrency_limit, OFF: off}

    async def write(client: PrefectClient) -> None:
        if (there := await read(client)) is None:
            template = await get_default_base_job_template_for_infrastructure_type(pool.type)
            made = WorkPoolCreate(name=pool.name, base_job_template=template or {}, **wanted)
            await client.create_work_pool(made)
        elif there["type"] != pool.type:
            raise SetupError(
                f"the work pool {pool.name} is of type {there['type']}, deploy/ asks for {pool.type}",
                hint=f"Name another pool, or delete it: prefect work-pool delete {pool.name}",
            )
        else:
            await client.update_work_pool(pool.name, WorkPoolUpdate(concurrency_limit=pool.concurrency_limit))

    return Piece(f"work pool {pool.name}", wanted, read, write)


def limit_piece(name: str, slots: int) -> Piece:
    """Prefect's own limit on requests in flight, over all machines."""

    async def read(client: PrefectClient) -> Mapping[str, Any] | None:
        try:
            return {"slots": (await client.read_global_concurrency_limit_by_name(name)).limit}
        except ObjectNotFound:
            return None

    async def write(client: PrefectClient) -> None:
        await client.upsert_global_concurrency_limit_by_name(name, slots)

    return Piece(f"concurrency limit {name}", {"slots": slots}, read, write)


def deployment_piece(root: Path, file: DeployFile, asked: Deployment, flow: Flow[..., Any]) -> Piece:
    """A deployment: a flow with its schedule, parameters and pool.

    Args:
        root: the production's folder.
        file: the whole file.
        asked: the deployment in it.
        flow: what it runs.

    Raises:
        SetupError: the flow does not take the parameters.
    """
    schema = parameter_schema(flow).model_dump_for_openapi()
    _check_takes(asked, schema)
    folder = root.resolve()
    here: list[dict[str, Any]] = [{STEP: {"directory": str(folder)}}]
    pull = next((steps for steps in (asked.pull, file.pull) if steps is not None), here)
    at_once = asked.concurrency_limit
    wanted: dict[str, Any] = {
        "description": asked.description or flow.description or "",
        "entrypoint": asked.entrypoint,
        "work_pool": asked.work_pool.name,
        "work_queue": asked.work_pool.work_queue_name or "default",
        "tags": sorted({*asked.tags, version_tag()}),
        "parameters": asked.parameters,
        "takes": _takes(schema),
        "schedules": [one.model_dump(exclude={"slug"}) for one in asked.schedules],
        "concurrency_limit": at_once.model_dump() if at_once else None,
        "job_variables": asked.work_pool.job_variables,
        "pull": pull,
    }

    async def read(client: PrefectClient) -> Mapping[str, Any] | None:
        try:
            there = await client.read_deployment_by_name(f"{flow.name}/{asked.name}")
        except ObjectNotFound:
            return None
        _check_ours(f"{flow.name}/{asked.name}", there, folder)
        return _as_wanted(there)

    async def write(client: PrefectClient) -> None:
        await client.create_deployment(
            flow_id=await client.create_flow_from_name(flow.name),
            name=asked.name,
            version=version_tag().partition("=")[2],
            description=wanted["description"],
            entrypoint=asked.entrypoint,
            work_pool_name=asked.work_pool.name,
            work_queue_name=asked.work_pool.work_queue_name,
            tags=wanted["tags"],
            parameters=asked.parameters,
            schedules=[_begun_by(one) for one in asked.schedules],
            concurrency_limit=at_once.limit if at_once else None,
            concurrency_options=_options(at_once),
            job_variables=asked.work_pool.job_variables,
            pull_steps=pull,
            path=None,
            enforce_parameter_schema=True,
            parameter_openapi_schema=schema,
        )

    return Piece(f"deployment {flow.name}/{asked.name}", wanted, read, write)


def _begun_by(schedule: Schedule) -> DeploymentScheduleCreate:
    return DeploymentScheduleCreate(
        schedule=CronSchedule(cron=schedule.cron, timezone=schedule.timezone),
        active=schedule.active,
        parameters=schedule.parameters,
        slug=schedule.slug,
    )


def _options(at_once: AtOnce | None) -> ConcurrencyOptions | None:
    if at_once is None:
        return None
    return ConcurrencyOptions.model_validate({"collision_strategy": at_once.collision_strategy})


def _as_wanted(there: DeploymentResponse) -> dict[str, Any]:
    """A server's deployment, in the words of the file."""
    limit, options = there.global_concurrency_limit, there.concurrency_options
    strategy = options.collision_strategy.value if options else "ENQUEUE"
    return {
        "description": there.description or "",
        "entrypoint": there.entrypoint,
        "work_pool": there.work_pool_name,
        "work_queue": there.work_queue_name,
        "tags": sorted(there.tags),
        "parameters": there.parameters,
        "takes": _takes(there.parameter_openapi_schema) if there.enforce_parameter_schema else {},
        "schedules": [
            {
                "cron": getattr(one.schedule, "cron", str(one.schedule)),
                "timezone": getattr(one.schedule, "timezone", None),
                "active": one.active,
                "parameters": one.parameters,
            }
            for one in there.schedules
        ],
        "concurrency_limit": {"limit": limit.limit, "collision_strategy": strategy} if limit else None,
        "job_variables": there.job_variables,
        "pull": there.pull_steps,
        OFF: "paused, its schedule begins nothing: switch it on on its page" if there.paused else "",
    }


def _check_ours(name: str, there: DeploymentResponse, folder: Path) -> None:
    """Make sure that a deployment is no other production's, which has one of the same name on the server.

    Raises:
        SetupError: it films another folder, and that has a production.
    """
    roots = list(roots_of(there))
    # Somebody else's folder may be closed to us: that is no error, as it would be of `is_file`.
    other = next((one for one in roots if os.access(one / "production.yaml", os.F_OK)), None)
    if other is not None and folder not in roots:
        raise SetupError(
            f"the deployment {name} of this server films another production: {other}",
            hint=f"Give the deployments in {FILE} here names of their own; should this production take its "
            f"place: prefect deployment delete {name}",
        )


def _check_takes(asked: Deployment, schema: dict[str, Any]) -> None:
    """Make sure that a flow takes what its deployment gives; Prefect says so when half is written.

    Raises:
        SetupError: it does not; a parameter has another name, or a value is of another type.
    """
    names = schema["properties"]
    unknown = next((name for name in asked.parameters if name not in names), None)
    if unknown is not None:
        raise SetupError(
            f"{FILE}: deployments.{asked.name}.parameters: the flow {asked.flow} takes no '{unknown}'",
            hint=did_you_mean(unknown, names) or f"It takes: {', '.join(names)}.",
        )
    try:
        validate(asked.parameters, schema, raise_on_error=True, ignore_required=True)
    except Unfit as error:
        raise SetupError(
            f"{FILE}: deployments.{asked.name}.parameters: {error}",
            hint=f"flows/{asked.flow}.py says what it takes.",
        ) from error


def _takes(schema: Mapping[str, Any] | None) -> dict[str, str]:
    """What a flow may be told, each with its type and what holds where nothing is said."""
    return {name: _kind(one) for name, one in (schema or {}).get("properties", {}).items()}


def _kind(parameter: Mapping[str, Any]) -> str:
    kinds = " or ".join(str(one.get("type", "anything")) for one in parameter.get("anyOf", [parameter]))
    return f"{kinds}, else {json.dumps(parameter['default'])}" if "default" in parameter else kinds
