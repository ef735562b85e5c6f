"""Requests: tried on their endpoint's contract before anything that goes along exists; and their words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from onmodel.endpoints import build, with_media
from onmodel.planning.commission import Commission

PROMPT: Final = "prompt"
"""The field of a request that is shown as words."""

STAND_IN: Final = "file"
"""Stands for a picture or clip that is not made yet."""


def with_remarks(commission: Commission) -> Commission:
    """The commission, with a remark for each part of it that its endpoint has no field for.

    Raises:
        PlanError: the contract would not accept the request.
    """
    parts = with_media(commission.parts, ((role, STAND_IN) for role in commission.media_roles))
    notes = build(commission.choice.endpoint, parts).notes
    return replace(commission, remarks=(*commission.remarks, *notes)) if notes else commission


def prompt_of(arguments: Mapping[str, Any]) -> str:
    """A request's prompt; every prompt of it where it has several."""
    return "\n".join(_prompts(arguments))


def _prompts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            if name == PROMPT and isinstance(one, str):
                yield one
            else:
                yield from _prompts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _prompts(one)
