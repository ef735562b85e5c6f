"""A person's word at a gate, and notes on a take: who approved it, and what is to be mended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, get_args

from onmodel.errors import PlanError
from onmodel.planning import Plan
from onmodel.settings import Folders
from onmodel.stages.awaiting import Waits, approved, chosen, refusal, things_in, waiting
from onmodel.stages.deciding import check_words, decide, line_of, take_of
from onmodel.stages.script import Call, open_archive, plan_in, read_script
from onmodel.story import Gate
from onmodel.story.validation import did_you_mean
from onmodel.vault import CUT, Box, Decision, Vault

__all__ = ["Approved", "Waits", "approve", "note", "waiting"]

_EDGE: Final = 1.001
"""A box may go over the picture's edge by this share: what is drawn on a page is rounded."""


@dataclass(frozen=True)
class Approved:
    """What an approval comes to."""

    things: tuple[Waits, ...]
    """What was approved by it."""
    already: tuple[str, ...]
    """What had been approved before, of what was named: labels, with who did it."""
    plan: Plan
    """As things stand after it."""


def approve(
    call: Call,
    subjects: Sequence[str] = (),
    by: str = "",
    gate: str | None = None,
    *,
    seen: Mapping[str, str] | None = None,
    note: str = "",
) -> Approved:
    """Write down that a person approves what waits; each thing is a record of its own.

    Args:
        call: the production and the episode, or the cast.
        subjects: shots, sheets (`pip.rain`), views, ids of lines, or `cut`; without any, all that waits.
        by: who approves.
        gate: sheet, keyframes, takes or cut; every one without.
        seen: the sha256 of what that person looked at, by line id: another take by now is refused.
        note: why, in words.

    Raises:
        PlanError: something does not wait, or is another take by now; it says why, and nothing is written.
        VaultError: the archive cannot be read or written.
    """
    _check_gate(gate)
    check_words(by=by, note=note)
    script = read_script(call)
    with open_archive(script.story.production, Folders(call.root, call.rehearse)) as vault:
        plan = plan_in(vault, call, script)
        things = [one for one in things_in(vault, script.story, plan) if gate in (None, one.gate)]
        meant = chosen(call, plan, things, subjects, gate)
        _check_seen(call, plan, meant, seen or {})
        for one in meant:
            if one.gate == "cut":
                _approve_cut(vault, one, by=by, note=note)
            else:
                line = plan.lines[one.id]
                decide(vault, line, kind="approve", n=one.n, by=by, note=note, media=one.media.sha256)
        return Approved(tuple(meant), approved(plan, subjects, gate), plan_in(vault, call, script))


def note(
    call: Call,
    subject: str,
    n: int,
    *,
    at_s: float | None = None,
    box: tuple[float, float, float, float] | None = None,
    text: str,
    by: str,
    stage: str | None = None,
    seen: str | None = None,
) -> Decision:
    """Keep a person's note with a take; the next retake of it is asked for with these words.

    Args:
        call: the production and the episode, or the cast.
        subject: the shot's id, or a sheet view's `pip.default.front`.
        n: the take's number, as `onmodel takes` lists it.
        at_s: seconds from the beginning of the clip; None for all of it.
        box: the part of the picture that is meant: left edge, upper edge, width and height, as shares of the
            picture from 0 to 1; None for all of it.
        text: what is to be mended, in words.
        by: who says so.
        stage: keyframe, shoot, restyle or sheet; None for the shot's clip, or the view.
        seen: sha256 of the take that was looked at; where that number is another take by now, it is refused.

    Raises:
        PlanError: there is no such shot, stage or take, it went stale, or the note is not about a part of it.
        VaultError: the archive cannot be read or written.
    """
    script = read_script(call)
    with open_archive(script.story.production, Folders(call.root, call.rehearse)) as vault:
        line = line_of(plan_in(vault, call, script), subject, stage)
        take = take_of(line, n, call, seen)
        words = " ".join(text.split())
        if not words:
            raise PlanError("the note has no words", hint="Say what is to be mended, as one plain line.")
        if at_s is not None and (take.seconds is None or not 0 <= at_s <= take.seconds):
            has = "a picture" if take.seconds is None else f"{float(take.seconds):g} s long"
            raise PlanError(f"the note is at {at_s:g} s, and take {n} is {has}.")
        where = None if box is None else _box(box)
        said = {"note": words, "at_s": at_s, "box": where, "media": take.media.sha256}
        return decide(vault, line, kind="note", n=n, by=by, **said)


def _box(box: tuple[float, float, float, float]) -> Box:
    """The part of a picture that somebody drew; what goes over its edges by a rounding is cut off.

    Raises:
        PlanError: it is no part of a picture.
    """
    found = Box(*box)
    inside = 0 <= found.x < 1 and 0 <= found.y < 1 and found.w > 0 and found.h > 0
    if not inside or found.x + found.w > _EDGE or found.y + found.h > _EDGE:
        said = ",".join(f"{one:g}" for one in box)
        raise PlanError(
            f"found the box {said}; allowed: left edge, upper edge, width and height, each a share of the "
            "picture from 0 to 1, and all of it inside.",
            hint="The left half is 0,0,0.5,1.",
        )
    return Box(found.x, found.y, min(found.w, 1 - found.x), min(found.h, 1 - found.y))


def _check_gate(gate: str | None) -> None:
    if gate is not None and gate not in get_args(Gate):
        gates = get_args(Gate)
        raise PlanError(
            f"found the gate '{gate}'; allowed: {', '.join(gates)}.", hint=did_you_mean(gate, gates)
        )


def _check_seen(call: Call, plan: Plan, meant: Sequence[Waits], seen: Mapping[str, str]) -> None:
    """Refuse an approval of something else than what that person looked at.

    Raises:
        PlanError: it went stale meanwhile.
    """
    now = {one.id: one for one in meant}
    for name, sha256 in seen.items():
        one = now.get(name)
        if one is not None and one.media.sha256 == sha256:
            continue
        if one is None:
            line = plan.lines.get(name)
            word = line.approval.word if line and line.approval else None
            if word is not None and word.media == sha256:
                continue  # somebody else was faster, about the same take
            raise refusal(call, plan, name, None)
        raise PlanError(
            f"{one.label} is what waits for approval by now, not what was looked at"
            f"{f': {one.why}' if one.why else ''}.",
            hint="Look at it first; then approve again.",
        )


def _approve_cut(vault: Vault, thing: Waits, *, by: str, note: str) -> None:
    decision = Decision(
        kind="approve",
        subject=thing.subject,
        stage=CUT,
        basis=thing.media.sha256,
        n=1,
        media=thing.media.sha256,
        note=note,
        by=by,
        at=datetime.now(UTC),
    )
    vault.decisions.keep(thing.subject, decision)
