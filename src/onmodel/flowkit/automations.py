"""The automations in `deploy/automation-*.yaml`: read, held against a server's, and put there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from prefect.client.orchestration import PrefectClient
from prefect.events.schemas.automations import AutomationCore
from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from onmodel.errors import SetupError
from onmodel.flowkit.pieces import OFF, Piece

PLACEHOLDER: Final = "NOTIFICATION-BLOCK"
"""Stands in an automation for the id of a block that only its owner can make."""


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
        if not found:
            return None
        off = "" if found[0].enabled else f"switched off: prefect automation resume '{automation.name}'"
        return _plain(found[0]) | {OFF: off}

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
