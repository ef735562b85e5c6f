"""The dailies of an episode, or of the cast, as they are shown: shot by shot, and the whole in figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple, get_args

from onmodel.dailies.references import Beside, View, clips_beside, views_of
from onmodel.dailies.stills import POSTER_PX, SMALL_PX, Still
from onmodel.dailies.takes import BROKEN, UNJUDGED, TakeShown, standing_shown, takes_of
from onmodel.planning import CAST, Line, Plan
from onmodel.planning.chains import shot_of
from onmodel.story import Story
from onmodel.vault import Decision, Job, Standing

UNMADE: Final = "not made yet"
AGAIN: Final = "to be retaken"
"""Somebody is recognised, but the take will not do: it is too short by now, or another one was ordered."""
_WORST_LAST: Final = (*get_args(Standing), UNJUDGED, AGAIN, BROKEN, UNMADE)
_SAID: Final = ("setting", "start", "action", "mood", "look")
"""Keys of a shot's content that are shown, in the order of reading."""


@dataclass(frozen=True)
class Work:
    """One stage of a shot: its keyframe, its clip, its style pass."""

    id: str
    """The commission's: `s010.shoot`."""
    scope: str
    """Whose records it has: the episode's id, or `cast`."""
    subject: str
    stage: str
    basis: str
    """Digest of the content that its takes are of; empty as long as nothing was taken."""
    title: str
    """How a producer calls the work; of a long shot's later clips also which."""
    is_behind: bool
    """Whether it is not seen itself, but something else is made from it."""
    state: str
    why: str
    instead: str
    """The take that goes into the cut for it, where that is none of its own: a style pass was rejected."""
    takes: tuple[TakeShown, ...]
    failed: tuple[tuple[str, str], ...]
    """Requests without a take: which, and what became of them."""
    orders: tuple[Decision, ...]
    """The retakes that people ordered, oldest first."""
    awaits: str
    """The gate at which its circled take waits for a person's word; empty where it waits for none."""
    asks_again: str
    """Why it waits although something of it was approved before."""
    approved: Decision | None
    """The word that let its circled take through."""
    held_by: tuple[str, ...]
    """What must be approved before anything is bought for it, by commission id."""


@dataclass(frozen=True)
class ShotShown:
    """One shot, or one view of a model sheet."""

    id: str
    standing: str
    needs_person: bool
    seconds: Fraction | None
    said: tuple[tuple[str, str], ...]
    """What the story says of it."""
    references: tuple[View, ...]
    beside: tuple[Beside, ...]
    """Clips that its takes are played beside."""
    works: tuple[Work, ...]
    """The clip first, then what it is made from."""
    thumb: Still | None
    """For the strip."""

    @property
    def stills(self) -> Iterator[Still]:
        """Every still that it is shown with."""
        yield from (view.still for view in self.references)
        yield from (one.still for one in self.beside)
        yield from (still for work in self.works for take in work.takes for still in take.stills)
        if self.thumb:
            yield self.thumb


@dataclass(frozen=True)
class Reel:
    """An episode's dailies."""

    production: str
    scope: str
    title: str
    shots: tuple[ShotShown, ...]
    spent_usd: Decimal
    """All that was, or may have been, bought for this episode, failed and unused takes included."""
    sheets_usd: Decimal
    """The same of the model sheets, which belong to every episode."""
    prices_of: date

    @property
    def counts(self) -> dict[str, int]:
        """How many shots stand how, the most wanted standing first."""
        found: dict[str, int] = dict.fromkeys(_WORST_LAST, 0)
        for shot in self.shots:
            found[shot.standing] += 1
        return {name: n for name, n in found.items() if n or name == "on-model"}

    @property
    def poster(self) -> Still | None:
        """What stands for the cut until it plays: how it begins."""
        thumb = self.shots[0].thumb if self.shots else None
        return replace(thumb, longest_px=POSTER_PX) if thumb else None

    @property
    def flagged(self) -> tuple[ShotShown, ...]:
        """The shots that need a person."""
        return tuple(shot for shot in self.shots if shot.needs_person)


