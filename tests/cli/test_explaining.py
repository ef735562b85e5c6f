from __future__ import annotations

import json
from decimal import Decimal
from typing import Any


def test_explain_says_what_decides_and_what_is_sent(onmodel: Any) -> None:
    """Deciders, endpoint with its reason, prompt, negative and price, for people and as JSON."""
    told = onmodel("explain", "s01e01", "s010")
    assert told.code == 0
    for words in ("What decides", "the first frame", "one picture, standard quality", "negative: ", "$0.49"):
        assert words in told.out
    document = json.loads(onmodel("explain", "s01e01", "s010", "--json").out)
    assert document["decides"]["motion"]["by"] == "the words"
    assert [one["id"] for one in document["made"]] == ["s010.keyframe", "s010.shoot"]
    assert Decimal(document["usd"]) == Decimal("0.53")


def test_explain_names_the_shots_there_are(onmodel: Any) -> None:
    """A typing error gets the nearest."""
    told = onmodel("explain", "s01e01", "s01")
    assert told.code == 1
    assert "has no shot 's01'" in told.err
    assert "Did you mean 's010'?" in told.err
