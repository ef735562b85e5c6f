"""The pieces of `deploy/`: how each is written down, read back from a server, and put there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from prefect import Flow
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.objects import ConcurrencyOptions
from prefect.client.schemas.schedules import CronSchedule
from prefect.events.schemas.automations import AutomationCore
from prefect.exceptions import ObjectNotFound
from prefect.utilities.callables import parameter_schema
from prefect.workers.utilities import get_default_base_job_template_for_infrastructure_type
from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from onmodel.errors import SetupError
from onmodel.flowkit.deploy_file import AtOnce, DeployFile, Deployment, Pool
from onmodel.flowkit.pieces import Piece
from onmodel.flowkit.tagging import version_tag

STEP: Final = "onmodel.flowkit.place.go_to_production"
PLACEHOLDER: Final = "NOTIFICATION-BLOCK"
"""Stands in an automation for the id of a block that only its owner can make."""


def pool_piece(pool: Pool) -> Piece:
    """A work pool; its job template is Prefect's own, and stays as somebody changed it."""
    wanted = {"type": pool.type, "concurrency_limit": pool.concurrency_limit}

    async def read(client: PrefectClient) -> Mapping[str, Any] | None:
        try:
            there = await client.read_work_pool(pool.name)
        except ObjectNotFound:
            return None
        return {"type": there.type, "concurrency_limit": there.concurrency_limit}

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
    """
    here: list[dict[str, Any]] = [{STEP: {"directory": str(root.resolve())}}]
    pull = next((steps for steps in (asked.pull, file.pull) if steps is not None), here)
    at_once = asked.concurrency_limit
    wanted: dict[str, Any] = {
        "description": asked.description or flow.description or "",
        "entrypoint": asked.entrypoint,
        "work_pool": asked.work_pool.name,
        "tags": sorted({*asked.tags, version_tag()}),
        "parameters": asked.parameters,
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
            schedules=[
                DeploymentScheduleCreate(
                    schedule=CronSchedule(cron=one.cron, timezone=one.timezone),
                    active=one.active,
                    parameters=one.parameters,
                    slug=one.slug,
                )
                for one in asked.schedules
            ],
            concurrency_limit=at_once.limit if at_once else None,
            concurrency_options=_options(at_once),
            job_variables=asked.work_pool.job_variables,
            pull_steps=pull,
            path=None,
            enforce_parameter_schema=True,
            parameter_openapi_schema=parameter_schema(flow).model_dump_for_openapi(),
        )

    return Piece(f"deployment {flow.name}/{asked.name}", wanted, read, write)


def _options(at_once: AtOnce | None) -> ConcurrencyOptions | None:
    if at_once is None:
        return None
    return ConcurrencyOptions.model_validate({"collision_strategy": at_once.collision_strategy})


def _as_wanted(there: Any) -> dict[str, Any]:
    """A server's deployment, in the words of the file."""
    limit, options = there.global_concurrency_limit, there.concurrency_options
    strategy = options.collision_strategy.value if options else "ENQUEUE"
    return {
        "description": there.description or "",
        "entrypoint": there.entrypoint,
        "work_pool": there.work_pool_name,
        "tags": sorted(there.tags),
        "parameters": there.parameters,
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
    }


def automation_pieces(root: Path) -> tuple[list[Piece], dict[str, str]]:
    """The automations in `deploy/automation-*.yaml`; and those that cannot be made yet, with why.

    Raises:
        SetupError: a file is not of its form.
    """
    pieces, left_out = [], {}
    for path in sorted((root / "deploy").glob("automation-*.yaml")):
        text = path.read_text(encoding="utf-8")
        try:
            automation = AutomationCore.model_validate(
                YAML(typ="safe", pure=True).load(text.replace(PLACEHOLDER, _NOBODY))
            )
        except (YAMLError, ValidationError) as error:
            raise SetupError(
                f"deploy/{path.name} is no automation: {error}", hint="docs/prefect.md shows one."
            ) from error
        if _NOBODY in automation.model_dump_json():
            left_out[f"automation {automation.name}"] = (
                f"whom to tell is missing: deploy/{path.name} says how"
            )
        else:
            pieces.append(_automation_piece(automation))
    return pieces, left_out


_NOBODY: Final = "00000000-0000-0000-0000-000000000000"
_SERVERS_OWN: Final = {"id", "created", "updated"}


def _automation_piece(automation: AutomationCore) -> Piece:
    async def read(client: PrefectClient) -> Mapping[str, Any] | None:
        found = await client.read_automations_by_name(automation.name)
        return _plain(found[0]) if found else None

    async def write(client: PrefectClient) -> None:
        found = await client.read_automations_by_name(automation.name)
        if found:
            await client.update_automation(found[0].id, automation)
        else:
            await client.create_automation(automation)

    return Piece(f"automation {automation.name}", _plain(automation), read, write)


def _plain(automation: AutomationCore) -> dict[str, Any]:
    """An automation as JSON values, without what only a server gives it; switching it off is its owner's."""
    wanted = AutomationCore.model_validate(automation.model_dump())
    plain: dict[str, Any] = wanted.model_dump(mode="json", exclude={"enabled", "owner_resource"})
    return {key: _without_ids(value) for key, value in plain.items()}


def _without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_ids(one) for key, one in value.items() if key not in _SERVERS_OWN}
    if isinstance(value, list):
        return [_without_ids(one) for one in value]
    return value
