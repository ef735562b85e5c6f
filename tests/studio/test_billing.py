from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.errors import WireError
from onmodel.studio.billing import ADDRESS, BillingEvent, read_billing

KEY = "the-id:the-secret-of-the-key"
UNTIL = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)
SINCE = UNTIL - timedelta(days=2)

Answer = Callable[[httpx.Request], httpx.Response]


def ask(answer: Answer, since: datetime = SINCE) -> list[BillingEvent]:
    return asyncio.run(read_billing(KEY, since, UNTIL, httpx.MockTransport(answer)))


def page(*events: Any, cursor: str | None = None) -> httpx.Response:
    return httpx.Response(
        200, json={"billing_events": events, "next_cursor": cursor, "has_more": bool(cursor)}
    )


def test_events_are_read_as_fal_documents_them() -> None:
    """Amounts are exact, whichever documented way says them; an event without one is still an event."""
    base = {"endpoint_id": "some/video", "timestamp": "2026-11-22T15:00:00+01:00"}
    found = ask(
        lambda _: httpx.Response(
            200,
            text='{"billing_events": [{"request_id": "a", "endpoint_id": "some/video", "cost_total": 0.1,'
            ' "timestamp": "2026-11-22T15:00:00+01:00", "cost_estimate_nano_usd": 5}], "next_cursor": null}',
        )
    )
    at = datetime(2026, 11, 22, 14, tzinfo=UTC)
    assert found == [BillingEvent("a", "some/video", at, Decimal("0.1"))]
    found = ask(
        lambda _: page(
            {**base, "request_id": "b", "cost_estimate_nano_usd": 350_000_000},
            {**base, "request_id": "c", "cost_total": "0.35"},
            {"request_id": "d", "cost_total": True, "timestamp": "yesterday"},
            {"request_id": "e", "cost_total": -1},
        )
    )
    assert [(one.request_id, one.usd) for one in found] == [
        ("b", Decimal("0.35")),
        ("c", Decimal("0.35")),
        ("d", None),
        ("e", None),
    ]
    assert found[2].at is None


def test_every_page_of_every_window_is_asked_for() -> None:
    """Cursors are followed; a time longer than fal takes at once is asked for in stretches that meet."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        more = "cursor" not in request.url.params
        return page({"request_id": f"r{len(asked)}"}, cursor="next" if more else None)

    found = ask(answer, UNTIL - timedelta(days=100))
    assert [one.request_id for one in found] == ["r1", "r2", "r3", "r4"]
    params = [request.url.params for request in asked]
    assert [one.get("cursor") for one in params] == [None, "next", None, "next"]
    assert (params[0]["start"], params[1]["end"]) == ("2026-08-14T14:02:00Z", params[2]["start"])
    assert params[3]["end"] == "2026-11-22T14:02:00Z"
    assert {(one.method, str(one.url.copy_with(query=None))) for one in asked} == {("GET", ADDRESS)}
    assert asked[0].headers["Authorization"] == f"Key {KEY}"


def refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError(f"no way for {KEY}", request=request)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (refuse, "do not answer (ConnectError)"),
        (lambda _: httpx.Response(401, text=KEY), "to this key (401)"),
        (lambda _: httpx.Response(403), "to this key (403)"),
        (lambda _: httpx.Response(500), "answer with 500"),
        (lambda _: httpx.Response(302, headers={"Location": "https://elsewhere"}), "answer with 302"),
        (lambda _: httpx.Response(200, text="<html>"), "does not know: no JSON"),
        (lambda _: httpx.Response(200, json=[]), "another kind (list)"),
        (lambda _: httpx.Response(200, json={"items": [], "total": 3}), "an object with items, total"),
        (lambda _: page({"id": "x", "cost": 1}), "an event without a request id (cost, id)"),
        (lambda _: page("x"), "an event without a request id (str)"),
        (lambda _: page({"request_id": "same"}, cursor="for ever"), "do not end"),
    ],
)
def test_what_is_not_as_documented_is_said(answer: Answer, said: str) -> None:
    """No answer, another key, another form: one sentence, with what to do, and never the key."""
    with pytest.raises(WireError) as caught:
        ask(answer)
    assert said in caught.value.message
    assert caught.value.hint
    assert "secret" not in "".join(traceback.format_exception(caught.value))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["billing_events", "request_id", "cost_total", "timestamp", "next_cursor"]),
                inner,
                max_size=3,
            )
        ),
        max_leaves=12,
    )
)
def test_no_answer_whatever_crashes_the_reader(body: Any) -> None:
    """Any JSON is either read or said to be unknown."""
    first = [True]

    def answer(_: httpx.Request) -> httpx.Response:
        seen, first[0] = first[0], False
        return httpx.Response(200, json=body if seen else {"billing_events": []})

    try:
        found = ask(answer)
    except WireError:
        return
    assert all(isinstance(one, BillingEvent) for one in found)
