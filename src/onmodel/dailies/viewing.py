"""All that a page shows, read in one go, so that everything on it is of the same moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from onmodel.dailies.continuity import Continuity, continuity_of
from onmodel.dailies.programme import Programme, find_programme
from onmodel.dailies.reel import Reel, reel_of
from onmodel.dailies.sheets import Sheet, sheets_of
from onmodel.dailies.stills import Still
from onmodel.planning import CAST, Plan, Records, make_plan
from onmodel.planning.spending import Row, charges_of, makers_of, table
from onmodel.settings import Folders
from onmodel.stages.cut_gate import with_cut
from onmodel.stages.script import Call, Script
from onmodel.story import Story
from onmodel.vault import Job, Vault


@dataclass(frozen=True)
class Viewing:
    """An episode, or the cast, as it stands at one moment."""

    call: Call
    plan: Plan
    reel: Reel
    programme: Programme | None
    sheets: tuple[Sheet, ...]
    continuity: Continuity
    spent: tuple[Row, ...]
    """What was sent, by endpoint."""

    @property
    def stills(self) -> Iterator[Still]:
        """Every still that is shown."""
        for shot in self.reel.shots:
            yield from shot.stills
        yield from (view.still for sheet in self.sheets for view in sheet.views if view.still)
        if self.programme and self.reel.poster:
            yield self.reel.poster

    @property
    def again(self) -> str:
        """What a command about the same ends with."""
        return self.call.again

    @property
    def produce(self) -> str:
        """The command that films what is to be filmed."""
        return produce_command(self.call)


def produce_command(call: Call) -> str:
    """The command that films what is to be filmed."""
    return f"onmodel cast{call.again}" if call.scope == CAST else f"onmodel produce {call.scope}{call.again}"


def view_episode(call: Call, script: Script, vault: Vault | None) -> Viewing:
    """Read an episode's takes, or the cast's.

    Args:
        call: the production and the episode.
        script: the same, read.
        vault: its archive, open; None where nothing was ever made.

    Raises:
        VaultError: the archive cannot be read.
    """
    scopes = sorted({call.scope, CAST}) if vault else []
    # One reading for the plan and the takes: no record is read twice.
    jobs = [job for scope in scopes for job in vault.journal.jobs(scope)] if vault else []
    decisions = [one for scope in scopes for one in vault.decisions.of(scope)] if vault else []
    story = script.story
    records = Records(jobs, decisions)
    plan = make_plan(script.prepared, records, story.production, script.market)
    plan = with_cut(plan, story, vault, records)
    return Viewing(
        call=call,
        plan=plan,
        reel=reel_of(story, plan, jobs, decisions),
        programme=find_programme(_deliverables(call), plan) if call.scope != CAST else None,
        sheets=sheets_of(plan, _names(story)),
        continuity=continuity_of([plan]),
        spent=tuple(_spent(jobs, call.scope)),
    )


def _deliverables(call: Call) -> Path:
    return Folders(call.root, call.rehearse).deliverables


def _names(story: Story) -> dict[str, str]:
    return {who: bible.name for who, bible in story.bibles.items()}


def _spent(jobs: Iterable[Job], scope: str) -> Iterable[Row]:
    mine = [job for job in jobs if job.slot.scope == scope]
    return table(list(charges_of(mine, (), makers_of(mine))), "endpoint")
