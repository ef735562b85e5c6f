from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from onmodel.errors import RecordBroken
from onmodel.vault import Delivery, Intent, MediaRef, Outcome, Record, Result, Sending, Verdict
from onmodel.vault.records import read_record

NOW = datetime(2026, 11, 22, 14, 2, 3, 4, tzinfo=UTC)
MADE: list[Record] = [
    Sending(attempt=1, nonce="n", session="s", host="h", arguments={"a": [1]}, at=NOW, deadline=NOW),
    Outcome(attempt=1, kind="submitted", request_id="r", at=NOW),
    Outcome(attempt=2, kind="not-sent", reason="no network", at=NOW),
    Outcome(attempt=3, kind="resolved", resolution="lost", at=NOW),
    Result(kind="ok", payload={"video": {"url": "u", "n": [1, 2.5, None]}}, billed="yes", at=NOW),
    Result(
        kind="failed", error_kind="moderated", error_message="m", error_field="prompt", billed="maybe", at=NOW
    ),
    Delivery(media=(MediaRef("ab" * 32, 6, ".mp4"),), at=NOW),
    Verdict(
        ok=False,
        reasons=("frozen",),
        readings={"frozen_s": 4.5, "frames": 3, "codec": "h264", "x": True},
        at=NOW,
    ),
]


@pytest.mark.parametrize("record", MADE, ids=lambda record: f"{record.schema_name}")
def test_a_record_survives_its_file(record: Record) -> None:
    """What was written is read back, and the file names its schema first."""
    content = record.to_bytes()
    assert next(iter(json.loads(content).items())) == ("schema", record.schema_name)
    assert read_record(type(record), content, "it") == record


@given(
    price=st.decimals(min_value=0, max_value=1000, places=4),
    seconds=st.none() | st.fractions(min_value=0, max_value=400),
    text=st.text(),
)
def test_an_intent_survives_its_file_exactly(price: Decimal, seconds: Fraction | None, text: str) -> None:
    """Money and lengths travel as strings and come back exact; so does any text."""
    intent = _intent(price_usd=price, seconds=seconds, arguments={"prompt": text, "deep": [{"a": 0.5}]})
    found = read_record(Intent, intent.to_bytes(), "it")
    assert found == intent
    spelled = json.loads(intent.to_bytes())
    assert spelled["price_usd"] == str(price)
    assert spelled["seconds"] == (None if seconds is None else str(seconds))


def test_times_are_utc() -> None:
    """Wherever the clock hangs, the record says UTC; a time without a zone is refused."""
    there = timezone(timedelta(hours=5))
    sending = Sending(
        attempt=1, nonce="n", session="s", host="h", arguments={}, at=NOW.astimezone(there), deadline=NOW
    )
    assert json.loads(sending.to_bytes())["at"] == "2026-11-22T14:02:03.000004Z"
    with pytest.raises(ValidationError, match="timezone"):
        Sending(
            attempt=1,
            nonce="n",
            session="s",
            host="h",
            arguments={},
            at=NOW.replace(tzinfo=None),
            deadline=NOW,
        )


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b'{"schema": "onmodel.verdict/1", "ok": tr', "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "not a JSON object"),
        (b'{"ok": true, "at": "2026-11-22T14:02:03Z"}', "schema is None"),
        (b'{"schema": "onmodel.verdict/2", "score": 1}', "onmodel.verdict/2"),
        (b'{"schema": "onmodel.verdict/1", "at": "2026-11-22T14:02:03Z"}', "ok: Field required"),
        (
            b'{"schema": "onmodel.verdict/1", "ok": true, "at": "2026-11-22T14:02:03Z", "note": 1}',
            "note: Extra",
        ),
        (b'{"schema": "onmodel.verdict/1", "ok": true, "at": "today"}', "at: "),
    ],
)
def test_a_broken_record_is_named_and_kept(content: bytes, says: str) -> None:
    """The message names the file and what was found; the hint never says to delete it."""
    with pytest.raises(RecordBroken, match="verdict.json in archive cannot be read: .*" + says) as caught:
        read_record(Verdict, content, "verdict.json in archive")
    assert "Restore" in caught.value.hint
    assert "Do not delete" in caught.value.hint


@given(
    st.binary()
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_no_content_escapes_as_another_error(content: bytes) -> None:
    """Whatever the bytes: a record or RecordBroken."""
    with pytest.raises(RecordBroken):
        read_record(Verdict, content, "it")


@pytest.mark.parametrize(
    "make",
    [
        lambda: Outcome(attempt=1, kind="submitted", at=NOW),
        lambda: Outcome(attempt=1, kind="not-sent", request_id="r", at=NOW),
        lambda: Outcome(attempt=1, kind="resolved", at=NOW),
        lambda: Outcome(attempt=1, kind="not-sent", resolution="lost", at=NOW),
        lambda: Outcome(attempt=0, kind="not-sent", at=NOW),
        lambda: Result(kind="failed", billed="no", at=NOW),
        lambda: Result(kind="ok", error_kind="moderated", billed="no", at=NOW),
        lambda: Delivery(media=(), at=NOW),
        lambda: Verdict(ok=True, readings={"psnr": float("nan")}, at=NOW),
        lambda: _intent(price_usd=Decimal(-1)),
        lambda: _intent(price_usd=Decimal("NaN")),
        lambda: _intent(arguments={"image": object()}),
    ],
)
def test_records_that_say_two_things_are_refused(make: Callable[[], Record]) -> None:
    """A record whose fields contradict each other is never written."""
    with pytest.raises(ValidationError):
        make()


def _intent(**changes: Any) -> Intent:
    slot = {
        "production": "R",
        "scope": "s01e01",
        "subject": "s010",
        "stage": "shoot",
        "basis": "a" * 64,
        "n": 1,
    }
    facts: dict[str, Any] = {
        "slot": slot,
        "label": "s01e01 · s010 · take 1",
        "endpoint": "e",
        "arguments": {},
        "price_usd": Decimal("0.35"),
        "basis_content": {},
        "made_at": NOW,
        "onmodel": "0.1.0",
    }
    return Intent(**(facts | changes))
