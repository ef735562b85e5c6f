"""`onmodel spend --reconcile`: our journals and fal's books, and where they differ."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

from onmodel.cli.edge import NEEDS_PERSON
from onmodel.cli.showing import counted, print_json, say
from onmodel.cli.spending import charge_json
from onmodel.planning.reconciling import Reconciled
from onmodel.settings import read_settings
from onmodel.stages.spending import read_spending, reconcile_spending
from onmodel.units import usd

_BEGIN: Final = 12
"""Digits of a key that are shown."""


def show_reconciled(root: Path, *, rehearse: bool, as_json: bool) -> int:
    """Hold our journals against fal's billing events, print what differs; return the exit code.

    Raises:
        WireError: fal does not answer, or not in a form that is known.
        OnModelError: the archive cannot be read.
    """
    spending = read_spending(root, rehearse=rehearse)
    found = asyncio.run(reconcile_spending(root, spending, read_settings(), rehearse=rehearse))
    if as_json:
        print_json({"schema": "onmodel.reconcile/1", **(_reconciled_json(found) if found else {})})
    elif found is None:
        say("Nothing was ever sent: there is nothing to compare.")
    else:
        _say_reconciled(found)
    return 0 if found is None or found.is_even else NEEDS_PERSON


def _say_reconciled(found: Reconciled) -> None:
    say(f"At the same price in fal's books: {counted(found.agreeing, 'request')}.")
    if found.unpriced:
        say(f"In fal's books without an amount: {counted(found.unpriced, 'request')}.")
    if found.recent:
        say(f"Not in fal's books yet, and too young to be sure: {counted(found.recent, 'request')}.")
    for charge, billed in found.differing:
        theirs = usd(billed.usd) if billed.usd is not None else "?"
        say(
            f"another price: {charge.label}: we count {usd(charge.counted_usd)}, fal billed {theirs}"
            f" ({billed.request_id})"
        )
    for charge in found.uncharged:
        say(f"not in fal's books: {charge.label}: {usd(charge.counted_usd)} ({charge.request_id})")
    for billed in found.unknown:
        amount = usd(billed.usd) if billed.usd is not None else "an amount that it does not say"
        say(f"unknown to us: {billed.endpoint}: {amount} ({billed.request_id})")
    for guess in found.guesses:
        say(
            f"  it may be {guess.charge.label}: onmodel jobs resolve {guess.charge.job[:_BEGIN]} "
            f"--request-id {guess.billed.request_id}"
        )
    if found.unknown:
        say("What is unknown to us may be another production's on the same account.")


def _reconciled_json(found: Reconciled) -> dict[str, Any]:
    def theirs(billed: Any) -> dict[str, Any]:
        return {
            "request_id": billed.request_id,
            "endpoint": billed.endpoint,
            "at": billed.at.isoformat() if billed.at else None,
            "usd": None if billed.usd is None else f"{billed.usd:f}",
        }

    return {
        "agreeing": found.agreeing,
        "unpriced": found.unpriced,
        "recent": found.recent,
        "differing": [{"ours": charge_json(ours), "fal": theirs(fal)} for ours, fal in found.differing],
        "not_in_fals_books": [charge_json(charge) for charge in found.uncharged],
        "unknown_to_us": [theirs(billed) for billed in found.unknown],
        "guesses": [
            {"request_id": guess.billed.request_id, "job": guess.charge.job, "label": guess.charge.label}
            for guess in found.guesses
        ],
    }
