from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest

from onmodel.errors import WireError
from onmodel.studio.price_list import AT_ONCE, fetch_prices

DEV = {"endpoint_id": "fal-ai/flux/dev", "unit_price": 0.025, "unit": "megapixels", "currency": "USD"}


def fal(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.MockTransport:
    return httpx.MockTransport(answer)


def saying(*rows: Any) -> httpx.MockTransport:
    """A fal whose list has these rows, whatever is asked."""
    return fal(lambda _: httpx.Response(200, json={"prices": list(rows), "has_more": False}))


def test_a_price_is_read_exactly() -> None:
    """0.025 stays 0.025, with its unit in our words."""
    found = fetch_prices("key", ["fal-ai/flux/dev"], saying(DEV))["fal-ai/flux/dev"]
    assert (found.amount, found.unit, found.currency) == (Decimal("0.025"), "megapixel", "USD")


def test_the_key_goes_in_the_header_and_the_names_in_the_address() -> None:
    """A few endpoints at a time, each named; the key is in no address."""
    seen: list[httpx.Request] = []

    def note(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"prices": []})

    names = [f"a/{number}" for number in range(AT_ONCE + 1)]
    assert fetch_prices("secret", names, fal(note)) == {}
    assert [request.url.params.get_list("endpoint_id") for request in seen] == [
        names[:AT_ONCE],
        names[AT_ONCE:],
    ]
    assert all(request.headers["Authorization"] == "Key secret" for request in seen)
    assert all("secret" not in str(request.url) for request in seen)


@pytest.mark.parametrize(
    "row",
    [
        None,
        "x",
        {},
        {**DEV, "unit_price": None},
        {**DEV, "unit_price": "free"},
        {**DEV, "unit_price": -1},
        {**DEV, "unit_price": "NaN"},
        {**DEV, "endpoint_id": "a/other"},
    ],
)
def test_a_row_that_is_no_price_is_passed_over(row: Any) -> None:
    """One odd row does not spoil the others."""
    other = {**DEV, "endpoint_id": "a/b"}
    assert set(fetch_prices("key", ["fal-ai/flux/dev", "a/b"], saying(row, other))) == {"a/b"}


@pytest.mark.parametrize(
    ("said", "unit"),
    [("seconds", "second"), ("image", "image"), ("videos", "request"), ("units", None), ("", None)],
)
def test_units_are_ours_or_none(said: str, unit: str | None) -> None:
    """A unit that we have no word for is not guessed."""
    found = fetch_prices("key", ["fal-ai/flux/dev"], saying({**DEV, "unit": said}))
    assert found["fal-ai/flux/dev"].unit == unit


def test_one_unknown_endpoint_does_not_hide_the_others() -> None:
    """Where a question is refused for one of its names, the rest is asked again without it."""

    def picky(request: httpx.Request) -> httpx.Response:
        names = request.url.params.get_list("endpoint_id")
        if "a/unknown" in names:
            return httpx.Response(404, json={"detail": "no such endpoint"})
        return httpx.Response(200, json={"prices": [{**DEV, "endpoint_id": name} for name in names]})

    names = ["a/1", "a/2", "a/unknown", "a/3", "a/4"]
    assert set(fetch_prices("key", names, fal(picky))) == set(names) - {"a/unknown"}


@pytest.mark.parametrize(
    ("response", "said"),
    [
        (httpx.Response(401), "does not accept this FAL_KEY"),
        (httpx.Response(500), "answered 500"),
        (httpx.Response(200, text="<html>"), "is not JSON"),
        (httpx.Response(200, json=[]), "another form"),
        (httpx.Response(200, json={"prices": {}}), "another form"),
    ],
)
def test_an_answer_that_cannot_be_used_is_told(response: httpx.Response, said: str) -> None:
    """Whatever comes back, it is one error with the next step, and the key is not in it."""
    with pytest.raises(WireError, match=said) as caught:
        fetch_prices("secret", ["a/b"], fal(lambda _: response))
    assert caught.value.hint
    assert "secret" not in str(caught.value)


def test_no_way_to_fal_is_told() -> None:
    """A machine without a network gets a word for it."""

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no", request=request)

    with pytest.raises(WireError, match="cannot be reached"):
        fetch_prices("key", ["a/b"], fal(refuse))
