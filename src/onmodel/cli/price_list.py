"""`onmodel prices`: the price table with its sources, and what fal itself says today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from onmodel.cli.models import price_json
from onmodel.cli.showing import columns, counted, in_columns, print_json, remark, say
from onmodel.endpoints import PriceTable
from onmodel.errors import KeyMissing, PlanError
from onmodel.planning.market import read_offers
from onmodel.settings import read_settings
from onmodel.studio.price_list import ListedPrice, fetch_prices
from onmodel.units import usd

FEW = 10
"""Prices that are shown with their sources below."""


def list_prices(root: Path, words: Sequence[str], *, refresh: bool, as_json: bool) -> None:
    """Print what endpoints cost; with `refresh`, held against what fal says now. Nothing is changed.

    Raises:
        PlanError: no endpoint has these words in its name.
        KeyMissing: fal is to be asked, and there is no key.
        WireError: fal does not answer.
    """
    catalogue, prices = read_offers(root)
    names = [name for name in catalogue.names() if all(word.casefold() in name for word in words)]
    if not names:
        raise PlanError(
            f"no endpoint has '{' '.join(words)}' in its name", hint="`onmodel prices` lists all."
        )
    listed = fetch_prices(_key(), names) if refresh else None
    if as_json:
        rows = [_row_json(name, prices, listed) for name in names]
        print_json({"schema": "onmodel.prices/1", "date": str(prices.date), "prices": rows})
    elif listed is None:
        _print_table(names, prices)
    else:
        _print_differences(names, prices, listed)


def _key() -> str:
    """The fal key: its price list asks for one, though nothing is bought."""
    key = read_settings().fal_key.strip()
    if not key:
        raise KeyMissing(
            "FAL_KEY is not set, and fal's price list asks for one.",
            hint="export FAL_KEY=..., or leave --refresh out: the shipped table has its date.",
        )
    return key


def _print_table(names: Sequence[str], prices: PriceTable) -> None:
    known = [name for name in names if prices.of(name)]
    cells = [_cells(name, prices) for name in known]
    lines = in_columns(cells) if cells else []
    if any(len(line) > columns() for line in lines):
        # On a narrow terminal the sources go below, or are left out of a long list.
        lines = in_columns([row[:-1] for row in cells])
        if len(lines) <= FEW:
            lines = [f"{line}\n    {row[-1]}" for line, row in zip(lines, cells, strict=True)]
    for line in lines:
        say(line)
    unknown = len(names) - len(known)
    say(
        f"{counted(len(known), 'price')} of {prices.date}; where sources disagree the highest is reserved."
        + (f" {unknown} of unknown price." if unknown else "")
    )


def _cells(name: str, prices: PriceTable) -> tuple[str, ...]:
    rate = prices.of(name)
    if rate is None:
        return name, "", "", "", ""
    silent, audio, voices = (
        " or ".join(usd(amount) for amount in sorted({amount for _, amount in quotes}))
        for quotes in (rate.quotes, rate.audio, rate.voices)
    )
    more = ", ".join(
        part
        for part in (f"{audio} with sound" if audio else "", f"{voices} with voices" if voices else "")
        if part
    )
    sources = "; ".join(dict.fromkeys(who for who, _ in rate.quotes))
    return name, silent, f"per {rate.unit}", more, sources


def _print_differences(names: Sequence[str], prices: PriceTable, listed: dict[str, ListedPrice]) -> None:
    differ = [name for name in names if name in listed and not _agrees(prices, listed[name])]
    for name in differ:
        one = listed[name]
        if one.currency != "USD":
            remark(f"{name}: fal says {one.amount} {one.currency}; prices here are in US dollars.")
        elif one.unit is None:
            remark(f"{name}: fal says ${one.amount} for one of its '{one.said_unit}', not to be compared.")
    usable = [name for name in differ if listed[name].currency == "USD" and listed[name].unit]
    cells = [
        (name, f"here {prices.rate(name) or 'none'}", f"fal ${listed[name].amount}/{listed[name].unit}")
        for name in usable
    ]
    for line in in_columns(cells) if cells else ():
        say(line)
    say(f"fal lists {len(listed)} of {counted(len(names), 'endpoint')}; {len(usable)} differ.")
    if usable:
        say("\nTo use fal's figures, paste into production.yaml (one figure, with sound or without):\n")
        say("prices:")
        today = datetime.now(UTC).date()
        for name in usable:
            one = listed[name]
            said = f'{{usd: {one.amount}, unit: {one.unit}, source: "fal\'s pricing address, {today}"}}'
            say(f"  {name}: {said}")


def _agrees(prices: PriceTable, listed: ListedPrice) -> bool:
    """Whether fal's figure is one of ours, silent or with sound: it does not say which it means."""
    rate = prices.of(listed.endpoint)
    if rate is None or listed.currency != "USD" or listed.unit != rate.unit:
        return False
    return listed.amount in {
        amount for quotes in (rate.quotes, rate.audio, rate.voices) for _, amount in quotes
    }


def _row_json(name: str, prices: PriceTable, listed: dict[str, ListedPrice] | None) -> dict[str, Any]:
    row: dict[str, Any] = {"endpoint": name, "price": price_json(prices, name)}
    if listed is not None:
        one = listed.get(name)
        row["fal"] = one and {"amount": str(one.amount), "currency": one.currency, "unit": one.said_unit}
        row["agrees"] = None if one is None else _agrees(prices, one)
    return row
