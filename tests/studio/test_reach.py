from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from onmodel.studio.reach import look_at_fal


def answering(**headers: str) -> httpx.MockTransport:
    """A fal that answers with these headers and nothing else."""
    return httpx.MockTransport(lambda _: httpx.Response(404, headers=headers))


def test_the_clocks_are_compared() -> None:
    """A clock that is ten minutes ahead of fal's is told as such, to the second or two."""
    theirs = format_datetime(datetime.now(UTC) - timedelta(minutes=10), usegmt=True)
    found = look_at_fal(answering(Date=theirs))
    assert found.answers
    assert found.skew_s == pytest.approx(600, abs=3)


@pytest.mark.parametrize("headers", [{}, {"Date": "yesterday"}])
def test_an_answer_without_a_time_is_an_answer(headers: dict[str, str]) -> None:
    """Fal is there even where it does not say the time in a way that we read."""
    assert look_at_fal(answering(**headers)) == (True, None, "")


def test_no_answer_says_why() -> None:
    """A machine without a way to fal gets a word for it, and no exception."""

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no", request=request)

    assert look_at_fal(httpx.MockTransport(refuse)) == (False, None, "ConnectError")


def test_no_key_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking costs nothing: the request has no key and no body."""
    monkeypatch.setenv("FAL_KEY", "secret")
    seen: list[httpx.Request] = []

    def note(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    look_at_fal(httpx.MockTransport(note))
    (request,) = seen
    assert request.method == "HEAD"
    assert "secret" not in str(request.headers)
