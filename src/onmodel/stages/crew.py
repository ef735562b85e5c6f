"""The crew: every port that the stages work through, in one object that is handed to each of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import count, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from onmodel.errors import AwaitsApproval, OnModelError, PlanError
from onmodel.planning import Commission, Gates, Market, Plan, Records, Take, at_gates, plan_lines, told
from onmodel.planning.chains import subject_of
from onmodel.post.formats import Format
from onmodel.settings import Folders
from onmodel.stages.cores import Cores
from onmodel.stages.tally import Tally
from onmodel.story import Gate, Shot, Story
from onmodel.story.validation import did_you_mean
from onmodel.studio.desk import Desk, ends_buying
from onmodel.vault import Cut, Job, Vault


@dataclass(frozen=True)
class SoFar:
    """How far a run is."""

    done: int
    """Shots whose clips are all circled."""
    of: int
    seconds: Fraction
    """Of the cut, that are circled."""
    of_seconds: Fraction
    spent_usd: Decimal
    """What this run's requests cost, or in a rehearsal would have cost."""
    left_usd: Decimal | None
    """What the tightest cap leaves; None where none is set."""


@dataclass(frozen=True)
class Event:
    """Something that a producer would like to see as it happens."""

    subject: str
    """The shot's id, or the sheet view's name."""
    stage: str
    """sheet, keyframe, shoot, restyle, conform or assemble."""
    state: str
    """A word: planned, queued, running, fetching, judging, circled, retake, flagged, done, ..."""
    detail: str = ""
    take: int | None = None
    verdict: str = ""
    """How its newest judged take stands; empty as long as nobody looked."""
    usd: Decimal | None = None
    """All that it has cost so far, earlier runs included."""
    seconds: Fraction | None = None
    """Of the shot in the cut."""
    since: datetime | None = None
    """When it happened, where it is told afterwards."""
    so_far: SoFar | None = None
    """How far the whole run is, at most a second ago."""
    share: float | None = None
    """How much of what its state says is done, 0 to 1, where it was told; nothing else is new then."""


Report = Callable[[Event], None]

if TYPE_CHECKING:
    from onmodel.stages.lettering import Lettering

T = TypeVar("T")


class Step(Protocol):
    """Runs one piece of work that a producer wants to see as a row of its own, under its name.

    Prefect's tasks come in by this door; without Prefect the work is simply done.
    """

    async def __call__(self, name: str, kind: str, work: Callable[[], Awaitable[T]]) -> T:
        """Do the work.

        Args:
            name: for this one row, `s01e01 · s030 · take 2 · motion-control`.
            kind: for all rows of the sort: sheet, keyframe, shoot, restyle, conform, assemble.
            work: what is to be done.
        """
        ...


async def plain_step(name: str, kind: str, work: Callable[[], Awaitable[T]]) -> T:  # noqa: ARG001 (nobody watches)
    """Do the work with nobody watching."""
    return await work()


