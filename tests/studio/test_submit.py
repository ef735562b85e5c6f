from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import fal_client
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onmodel.errors import SubmitNotSent, SubmitOutcomeUnknown, SubmitRefused, WireError
from onmodel.studio.transport import Gate

FLUX = "fal-ai/flux/dev"
PROMPT = {"prompt": "Pip"}
ACCEPTED = {"request_id": "r1"}


class Cut(httpx.AsyncByteStream):
    """A body that breaks off."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b'{"request_'
        raise httpx.ReadError("gone")


def raises(error: Exception) -> Callable[[httpx.Request], httpx.Response]:
    def answer(_: httpx.Request) -> httpx.Response:
        raise error

    return answer


def says(status: int, **content: Any) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(status, **content)


def submit(wire: Any) -> Any:
    return wire.submit(FLUX, PROMPT)


ENDS = [
    (raises(httpx.ConnectError("no route")), SubmitNotSent),
    (raises(httpx.ConnectTimeout("slow")), SubmitNotSent),
    (raises(httpx.PoolTimeout("busy")), SubmitNotSent),
    (raises(httpx.ProxyError("no proxy")), SubmitNotSent),
    (says(401, json={"detail": "no"}), SubmitRefused),
    (says(403, json={"detail": "no"}), SubmitRefused),
    (says(404, json={"detail": "no"}), SubmitRefused),
    (says(422, json={"detail": [{"loc": ["body"], "msg": "no", "type": "missing"}]}), SubmitRefused),
    (says(429, text="slow down"), SubmitRefused),
    (raises(httpx.ReadTimeout("")), SubmitOutcomeUnknown),
    (raises(httpx.ReadError("")), SubmitOutcomeUnknown),
    (raises(httpx.WriteError("")), SubmitOutcomeUnknown),
    (raises(httpx.RemoteProtocolError("disconnected")), SubmitOutcomeUnknown),
    (raises(OSError(5, "broken")), SubmitOutcomeUnknown),
    (says(408), SubmitOutcomeUnknown),
    (says(409, json={"detail": "conflict"}), SubmitOutcomeUnknown),
    (says(500, json={"detail": "oops"}), SubmitOutcomeUnknown),
    (says(502, html="<hr>nginx"), SubmitOutcomeUnknown),
    (says(504), SubmitOutcomeUnknown),
    (says(302, headers={"Location": "https://queue.fal.run/x"}), SubmitOutcomeUnknown),
    (says(200, json={}), SubmitOutcomeUnknown),
    (says(200, json={"request_id": ""}), SubmitOutcomeUnknown),
    (says(200, json=["r1"]), SubmitOutcomeUnknown),
    (says(200, text="fine"), SubmitOutcomeUnknown),
    (says(200, stream=Cut()), SubmitOutcomeUnknown),
    (
        says(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip")),
        SubmitOutcomeUnknown,
    ),
]


@pytest.mark.parametrize(("answer", "expected"), ENDS)
def test_every_end_of_a_submit_has_its_name_and_is_sent_once(
    scripted: Any, answer: Any, expected: type[WireError]
) -> None:
    """Each row of the protocol's submit table is one typed error after one POST to fal's first domain."""
    error, requests = scripted(answer, submit)
    assert type(error) is expected
    assert [(r.method, r.url.host) for r in requests] == [("POST", "queue.fal.run")]


def test_an_accepted_submit_needs_no_more_than_its_id(scripted: Any) -> None:
    """An answer without fal-client's addresses is still an accepted job: the id must not be lost."""
    assert scripted(says(200, json=ACCEPTED), submit)[0] == "r1"


@pytest.mark.parametrize("value", [float("nan"), "\ud800", {1, 2}])
def test_what_is_no_json_is_refused_before_it_is_sent(scripted: Any, value: object) -> None:
    """A request that cannot be written down buys nothing and is not ambiguous."""
    answer = says(200, json=ACCEPTED)
    error, requests = scripted(answer, lambda wire: wire.submit(FLUX, {"prompt": value}))
    assert isinstance(error, SubmitRefused)
    assert requests == []


def test_every_submit_forbids_another_model(scripted: Any) -> None:
    """Without a word fal may fall back to another model."""
    _, (request,) = scripted(says(200, json=ACCEPTED), submit)
    assert request.headers["x-app-fal-disable-fallback"] == "true"
    assert not {"x-fal-store-io", "x-fal-request-timeout"} & {name.lower() for name in request.headers}


@given(
    status=st.integers(200, 599),
    body=st.one_of(
        st.binary(max_size=30),
        st.dictionaries(st.sampled_from(["request_id", "detail", "status"]), st.text(max_size=5)).map(
            lambda said: httpx.Response(200, json=said).content
        ),
    ),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_answer_makes_a_second_post(scripted: Any, status: int, body: bytes) -> None:
    """Whatever a server answers, one POST was sent, and it ended in an id or in one of the three errors."""
    end, requests = scripted(says(status, content=body), submit)
    assert len(requests) == 1
    assert isinstance(end, str | SubmitNotSent | SubmitRefused | SubmitOutcomeUnknown)
    if isinstance(end, SubmitRefused):
        assert end.status == status
        assert 400 <= status < 500


TROUBLE = [
    ("lost-after", SubmitOutcomeUnknown, 1),
    ("lost-before", SubmitOutcomeUnknown, 0),
    ("connect", SubmitNotSent, 0),
    ("401", SubmitRefused, 0),
    ("403", SubmitRefused, 0),
    ("422", SubmitRefused, 0),
    ("429", SubmitRefused, 0),
    ("5xx", SubmitOutcomeUnknown, 0),
]


@pytest.mark.parametrize(("fault", "expected", "jobs"), TROUBLE)
def test_trouble_on_submit_leaves_as_many_jobs_as_its_error_says(
    perform: Any, fault: str, expected: type[WireError], jobs: int
) -> None:
    """A lost answer leaves its one job; what was refused or not sent leaves none."""

    async def scene(stage: Any) -> Any:
        with pytest.raises(expected):
            await stage.buy(FLUX, PROMPT)
        return len(stage.double.accepted())

    assert perform(scene, trouble=[{"on": "submit", "fault": fault, "times": 99}]) == jobs


def test_the_bare_client_buys_several_over_the_same_trouble(perform: Any) -> None:
    """The hazard is real: without the gate one submit becomes three jobs when two answers are lost."""

    async def scene(stage: Any) -> Any:
        class Bare(fal_client.AsyncClient):
            @property
            def _client(self) -> Any:
                async def ready() -> httpx.AsyncClient:
                    return httpx.AsyncClient(
                        transport=stage.double, headers={"Authorization": f"Key {self.key}"}
                    )

                return ready()

        await Bare(key="rehearsal").submit(FLUX, PROMPT)
        return len(stage.double.accepted())

    assert perform(scene, trouble=[{"on": "submit", "fault": "lost-after", "times": 2}]) == 3


def test_a_cancelled_submit_is_not_dressed_up() -> None:
    """Cancelling a task in mid-submit cancels it: the journal, not the wire, knows that it is ambiguous."""

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.sleep(60)
            raise AssertionError

    async def scene() -> None:
        gate = Gate(Slow(), "key")
        task = asyncio.create_task(
            gate.handle_async_request(httpx.Request("POST", f"https://queue.fal.run/{FLUX}", json={}))
        )
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scene())
