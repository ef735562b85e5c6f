"""What the review server is asked to decide, and what it says of it; the stages write it down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, NamedTuple, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    StringConstraints,
    ValidationError,
    model_validator,
)

from onmodel.craft.remedies import problems
from onmodel.errors import PlanError
from onmodel.planning import CAST, Plan
from onmodel.stages.approving import approve, note
from onmodel.stages.deciding import circle_take, diagnose, order_retake
from onmodel.stages.script import Call
from onmodel.units import usd
from onmodel.vault import Decision

_Line = Annotated[str, StringConstraints(max_length=400)]
_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
_Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Share = Annotated[FiniteFloat, Field(ge=0, le=1)]
ClipStage = Literal["keyframe", "shoot", "restyle", "sheet"]


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    by: _Name
    scope: _Id


class Circled(_Asked):
    """A take goes into the cut."""

    subject: _Id
    stage: ClipStage
    n: Annotated[int, Field(ge=1)]
    media: _Sha256
    """What was seen."""


class Approved(_Asked):
    """A take, or the cut, passes its gate."""

    subject: str = ""
    stage: ClipStage | Literal["cut"]
    media: _Sha256

    @model_validator(mode="after")
    def _has_subject(self) -> Self:
        if self.stage != "cut" and not self.subject:
            raise ValueError("a take is of a shot or a view: `subject` says which")
        return self


class Retaken(_Asked):
    """Another take is ordered."""

    subject: _Id
    stage: ClipStage
    basis: _Id
    """Digest of what was seen the takes of."""
    problem: str | None = None
    note: _Line = ""


class Noted(_Asked):
    """Something about a frame is written down."""

    subject: _Id
    stage: ClipStage
    n: Annotated[int, Field(ge=1)]
    media: _Sha256
    text: _Line
    at_s: Annotated[FiniteFloat, Field(ge=0)] | None = None
    box: tuple[_Share, _Share, _Share, _Share] | None = None


class Answer(NamedTuple):
    """What a decision came to."""

    said: str
    goes_on: bool = False
    """Whether it was the last word that a run waited for."""


@dataclass(frozen=True)
class Answering:
    """Decides about one episode, or the cast."""

    call: Call

    def decide(self, what: str, body: Mapping[str, Any]) -> Answer:
        """Write a decision down, and say what came of it.

        Args:
            what: circle, approve, retake or note.
            body: who decides about what, as the page sent it.

        Raises:
            ValidationError: the page sent something else.
            PlanError: it cannot be decided so, or went stale meanwhile.
            VaultError: the archive cannot be written.
        """
        model, act = _ACTS[what]
        asked = model.model_validate(body)
        return act(self._call(asked.scope), asked)

    def remedy(self, scope: str, subject: str, stage: str, problem: str) -> str:
        """Say what a retake would change and cost.

        Raises:
            PlanError: there is no such shot or problem.
        """
        call = self._call(scope)
        _, found, offers = diagnose(call, subject, problem=problem or None, stage=stage)
        if found is None:
            return "Nothing was measured that is wrong with it: it asks for the same once more."
        left = (one for one in offers if not one.is_tried and not one.obstacle and not one.remedy.by_hand)
        first = next(left, None)
        if first is None:
            return f"{problems()[found].title}: no remedy is left; it asks for the same once more."
        price = "" if first.usd is None else f" ({usd(first.usd)})"
        return f"{problems()[found].title}: it {first.remedy.words}{price}, because {first.remedy.cause}."

    def _call(self, scope: str) -> Call:
        if scope not in (self.call.scope, CAST):
            raise PlanError(f"this page is about {self.call.scope}, not about '{scope}'.")
        return replace(self.call, scope=scope)


def _circle(call: Call, asked: Circled) -> Answer:
    found = circle_take(call, asked.subject, asked.n, stage=asked.stage, by=asked.by, seen=asked.media)
    return Answer(f"{found.label} is circled.{_undone(found.undone)}{_stale(found.plan)}")


def _approve(call: Call, asked: Approved) -> Answer:
    name = f"{call.scope if asked.stage == 'cut' else asked.subject}.{asked.stage}"
    found = approve(call, [name], asked.by, seen={name: asked.media})
    labels = ", ".join(one.label for one in found.things)
    if not labels:
        return Answer(f"It was approved before: {', '.join(found.already)}.")
    return Answer(f"Approved: {labels}.", goes_on=not found.plan.awaiting)


def _retake(call: Call, asked: Retaken) -> Answer:
    words = _one_line(asked.note)
    found = order_retake(
        call,
        asked.subject,
        problem=asked.problem,
        stage=asked.stage,
        by=asked.by,
        note=words,
        seen=asked.basis,
    )
    how = found.remedy.words if found.remedy else "asks for the same once more"
    noted = f"; {words}" if words else ""
    cost = f"It costs {usd(found.usd)}.{_undone(found.undone)}"
    return Answer(f"{found.label} is ordered: {how}{noted}. {cost}")


def _note(call: Call, asked: Noted) -> Answer:
    said = note(
        call,
        asked.subject,
        asked.n,
        at_s=asked.at_s,
        box=asked.box,
        text=_one_line(asked.text),
        by=asked.by,
        stage=asked.stage,
        seen=asked.media,
    )
    return Answer(
        f"The note is kept with take {said.n} of {said.subject}; the next retake is asked for with it."
    )


_ACTS: Final[Mapping[str, tuple[type[_Asked], Callable[[Call, Any], Answer]]]] = {
    "circle": (Circled, _circle),
    "approve": (Approved, _approve),
    "retake": (Retaken, _retake),
    "note": (Noted, _note),
}
DECISIONS: Final = tuple(_ACTS)


def fault_of(error: ValidationError) -> str:
    """What is wrong with what a page sent, in one line."""
    first = error.errors(include_url=False, include_context=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'the request'}: {first['msg']}"


def _one_line(text: str) -> str:
    """A person's words without line breaks: records and prompts are lines."""
    return " ".join(text.split())


def _undone(order: Decision | None) -> str:
    """What became of an order that is not followed any more."""
    if order is None:
        return ""
    about = f" ({order.problem or order.note})" if order.problem or order.note else ""
    return f" The retake that {order.by} ordered{about} is not made any more."


def _stale(plan: Plan) -> str:
    """What was made from another take, and is to be made again."""
    stale = [line for line in plan.to_buy if line.state == "stale"]
    if not stale:
        return ""
    names = ", ".join(f"{line.commission.subject} {line.commission.mode}" for line in stale)
    cost = sum((line.base_usd for line in stale), Decimal(0))
    return f" Made from another take, and to be made again for {usd(cost)}: {names}."
