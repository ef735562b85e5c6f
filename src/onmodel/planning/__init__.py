"""What is asked for, what is there, and what producing it would cost."""

from __future__ import annotations

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
from onmodel.planning.gates import at_gates
from onmodel.planning.inputs import FileFacts, ReadFacts, RememberedFacts
from onmodel.planning.likeness import Likeness
from onmodel.planning.market import Market
from onmodel.planning.plan import Line, Plan, is_rejected, plan_lines, rules_of, unstyled
from onmodel.planning.preflight import Prepared, prepare_cast, prepare_episode
from onmodel.planning.retaking import Retaking
from onmodel.planning.takes import Holding, Records, Take, fitted, is_over, shortfall, told
from onmodel.story import Production

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


def make_plan(prepared: Prepared, records: Records, production: Production, market: Market) -> Plan:
    """Hold what is asked for against what is there.

    Args:
        prepared: the episode or the cast, looked over.
        records: the vault's jobs of it and of the cast.
        production: for the retakes that it allows.
        market: for the date of the prices.
    """
    lines = plan_lines(prepared.commissions, records, production.retakes)
    return Plan(
        prepared.scope,
        prepared.title,
        at_gates(lines, records, prepared.gates, prepared.scope),
        market.prices.date,
        production.retakes,
        prepared.trims,
        gates=prepared.gates,
    )
