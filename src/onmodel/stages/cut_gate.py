"""The finished cut at its gate: whether the archive has the cut of these takes, and who approved it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from onmodel.planning import Line, Plan, Records, approval_of_cut
from onmodel.planning.wishes import wishes_of
from onmodel.story import Story
from onmodel.vault import MARK, Cut, Decision, Vault

REVIEW: Final = ".review"
"""What the name of a cut that nobody has approved yet ends with: `s01e01.review.mp4`."""


def find_cut(plan: Plan, story: Story, vault: Vault) -> Cut | None:
    """The newest archived cut of exactly the takes that a plan has circled, cut as the story says today.

    None where a take is missing, or no such cut was made.

    Raises:
        RecordBroken: the record of a cut cannot be read.
    """
    circled = {line.take.media.sha256 for line in _clips(plan) if line.take}
    if any(line.take is None for line in _clips(plan)):
        return None
    cuts = (vault.cuts.read(plan.scope, digest) for digest in vault.cuts.digests(plan.scope))
    alike = [cut for cut in cuts if cut is not None and _is_of(cut.manifest, circled, plan)]
    if not alike:
        return None
    wishes = wishes_of(story, plan.scope)
    as_said = (cut for cut in alike if cut.manifest.get("wishes") == wishes)
    return max(as_said, key=lambda cut: cut.at, default=None)


def _is_of(manifest: Mapping[str, Any], circled: Collection[str], plan: Plan) -> bool:
    """Whether a cut has every shot, and of each only what is circled; an older manifest cannot tell."""
    shots = manifest.get("shots")
    listed = shots if isinstance(shots, list) else []
    pieces = [(one["shot"], one["clip"][MARK]) for one in listed if isinstance(one["clip"], dict)]
    is_whole = {shot for shot, _ in pieces} == plan.used_s.keys() and manifest.get("title") == plan.title
    return is_whole and all(clip in circled for _, clip in pieces)


def with_cut(plan: Plan, story: Story, vault: Vault | None, records: Records) -> Plan:
    """The plan with how its cut stands at its gate, where there is such a gate and the cut was made.

    Raises:
        RecordBroken: as `find_cut` does.
    """
    if "cut" not in plan.gates or vault is None or any(line.awaits for line in _clips(plan)):
        return plan
    cut = find_cut(plan, story, vault)
    return plan if cut is None else replace(plan, cut=approval_of_cut(records.decisions, cut.media))


def is_approved(cut: Cut, decisions: Sequence[Decision]) -> bool:
    """Whether a person approved exactly this cut."""
    return approval_of_cut(decisions, cut.media).word is not None


def decisions_in(manifest: Mapping[str, Any], decisions: Sequence[Decision]) -> dict[str, Any]:
    """A cut's manifest with who circled and who approved what of it; the same one where nobody did.

    The archived manifest is as old as the cut; people's words may be newer, and lie beside it.
    """
    shown = {take["sha256"] for take in manifest["takes"]} | {manifest["cut"]["sha256"]}
    said = [
        {
            "kind": one.kind,
            "of": one.stage,
            "subject": one.subject,
            "take": one.n,
            "sha256": one.media,
            "by": one.by,
            "at": one.at.isoformat(),
            "note": one.note or None,
        }
        for one in decisions
        if one.kind in ("circle", "approve") and one.media in shown
    ]
    return {**manifest, "decisions": said} if said else dict(manifest)


def _clips(plan: Plan) -> list[Line]:
    """The lines whose takes go into the cut."""
    return [line for line in plan.lines.values() if line.commission.is_clip]