def reel_of(story: Story, plan: Plan, jobs: Iterable[Job], decisions: Sequence[Decision]) -> Reel:
    """Lay out an episode's takes.

    Args:
        story: for titles and names.
        plan: of the episode, or of the cast.
        jobs: every job of the same scope, and of the cast.
        decisions: people's, about the same.
    """
    every = list(jobs)
    about: dict[str, list[Decision]] = {}
    for one in decisions:
        about.setdefault(f"{one.subject}.{one.stage}", []).append(one)
    names = {who: bible.name for who, bible in story.bibles.items()}
    made: dict[str, list[Job]] = {}
    for job in every:
        if job.slot.scope == plan.scope:
            made.setdefault(f"{job.slot.subject}.{job.slot.stage}", []).append(job)
    of_shot: dict[str, list[Line]] = {name: [] for name in plan.used_s}
    for line in plan.lines.values():
        if line.commission.scope == plan.scope:
            subject = line.commission.subject
            of_shot.setdefault(subject if plan.scope == CAST else shot_of(subject), []).append(line)
    told = _Told(made, about, names)
    shots = [_shot(name, lines, plan, told) for name, lines in of_shot.items() if lines]
    return Reel(
        production=story.production.title,
        scope=plan.scope,
        title=plan.title,
        shots=tuple(shots),
        spent_usd=_spent(every, plan.scope),
        sheets_usd=Decimal(0) if plan.scope == CAST else _spent(every, CAST),
        prices_of=plan.prices_of,
    )


def _spent(jobs: Iterable[Job], scope: str) -> Decimal:
    return sum((job.cost_usd for job in jobs if job.slot.scope == scope), Decimal(0))


class _Told(NamedTuple):
    """What the records tell, by `subject.stage`, and who is who."""

    made: Mapping[str, Sequence[Job]]
    decided: Mapping[str, Sequence[Decision]]
    names: Mapping[str, str]


def _shot(name: str, lines: Sequence[Line], plan: Plan, told: _Told) -> ShotShown:
    # A stable sort: the clips of a long shot stay in their order, and so do the keyframes.
    ordered = sorted(lines, key=lambda line: line.commission.stage == "keyframe")
    seen = [line for line in ordered if line.commission.stage != "keyframe"]
    posters = {
        line.commission.subject: Still(line.take.media.sha256, line.take.media)
        for line in ordered
        if line.commission.stage == "keyframe" and line.take is not None
    }
    works = tuple(_work(line, told, posters) for line in ordered)
    return ShotShown(
        id=name,
        standing=max(map(_standing, seen), key=_WORST_LAST.index),
        needs_person=any(line.state == "flagged" or line.awaits for line in ordered),
        seconds=plan.used_s.get(name),
        said=tuple(_said(seen[0].commission.content)),
        references=tuple(views_of(seen[0], plan, told.names)),
        beside=tuple(clips_beside(seen, plan)),
        works=works,
        thumb=_thumb(seen[0], posters.get(name)),
    )


def _standing(line: Line) -> str:
    if line.take:
        return standing_shown(line.take.verdict)
    takes = line.holding.takes if line.holding else ()
    if not takes:
        return UNMADE
    newest = standing_shown(takes[-1].verdict)
    return AGAIN if newest == "on-model" else newest


def _said(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in _SAID:
        value = content.get(key)
        if isinstance(value, str) and value:
            yield key, value


def _thumb(head: Line, poster: Still | None) -> Still | None:
    # A style pass, and a clip without a keyframe, look like themselves only.
    if poster and head.commission.stage == "shoot":
        return Still(poster.sha256, poster.source, longest_px=SMALL_PX)
    take = head.take
    if take is None:
        return None
    return Still(take.media.sha256, take.media, head.commission.is_clip, SMALL_PX)


def _work(line: Line, told: _Told, posters: Mapping[str, Still]) -> Work:
    commission = line.commission
    jobs = told.made.get(commission.id, ())
    # A shot that was renamed has its records under its old name.
    held = f"{line.holding.subject}.{commission.stage}" if line.holding else commission.id
    decided = [one for name in dict.fromkeys((commission.id, held)) for one in told.decided.get(name, ())]
    part = "" if commission.scope == CAST else commission.subject.partition(".")[2]
    poster = posters.get(commission.subject) if commission.stage == "shoot" else None
    takes = takes_of(line, jobs, told.names, poster, decided)
    own = any(take.is_circled for take in takes)
    return Work(
        id=commission.id,
        scope=commission.scope,
        subject=commission.subject,
        stage=commission.stage,
        basis=line.holding.jobs[-1].slot.basis if line.holding and line.holding.jobs else "",
        title=f"{commission.mode}, part {part}" if part else commission.mode,
        is_behind=commission.stage == "keyframe",
        state=line.state,
        why=line.why,
        instead=line.take.job.intent.label if line.take and not own else "",
        takes=takes,
        failed=tuple((job.intent.label, _became(job)) for job in jobs if job.delivery is None),
        orders=tuple(one for one in line.holding.decisions if one.kind == "retake") if line.holding else (),
        awaits=line.awaits or "",
        asks_again=line.approval.why if line.approval else "",
        approved=line.approval.word if line.approval else None,
        held_by=line.held_by,
    )


def _became(job: Job) -> str:
    result = job.result
    if result is not None and result.error_kind:
        return f"{result.error_kind}: {result.error_message}" if result.error_message else result.error_kind
    return job.state
