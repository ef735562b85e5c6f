"""`onmodel approve` and `onmodel note`: a person's word at a gate, and about a frame."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from onmodel.cli.deciding import note_line, whoever_types
from onmodel.cli.showing import columns, in_columns, print_json, remark, say, wrapped
from onmodel.errors import PlanError
from onmodel.planning import CAST, Plan
from onmodel.planning.approvals import awaiting_in_words
from onmodel.settings import read_settings
from onmodel.stages.approving import Waits, approve, note, waiting
from onmodel.stages.script import Call
from onmodel.units import usd

BOX: int = 4
"""Numbers of a box: left edge, upper edge, width, height."""


def run_approve(
    root: Path,
    scope: str,
    names: Sequence[str],
    *,
    gate: str | None,
    by: str | None,
    note: str,
    rehearse: bool,
    only_list: bool,
    as_json: bool,
) -> None:
    """Approve what waits, say what that lets through, and go on with it where a deployment is known.

    Raises:
        OnModelError: something that was named does not wait, or the archive cannot be written.
    """
    call = Call(root, scope, rehearse=rehearse)
    if only_list:
        found = waiting(call)
        things = [one for one in found.things if gate in (None, one.gate)]
        _show(call, "waits", things, (), found.plan, None, as_json=as_json)
        return
    done = approve(call, names, by or whoever_types(), gate, note=note)
    goes_on = go_on_with(call) if done.things else None
    _show(call, "approved", done.things, done.already, done.plan, goes_on, as_json=as_json)


def _show(
    call: Call,
    key: str,
    things: Sequence[Waits],
    already: Sequence[str],
    plan: Plan,
    goes_on: str | None,
    *,
    as_json: bool,
) -> None:
    """What waits or was approved, and what comes next."""
    if as_json:
        print_json(
            {
                "schema": "onmodel.approve/1",
                "scope": call.scope,
                key: [_json(one) for one in things],
                "already": list(already),
                "awaiting": plan.awaiting,
                "goes_on": goes_on,
            }
        )
        return
    for line in _lines(things):
        say(line)
    for one in already:
        say(f"approved before: {one}")
    say(_summary(call, key, things, already, plan))
    if goes_on:
        say(goes_on)
    elif key == "approved" and things:
        _say_next(call, plan)


def _lines(things: Sequence[Waits]) -> list[str]:
    rows = [(one.gate, one.label) for one in things]
    lines = []
    for drawn, one in zip(in_columns(rows) if rows else (), things, strict=True):
        lines.append(drawn)
        said = (one.why, f"measured: {one.concern}" if one.concern else "", one.file)
        lines += [line for text in filter(None, said) for line in wrapped(text, columns(), indent=4)]
    return lines


def _summary(call: Call, key: str, things: Sequence[Waits], already: Sequence[str], plan: Plan) -> str:
    if things and key == "approved":
        rest = awaiting_in_words(plan.awaiting)
        return f"{len(things)} approved{f'; still {rest}' if rest else ''}."
    if things:
        return f"{call.scope}: {awaiting_in_words(plan.awaiting)}; nothing was decided (--list)."
    if already:
        return "Nothing else was named."
    if not plan.gates:
        return f"{call.scope} asks nobody: `approve` in production.yaml names no gate."
    held = sum(1 for line in plan.lines.values() if line.held_by)
    behind = f" {held} wait behind a gate for what is not made yet." if held else ""
    return f"Nothing of {call.scope} waits for approval (gates: {', '.join(plan.gates)}).{behind}"


def _say_next(call: Call, plan: Plan) -> None:
    command = f"onmodel {'cast' if call.scope == CAST else f'produce {call.scope}'}{call.again}"
    buys = f"buys for {usd(plan.now_usd)}" if plan.now_usd else "nothing is to be bought"
    say(f"Next: {command} ({buys})")


def _json(one: Waits) -> dict[str, Any]:
    return {
        "id": one.id,
        "gate": one.gate,
        "label": one.label,
        "take": one.n,
        "sha256": one.media.sha256,
        "file": one.file,
        "why": one.why or None,
        "measured": one.concern or None,
        "holds": list(one.holds),
    }


def go_on_with(call: Call) -> str | None:
    """Have a deployment go on with it, where there may be one: Prefect takes seconds to import."""
    if not (read_settings().prefect_api_url or (call.root / ".onmodel/prefect/server.json").is_file()):
        return None
    from onmodel.cli.quiet import quiet_prefect  # noqa: PLC0415 (where a server may be only)

    quiet_prefect()
    from onmodel.flowkit.going_on import go_on  # noqa: PLC0415 (same)

    return go_on(call.root, call.scope, rehearse=call.rehearse)


def run_note(
    root: Path,
    scope: str,
    subject: str,
    n: int,
    text: str,
    *,
    at_s: float | None,
    box: str | None,
    stage: str | None,
    by: str | None,
    rehearse: bool,
) -> None:
    """Keep a note with a take, and say what becomes of it.

    Raises:
        OnModelError: there is no such take, or the note is about no part of it.
    """
    call = Call(root, scope, rehearse=rehearse)
    kept = note(call, subject, n, at_s=at_s, box=_box(box), text=text, by=by or whoever_types(), stage=stage)
    say(f"{scope} · {kept.subject} · take {kept.n}: {note_line(kept)}")
    of_stage = f" --stage {stage}" if stage else ""
    remark(f"The next retake is asked for with it: onmodel retake {scope} {subject}{of_stage}{call.again}")


def _box(box: str | None) -> tuple[float, float, float, float] | None:
    if box is None:
        return None
    try:
        edges = [float(edge) for edge in box.split(",")]
    except ValueError:
        edges = []
    if len(edges) != BOX:
        raise PlanError(
            f"found --box {box}; allowed: X,Y,W,H, each a share of the picture from 0 to 1.",
            hint="The left half is 0,0,0.5,1.",
        )
    return edges[0], edges[1], edges[2], edges[3]
