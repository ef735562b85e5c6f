"""A person's word about a take: which one is circled, and which is to be taken again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from onmodel.craft.remedies import Change, Remedy
from onmodel.errors import PlanError
from onmodel.planning import CAST, Holding, Line, Plan, Retaking
from onmodel.planning.asking import Asking
from onmodel.planning.retaking import ELSEWHERE, problem_in, tried
from onmodel.settings import Folders
from onmodel.stages.script import Call, open_archive, plan_in, read_plan, read_script
from onmodel.story.validation import did_you_mean
from onmodel.vault import UNSENT, Decision, Vault

CLIPS: Final = ("restyle", "shoot")
"""What a shot's name alone means: its clip, after the style pass where it is one."""


@dataclass(frozen=True)
class Decided:
    """What a decision comes to."""

    label: str
    """For people: `s01e01 · s010 · take 2 · image-to-video`."""
    plan: Plan
    """As things stand after it."""


def circle_take(call: Call, subject: str, n: int, *, stage: str | None, by: str, note: str = "") -> Decided:
    """Write down that a person circles a take, whatever was measured.

    Args:
        call: the production and the episode, or the cast.
        subject: the shot's id, or a sheet view's `pip.default.front`.
        n: the take's number, as `onmodel takes` lists it.
        stage: keyframe, shoot, restyle or sheet; None for the shot's clip, or the view.
        by: who decides.
        note: why, in words.

    Raises:
        PlanError: there is no such shot, stage or take.
        VaultError: the archive cannot be read or written.
    """
    script = read_script(call)
    production = script.story.production
    with open_archive(production, Folders(call.root, call.rehearse)) as vault:
        line = line_of(plan_in(vault, call, script), subject, stage)
        holding = line.holding
        found = {take.n: take for take in holding.takes} if holding else {}
        if n not in found:
            there = ", ".join(map(str, found)) or "none yet"
            raise PlanError(
                f"{_where(line)} has no take {n}; its takes are: {there}.",
                hint=f"onmodel takes {call.scope}{call.again} lists them.",
            )
        decide(vault, line, kind="circle", n=n, by=by, note=note)
        return Decided(line.commission.label(n), plan_in(vault, call, script))


@dataclass(frozen=True)
class Ordered:
    """What the order of a retake comes to."""

    label: str
    """Of the take that will be bought."""
    remedy: Remedy | None
    usd: Decimal
    """Its price."""
    plan: Plan


def order_retake(
    call: Call, subject: str, *, problem: str | None, stage: str | None, by: str, note: str = ""
) -> Ordered:
    """Write down that a person wants another take, by the first remedy of a problem that was not tried.

    Args:
        call: the production and the episode, or the cast.
        subject: the shot's id, or a sheet view's.
        problem: what is wrong, by the name of its tree; None for what was measured, or only the dice.
        stage: keyframe, shoot, restyle or sheet; None for the shot's clip, or the view.
        by: who orders it.
        note: in words; it ends the prompt of the next take.

    Raises:
        PlanError: there is no such shot or problem, or nothing was taken of it yet.
        VaultError: the archive cannot be read or written.
    """
    script = read_script(call)
    retaking = Retaking(script.story, script.market, call.scope)
    with open_archive(script.story.production, Folders(call.root, call.rehearse)) as vault:
        plan = plan_in(vault, call, script)
        line = line_of(plan, subject, stage)
        taken(line, call.again)
        line, remedy = _remedy_for(retaking, plan, line, problem)
        sent = [job for job in taken(line).jobs if job.state not in (*UNSENT, "withdrawn")]
        n = max((job.slot.n for job in sent), default=1)
        change = remedy.change if remedy else Change()
        made = retaking.asked_otherwise(line.commission, Asking(change, note=note))
        usd, name = made.price.usd, remedy and remedy.id
        decide(vault, line, kind="retake", n=n, by=by, note=note, problem=problem, remedy=name, usd=usd)
        return Ordered(made.label(n + 1), remedy, usd, plan_in(vault, call, script))


def _remedy_for(
    retaking: Retaking, plan: Plan, line: Line, problem: str | None
) -> tuple[Line, Remedy | None]:
    """The first remedy that was not tried, and the line it is made on: a clip's own, or its keyframe's."""
    holding = taken(line)
    problem = problem or problem_in(line.commission, holding)
    drawn = plan.lines.get(f"{line.commission.subject}.keyframe")
    for remedy, obstacle in retaking.remedies(line.commission, problem) if problem else ():
        if remedy.by_hand or remedy.id in tried(holding):
            continue
        if not obstacle:
            return line, remedy
        if drawn and obstacle == ELSEWHERE and _can_draw_anew(retaking, drawn, remedy):
            return drawn, remedy
    return line, None


