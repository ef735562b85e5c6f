"""What is asked for, what is there, and what producing it would cost.

Each name is loaded when it is first used: `check` needs no plan, and no vault to hold it against.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from onmodel.planning.approvals import (
        GATE_OF,
        Approval,
        Gates,
        approval_of,
        approval_of_cut,
        awaiting_in_words,
    )
    from onmodel.planning.circling import (
        Circling,
        Rules,
        circle,
        is_accepted,
        is_off,
        off_model,
        open_order,
        reasons_of,
        score_of,
        standing_of,
    )
    from onmodel.planning.commission import CAST, Commission, Source
    from onmodel.planning.drafting import make_plan
    from onmodel.planning.gates import at_gates
    from onmodel.planning.inputs import FileFacts, ReadFacts, RememberedFacts
    from onmodel.planning.likeness import Likeness
    from onmodel.planning.market import Market
    from onmodel.planning.plan import Line, Plan, is_rejected, plan_lines, rules_of, unstyled
    from onmodel.planning.preflight import Prepared, prepare_cast, prepare_episode
    from onmodel.planning.retaking import Retaking
    from onmodel.planning.takes import Holding, Records, Take, fitted, is_over, shortfall, told

__all__ = [
    "CAST",
    "GATE_OF",
    "Approval",
    "Circling",
    "Commission",
    "FileFacts",
    "Gates",
    "Holding",
    "Likeness",
    "Line",
    "Market",
    "Plan",
    "Prepared",
    "ReadFacts",
    "Records",
    "RememberedFacts",
    "Retaking",
    "Rules",
    "Source",
    "Take",
    "approval_of",
    "approval_of_cut",
    "at_gates",
    "awaiting_in_words",
    "circle",
    "fitted",
    "is_accepted",
    "is_off",
    "is_over",
    "is_rejected",
    "make_plan",
    "off_model",
    "open_order",
    "plan_lines",
    "prepare_cast",
    "prepare_episode",
    "reasons_of",
    "rules_of",
    "score_of",
    "shortfall",
    "standing_of",
    "told",
    "unstyled",
]

_HOMES: Final = {
    "approvals": ("GATE_OF", "Approval", "Gates", "approval_of", "approval_of_cut", "awaiting_in_words"),
    "circling": (
        "Circling",
        "Rules",
        "circle",
        "is_accepted",
        "is_off",
        "off_model",
        "open_order",
        "reasons_of",
        "score_of",
        "standing_of",
    ),
    "commission": ("CAST", "Commission", "Source"),
    "drafting": ("make_plan",),
    "gates": ("at_gates",),
    "inputs": ("FileFacts", "ReadFacts", "RememberedFacts"),
    "likeness": ("Likeness",),
    "market": ("Market",),
    "plan": ("Line", "Plan", "is_rejected", "plan_lines", "rules_of", "unstyled"),
    "preflight": ("Prepared", "prepare_cast", "prepare_episode"),
    "retaking": ("Retaking",),
    "takes": ("Holding", "Records", "Take", "fitted", "is_over", "shortfall", "told"),
}

if not TYPE_CHECKING:  # a type checker that saw it would take any misspelt name for one of ours

    def __getattr__(name: str) -> Any:
        home = next((module for module, names in _HOMES.items() if name in names), None)
        if home is None:
            raise AttributeError(f"module 'onmodel.planning' has no attribute '{name}'")
        return getattr(import_module(f"onmodel.planning.{home}"), name)
