"""A plan drawn up: what is asked for beside what is there, and what waits for a person."""

from __future__ import annotations

from onmodel.planning.gates import at_gates
from onmodel.planning.market import Market
from onmodel.planning.plan import Plan, plan_lines
from onmodel.planning.preflight import Prepared
from onmodel.planning.takes import Records
from onmodel.story import Production


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
