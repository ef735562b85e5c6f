"""What waits for a person's word at a production's gates, and why something that was named does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from onmodel.errors import PlanError
from onmodel.planning import GATE_OF, Line, Plan
from onmodel.planning.chains import shot_of
from onmodel.settings import Folders
from onmodel.stages.cut_gate import find_cut
from onmodel.stages.script import Call, look_into_archive, plan_in, read_script
from onmodel.story import Gate, Story
from onmodel.story.validation import did_you_mean
from onmodel.vault import CUT, MediaRef, Vault


@dataclass(frozen=True)
class Waits:
    """Something that waits for a person's word."""

    id: str
    """Of its line: `s010.keyframe`, `pip.default.front.sheet`; of the cut, `s01e01.cut`."""
    gate: Gate
    subject: str
    """The shot, the sheet's view, or the episode for its cut."""
    label: str
    """For people: `s01e01 · s010 · take 1 · keyframe`."""
    n: int
    """Number of the take; 1 for a cut."""
    media: MediaRef
    """What is approved: exactly this picture or clip."""
    file: str
    """Where it is looked at: a path, or a signed address of the archive's."""
    why: str = ""
    """Why it waits although something of it was approved before; empty where nothing was."""
    concern: str = ""
    """What was measured that a person should know; empty where nothing speaks against it."""
    holds: tuple[str, ...] = ()
    """Ids of the lines that are bought once it is approved."""


@dataclass(frozen=True)
class Waiting:
    """All that waits, as things stand."""

    things: tuple[Waits, ...]
    """In the order of the work: sheets, keyframes, takes, the cut."""
    plan: Plan


def waiting(call: Call) -> Waiting:
    """Say what of an episode, or of the cast, waits for a person's word.

    Raises:
        StoryError: the story is not acceptable.
        VaultError: the archive cannot be read.
    """
    script = read_script(call)
    with look_into_archive(script.story.production, Folders(call.root, call.rehearse)) as vault:
        plan = plan_in(vault, call, script)
        return Waiting(things_in(vault, script.story, plan), plan)


def things_in(vault: Vault | None, story: Story, plan: Plan) -> tuple[Waits, ...]:
    """What waits, the first gate first.

    Raises:
        RecordBroken: as `find_cut` does.
    """
    if vault is None:
        return ()
    found = [_of_line(vault, line, plan) for line in plan.lines.values() if line.awaits]
    if plan.cut is not None and plan.cut.word is None:
        cut = find_cut(plan, story, vault)
        if cut is not None:
            found.append(_of_cut(vault, plan, cut.media, plan.cut.why))
    return tuple(sorted(found, key=lambda one: get_args(Gate).index(one.gate)))


def _of_cut(vault: Vault, plan: Plan, media: MediaRef, why: str) -> Waits:
    scope = plan.scope
    file = vault.media.address(media)
    return Waits(f"{scope}.{CUT}", "cut", scope, f"{scope} · cut", 1, media, file, why)


def _of_line(vault: Vault, line: Line, plan: Plan) -> Waits:
    if line.take is None or line.approval is None:
        raise PlanError(f"{line.commission.id} has no take that could be approved")
    return Waits(
        line.commission.id,
        line.approval.gate,
        line.commission.subject,
        line.commission.label(line.take.n),
        line.take.n,
        line.take.media,
        vault.media.address(line.take.media),
        line.approval.why,
        line.why if line.state == "flagged" else "",
        tuple(name for name, other in plan.lines.items() if line.commission.id in other.held_by),
    )


def chosen(
    call: Call, plan: Plan, things: Sequence[Waits], names: Sequence[str], gate: str | None
) -> list[Waits]:
    """What waits of what was named; all of it where nothing was.

    Raises:
        PlanError: something that was named does not wait: it was never approved, or is to be taken anew.
    """
    for name in names:
        waits = any(_is_meant(name, one.subject, one.id) for one in things)
        if not waits and (not approved(plan, (name,), gate) or _taken_anew(plan, name, gate)):
            raise refusal(call, plan, name, gate)
    return [one for one in things if not names or any(_is_meant(name, one.subject, one.id) for name in names)]


def _is_meant(name: str, subject: str, line: str) -> bool:
    """Whether a name that somebody typed is that of a thing, or of the shot or sheet that it belongs to."""
    # s010 of s010.2; pip and pip.rain of pip.rain.front
    whole = (shot_of(subject), subject.rpartition(".")[0])
    is_cut = name == CUT and line == f"{subject}.{CUT}"
    return name in (subject, line, *whole) or is_cut


def _named(plan: Plan, name: str, gate: str | None) -> list[Line]:
    """The lines that a name means, at one gate or at all."""
    return [
        line
        for one, line in plan.lines.items()
        if _is_meant(name, line.commission.subject, one) and gate in (None, GATE_OF[line.commission.stage])
    ]


def _taken_anew(plan: Plan, name: str, gate: str | None) -> list[Line]:
    """Lines at a gate that have takes, none of which stands by now: another one was ordered, or is bought."""
    lines = (line for line in _named(plan, name, gate) if GATE_OF[line.commission.stage] in plan.gates)
    return [line for line in lines if line.take is None and line.holding and line.holding.takes]


def approved(plan: Plan, names: Sequence[str], gate: str | None) -> tuple[str, ...]:
    """What of the named was approved before, with who did it."""
    found = [(name, line.commission.subject, line.approval) for name, line in plan.lines.items()]
    found.append((f"{plan.scope}.{CUT}", plan.scope, plan.cut))
    return tuple(
        f"{line} by {approval.word.by}, {approval.word.at:%Y-%m-%d %H:%M} UTC"
        for line, subject, approval in found
        if approval is not None and approval.word is not None and gate in (None, approval.gate)
        if any(_is_meant(name, subject, line) for name in names)
    )


def refusal(call: Call, plan: Plan, name: str, gate: str | None) -> PlanError:
    """Why something that was named cannot be approved."""
    lines = _taken_anew(plan, name, gate) or _named(plan, name, gate)
    hint = f"onmodel plan {plan.scope}{call.again} says what waits."
    where = f"{plan.scope} · {name}"
    is_cut = name in (CUT, plan.scope, f"{plan.scope}.{CUT}")
    if not lines and not is_cut and not _named(plan, name, None):
        named = list(dict.fromkeys(line.commission.subject for line in plan.lines.values()))
        return PlanError(
            f"{plan.scope} has no '{name}'; there are: {', '.join(named)}.", hint=did_you_mean(name, named)
        )
    if not plan.gates:
        return PlanError(
            f"{where}: nothing waits for approval, since `approve` in production.yaml names no gate.",
            hint="`approve: [keyframes, takes]` has both asked about.",
        )
    if is_cut:
        why = "there is no cut of these takes yet" if CUT in plan.gates else "the cut is no gate here"
        return PlanError(f"{where}: {why}.", hint=hint)
    if not lines:
        return PlanError(f"{where} has nothing that passes the gate '{gate}'.", hint=hint)
    said = "; ".join(dict.fromkeys(_why_not(line, plan) for line in lines))
    return PlanError(f"{where} does not wait for approval: {said}.", hint=hint)


def _why_not(line: Line, plan: Plan) -> str:
    """Why a line does not wait for a person's word."""
    mode = line.commission.mode
    if line.held_by:
        return f"its {mode} is not made before {', '.join(line.held_by)} is approved"
    if line.take is None:
        return f"its {mode} is {line.state}{f', {line.why}' if line.why else ''}"
    return f"nothing waits for its {mode} (gates: {', '.join(plan.gates)})"
