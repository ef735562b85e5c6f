"""Shots side by side, with no barrier between them: one that needs a person does not stop the others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict

from onmodel.errors import OnModelError, PlanError
from onmodel.planning import Take, standing_of
from onmodel.planning.circling import RETAKEN
from onmodel.stages.assemble import Finished, assemble
from onmodel.stages.crew import Crew
from onmodel.stages.delivering import deliver_besides
from onmodel.stages.disk import explained_disk
from onmodel.stages.ending import Ending, ending_of
from onmodel.stages.settling import unsettled
from onmodel.stages.sounds import SoundResult
from onmodel.story import Gate
from onmodel.vault import Standing


async def side_by_side(crew: Crew, works: Mapping[str, Awaitable[Any]]) -> None:
    """Do all of it at once; what fails for a reason that we know is flagged under its name.

    Anything unexpected ends the others and is raised.
    """

    async def one(name: str, work: Awaitable[Any]) -> None:
        try:
            with explained_disk():
                await work
        except OnModelError as error:
            crew.flag(name, "", error)

    async with asyncio.TaskGroup() as group:
        for name, work in works.items():
            group.create_task(one(name, work), name=name)


class ShotResult(BaseModel):
    """What became of one shot."""

    model_config = ConfigDict(frozen=True)

    shot: str
    state: str
    """`circled`, `flagged`, `awaiting approval` where it waits for a person's word, `not bought` where the
    run's buying ended before it, or `left out`."""
    take: int | None = None
    standing: Standing | None = None
    """Of the circled take: on-model, or what it is instead; None where nobody has to be recognised."""
    problem: str | None = None
    spent_usd: Decimal | None = None
    """What the problem may have cost by the price table; None where nothing was bought."""


class EpisodeResult(BaseModel):
    """What a run came to; `produce --json` prints it."""

    model_config = ConfigDict(frozen=True)

    episode: str
    rehearsal: bool
    cut: str | None
    """The finished file; None where a shot has no take, or the cut needs a person."""
    cut_sha256: str | None
    frames: int | None
    deliverables: list[str] = []
    """What was made of the cut besides: files of other shapes, the poster, the contact sheet, the stills."""
    sound: SoundResult | None = None
    """How loud the cut is; None where there is none."""
    submitted: int
    """Requests that fal accepted in this run."""
    reused: int
    """Pictures and clips that were current already."""
    spent_usd: Decimal
    """What the accepted requests cost by the price table; 0 in a rehearsal."""
    would_cost_usd: Decimal
    """A rehearsal: what the same requests would have cost. Otherwise the same as `spent_usd`."""
    prices_of: str
    shots: list[ShotResult]
    needs_person: dict[str, str]
    """What a person has to look at, by shot or sheet view; by the episode's id what is about all of it."""
    ending: Ending = Ending()
    """Why and where buying ended before everything was bought."""
    awaiting: dict[str, int] = {}
    """How much waits for a person's approval, by gate: sheet, keyframes, takes, cut; empty for nothing."""

    @property
    def on_model(self) -> str:
        """`5 of 6 shots are on-model; s030 is off-model`; empty where nobody has to be recognised."""
        held = (shot for shot in self.shots if shot.take is None and shot.state == "awaiting approval")
        out = {shot.shot for shot in held}  # nothing was to be made of it yet
        shown = [shot for shot in self.shots if shot.shot not in out]
        there = ("circled", "awaiting approval")  # with no standing: nobody has to be recognised in it
        seen = {shot.shot: shot.standing for shot in shown if shot.standing or shot.state not in there}
        off = [f"{shot} is {standing or 'not there'}" for shot, standing in seen.items()]
        off = [words for words in off if not words.endswith("is on-model")]
        what = "shot is" if len(seen) == 1 else "shots are"
        said = f"{len(seen) - len(off)} of {len(seen)} {what} on-model" if seen else ""
        return "; ".join([said, *off])


async def wrap_up(crew: Crew) -> EpisodeResult:
    """Cut the episode if every shot has its take, approved where that is asked for; say what the run came to.

    A cut that cannot be made needs a person; what was bought and spent is told all the same. A run that was
    asked to end makes no cut any more: the next one does.
    """
    finished: Finished | None = None
    besides: tuple[Path, ...] = ()
    asked = crew.asked_about()
    is_wanted = crew.desk.stop.reason is None and "takes" not in asked.values()
    if is_wanted and all(crew.has_clip(shot) for shot in crew.shots()):
        try:
            if refusal := _refused_by_strict(crew):
                raise refusal
            with explained_disk():
                finished = await assemble(crew)
                if not finished.is_review:
                    besides = (await deliver_besides(crew, finished.cut)).files
        except OnModelError as error:
            crew.flag(crew.scope, "assemble", error)
    spent = crew.desk.spent_usd
    ending = await asyncio.to_thread(ending_of, crew)
    return EpisodeResult(
        episode=crew.scope,
        rehearsal=crew.folders.rehearsal,
        cut=str(finished.path) if finished else None,
        cut_sha256=finished.cut.media.sha256 if finished else None,
        frames=finished.frames if finished else None,
        deliverables=[str(path) for path in besides],
        sound=SoundResult.of(finished.cut.manifest) if finished else None,
        submitted=crew.desk.submitted,
        reused=crew.reused,
        spent_usd=Decimal(0) if crew.folders.rehearsal else spent,
        would_cost_usd=spent,
        prices_of=crew.plan.prices_of.isoformat(),
        shots=[_shot_result(crew, shot, asked) for shot in crew.shots()],
        needs_person=_needs_person(crew, ending),
        ending=ending,
        awaiting=_counted(asked) | ({"cut": 1} if finished and finished.is_review else {}),
    )


