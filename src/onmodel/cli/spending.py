"""`onmodel spend`: where the money stands, as a table, as CSV, as JSON; and held against fal's own books."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from onmodel.cli.edge import NEEDS_PERSON
from onmodel.cli.showing import counted, in_columns, print_json, remark, say
from onmodel.planning import CAST
from onmodel.planning.spending import STANDINGS, By, Charge, Row, table
from onmodel.stages.spending import Capped, Spending, read_spending
from onmodel.units import usd
from onmodel.vault.ledger import PRODUCTION

_SHARED: Final = "A shot with several characters is shared equally among them."


def show_spending(
    root: Path, scope: str | None, *, by: By | None, rehearse: bool, as_json: bool, as_csv: bool
) -> int:
    """Print what was spent; return the exit code.

    Raises:
        OnModelError: the archive cannot be read.
    """
    spending = read_spending(root, rehearse=rehearse)
    charges = spending.of(scope)
    rows = table(charges, by)
    if as_json:
        print_json(_json(spending, scope, by, rows, charges))
    elif as_csv:
        _print_csv(by, rows, charges)
    else:
        _print_table(spending, scope, by, rows, charges, rehearse=rehearse)
    for broken in spending.unreadable:
        remark(f"not counted: {broken}")
    if spending.unreadable:
        remark(f"  onmodel verify{' --rehearse' if rehearse else ''} says what to do.")
    return NEEDS_PERSON if spending.unreadable else 0


def _print_table(
    spending: Spending,
    scope: str | None,
    by: By | None,
    rows: Sequence[Row],
    charges: Sequence[Charge],
    *,
    rehearse: bool,
) -> None:
    if rehearse:
        say("Rehearsed, so nothing was paid; in dollars of the price table it would have been:")
    for line in _rows(rows, charges, by) if charges else ["Nothing was bought yet."]:
        say(line)
    if by == "character":
        say(_SHARED)
    if scope is None:
        say("Promised away under each cap:")
        for line in in_columns([_cap_cells(cap, rehearse=rehearse) for cap in spending.caps], right=(1,)):
            say(f"  {line}")
    elif scope != CAST:
        say("Model sheets are bought once for all episodes: onmodel spend cast.")
    if any(charge.standing == "ambiguous" for charge in charges):
        again = " --rehearse" if rehearse else ""
        say(f"Ambiguous ones are yours to settle: onmodel jobs --state ambiguous{again}")


def _rows(rows: Sequence[Row], charges: Sequence[Charge], by: By | None) -> list[str]:
    if by is None:
        return in_columns(_by_standing(rows[0], charges), right=(1, 2))
    return in_columns(_cells(rows, by), right=range(1, len(STANDINGS) + 3))


def _by_standing(row: Row, charges: Sequence[Charge]) -> list[tuple[str, str, str]]:
    counts = {standing: sum(one.standing == standing for one in charges) for standing in STANDINGS}
    rows = [
        (_WORDS[standing], counted(counts[standing], "request"), usd(row.usd[standing]))
        for standing in STANDINGS
        if counts[standing]
    ]
    return [*rows, ("counted as spent", counted(sum(counts.values()), "request"), usd(row.counted_usd))]


_WORDS: Final = {
    "reserved": "reserved: set aside, or under way",
    "billed": "billed, by the price table",
    "failed": "failed, and maybe billed",
    "ambiguous": "ambiguous: sent, and nobody knows",
    "late": "late: a request that came to light",
    "written off": "written off by a person",
    "not billed": "failed, and not billed (not counted)",
}


def _cells(rows: Sequence[Row], by: By) -> list[list[str]]:
    """The table with a heading and a sum; a column in which nothing stands is left empty, and so goes."""
    used = {standing for row in rows for standing in STANDINGS if row.usd[standing]}
    heading = [by, "jobs", *(standing if standing in used else "" for standing in STANDINGS), "counted"]
    body = [
        [
            row.name,
            str(row.jobs),
            *(usd(row.usd[standing]) if standing in used else "" for standing in STANDINGS),
            usd(row.counted_usd),
        ]
        for row in rows
    ]
    total = sum((row.counted_usd for row in rows), Decimal(0))
    return [heading, *body, ["all", "", *[""] * len(STANDINGS), usd(total)]]


def _cap_cells(cap: Capped, *, rehearse: bool) -> tuple[str, str, str]:
    name = f"--max-usd of {cap.name.removeprefix('episode.')}"
    if cap.name == PRODUCTION:
        name = "budget_usd"
    elif cap.name.startswith("season-"):
        season, _, week = cap.name.partition(".")
        name = f"weekly_usd of {season} ({week})" if week else f"budget_usd of {season}"
    promised = "?" if cap.reserved_usd is None else usd(cap.reserved_usd)
    if cap.most_usd is None:
        return name, promised, ""
    unheld = ", which a rehearsal is not held to" if rehearse else ""
    return name, promised, f"of {usd(cap.most_usd)}{unheld}"


def _print_csv(by: By | None, rows: Sequence[Row], charges: Sequence[Charge]) -> None:
    """One line for each name; without --by one for each request. Money is plain dollars."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    if by is None:
        writer.writerow(_CHARGE_KEYS)
        for charge in charges:
            cells = {**charge_json(charge), "characters": " ".join(charge.characters)}
            writer.writerow([cells[key] for key in _CHARGE_KEYS])
        return
    writer.writerow([by, "jobs", *(f"{_key(standing)}_usd" for standing in STANDINGS), "counted_usd"])
    for row in rows:
        amounts = (f"{row.usd[standing]:f}" for standing in STANDINGS)
        writer.writerow([row.name, row.jobs, *amounts, f"{row.counted_usd:f}"])


def _json(
    spending: Spending, scope: str | None, by: By | None, rows: Sequence[Row], charges: Sequence[Charge]
) -> dict[str, Any]:
    return {
        "schema": "onmodel.spend/1",
        "scope": scope,
        "by": by,
        "rows": [_row_json(row) for row in rows],
        "counted_usd": f"{sum((charge.counted_usd for charge in charges), Decimal(0)):f}",
        "charges": [charge_json(charge) for charge in charges],
        "caps": [
            {
                "name": cap.name,
                "cap_usd": None if cap.most_usd is None else f"{cap.most_usd:f}",
                "reserved_usd": None if cap.reserved_usd is None else f"{cap.reserved_usd:f}",
            }
            for cap in spending.caps
        ],
        "unreadable": list(spending.unreadable),
    }


def _row_json(row: Row) -> dict[str, Any]:
    amounts = {f"{_key(standing)}_usd": f"{row.usd[standing]:f}" for standing in STANDINGS}
    return {"name": row.name, "jobs": row.jobs, **amounts, "counted_usd": f"{row.counted_usd:f}"}


def charge_json(charge: Charge) -> dict[str, Any]:
    """A charge as JSON; money as texts, so that no cent is rounded."""
    return {
        "at": charge.at.isoformat(timespec="seconds"),
        "job": charge.job,
        "label": charge.label,
        "scope": charge.scope,
        "subject": charge.subject,
        "endpoint": charge.endpoint,
        "characters": list(charge.characters),
        "standing": charge.standing,
        "usd": f"{charge.usd:f}",
        "counted_usd": f"{charge.counted_usd:f}",
        "request_id": charge.request_id,
    }


_CHARGE_KEYS: Final = (
    "at",
    "job",
    "label",
    "scope",
    "subject",
    "endpoint",
    "characters",
    "standing",
    "usd",
    "counted_usd",
    "request_id",
)


def _key(standing: str) -> str:
    return standing.replace(" ", "_")
