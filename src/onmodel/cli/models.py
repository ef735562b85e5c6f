"""`onmodel models`: every endpoint that can be asked, and what one of them takes, sells and costs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from onmodel.cli.showing import columns, counted, in_columns, print_json, say, wrapped
from onmodel.endpoints import (
    Endpoint,
    Field,
    PriceTable,
    chosen_when,
    guide_fields,
    told_instead,
)
from onmodel.errors import PlanError
from onmodel.planning.market import read_offers
from onmodel.units import usd

SHOWN_VALUES = 12
"""Allowed values that a line shows; effects have nearly two hundred. `--json` has all."""


def list_models(root: Path, words: Sequence[str], *, as_json: bool) -> None:
    """Print the endpoints in whose name, kind, tier and abilities every one of these words is.

    Raises:
        PlanError: there is none.
        StoryError: an endpoint of the production is wrong.
    """
    catalogue, prices = read_offers(root)
    every = [catalogue.get(name) for name in catalogue.names()]
    found = [one for one in every if all(word.casefold() in _about(one) for word in words)]
    if not found:
        raise PlanError(
            f"no endpoint has '{' '.join(words)}' in its name, kind or abilities",
            hint="`onmodel models` lists all.",
        )
    if as_json:
        rows = [_summary(one, prices) for one in found]
        print_json({"schema": "onmodel.models/1", "prices_of": str(prices.date), "models": rows})
        return
    cells = [(one.name, one.kind, one.tier, _lengths(one), prices.rate(one.name)) for one in found]
    for line in in_columns(cells):
        say(line)
    say(f"{counted(len(found), 'model')}, prices of {prices.date}. onmodel models show {found[0].name}")


def show_model(root: Path, name: str, *, as_json: bool) -> None:
    """Print everything about one endpoint; its name may be said without the owner.

    Raises:
        UnknownEndpoint: there is none of that name; the nearest are in the message.
    """
    catalogue, prices = read_offers(root)
    short = [one for one in catalogue.names() if catalogue.get(one).short == name]
    endpoint = catalogue.get(short[0] if len(short) == 1 else name)
    told = [line for field in guide_fields(endpoint) if (line := told_instead(endpoint, field))]
    chosen = chosen_when(endpoint.name)
    if as_json:
        document = {
            "schema": "onmodel.model/1",
            **_summary(endpoint, prices),
            "fields": {key: _field_json(field) for key, field in endpoint.fields.items()},
            "roles": dict(endpoint.roles),
            "chosen_when": chosen,
            "told": told,
        }
        print_json(document)
        return
    say(f"{endpoint.name}: {endpoint.kind}, {endpoint.tier}")
    for heading, lines in (
        ("", [endpoint.notes] if endpoint.notes else []),
        ("price", list(price_lines(prices, endpoint.name))),
        ("sells", _sells(endpoint)),
        ("can", [", ".join(endpoint.capabilities)]),
        ("chosen for", list(chosen) or ["pinned shots only: endpoint: " + endpoint.name]),
        ("fields", in_columns([_field_cells(key, field) for key, field in endpoint.fields.items()])),
        ("where the guide says otherwise", told),
    ):
        if heading and lines:
            say(f"\n{heading}")
        for line in lines:
            for part in wrapped(line, columns(), indent=4, first="  "):
                say(part)


def price_lines(prices: PriceTable, endpoint: str) -> Iterator[str]:
    """What a unit costs by everybody who says, silent and with sound."""
    rate = prices.of(endpoint)
    if rate is None:
        yield "not known: nothing is bought from it until `prices:` in production.yaml has one"
        return
    for what, quotes in (("", rate.quotes), ("with sound", rate.audio), ("with voices", rate.voices)):
        if quotes:
            said = "; ".join(f"{usd(rate_usd)} by {who}" for who, rate_usd in quotes)
            yield f"{what + ': ' if what else ''}{said} (per {rate.unit})"
    if rate.step_s is not None:
        yield f"seconds are billed in begun steps of {float(rate.step_s):g}"
    if rate.further is not None:
        yield f"each further megapixel {usd(rate.further)}"


def _about(endpoint: Endpoint) -> str:
    return " ".join((endpoint.name, endpoint.kind, endpoint.tier, *endpoint.capabilities)).casefold()


def _lengths(endpoint: Endpoint) -> str:
    lengths = endpoint.seconds
    if not lengths:
        return ""
    whole = [f"{float(one):g}" for one in lengths]
    run = len(lengths) > 2 and lengths[-1] - lengths[0] == len(lengths) - 1  # noqa: PLR2004 (a run has three)
    return f"{whole[0]}-{whole[-1]} s" if run else f"{', '.join(whole)} s"


def _sells(endpoint: Endpoint) -> list[str]:
    sold = [f"clips of {_lengths(endpoint)}"] if endpoint.seconds else []
    for mode, (least, most) in endpoint.follows_s.items():
        sold.append(f"as long as the reference: {_s(least)} to {_s(most)} s with orientation {mode}")
    return sold


def _s(seconds: Fraction) -> str:
    return f"{float(seconds):g}"


def _summary(endpoint: Endpoint, prices: PriceTable) -> dict[str, Any]:
    return {
        "name": endpoint.name,
        "kind": endpoint.kind,
        "tier": endpoint.tier,
        "seconds": None if endpoint.seconds is None else [_s(one) for one in endpoint.seconds],
        "follows_s": {mode: [_s(one) for one in bounds] for mode, bounds in endpoint.follows_s.items()},
        "max_references": endpoint.max_references,
        "capabilities": list(endpoint.capabilities),
        "price": price_json(prices, endpoint.name),
        "notes": endpoint.notes,
    }


def price_json(prices: PriceTable, endpoint: str) -> dict[str, Any] | None:
    """What a unit costs, as JSON; the highest is what is reserved. None where nobody says."""
    rate = prices.of(endpoint)
    if rate is None:
        return None
    quotes = {
        key: [{"usd": str(amount), "source": who} for who, amount in getattr(rate, key)]
        for key in ("quotes", "audio", "voices")
    }
    return {"unit": rate.unit, "usd": str(max(amount for _, amount in rate.quotes)), **quotes}


def _field_json(field: Field) -> dict[str, Any]:
    said: dict[str, Any] = {"type": field.type, "required": field.required}
    for key in ("default", "format", "max_items"):
        if getattr(field, key) not in (None, ""):
            said[key] = getattr(field, key)
    if field.enum is not None:
        said["enum"] = list(field.enum)
    if field.limits:
        said["limits"] = dict(field.limits)
    if field.items is not None:
        said["items"] = _field_json(field.items)
    if field.properties is not None:
        said["properties"] = {key: _field_json(one) for key, one in field.properties.items()}
    if field.any_of:
        said["any_of"] = [_field_json(one) for one in field.any_of]
    return said


def _field_cells(key: str, field: Field) -> tuple[str, str, str]:
    must = (
        "required" if field.required else "" if field.default is None else f"else {json.dumps(field.default)}"
    )
    return key, _type_words(field), "; ".join(part for part in (must, _bounds(field)) if part)


def _type_words(field: Field) -> str:
    if field.any_of:
        return " or ".join(_type_words(one) for one in field.any_of)
    if field.enum is not None:
        shown = " ".join(map(str, field.enum[:SHOWN_VALUES]))
        more = len(field.enum) - SHOWN_VALUES
        return f"{shown} and {more} more" if more > 0 else shown
    if field.format == "file-url":
        return "file"
    if field.type == "array" and field.items is not None:
        return f"list of {_type_words(field.items)}"
    return f"{{{', '.join(field.properties)}}}" if field.properties else field.type


def _bounds(field: Field) -> str:
    bounds = [f"at most {field.max_items} items"] if field.max_items else []
    if field.max_items_with:
        bounds[-1] += f" together with {', '.join(field.max_items_with)}"
    for name, unit in _LIMITS.items():
        least, most = field.limits.get(f"min{name}"), field.limits.get(f"max{name}")
        if least is not None or most is not None:
            bounds.append(_between(least, most) + unit)
    return ", ".join(bounds)


_LIMITS = {
    "": "",
    "_chars": " characters",
    "_s": " s",
    "_width_px": " px wide",
    "_height_px": " px high",
    "_aspect": " times as wide as high",
    "_fps": " frames a second",
    "_file_mb": " MB",
}
"""How each limit of the catalogue is said, without its `min` or `max`."""


def _between(least: float | None, most: float | None) -> str:
    if least is None:
        return f"at most {most:g}"
    return f"at least {least:g}" if most is None else f"{least:g} to {most:g}"