def _can_draw_anew(retaking: Retaking, drawn: Line, remedy: Remedy) -> bool:
    """Whether a remedy that draws the keyframe anew can be made, and was not tried."""
    holding = drawn.holding
    if holding is None or not holding.jobs or remedy.id in tried(holding):
        return False
    return not retaking.obstacle(drawn.commission, remedy.change)


@dataclass(frozen=True)
class Offer:
    """One remedy as it would be made to a shot."""

    remedy: Remedy
    obstacle: str
    """What keeps it from being made; empty where nothing does."""
    is_tried: bool
    usd: Decimal | None
    """Price of a take with it; None where it cannot be made, or costs another kind of take."""


def diagnose(
    call: Call, subject: str, *, problem: str | None, stage: str | None
) -> tuple[str, str | None, list[Offer]]:
    """The remedies of a problem in the order in which they would be tried, each with what it would cost.

    Returns:
        What it is about, the problem (None where nothing is known to be wrong), and its remedies.

    Raises:
        PlanError: there is no such shot or problem.
        VaultError: the archive cannot be read.
    """
    script = read_script(call)
    retaking = Retaking(script.story, script.market, call.scope)
    line = line_of(read_plan(call, script), subject, stage)
    problem = problem or (problem_in(line.commission, line.holding) if line.holding else None)
    before = tried(line.holding) if line.holding else set()
    offers = [
        Offer(remedy, obstacle, remedy.id in before, _usd(retaking, line, remedy, obstacle))
        for remedy, obstacle in (retaking.remedies(line.commission, problem) if problem else ())
    ]
    return _where(line), problem, offers


def _usd(retaking: Retaking, line: Line, remedy: Remedy, obstacle: str) -> Decimal | None:
    if obstacle or remedy.by_hand:
        return None
    return retaking.asked_otherwise(line.commission, Asking(remedy.change)).price.usd


def decide(vault: Vault, line: Line, *, kind: Any, n: int, by: str, **said: Any) -> Decision:
    """Write a decision about the takes of a line down.

    Raises:
        PlanError: nothing was taken yet that could be decided about.
    """
    note = str(said.get("note", ""))
    if not note.isprintable():
        raise PlanError(f"the note {note!r} has a control character", hint="Write it as one plain line.")
    holding = taken(line)
    slot = holding.jobs[-1].slot
    decision = Decision(
        kind=kind,
        subject=slot.subject,
        stage=slot.stage,
        basis=slot.basis,
        n=n,
        by=by,
        at=datetime.now(UTC),
        **said,
    )
    vault.decisions.keep(slot.scope, decision)
    return decision


def taken(line: Line, again: str = "") -> Holding:
    """The takes of a line; `again` is how the command goes on that a person is told.

    Raises:
        PlanError: there are none yet.
    """
    if line.holding is None or not line.holding.jobs:
        scope = line.commission.scope
        command = "cast" if scope == CAST else f"produce {scope}"
        raise PlanError(
            f"{_where(line)}: nothing was taken of it yet, as the story has it now",
            hint=f"onmodel {command}{again}",
        )
    return line.holding


def line_of(plan: Plan, subject: str, stage: str | None) -> Line:
    """The line of a shot or sheet view.

    Raises:
        PlanError: the plan has no such line; the nearest and all that there are, are named.
    """
    stages = [stage] if stage else [*CLIPS, "sheet", "keyframe"]
    for one in stages:
        line = plan.lines.get(f"{subject}.{one}")
        if line is not None:
            return line
    subjects = list(dict.fromkeys(line.commission.subject for line in plan.lines.values()))
    has = [line.commission.stage for line in plan.lines.values() if line.commission.subject == subject]
    if has:
        raise PlanError(f"{plan.scope} · {subject} has no {stage}; it has: {', '.join(has)}.")
    raise PlanError(
        f"{plan.scope} has no '{subject}'; there are: {', '.join(subjects)}.",
        hint=did_you_mean(subject, subjects),
    )


def _where(line: Line) -> str:
    return f"{line.commission.scope} · {line.commission.subject} · {line.commission.mode}"
