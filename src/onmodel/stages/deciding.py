"""A person's word about a take: which one is circled, and which is to be taken again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from onmodel.errors import PlanError
from onmodel.planning import CAST, Holding, Line, Plan
from onmodel.settings import Folders
from onmodel.stages.script import Call, open_archive, plan_in, read_script
from onmodel.story.validation import did_you_mean
from onmodel.vault import Decision, Vault

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
                hint=f"onmodel takes {call.scope} lists them.",
            )
        decide(vault, line, kind="circle", n=n, by=by, note=note)
        return Decided(line.commission.label(n), plan_in(vault, call, script))


def decide(vault: Vault, line: Line, *, kind: Any, n: int, by: str, **said: Any) -> Decision:
    """Write a decision about the takes of a line down.

    Raises:
        PlanError: nothing was taken yet that could be decided about.
    """
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


def taken(line: Line) -> Holding:
    """The takes of a line.

    Raises:
        PlanError: there are none yet.
    """
    if line.holding is None or not line.holding.jobs:
        scope = line.commission.scope
        command = "cast" if scope == CAST else f"produce {scope}"
        raise PlanError(
            f"{_where(line)}: nothing was taken of it yet, as the story has it now", hint=f"onmodel {command}"
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
