"""The lines of a plan at the production's gates: what awaits approval, and what waits for that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from onmodel.planning.approvals import GATE_OF, Approval, Gates, approval_of
from onmodel.planning.commission import CAST
from onmodel.planning.plan import BUYS, Line
from onmodel.planning.takes import Records
from onmodel.story import Gate


def at_gates(
    lines: Mapping[str, Line], records: Records, gates: tuple[Gate, ...], scope: str
) -> dict[str, Line]:
    """Say of each line how its take stands at its gate, and for whose approval the line waits.

    A take is asked about where something waits for it: a picture whose clip is there holds up nothing.

    Args:
        lines: sources before what is made from them.
        records: what the vault holds.
        gates: at which somebody must approve.
        scope: the episode's id, or `cast`.
    """
    if not gates:
        return dict(lines)
    before = Gates({name: line.commission for name, line in lines.items()}, gates).before
    approvals = {name: found for name, line in lines.items() if (found := _approval(line, records, gates))}
    held: dict[str, tuple[str, ...]] = {}
    for name, line in lines.items():
        if line.state not in BUYS:
            continue
        closed = [one for one in before(line.commission) if not _is_open(one, approvals)]
        behind = [one for source in line.commission.sources for one in held.get(source.commission, ())]
        if closed or behind:
            held[name] = tuple(dict.fromkeys([*behind, *closed]))
    needed = {one for ones in held.values() for one in ones}
    return {
        name: replace(
            line,
            approval=_asked_about(name, approvals.get(name), needed, scope),
            held_by=held.get(name, ()),
        )
        for name, line in lines.items()
    }


def _approval(line: Line, records: Records, gates: tuple[Gate, ...]) -> Approval | None:
    gate = GATE_OF[line.commission.stage]
    if gate not in gates or line.take is None or line.holding is None:
        return None
    return approval_of(gate, line.take, line.holding, records)


def _is_open(name: str, approvals: Mapping[str, Approval]) -> bool:
    return name in approvals and approvals[name].word is not None


def _asked_about(name: str, found: Approval | None, needed: set[str], scope: str) -> Approval | None:
    """The approval where it was given, or where something waits for it: other work, the cut, or the cast."""
    if found is None or found.word or name in needed or found.gate == "takes" or scope == CAST:
        return found
    return None
