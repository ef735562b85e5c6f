"""The next take of what did not come out: the first remedy that was not tried, as one change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from onmodel.craft import ShotBrief
from onmodel.craft.remedies import Change, Remedy, next_remedy, problem_of, remedy, with_obstacles
from onmodel.craft.repair import Asked, obstacle
from onmodel.endpoints import UnknownEndpoint
from onmodel.errors import PlanError
from onmodel.planning.asking import AS_TOLD, Asking
from onmodel.planning.briefs import brief_of, shot_brief
from onmodel.planning.casting import Guise, sheet_commissions
from onmodel.planning.chains import shot_of
from onmodel.planning.circling import Circling, standing_of
from onmodel.planning.commission import Commission
from onmodel.planning.market import Market
from onmodel.planning.notes import notes_in_words
from onmodel.planning.shotlist import ShotList
from onmodel.planning.takes import Holding
from onmodel.story import Story

ELSEWHERE: Final = "it is a retake of the keyframe"
"""Why a clip's own retake does not draw its keyframe anew: that is another purchase, judged by itself."""


class Retake(NamedTuple):
    """The next take of a commission, and what is different in it."""

    commission: Commission
    remedy: Remedy | None
    """None where nothing is left to change but chance."""
    words: str
    """What changes, for people."""


class Retaking(NamedTuple):
    """What retakes are planned from."""

    story: Story
    market: Market
    scope: str
    """The episode's id, or `cast`."""

    def next_take(self, commission: Commission, holding: Holding, circling: Circling) -> Retake:
        """The next take of a commission whose takes so far will not do.

        Raises:
            PlanError: no endpoint can do it.
        """
        order = circling.order
        problem = order.problem if order and order.problem else problem_in(commission, holding)
        chosen = remedy(order.remedy) if order and order.remedy else None
        if chosen is None and problem is not None:
            chosen = next_remedy(problem, tried(holding), lambda one: self.obstacle(commission, one))
        change = chosen.change if chosen else Change()
        note = "; ".join(filter(None, (order.note if order else "", notes_in_words(holding))))
        made = self.asked_otherwise(commission, Asking(change, note=note))
        return Retake(made, chosen, _in_words(chosen, note, holding))

    def remedies(self, commission: Commission, problem: str) -> Iterator[tuple[Remedy, str]]:
        """Every remedy of a problem, each with what keeps it from being made here.

        Raises:
            PlanError: there is no such problem.
        """
        return with_obstacles(problem, lambda one: self.obstacle(commission, one))

    def obstacle(self, commission: Commission, change: Change) -> str:
        """What keeps a change from being made to a commission; empty where nothing does."""
        if change.first_frame and commission.stage != "keyframe":
            return ELSEWHERE
        brief, look = self._brief(commission)
        found = obstacle(change, brief, _asked(commission), look)
        if found:
            return found
        try:
            made = self.asked_otherwise(commission, Asking(change))
        except (PlanError, UnknownEndpoint) as error:
            return error.message
        return _without_effect(commission, made, change)

    def asked_otherwise(self, commission: Commission, asking: Asking) -> Commission:
        """The same commission, asked for otherwise; the story, and so its basis, is the same."""
        if asking == AS_TOLD:
            return commission
        askings = {commission.id: asking}
        if commission.stage == "sheet":
            guise = self._guise(commission)
            made = sheet_commissions(self.story, guise, self.market, expressions=True, askings=askings)
        else:
            shot_list = ShotList(self.story, self.scope, self.market, askings)
            made = shot_list.commissions(shot_of(commission.subject))
        return next(one for one in made if one.id == commission.id)

    def _brief(self, commission: Commission) -> tuple[ShotBrief, str]:
        """What the composer is told of a commission, and the look of its style pass."""
        if commission.stage == "sheet":
            guise = self._guise(commission)
            bible = self.story.bibles[guise.character]
            return ShotBrief(characters=(brief_of(bible, guise.wardrobe),)), guise.look or ""
        shot_list = ShotList(self.story, self.scope, self.market)
        name = shot_of(commission.subject)
        shot = shot_list.filmed(name)
        restyle = shot_list.shots[name].restyle
        brief = shot_brief(shot, self.story.bibles, None if restyle else self.story.production.look)
        return brief, (restyle.look or "") if restyle else ""

    def _guise(self, commission: Commission) -> Guise:
        """Whose view a sheet's commission is."""
        content = commission.content
        character, wardrobe = commission.subject.split(".")[:2]
        look = content["look"]
        return Guise(character, wardrobe, None if look == self.story.production.look else look)


def _without_effect(commission: Commission, made: Commission, change: Change) -> str:
    """Why a change changes nothing here; empty where it does."""
    if change.first_frame == "larger":
        return "keyframes are drawn in one size"
    if change.first_frame == "closer" and made.parts.prompt == commission.parts.prompt:
        return "the shot has no size that could be closer"
    if change.quality and made.choice.endpoint.name == commission.choice.endpoint.name:
        return "the next tier films it with the same endpoint"
    if made.sources != commission.sources:
        return "it would be made from other pictures than the plan has"
    same = made.parts == commission.parts and made.choice == commission.choice
    dice = change.again or change.seed or change.first_frame == "anew"
    return "it would change nothing here" if same and not dice else ""


def problem_in(commission: Commission, holding: Holding) -> str | None:
    """Which problem the newest take has, as far as it was measured; None where it has none."""
    last = holding.takes[-1] if holding.takes else None
    if last is None or last.verdict is None:
        return None
    found = standing_of(last.verdict) if last.verdict.ok else "broken"
    if found == "on-model":
        return None
    kinds = {likeness.kind for likeness in commission.likenesses}
    kind = "human" if "human" in kinds else "stylised"
    fault = str(last.verdict.readings.get("faults", "")).partition(", ")[0]
    return problem_of(found, stage=commission.stage, mode=commission.mode, kind=kind, fault=fault)


def tried(holding: Holding) -> set[str]:
    """The remedies behind the takes that were judged; one that died on its way was not tried."""
    return {job.intent.remedy for job in holding.jobs if job.intent.remedy and job.verdict is not None}


def _asked(commission: Commission) -> Asked:
    """How the commission is asked for now, as far as remedies need to know."""
    parts, endpoint = commission.parts, commission.choice.endpoint
    fields = {*endpoint.roles, *(["negative"] if endpoint.negative else [])}
    fields |= {"references"} if endpoint.references else set()
    return Asked(
        fields=fields,
        **({} if parts.adherence is None else {"adherence": parts.adherence}),
        highest_tier=False,
        seconds=parts.seconds,
        prompt_chars=len(parts.prompt),
        by_reference=parts.orientation is not None,
        draws_first_frame=commission.stage == "keyframe",
        has_mask="mask" in commission.files,
    )


def _in_words(chosen: Remedy | None, note: str, holding: Holding) -> str:
    noted = f"; {note}" if note else ""
    if chosen is not None:
        return f"{chosen.words}{noted}"
    return f"the same once more, after take {len(holding.jobs)}{noted}"
