from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.studio.transcript import Exchange, Recorder, differences, shape_of

SECRET = "S3CRET-that-nobody-may-read"
QUEUE = "https://queue.fal.run/fal-ai/flux/dev"
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.just(SECRET)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["url", "logs", f"{SECRET}!"]), inner),
    max_leaves=8,
)


def record(*answers: tuple[str, str, httpx.Response], **sent: Any) -> list[Exchange]:
    """The exchanges of requests that are answered in order."""
    waiting = iter(answers)
    recorder = Recorder(httpx.MockTransport(lambda _: next(waiting)[2]))

    async def ask() -> None:
        headers = {"Authorization": f"Key {SECRET}"}
        async with httpx.AsyncClient(transport=recorder, headers=headers) as client:
            for method, url, _ in answers:
                await client.request(method, url, json=sent or None)

    asyncio.run(ask())
    return recorder.exchanges


@given(VALUES)
def test_a_shape_holds_no_value_and_no_strange_key(value: Any) -> None:
    """Whatever fal answers: keys that are words, kinds of value, and nothing else."""
    assert SECRET not in str(shape_of(value))


@given(VALUES)
def test_a_value_has_the_shape_of_its_json(value: Any) -> None:
    """What was sent and what arrived are written down alike."""
    assert shape_of(json.loads(json.dumps(value))) == shape_of(value)


def test_a_transcript_is_safe_to_show() -> None:
    """No key, prompt, id, file name or value of a query is in it; what it was is."""
    exchanges = record(
        ("POST", QUEUE, httpx.Response(200, json={"request_id": SECRET})),
        (
            "GET",
            f"{QUEUE[:-4]}/requests/{SECRET}/status?logs={SECRET}",
            httpx.Response(202, json={"status": "IN_QUEUE"}),
        ),
        ("GET", f"{QUEUE[:-4]}/requests/{SECRET}", httpx.Response(200, json={"images": [{"url": SECRET}]})),
        ("GET", f"https://v3.fal.media/files/{SECRET}/{SECRET}.png", httpx.Response(200, content=b"\x89PNG")),
        ("PUT", f"https://bucket.example/{SECRET}?sig={SECRET}", httpx.Response(200)),
        prompt=SECRET,
    )
    told = "\n".join(line for one in exchanges for line in one.lines())
    assert SECRET not in told
    assert [one.step for one in exchanges] == ["submit", "status IN_QUEUE", "result", "media", "upload"]
    assert exchanges[1].line == "GET queue.fal.run/fal-ai/flux/requests/{id}/status?logs"
    assert exchanges[3].line == "GET v3.fal.media/{file}"
    assert "    sent: prompt: string" in told
    assert "    answered: images[].url: string" in told
    assert "authorization" in exchanges[0].sent_headers


def test_a_state_that_is_no_word_is_not_told() -> None:
    """The one value that is shown, a job's state, is shown only where it is one."""
    (one,) = record(("GET", f"{QUEUE[:-4]}/requests/x/status", httpx.Response(200, json={"status": SECRET})))
    assert one.step == "status"


def test_no_answer_is_told_by_its_error() -> None:
    """A lost answer stands in the transcript, and the error goes on to whoever asked."""

    def lose(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError(SECRET, request=request)

    recorder = Recorder(httpx.MockTransport(lose))

    async def ask() -> None:
        async with httpx.AsyncClient(transport=recorder) as client:
            await client.post(QUEUE, json={})

    with pytest.raises(httpx.ReadError):
        asyncio.run(ask())
    assert next(recorder.exchanges[0].lines()) == "submit: POST queue.fal.run/fal-ai/flux/dev -> ReadError"


def test_what_passes_is_not_changed() -> None:
    """The recorder hands on what it reads: compressed JSON, and bytes that it does not read."""
    packed = httpx.Response(200, json={"a": 1}, headers={"x-fal-request-id": "7"})
    plain = httpx.Response(200, content=b"\x89PNG", headers={"content-type": "image/png"})
    waiting = iter((packed, plain))

    async def ask() -> list[httpx.Response]:
        recorder = Recorder(httpx.MockTransport(lambda _: next(waiting)))
        async with httpx.AsyncClient(transport=recorder) as client:
            return [await client.get(QUEUE), await client.get("https://v3.fal.media/x")]

    first, second = asyncio.run(ask())
    assert (first.json(), first.headers["x-fal-request-id"], second.content) == ({"a": 1}, "7", b"\x89PNG")


SUBMIT = Exchange(
    "submit",
    "POST queue.fal.run/fal-ai/flux/dev",
    "200",
    frozenset({"host", "authorization"}),
    {"prompt": frozenset({"string"})},
    frozenset({"content-type", "date"}),
    {"request_id": frozenset({"string"}), "seed": frozenset({"integer"})},
)
POLL = replace(SUBMIT, step="status IN_QUEUE")


@pytest.mark.parametrize(
    ("live", "found"),
    [
        ([SUBMIT, POLL], []),
        ([SUBMIT], []),
        ([SUBMIT, POLL, POLL], []),
        ([POLL], ["submit: only the double had this step"]),
        ([SUBMIT, replace(SUBMIT, step="cancel")], ["cancel: only fal had this step"]),
        ([replace(SUBMIT, status="202")], ["submit: the status is 202, with the double 200"]),
        (
            [replace(SUBMIT, line="POST queue.fal.run/x")],
            [f"submit: the request is POST queue.fal.run/x, with the double {SUBMIT.line}"],
        ),
        ([replace(SUBMIT, answered_headers=frozenset({"content-type", "cf-ray"}))], []),
        (
            [replace(SUBMIT, answered_headers=frozenset({"x-fal-served-from"}))],
            [
                "submit: answered header x-fal-served-from: only with fal",
                "submit: answered header content-type: only with the double",
            ],
        ),
        (
            [replace(SUBMIT, sent_headers=frozenset({"host"}))],
            ["submit: sent header authorization: only with the double"],
        ),
        (
            [
                replace(
                    SUBMIT,
                    answered={"request_id": frozenset({"integer", "null"}), "eta": frozenset({"null"})},
                )
            ],
            [
                "submit: answered eta: only with fal",
                "submit: answered seed: only with the double",
                "submit: answered request_id is integer or null, with the double string",
            ],
        ),
    ],
)
def test_differences_are_told_step_by_step(live: list[Exchange], found: list[str]) -> None:
    """Both sides of each difference; a state of the queue that fal was too quick to show is none."""
    assert differences(live, [SUBMIT, POLL]) == found