@dataclass
class Crew:
    """What the stages need, and what they have circled so far."""

    story: Story
    scope: str
    """The episode's id, or `cast`."""
    plan: Plan
    records: Records
    market: Market
    vault: Vault
    desk: Desk
    cores: Cores
    folders: Folders
    ffmpeg: Path
    report: Report
    format: Format | None = None
    """Of the episode's cut; None where no episode is made."""
    step: Step = plain_step
    cut: Cut | None = None
    """The finished cut, where the vault has it already."""
    filming: dict[str, asyncio.Task[Take]] = field(default_factory=dict)
    """What is under way or done in this run, by commission id: whoever needs it waits for the same one."""
    conforming: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    """Clips and transitions that are being conformed or are done in this run, by their names."""
    lettering: asyncio.Task[Lettering] | None = None
    """What is written in the episode, as it is drawn in this run."""
    circled: dict[str, Take] = field(default_factory=dict)
    """By commission id: what is circled, from before or from now."""
    reused: int = 0
    """Commissions that were current already."""
    flagged: dict[str, OnModelError] = field(default_factory=dict)
    """What needs a person, by subject."""
    concerned: set[str] = field(default_factory=set)
    """Commissions whose circled take a person should look at, by id."""
    left: dict[str, OnModelError] = field(default_factory=dict)
    """What was not gone on with because the run's buying ended, by subject; `desk.ended` says why, once."""
    held: dict[str, AwaitsApproval] = field(default_factory=dict)
    """What was not gone on with because a person must approve something first, by subject."""
    unsettled: list[tuple[Job, OnModelError]] = field(default_factory=list)
    """Jobs of earlier runs that could not be brought home, and why; some may be by the end of this one."""

    @property
    def again(self) -> str:
        """What a command of the same kind ends with: ` --rehearse` where a rehearsal is meant."""
        return " --rehearse" if self.folders.rehearsal else ""

    def commission(self, subject: str, stage: str) -> Commission:
        """What the plan asks for.

        Raises:
            PlanError: the plan asks for no such thing.
        """
        line = self.plan.lines.get(f"{subject}.{stage}")
        if line is None:
            raise PlanError(
                f"the plan of {self.scope} has no {stage} of {subject}",
                hint=f"onmodel plan {self.scope}{self.again}",
            )
        return line.commission

    @cached_property
    def live(self) -> dict[str, str]:
        """What the story says by now: takes of what is still said so are not adopted by others."""
        return told(line.commission for line in self.plan.lines.values())

    @cached_property
    def gates(self) -> Gates:
        """Which takes must be approved before others are bought."""
        return Gates({name: line.commission for name, line in self.plan.lines.items()}, self.plan.gates)

    def made_from(self, commission: Commission) -> dict[str, str]:
        """The sha256 of what a commission is made from, by commission id.

        Raises:
            PlanError: a source is not circled yet.
        """
        missing = [
            source.commission for source in commission.sources if source.commission not in self.circled
        ]
        if missing:
            raise PlanError(f"{self.scope} · {commission.subject}: waits for {', '.join(missing)}")
        return {one.commission: self.circled[one.commission].media.sha256 for one in commission.sources}

    @property
    def cut_format(self) -> Format:
        """The format of the cut.

        Raises:
            PlanError: no episode is made here.
        """
        if self.format is None:
            raise PlanError(f"'{self.scope}' is no episode, so it has no cut")
        return self.format

    def links(self, shot: str) -> list[str]:
        """The subjects of the clips that a shot is filmed in: `s010`, and of a long one `s010.2` and on."""
        further = (subject_of(shot, number) for number in count(2))
        return [shot, *takewhile(lambda link: self.asks_for(link, "shoot"), further)]

    def clips_of(self, shot: str) -> list[str]:
        """The ids of the commissions whose takes go into the cut for a shot."""
        if self.shots()[shot].restyle:
            return [f"{shot}.restyle"]
        return [f"{link}.shoot" for link in self.links(shot)]

    def has_clip(self, shot: str) -> bool:
        """Whether every clip of a shot is circled."""
        return self._are_circled(self.clips_of(shot))

    def _are_circled(self, clips: Iterable[str]) -> bool:
        return all(clip in self.circled for clip in clips)

    @cached_property
    def tally(self) -> Tally:
        """How much of the episode is circled; of the cast alone there is nothing to count."""
        shots = self.shots() if self.format is not None else ()
        # Which clips those are does not change while a run lasts, and it is asked each second.
        clips = {shot: self.clips_of(shot) for shot in shots}
        return Tally(
            {shot: self.plan.used_s[shot] for shot in shots}, lambda shot: self._are_circled(clips[shot])
        )

    def flag(self, subject: str, stage: str, error: OnModelError) -> None:
        """Note that something needs a person, or was cut short or held up; the others go on."""
        if isinstance(error, AwaitsApproval):
            self.held[subject] = error
            self.report(Event(subject, stage, "held", error.message))
            return
        if ends_buying(error):
            self.left[subject] = error
            self.report(Event(subject, stage, "left", error.message))
            return
        self.flagged[subject] = error
        self.report(Event(subject, stage, "flagged", error.message))

    def asked_about(self) -> dict[str, Gate]:
        """What waits for a person's word by now: the gate, by commission id; without the cut."""
        if not self.plan.gates:
            return {}
        asked = (line.commission for line in self.plan.lines.values())
        lines = plan_lines(asked, self.records, self.plan.retakes)
        now = at_gates(lines, self.records, self.plan.gates, self.scope)
        return {name: line.awaits for name, line in now.items() if line.awaits}

    def report_share(self, subject: str, stage: str, state: str, share: float) -> None:
        """Report how much of some work is done, 0 to 1."""
        self.report(Event(subject, stage, state, f"{share:.0%}", share=share))

    def shots(self) -> dict[str, Shot]:
        """The episode's shots in order."""
        return self._shots

    @cached_property
    def _shots(self) -> dict[str, Shot]:
        # Asked for with every event: made anew each time, a long episode would spend its seconds here.
        return self.story.shots(self.scope)

    # -- what is asked for -----------------------------------------------------------------------------------

    def asks_for(self, subject: str, stage: str) -> bool:
        """Whether the plan has such a commission."""
        return f"{subject}.{stage}" in self.plan.lines

    def wanted(self, shots: Sequence[str] | None) -> list[str]:
        """The shots to work on, in order.

        Raises:
            PlanError: the episode has no such shot.
        """
        known = self.shots()
        for name in shots or ():
            if name not in known:
                raise PlanError(
                    f"{self.scope} has no shot '{name}'; its shots are: {', '.join(known)}.",
                    hint=did_you_mean(name, known),
                )
        return [name for name in known if shots is None or name in shots]

    def cast_of(self, shots: Sequence[str]) -> list[tuple[str, str]]:
        """Who is in these shots, in which wardrobe."""
        known = self.shots()
        return list(dict.fromkeys(pair for shot in shots for pair in (known[shot].cast or {}).items()))

    def wardrobes(self) -> list[tuple[str, str]]:
        """Every character of the plan in each wardrobe that it has sheet views of."""
        sheets = (
            line.commission.subject for line in self.plan.lines.values() if line.commission.stage == "sheet"
        )
        return list(dict.fromkeys((name.split(".")[0], name.split(".")[1]) for name in sheets))
