"""Delivering without producing: from the archive, with no key and no request."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from onmodel.errors import AwaitsApproval, PlanError
from onmodel.planning.delivering import chosen
from onmodel.settings import Folders
from onmodel.stages.cores import Cores
from onmodel.stages.cut_gate import find_cut, is_approved
from onmodel.stages.delivering import Delivered, Order, deliver_all
from onmodel.stages.disk import explained_disk
from onmodel.stages.gauge import Hear
from onmodel.stages.joining import Bench
from onmodel.stages.script import Call, Script, look_into_archive, plan_in, read_records, read_script
from onmodel.units import Size
from onmodel.vault import Cut, Vault


def deliver_episode(call: Call, only: Sequence[str], ffmpeg: Path, hear: Hear) -> Delivered:
    """Make what an episode delivers besides its cut, or only some of it.

    Args:
        call: the production and the episode.
        only: ratios, sizes, or deliverables as they are written; all without a word.
        ffmpeg: the program.
        hear: told of the share that is done, 0 to 1.

    Raises:
        StoryError: the story is not acceptable.
        PlanError: nothing is to be delivered, or there is no such cut.
        AwaitsApproval: a person must approve the cut first.
        OnModelError: as `deliver_all` does.
    """
    script, folders = read_script(call), Folders(call.root, call.rehearse)
    wanted = _wanted(call, script, only)
    with explained_disk(), look_into_archive(script.story.production, folders) as vault, Cores() as cores:
        cut = _cut_of(call, script, vault) if vault else None
        if vault is None or cut is None:
            raise PlanError(
                f"{call.scope}: there is no cut of the circled takes as the story says it now",
                hint=f"onmodel produce {call.scope}{call.again}",
            )
        bench = Bench(cores, folders.cache, ffmpeg)
        order = Order(
            story=script.story,
            scope=call.scope,
            trims=script.prepared.trims,
            wanted=wanted,
            vault=vault,
            bench=bench,
            folder=folders.deliverables,
            again=call.again,
        )
        return asyncio.run(deliver_all(order, cut, hear))


def _wanted(call: Call, script: Script, only: Sequence[str]) -> dict[str, Size]:
    said = script.story.deliverables(call.scope)
    if not said:
        raise PlanError(
            f"{call.scope}: neither the episode nor production.yaml says what to deliver besides the cut",
            hint='Write there, for example: deliver: ["9:16 1080x1920", "1:1"]',
        )
    try:
        return chosen(said, only)
    except KeyError as error:
        raise PlanError(
            f"{call.scope} does not deliver '{error.args[0]}'; it delivers: {', '.join(said)}.",
            hint="Name one of these, or its ratio; or write another into 'deliver'.",
        ) from error


def _cut_of(call: Call, script: Script, vault: Vault) -> Cut | None:
    plan = plan_in(vault, call, script)
    cut = find_cut(plan, script.story, vault)
    if cut is None or "cut" not in plan.gates:
        return cut
    if is_approved(cut, read_records(vault, call.scope).decisions):
        return cut
    raise AwaitsApproval(
        f"{call.scope}: its cut waits for a person's approval",
        hint=f"onmodel approve {call.scope} cut{call.again}",
    )
