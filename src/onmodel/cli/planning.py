"""`onmodel plan`: what would be made, why, and for how much."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from onmodel.cli.plan_page import page
from onmodel.cli.showing import columns, finding_json, print_findings, print_json, say
from onmodel.planning import Approval, Line, Plan
from onmodel.planning.fitting import Fit, fit_of
from onmodel.stages.script import Call, read_plan, read_script


def show_plan(
    root: Path, episode: str, *, rehearse: bool, max_usd: float | None = None, as_json: bool
) -> None:
    """Print the plan of an episode, or of the cast.

    Raises:
        OnModelError: the story is not acceptable, or the archive cannot be read.
    """
    most_usd = None if max_usd is None else Decimal(str(max_usd))
    call = Call(root, episode, rehearse=rehearse, max_usd=most_usd)
    script = read_script(call)
    plan = read_plan(call, script)
    warnings = script.prepared.warnings
    if as_json:
        document = plan_json(plan)
        print_json({**document, "warnings": [finding_json(one) for one in warnings]})
        return
    print_findings(warnings)
    for line in page(plan, columns(), script.story.production.budget_usd, call.again):
        say(line)


def plan_json(plan: Plan) -> dict[str, Any]:
    """The plan as one JSON document; money as texts, so that no cent is rounded."""
    return {
        "schema": "onmodel.plan/1",
        "scope": plan.scope,
        "title": plan.title,
        "prices_of": plan.prices_of.isoformat(),
        "base_usd": str(plan.base_usd),
        "worst_usd": str(plan.worst_usd),
        "left_usd": {name: str(left) for name, left in plan.left_usd.items()},
        "gates": list(plan.gates),
        "awaiting": plan.awaiting,
        "held_usd": str(plan.held_usd),
        "cut": None if plan.cut is None else _approval_json(plan.cut),
        "fits": _fit_json(fit_of(plan, plan.left_usd)),
        "lines": [_line_json(line) for line in plan.lines.values()],
    }


def _fit_json(fit: Fit | None) -> dict[str, Any] | None:
    """What fits under the caps; None where everything does."""
    if fit is None:
        return None
    return {"cap": fit.cap, "shots": fit.shots, "over": fit.over, "usd": str(fit.usd)}


def _line_json(line: Line) -> dict[str, Any]:
    commission = line.commission
    price = commission.price
    return {
        "id": commission.id,
        "subject": commission.subject,
        "stage": commission.stage,
        "work": commission.mode,
        "state": line.state,
        "why": line.why or None,
        "approval": None if line.approval is None else _approval_json(line.approval),
        "held_by": list(line.held_by),
        "take": line.take.n if line.take else None,
        "endpoint": commission.choice.endpoint.name,
        "endpoint_why": commission.choice.why,
        "bought_s": _number(commission.choice.seconds_bought),
        "used_s": _number(commission.used_s),
        "base_usd": str(line.base_usd),
        "worst_usd": str(line.worst_usd),
        "price": {
            "usd": str(price.usd),
            "low_usd": str(price.low_usd),
            "per": price.unit,
            "per_usd": str(price.per_unit),
            "source": price.source,
            "note": price.note or None,
        },
        "prompt": commission.parts.prompt,
        "negative": commission.parts.negative or None,
        "left_out": list(commission.notes),
        "remarks": list(commission.remarks),
    }


def _approval_json(approval: Approval) -> dict[str, Any]:
    """How something stands at its gate; `by` and `at` are null as long as it waits."""
    word = approval.word
    return {
        "gate": approval.gate,
        "by": word.by if word else None,
        "at": word.at.isoformat() if word else None,
        "why": approval.why or None,
    }


def _number(seconds: Fraction | None) -> float | None:
    return None if seconds is None else float(seconds)
