"""fal's billing events: what it says that each request was charged. Read here, and nowhere else.

Source: fal's documentation of `GET /v1/models/billing-events`, 2026-11; never seen to answer. It takes an
admin key. Whatever does not look as documented is said so, and nothing is guessed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

import httpx

from onmodel.errors import WireError

ADDRESS: Final = "https://api.fal.ai/v1/models/billing-events"
LONGEST: Final = timedelta(days=89)
"""Of one question. Source: fal's documentation, 2026-11: 90 days."""
PAGE: Final = 1000
"""Events of one answer. Source: fal's documentation, 2026-11: up to 10,000."""
PAGES: Final = 200
"""Answers to one question that are read; more than that is no production's."""
PATIENCE_S: Final = 30.0

_NANO: Final = Decimal("0.000000001")
_ADMIN: Final = (
    "Billing events take a key of ADMIN scope: make one at fal.ai/dashboard/keys and run this command once "
    "with it as FAL_KEY."
)
_LATER: Final = "The journals are as they were: onmodel spend. Try again later."


class BillingEvent(NamedTuple):
    """One charge, as fal has it."""

    request_id: str
    endpoint: str
    at: datetime | None
    """UTC; None where the event does not say it in a form that we know."""
    usd: Decimal | None
    """None where the event names no amount that we know."""


async def read_billing(
    key: str, since: datetime, until: datetime, transport: httpx.AsyncBaseTransport
) -> list[BillingEvent]:
    """Ask fal what it charged between two moments; nothing is bought or changed.

    Raises:
        WireError: fal does not answer, does not accept the key, or answers in a form that is not known.
    """
    found: list[BillingEvent] = []
    headers = {"Authorization": f"Key {key}", "Accept": "application/json"}
    async with httpx.AsyncClient(transport=transport, headers=headers, timeout=PATIENCE_S) as client:
        for start, end in _windows(since, until):
            params = {"start": _utc(start), "end": _utc(end), "limit": str(PAGE)}
            found += await _read_window(client, params)
    return found


async def _read_window(client: httpx.AsyncClient, params: dict[str, str]) -> list[BillingEvent]:
    found: list[BillingEvent] = []
    for _ in range(PAGES):
        page = await _ask(client, params)
        events = page.get("billing_events")
        if not isinstance(events, list):
            raise _unknown_shape(f"an object with {', '.join(sorted(map(str, page))) or 'nothing in it'}")
        found += map(_event, events)
        cursor = page.get("next_cursor")
        if not cursor or not events:
            return found
        params = {**params, "cursor": str(cursor)}
    raise WireError(f"fal's billing events do not end after {PAGES} pages", hint=_LATER)


async def _ask(client: httpx.AsyncClient, params: dict[str, str]) -> Mapping[str, Any]:
    try:
        answer = await client.get(ADDRESS, params=params)
    except httpx.HTTPError as error:
        raise WireError(f"fal's billing events do not answer ({type(error).__name__})", hint=_LATER) from None
    if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        raise WireError(
            f"fal does not show its billing events to this key ({answer.status_code})", hint=_ADMIN
        )
    if answer.status_code != httpx.codes.OK:
        raise WireError(f"fal's billing events answer with {answer.status_code}", hint=_LATER)
    try:
        page = json.loads(answer.content, parse_float=Decimal)
    except ValueError:
        raise _unknown_shape("no JSON") from None
    if not isinstance(page, dict):
        raise _unknown_shape(f"JSON of another kind ({type(page).__name__})")
    return page


def _event(value: Any) -> BillingEvent:
    if not isinstance(value, dict) or not isinstance(value.get("request_id"), str):
        named = ", ".join(sorted(map(str, value))) if isinstance(value, dict) else type(value).__name__
        raise _unknown_shape(f"an event without a request id ({named})")
    return BillingEvent(
        value["request_id"], str(value.get("endpoint_id", "")), _moment(value.get("timestamp")), _usd(value)
    )


def _usd(event: Mapping[str, Any]) -> Decimal | None:
    """What was charged, of the documented ways to say it the plainest that is there."""
    total = _number(event.get("cost_total"))
    if total is not None:
        return total
    nano = _number(event.get("cost_estimate_nano_usd"))
    return None if nano is None else nano * _NANO


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= 0 else None


def _moment(value: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def _windows(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    start = since
    while start < until:
        end = min(start + LONGEST, until)
        yield start, end
        start = end


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _unknown_shape(what: str) -> WireError:
    return WireError(
        f"fal's billing events answer in a form that this onmodel does not know: {what}",
        hint="Nothing was compared. fal.ai/dashboard shows the charges; a newer onmodel may read them.",
    )
