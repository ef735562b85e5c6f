"""What counts as on-model for each character: measured on what is circled of its model sheets.

Before there is a sheet the supplied pictures are measured: a wrong one costs less before views are made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from onmodel.errors import PlanError, ReferenceUnusable
from onmodel.planning import CAST, Plan
from onmodel.planning.casting import Guise
from onmodel.planning.likeness import Likeness
from onmodel.qc import Calibration
from onmodel.settings import Folders
from onmodel.stages.judging import Reference, Sought, calibration_of, scorer_of
from onmodel.stages.script import Call, Script, look_into_archive, plan_in, read_script
from onmodel.vault import Vault


@dataclass(frozen=True)
class Calibrated:
    """One character in one wardrobe."""

    character: str
    wardrobe: str
    calibration: Calibration | None
    """None where it cannot be judged by its sheet."""
    problem: str = ""
    """Why not, and what to do."""


def calibrate_cast(call: Call, characters: Sequence[str]) -> list[Calibrated]:
    """Measure the thresholds of characters, one for each wardrobe whose sheet is made or has pictures.

    Args:
        call: the production; its scope is the cast.
        characters: bibles; none means all.

    Raises:
        PlanError: no sheet is made yet, and no pictures are supplied.
        VaultError: the archive cannot be read.
    """
    script = read_script(Call(call.folder, CAST, call.rehearse, characters=tuple(characters)))
    with look_into_archive(script.story.production, Folders(call.root, call.rehearse)) as vault:
        plan = plan_in(vault, Call(call.folder, CAST, call.rehearse), script)
        found = list(_measured(script, vault, plan, Folders(call.root, call.rehearse)))
    if not found:
        raise PlanError("no model sheet is made yet", hint="onmodel cast")
    return found


def _measured(script: Script, vault: Vault | None, plan: Plan, folders: Folders) -> Iterator[Calibrated]:
    story = script.story
    guises = dict.fromkeys(
        (line.commission.subject.split(".")[0], line.commission.subject.split(".")[1])
        for line in plan.lines.values()
    )
    for character, wardrobe in guises:
        likeness = Guise(character, wardrobe).likeness(story)
        references = _circled(vault, plan, likeness) or _supplied(plan, likeness)
        if not references:
            continue
        own = getattr(story.production.scorers, likeness.kind) if story.production.scorers else None
        sought = Sought(character, likeness.kind, references, own, story.root)
        try:
            found = calibration_of(sought, scorer_of(sought), folders.cache / "identity")
        except ReferenceUnusable as error:
            yield Calibrated(character, wardrobe, None, str(error))
        else:
            yield Calibrated(character, wardrobe, found)


def _circled(vault: Vault | None, plan: Plan, likeness: Likeness) -> dict[str, Reference]:
    """The views of a sheet that are made."""
    if vault is None:
        return {}
    takes = {name: plan.lines[name].take for name in likeness.views if name in plan.lines}
    media = {name.removesuffix(".sheet"): take.media for name, take in takes.items() if take}
    return {name: Reference(ref.sha256, vault.media.path(ref)) for name, ref in media.items()}


def _supplied(plan: Plan, likeness: Likeness) -> dict[str, Reference]:
    """The pictures that the first view of a sheet will be made from."""
    lines = [plan.lines[name] for name in likeness.views if name in plan.lines]
    pictures = [one for line in lines for seen in line.commission.likenesses for one in seen.pictures]
    return {one.path.name: Reference(one.sha256, one.path) for one in pictures}
