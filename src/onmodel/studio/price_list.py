"""fal's own list of prices, asked for when somebody wants to know: one GET for a few endpoints at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import httpx

from onmodel.errors import WireError

PRICES_URL: Final = "https://api.fal.ai/v1/models/pricing"
"""Source: fal's platform API reference, 2026-11; not run. Read with care: its form may change."""

AT_ONCE: Final = 20
"""Endpoints in one question; more make an address too long for some proxies."""

PATIENCE_S: Final = 20.0

_UNITS: Final = {
    "second": "second",
    "video_second": "second",
    "image": "image",
    "megapixel": "megapixel",
    "request": "request",
    "video": "request",
    "generation": "request",
}
"""fal's words for what is counted, without a plural's s, and ours."""


@dataclass(frozen=True)
class ListedPrice:
    """What fal says one unit costs; sound and voices, which may cost more, are not told apart there."""

    endpoint: str
    amount: Decimal
    currency: str
    said_unit: str
    """What is counted, in fal's words."""

    @property
    def unit(self) -> str | None:
        """What is counted, in ours; None where we have no word for it."""
        return _UNITS.get(self.said_unit.lower().removesuffix("s"))


def fetch_prices(
    key: str, endpoints: Sequence[str], transport: httpx.BaseTransport | None = None
) -> dict[str, ListedPrice]:
    """Ask fal what these endpoints cost; what it does not list is not in the answer.

    Raises:
        WireError: there was no answer, or none that can be read.
    """
    found: dict[str, ListedPrice] = {}
    headers = {"Authorization": f"Key {key}"}
    with httpx.Client(transport=transport, timeout=PATIENCE_S, headers=headers) as client:
        for start in range(0, len(endpoints), AT_ONCE):
            for price in _ask(client, endpoints[start : start + AT_ONCE]):
                found[price.endpoint] = price
    return found


def _ask(client: httpx.Client, endpoints: Sequence[str]) -> Iterator[ListedPrice]:
    """The prices of a few; where one is unknown to fal, and all are refused for it, each by itself."""
    hint = "Prices of the shipped table hold until then: onmodel prices"
    try:
        answer = client.get(PRICES_URL, params=[("endpoint_id", name) for name in endpoints])
    except httpx.HTTPError as error:
        raise WireError(f"fal's price list cannot be reached ({type(error).__name__})", hint=hint) from error
    if answer.status_code in (httpx.codes.BAD_REQUEST, httpx.codes.NOT_FOUND):
        if len(endpoints) > 1:
            half = len(endpoints) // 2
            yield from _ask(client, endpoints[:half])
            yield from _ask(client, endpoints[half:])
        return
    if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise WireError(
            "fal does not accept this FAL_KEY for its price list", hint="Check the key, or its scope."
        )
    if not answer.is_success:
        raise WireError(f"fal's price list answered {answer.status_code}", hint=hint)
    try:
        said = json.loads(answer.text, parse_float=Decimal)
    except ValueError as error:
        raise WireError("fal's price list is not JSON", hint=hint) from error
    rows = said.get("prices") if isinstance(said, dict) else None
    if not isinstance(rows, list):
        raise WireError("fal's price list has another form than it had: there is no list `prices`", hint=hint)
    yield from (price for row in rows if (price := _price(row, endpoints)))


def _price(row: Any, wanted: Sequence[str]) -> ListedPrice | None:
    """One row; None where it is none of ours, or not one that can be used."""
    if not isinstance(row, dict) or row.get("endpoint_id") not in wanted:
        return None
    try:
        amount = Decimal(str(row.get("unit_price")))
    except InvalidOperation:
        return None
    if not amount.is_finite() or amount < 0:
        return None
    return ListedPrice(
        row["endpoint_id"], amount, str(row.get("currency", "USD")).upper(), str(row.get("unit", ""))
    )
