"""How an episode stands, as its vault says it, with what a run on this machine is at right now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from onmodel.planning import Line, Plan, standing_of
from onmodel.planning.chains import shot_of
from onmodel.settings import Folders
from onmodel.stages.crew import Event, SoFar
from onmodel.stages.cut_gate import REVIEW
from onmodel.stages.script import Call, look_into_archive, plan_in, read_records, read_script
from onmodel.stages.telling import note_path, read_note
from onmodel.vault import Verdict


@dataclass(frozen=True)
class Status:
    """How an episode, or the cast, stands."""

    scope: str
    title: str
    rows: tuple[Event, ...]
    """Each shot and sheet view, as the last event would have told it."""
    so_far: SoFar
    """`spent_usd` is what all of it has cost so far, whichever run bought it."""
    runs: bool
    """Whether a process of this machine is at work on it."""
    cut: Path | None
    """The delivered episode, or its cut for review, where there is one; it may be older than the takes."""
    awaiting: dict[str, int]
    """How much waits for a person's approval, by gate."""
    again: str
    """What a command about the same ends with: ` --rehearse`, or nothing."""


def read_status(call: Call) -> Status:
    """Look how an episode stands; nothing is bought and nothing is written.

    Raises:
        StoryError: the story is not acceptable.
        VaultError: the archive cannot be read.
    """
    script = read_script(call)
    folders = Folders(call.root, call.rehearse)
    with look_into_archive(script.story.production, folders) as vault:
        plan = plan_in(vault, call, script)
        lines = _by_subject(plan)
        records = read_records(vault, call.scope) if vault else None
        cost = {name: records.cost_usd(call.scope, name) if records else Decimal(0) for name in lines}
    now = read_note(note_path(folders.run, call.scope, rehearse=call.rehearse))
    # Model sheets are the cast's own; in an episode they are shown as long as somebody is drawing them.
    sheets = [event for event in now.values() if event.stage == "sheet" and event.subject not in lines]
    rows = [_live(_row(name, own, plan, cost[name]), now) for name, own in lines.items()]
    names = (f"{call.scope}{end}.mp4" for end in (REVIEW, ""))
    cuts = (folders.deliverables / name for name in names)
    return Status(
        scope=call.scope,
        title=plan.title,
        rows=(*sheets, *rows),
        so_far=_so_far(plan, sum(cost.values(), Decimal(0))),
        runs=bool(now),
        cut=next((cut for cut in cuts if cut.is_file()), None),
        awaiting={**plan.awaiting},
        again=call.again,
    )


def _by_subject(plan: Plan) -> dict[str, list[Line]]:
    """The lines of each shot, link and sheet view that is this scope's own, in the order of the work."""
    found: dict[str, list[Line]] = {}
    for line in plan.lines.values():
        if line.commission.scope == plan.scope:
            found.setdefault(line.commission.subject, []).append(line)
    return found


def _row(subject: str, lines: Sequence[Line], plan: Plan, cost_usd: Decimal) -> Event:
    """The first of a shot's works that is not done, or the last one."""
    line = next((one for one in lines if one.state != "current" or one.awaits), lines[-1])
    holding = line.holding
    newest = line.take or (holding.takes[-1] if holding and holding.takes else None)
    verdict = newest.verdict if newest else None
    state = "held" if line.awaits else line.state
    return Event(
        subject,
        line.commission.stage,
        state,
        f"awaits approval: {line.awaits}" if line.awaits else line.why,
        newest.n if newest else None,
        verdict=_stands(verdict),
        usd=cost_usd,
        seconds=plan.used_s.get(subject),
    )


def _stands(verdict: Verdict | None) -> str:
    if verdict is None or not verdict.ok:
        return "broken" if verdict else ""
    return standing_of(verdict) if verdict.identity else ""


def _live(row: Event, now: Mapping[str, Event]) -> Event:
    """The row with what a run is at, where one is."""
    event = now.get(row.subject)
    if event is None:
        return row
    return replace(event, seconds=row.seconds, verdict=event.verdict or row.verdict)


def _so_far(plan: Plan, spent_usd: Decimal) -> SoFar:
    clips: dict[str, bool] = dict.fromkeys(plan.used_s, True)
    for line in plan.lines.values():
        commission = line.commission
        if commission.scope == plan.scope and commission.is_clip:
            clips[shot_of(commission.subject)] &= line.take is not None
    done = [shot for shot, has_clip in clips.items() if has_clip]
    return SoFar(
        done=len(done),
        of=len(clips),
        seconds=sum((plan.used_s[shot] for shot in done), Fraction(0)),
        of_seconds=sum(plan.used_s.values(), Fraction(0)),
        spent_usd=spent_usd,
        left_usd=min(plan.left_usd.values(), default=None),
    )
