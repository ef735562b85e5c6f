"""Tags of a flow run: what a producer filters runs by, and by which onmodel it was deployed."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

from prefect.client.orchestration import get_client
from prefect.context import FlowRunContext


async def tag_run(*tags: str) -> None:
    """Give the flow run further tags; without one, or with tags that it has, do nothing."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None or set(tags) <= set(context.flow_run.tags):
        return
    context.flow_run.tags = sorted({*context.flow_run.tags, *tags})
    async with get_client() as client:
        await client.update_flow_run(context.flow_run.id, tags=context.flow_run.tags)


VERSION_TAG: Final = "onmodel="
"""Begins the tag that says by which onmodel a run's deployment was made."""


def version_tag() -> str:
    """The tag of what this onmodel deploys."""
    return VERSION_TAG + version("onmodel")


def other_version() -> str | None:
    """What to say where another onmodel deployed the run than films it here; None where it is the same."""
    context = FlowRunContext.get()
    tags = context.flow_run.tags if context and context.flow_run else []
    other = next((tag for tag in tags if tag.startswith(VERSION_TAG) and tag != version_tag()), None)
    if other is None:
        return None
    return (
        f"deployed by onmodel {other.removeprefix(VERSION_TAG)}, filmed by onmodel {version('onmodel')}: "
        "install the same on every worker, or deploy again (onmodel deploy)"
    )
