from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from onmodel.cli.plan_page import page
from onmodel.planning import Line, Plan
from onmodel.stages.script import Call, read_plan, read_script

OnModel = Callable[..., Any]


@pytest.fixture
def plan(production: Path) -> Plan:
    call = Call(production, "s01e01")
    return read_plan(call, read_script(call))


def changed(plan: Plan, changes: Mapping[str, Mapping[str, Any]]) -> Plan:
    """The same plan with some lines in another state."""
    lines: dict[str, Line] = {
        name: replace(line, **changes.get(name, {})) for name, line in plan.lines.items()
    }
    return replace(plan, lines=lines)


@pytest.mark.parametrize("width", [80, 120, 200])
@pytest.mark.parametrize("episode", ["s01e01", "s01e02"])
def test_the_page_fits_its_terminal(width: int, episode: str, production: Path) -> None:
    """No line is wider than the terminal, and no cell is broken in two."""
    call = Call(production, episode)
    plan = read_plan(call, read_script(call))
    lines = page(plan, width, Decimal(20))
    assert max(map(len, lines)) <= width
    for line in plan.lines.values():
        assert any(line.commission.choice.endpoint.short in text for text in lines)


def test_a_wide_page_has_the_worst_case_beside_every_price(plan: Plan) -> None:
    """The worst case stands in every line where there is room, and in the total always."""
    wide, narrow = page(plan, 120, None), page(plan, 80, None)
    assert "at worst" in wide[2]
    assert "at worst" not in narrow[2]
    assert any("at worst, with every retake: " in line for line in narrow)


def test_a_sheet_is_one_line_while_its_views_are_alike(plan: Plan) -> None:
    """One line for a character in a wardrobe; a view in another state gets its own, with its name."""
    sheets = [line for line in page(plan, 120, None) if line.startswith("pip.")]
    assert [line.split()[0] for line in sheets] == ["pip.default", "pip.rain", "pip.in-hand-drawn"]
    first = next(name for name in plan.lines if name.endswith(".sheet"))
    free = {"state": "current", "base_usd": Decimal(0), "worst_usd": Decimal(0)}
    lines = page(changed(plan, {first: free}), 120, None)
    of_sheet = [line for line in lines if line.startswith("pip.default")]
    assert [line.split()[2] for line in of_sheet] == ["of", "of"]
    assert any(line.strip() == first.split(".")[2] for line in lines)


def test_a_line_says_why_it_is_stale_under_it(plan: Plan) -> None:
    """The cause stands under its line, whole."""
    why = "changed: action, and " + "very " * 30 + "much else"
    lines = page(changed(plan, {"s010.shoot": {"state": "stale", "why": why}}), 80, None)
    at = next(index for index, line in enumerate(lines) if " stale " in line)
    under = " ".join(line.strip() for line in lines[at + 1 : at + 5])
    assert why in under


def test_what_is_current_is_no_purchase(plan: Plan) -> None:
    """With nothing to buy there is no price, no endpoint to give reasons for, and it says so."""
    free = {"state": "current", "base_usd": Decimal(0), "worst_usd": Decimal(0)}
    text = "\n".join(page(changed(plan, dict.fromkeys(plan.lines, free)), 80, None))
    assert f"{len(plan.lines)} current. Nothing to buy." in text
    assert "Why these endpoints" not in text
    assert "$" not in text


def test_a_flagged_line_is_pointed_at(plan: Plan) -> None:
    """Where a person is needed the page ends with it."""
    lines = page(changed(plan, {"s010.shoot": {"state": "flagged", "why": "nobody knows"}}), 80, None)
    assert "needs a person" in lines[-1]


def test_seconds_bought_and_used_are_told_apart(production: Path) -> None:
    """Three seconds of a clip that is sold by five are `3 of 5`."""
    call = Call(production, "s01e02")
    lines = page(read_plan(call, read_script(call)), 120, None)
    assert any(line.startswith("s010") and " 3 of 5 " in line for line in lines)


def test_the_page_and_the_document_say_the_same(onmodel: OnModel) -> None:
    """--json: the same lines, prices and total, and every price with its source and its date."""
    document = json.loads(onmodel("plan", "s01e01", "--json").out)
    text = onmodel("plan", "s01e01").out
    assert f"To buy: ${document['base_usd']}" in text
    assert f"${document['worst_usd']}." in text
    assert document["prices_of"] in text
    total = sum(Decimal(line["base_usd"]) for line in document["lines"])
    assert total == Decimal(document["base_usd"])
    assert all(line["price"]["source"] and line["endpoint_why"] for line in document["lines"])
