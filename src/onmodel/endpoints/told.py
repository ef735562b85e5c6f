"""The guide's field names, held against what an endpoint takes today: one line to whoever writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from onmodel.endpoints.endpoint import Endpoint


def guide_fields(endpoint: Endpoint) -> tuple[str, ...]:
    """The fields that the guide lists for an endpoint's kind, in its order; empty where it is silent."""
    spoken_of = endpoint.name.startswith(_told()["prefix"])
    return tuple(_told()["kinds"].get(endpoint.kind, ())) if spoken_of else ()


def told_instead(endpoint: Endpoint, field: str) -> str | None:
    """What the endpoint takes instead of a field that the guide names.

    Returns:
        One line, or None where the endpoint has the field, or where it is none of the guide's.
    """
    row = _told()["fields"].get(field)
    if row is None or field in endpoint.fields:
        return None
    for role in row["roles"]:
        if role in endpoint.roles:
            how = row.get("how", {}).get(role, "")
            return f"{endpoint.short} takes {endpoint.roles[role]} instead of {field}{how}"
    return f"{endpoint.short} takes no {field}: {row['without']}"


@cache
def _told() -> Mapping[str, Any]:
    told: Mapping[str, Any] = json.loads(Path(__file__).with_name("guide_fields.json").read_text("utf-8"))
    return told
