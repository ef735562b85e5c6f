"""Tags of a flow run: what a producer filters runs by."""

from __future__ import annotations

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
