"""What the double's platform knows of an account: its requests, and what was billed for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

import httpx

from onmodel.endpoints import PriceTable
from onmodel.errors import PlanError
from onmodel.studio.rehearsal.book import AcceptedJob, Book

BILLED: Final = (200, 422)
"""Answers that are billed, or may be; what was cancelled or died is not."""


def tell_account(request: httpx.Request, book: Book, *, open_to_us: bool) -> httpx.Response:
    """Answer a request to the platform's addresses; `open_to_us`: whether this key may read them."""
    match request.url.path if open_to_us else "":
        case "/v1/models/requests/by-endpoint":
            return _tell_history(request, book)
        case "/v1/models/billing-events":
            return _tell_billing(request, book)
    return httpx.Response(403, json={"detail": "This key may not read the history"})


def _tell_history(request: httpx.Request, book: Book) -> httpx.Response:
    params = request.url.params
    items = [
        {"request_id": job.request_id, "sent_at": job.at.isoformat(), "json_input": job.input}
        for job in book.jobs()
        if job.endpoint == params.get("endpoint_id") and job.at >= _moment(params.get("start"))
    ]
    return httpx.Response(200, json={"items": items, "next_cursor": None, "has_more": False})


def _tell_billing(request: httpx.Request, book: Book) -> httpx.Response:
    params = request.url.params
    since, until = _moment(params.get("start")), params.get("end")
    events = [event for job in reversed(book.jobs()) for event in _charges(job, book) if job.at >= since]
    if until is not None:
        events = [event for event in events if _moment(event["timestamp"]) < _moment(until)]
    begin, most = int(params.get("cursor") or 0), int(params.get("limit") or 100)
    more = begin + most < len(events)
    page = {"billing_events": events[begin : begin + most], "has_more": more}
    return httpx.Response(200, json={**page, "next_cursor": str(begin + most) if more else None})


def _charges(job: AcceptedJob, book: Book) -> Iterator[dict[str, Any]]:
    """What a job was billed: nothing, or one event."""
    answer = book.answer(job.request_id)
    if answer is None or answer[0] not in BILLED:
        return
    event: dict[str, Any] = {
        "request_id": job.request_id,
        "endpoint_id": job.endpoint,
        "timestamp": job.at.isoformat().replace("+00:00", "Z"),
        "percent_discount": None,
    }
    try:
        price = PriceTable.load().estimate(
            job.endpoint, seconds=_seconds(job), images=_images(job, answer[1])
        )
    except PlanError:
        yield event  # billed by a length that the request does not say
        return
    units = price.usd / price.per_unit if price.per_unit else 1
    nano = int(price.usd * 10**9)
    yield {
        **event,
        "output_units": float(units),
        "unit_price": float(price.per_unit),
        "cost_estimate_nano_usd": nano,
    }


def _seconds(job: AcceptedJob) -> Fraction | None:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)s?", str(job.input.get("duration", "")))
    return Fraction(found[1]) if found else None


def _images(job: AcceptedJob, body: Any) -> int:
    made = body.get("images") if isinstance(body, dict) else None
    return len(made) if isinstance(made, list) else int(job.input.get("num_images") or 1)


def _moment(text: str | None) -> datetime:
    return datetime.fromisoformat(text or "1970-01-01T00:00:00Z")
