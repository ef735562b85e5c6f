"""The server: which tools there are, and how an error is told to an agent."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Final

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from onmodel.endpoints.choice import Quality
from onmodel.errors import OnModelError
from onmodel.mcp.answers import (
    Checked,
    ChosenModel,
    Diagnosed,
    Listed,
    Planned,
    Rehearsed,
    RehearsedShot,
)
from onmodel.mcp.craft import chosen, image_to_video_prompt, negative_prompt, scam_prompt, validate_prompt
from onmodel.mcp.production import Office, check_id
from onmodel.mcp.rehearsing import rehearse as run_rehearsal
from onmodel.planning.market import read_offers

INSTRUCTIONS: Final = (
    "onmodel produces series with AI whose characters stay on-model. These tools write and check prompts, "
    "and read and rehearse one production. Nothing here can buy: a person does that, with `onmodel produce`. "
    "Usual order: check, plan, rehearse, takes; diagnose where a take is not what it should be. Ids of "
    "episodes look like s01e01, of shots like s010."
)
READS: Final = ToolAnnotations(read_only_hint=True, open_world_hint=False)
WRITES: Final = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
LONGEST_S: Final = 3600
"""Seconds of a rehearsal at most, whatever an agent says."""

Seconds = Annotated[float, Field(ge=1, le=LONGEST_S, allow_inf_nan=False)]


def make_server(root: Path) -> MCPServer[Any]:
    """The server of one production.

    Args:
        root: its folder; where there is no production, the tools about prompts still answer.
    """
    server = MCPServer[Any](
        "onmodel", instructions=INSTRUCTIONS, version=version("onmodel"), log_level="WARNING"
    )
    office = Office(root.absolute())
    of_craft = (scam_prompt, image_to_video_prompt, negative_prompt, validate_prompt)
    readers: tuple[Callable[..., Any], ...] = (*of_craft, *_reading(office))
    for tool, hints in [*((one, READS) for one in readers), (_rehearsing(office), WRITES)]:
        server.add_tool(_told(tool), description=inspect.getdoc(tool), annotations=hints)
    return server


def _reading(office: Office) -> tuple[Callable[..., Any], ...]:
    """The tools that read a production."""

    def select_model(
        image: bool = False,  # noqa: FBT001, FBT002 (agents name their arguments)
        motion: bool = False,  # noqa: FBT001, FBT002 (same)
        edit: bool = False,  # noqa: FBT001, FBT002 (same)
        quality: Quality = "standard",
        seconds: float | None = None,
    ) -> ChosenModel:
        """Choose the endpoint for what there is.

        Nothing but words; a picture (image); a picture and a clip whose movement it takes over (image and
        motion); or an existing clip that gets another look (edit). Quality is draft, standard or master.
        """
        catalogue, _ = read_offers(office.root)
        return chosen(catalogue, image=image, motion=motion, edit=edit, quality=quality, seconds=seconds)

    def check(file: str = "") -> Checked:
        """Say what is wrong with the production's story files, with file and line; or with one of them."""
        return office.check(file)

    def plan(episode: str, shot: str = "", rehearse: bool = False) -> Planned:  # noqa: FBT001, FBT002 (same)
        """Say what producing an episode would make, why, and what it costs. Nothing is bought.

        Lists what is not current. With a shot, everything of it, and the prompts. With rehearse, against what
        was rehearsed.
        """
        return office.plan(episode, shot, rehearse=rehearse)

    def takes(episode: str, rehearse: bool = False) -> Listed:  # noqa: FBT001, FBT002 (same)
        """List the takes of an episode, or of the model sheets ("cast"), and which are circled."""
        return office.takes(episode, rehearse=rehearse)

    def diagnose(
        episode: str,
        shot: str,
        problem: str = "",
        rehearse: bool = False,  # noqa: FBT001, FBT002 (same)
    ) -> Diagnosed:
        """Say what may be wrong with a shot's newest take, and the remedies in the order to try them.

        Without a problem it is what was measured; where nothing was, the answer lists all problems.
        """
        return office.diagnose(episode, shot, problem, rehearse=rehearse)

    return select_model, check, plan, takes, diagnose


def _rehearsing(office: Office) -> Callable[..., Any]:
    """The tool that rehearses."""

    async def rehearse(
        episode: str, ctx: Context[Any, Any], shots: list[str] | None = None, at_most_s: Seconds = 900
    ) -> Rehearsed:
        """Rehearse an episode with pictures made on this machine: $0, no network. Ends with an animatic.

        What was rehearsed before is reused. It may take minutes; progress is told as it goes.
        """
        office.call(episode, rehearse=True)
        for shot in shots or ():
            check_id("shot", shot)
        count = 0

        async def tell(line: str) -> None:
            nonlocal count
            count += 1
            await ctx.report_progress(count, None, line)

        found = await run_rehearsal(office.root, episode, shots or (), tell, at_most_s=at_most_s)
        cut = found["cut"]
        return Rehearsed(
            episode=episode,
            cut=None if cut is None else office.seen(cut),
            frames=found["frames"],
            made=found["submitted"],
            current=found["reused"],
            would_cost_usd=str(found["would_cost_usd"]),
            shots=[
                RehearsedShot(**{key: one[key] for key in ("shot", "state", "take", "problem")})
                for one in found["shots"]
            ],
            needs_person=found["needs_person"],
        )

    return rehearse


def _told(tool: Callable[..., Any]) -> Callable[..., Any]:
    """The tool, with errors that we know told as messages, hint included."""
    if inspect.iscoroutinefunction(tool):

        @functools.wraps(tool)
        async def told_later(*given: Any, **named: Any) -> Any:
            try:
                return await tool(*given, **named)
            except OnModelError as error:
                raise ToolError(str(error)) from error

        return told_later

    @functools.wraps(tool)
    def told(*given: Any, **named: Any) -> Any:
        try:
            return tool(*given, **named)
        except OnModelError as error:
            raise ToolError(str(error)) from error

    return told