def _counted(asked: Mapping[str, Gate]) -> dict[str, int]:
    """How much waits for a person's word, by gate, the first gate first."""
    gates = list(asked.values())
    return {gate: gates.count(gate) for gate in get_args(Gate) if gate in gates}


def _shot_result(crew: Crew, shot: str, asked: Mapping[str, Gate]) -> ShotResult:
    take = crew.circled[crew.clips_of(shot)[-1]] if crew.has_clip(shot) else None
    n, standing = (take.n, _standing(take)) if take else (None, None)
    flagged = next((name for name in crew.links(shot) if name in crew.flagged), None)
    if flagged is not None:
        error = crew.flagged[flagged]
        return ShotResult(
            shot=shot,
            state="flagged",
            take=n,
            standing=standing,
            problem=str(error),
            spent_usd=error.spent_usd,
        )
    return ShotResult(shot=shot, state=_state(crew, shot, asked), take=n, standing=standing)


def _state(crew: Crew, shot: str, asked: Mapping[str, Gate]) -> str:
    """Where a shot stands that nothing is wrong with."""
    if shot in crew.held or asked.keys() & crew.clips_of(shot):
        return "awaiting approval"
    if crew.has_clip(shot):
        return "circled"
    return "not bought" if shot in crew.left else "left out"


def _standing(take: Take) -> Standing | None:
    return standing_of(take.verdict) if take.verdict and take.verdict.identity else None


def _refused_by_strict(crew: Crew) -> PlanError | None:
    """Why a strict production makes no cut: a shot that is not on-model; None where it may be made."""
    if not crew.story.production.strict:
        return None
    clips = [clip for shot in crew.shots() for clip in crew.clips_of(shot) if clip in crew.concerned]
    # What a person circled is no concern any more, whatever was measured.
    off = [clip.rpartition(".")[0] for clip in clips if _standing(crew.circled[clip]) in RETAKEN]
    if not off:
        return None
    return PlanError(
        f"{crew.scope}: no cut is made, since the production is strict and {', '.join(off)} "
        f"{'are' if len(off) > 1 else 'is'} not on-model",
        hint=f"onmodel retake {crew.scope} {off[0]}{crew.again}, or onmodel circle {crew.scope} {off[0]} TAKE"
        f"{crew.again}.",
    )


def _needs_person(crew: Crew, ending: Ending) -> dict[str, str]:
    """Each problem under its name; the end of buying once, not for each shot that it kept from being made."""
    flagged = {name: str(error) for name, error in (unsettled(crew) | crew.flagged).items()}
    ended = {crew.scope: ending.reason} if ending.reason and not ending.interrupted else {}
    return flagged | ended


class CastResult(BaseModel):
    """What a run over the model sheets came to; `cast --json` prints it."""

    model_config = ConfigDict(frozen=True)

    rehearsal: bool
    views: dict[str, str]
    """The picture of each view in the archive, by subject: `pip.default.front`."""
    submitted: int
    reused: int
    spent_usd: Decimal
    would_cost_usd: Decimal
    prices_of: str
    needs_person: dict[str, str]
    ending: Ending = Ending()
    awaiting: dict[str, int] = {}
    """How much waits for a person's approval, by gate."""


def wrap_up_cast(crew: Crew) -> CastResult:
    """Say what a run over the model sheets came to."""
    spent = crew.desk.spent_usd
    ending = ending_of(crew)
    views = [line.commission for line in crew.plan.lines.values() if line.commission.id in crew.circled]
    return CastResult(
        rehearsal=crew.folders.rehearsal,
        views={view.subject: crew.vault.media.address(crew.circled[view.id].media) for view in views},
        submitted=crew.desk.submitted,
        reused=crew.reused,
        spent_usd=Decimal(0) if crew.folders.rehearsal else spent,
        would_cost_usd=spent,
        prices_of=crew.plan.prices_of.isoformat(),
        needs_person=_needs_person(crew, ending),
        ending=ending,
        awaiting=_counted(crew.asked_about()),
    )
