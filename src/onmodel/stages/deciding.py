"""A person's word about a take: which one is circled, and which is to be taken again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from onmodel.craft.remedies import Change, Remedy
from onmodel.errors import PlanError
from onmodel.planning import CAST, Holding, Line, Plan, Retaking, Take, open_order
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
    undone: Decision | None = None
    """The order of a retake that is not followed any more."""


def circle_take(
    call: Call,
    subject: str,
    n: int,
    *,
    stage: str | None,
    by: str,
    note: str = "",
    seen: str | None = None,
) -> Decided:
    """Write down that a person circles a take, whatever was measured.

    Args:
        call: the production and the episode, or the cast.
        subject: the shot's id, or a sheet view's `pip.default.front`.
        n: the take's number, as `onmodel takes` lists it.
        stage: keyframe, shoot, restyle or sheet; None for the shot's clip, or the view.
        by: who decides.
        note: why, in words.
        seen: sha256 of the take that was looked at; where that number is another take by now, it is refused.

    Raises:
        PlanError: there is no such shot, stage or take, or it went stale meanwhile.
        VaultError: the archive cannot be read or written.
    """
    script = read_script(call)
    production = script.story.production
    with open_archive(production, Folders(call.root, call.rehearse)) as vault:
        line = line_of(plan_in(vault, call, script), subject, stage)
        media, undone = take_of(line, n, call, seen).media.sha256, _order_of(line)
        decide(vault, line, kind="circle", n=n, by=by, note=note, media=media)
        return Decided(line.commission.label(n), plan_in(vault, call, script), undone)


def take_of(line: Line, n: int, call: Call, seen: str | None = None) -> Take:
    """A take of a line, by its number.

    Args:
        line: of the plan.
        n: the number.
        call: for the command that lists them.
        seen: sha256 of the take that was looked at.

    Raises:
        PlanError: there is no such take, and those that there are, are named; or it is another one than was
            looked at.
    """
    found = {take.n: take for take in line.holding.takes} if line.holding else {}
    if seen is not None and (n not in found or found[n].media.sha256 != seen):
        raise went_stale(line, n)
    if n not in found:
        there = ", ".join(map(str, found)) or "none yet"
        raise PlanError(
            f"{_where(line)} has no take {n}; its takes are: {there}.",
            hint=f"onmodel takes {call.scope}{call.again} lists them.",
        )
    return found[n]


def went_stale(line: Line, n: int) -> PlanError:
    """Why a decision about a take that was looked at is refused."""
    return PlanError(
        f"{_where(line)}: take {n} that was looked at is of an earlier text: the story, or what the take is "
        f"made from, changed meanwhile{f' ({line.why})' if line.why else ''}.",
        hint="Look at what there is now; then decide again.",
    )


def _order_of(line: Line) -> Decision | None:
    """A person's order for another take that was not followed yet."""
    return open_order(line.holding) if line.holding else None


@dataclass(frozen=True)
class Ordered:
    """What the order of a retake comes to."""

    label: str
    """Of the take that will be bought."""
    remedy: Remedy | None
    usd: Decimal
    """Its price."""
    plan: Plan
    undone: Decision | None = None
    """An earlier order that this one takes the place of."""


def order_retake(
    call: Call,
    subject: str,
    *,
    problem: str | None,
    stage: str | None,
    by: str,
    note: str = "",
    seen: str | None = None,
) -> Ordered:
    """Write down that a person wants another take, by the first remedy of a problem that was not tried.

    Args:
        call: the production and the episode, or the cast.
        subject: the shot's id, or a sheet view's.
        problem: what is wrong, by the name of its tree; None for what was measured, or only the dice.
        stage: keyframe, shoot, restyle or sheet; None for the shot's clip, or the view.
        by: who orders it.
        note: in words; it ends the prompt of the next take.
        seen: basis digest of the takes that were looked at; where the story says something else by now, it is
            refused.

    Raises:
        PlanError: there is no such shot or problem, nothing was taken of it yet, or it went stale meanwhile.
        VaultError: the archive cannot be read or written.
    """
    script = read_script(call)
    retaking = Retaking(script.story, script.market, call.scope)
    with open_archive(script.story.production, Folders(call.root, call.rehearse)) as vault:
        plan = plan_in(vault, call, script)
        line = line_of(plan, subject, stage)
        last = taken(line, call.again).jobs[-1].slot
        if seen not in (None, last.basis):
            raise went_stale(line, last.n)
        line, remedy = _remedy_for(retaking, plan, line, problem)
        sent = [job for job in taken(line).jobs if job.state not in (*UNSENT, "withdrawn")]
        n, undone = max((job.slot.n for job in sent), default=1), _order_of(line)
        change = remedy.change if remedy else Change()
        made = retaking.asked_otherwise(line.commission, Asking(change, note=note))
        usd, name = made.price.usd, remedy and remedy.id
        decide(vault, line, kind="retake", n=n, by=by, note=note, problem=problem, remedy=name, usd=usd)
        return Ordered(made.label(n + 1), remedy, usd, plan_in(vault, call, script), undone)


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
        PlanError: nothing was taken yet that could be decided about, or the words cannot be shown.
    """
    check_words(by=by, note=str(said.get("note", "")))
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


def check_words(**said: str) -> None:
    """Make sure that what a person said can be shown again as one line.

    Raises:
        PlanError: it has a control character, or nobody says it.
    """
    for what, text in said.items():
        name = "--as" if what == "by" else f"the {what}"
        if not text.isprintable():
            raise PlanError(f"{name}: {text!r} has a control character", hint="Write it as one plain line.")
        if what == "by" and not text.strip():
            raise PlanError("--as: nobody is named", hint="Say who decides: --as NAME")


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
