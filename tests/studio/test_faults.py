from __future__ import annotations

from collections.abc import Iterator

import fal_client
import httpx
import pytest

from onmodel.errors import SubmitNotSent, SubmitOutcomeUnknown, WireError
from onmodel.studio import faults


def descendants(root: type[BaseException]) -> Iterator[type[BaseException]]:
    yield root
    for child in root.__subclasses__():
        yield from descendants(child)


def foreign() -> list[type[BaseException]]:
    """Every exception that httpx exports, and every one of fal-client's tree."""
    exported = [getattr(httpx, name) for name in httpx.__all__]
    of_httpx = {one for one in exported if isinstance(one, type) and issubclass(one, Exception)}
    return sorted({*of_httpx, *descendants(fal_client.FalClientError)}, key=lambda kind: kind.__name__)


def one_of(kind: type[BaseException]) -> BaseException:
    response = httpx.Response(500, request=httpx.Request("GET", "https://queue.fal.run/x"))
    if kind is fal_client.FalClientHTTPError:
        return fal_client.FalClientHTTPError("oops", 500, {}, response)
    if kind is fal_client.FalClientTimeoutError:
        return fal_client.FalClientTimeoutError(1.0)
    if kind is httpx.HTTPStatusError:
        return httpx.HTTPStatusError("oops", request=response.request, response=response)
    try:
        return kind("oops")
    except TypeError:
        return kind()


@pytest.mark.parametrize("kind", foreign(), ids=lambda kind: kind.__name__)
def test_no_foreign_error_is_unmapped(kind: type[BaseException]) -> None:
    """Each error of httpx and fal-client is caught and becomes a WireError with its name in it."""
    error = one_of(kind)
    assert isinstance(error, faults.FOREIGN)
    for mapped in (faults.of_submit(error, "e"), faults.of_upload(error, "n"), faults.of_job(error, "r")):
        assert isinstance(mapped, WireError)
        assert kind.__name__ in str(mapped) or "500" in str(mapped)


def test_only_what_had_no_connection_was_not_sent() -> None:
    """Resending is allowed after these alone; a new error of httpx counts as unknown."""
    not_sent = {kind for kind in foreign() if isinstance(faults.of_submit(one_of(kind), "e"), SubmitNotSent)}
    assert not_sent == {
        httpx.ConnectError,
        httpx.ConnectTimeout,
        httpx.PoolTimeout,
        httpx.ProxyError,
        httpx.UnsupportedProtocol,
    }
    assert isinstance(faults.of_submit(OSError(), "e"), SubmitOutcomeUnknown)


def test_what_a_server_says_fits_one_line() -> None:
    """A page of HTML in an error is cut, and its line breaks are gone."""
    said = faults.in_one_line("<html>\n\n" + "x" * 5000)
    assert "\n" not in said
    assert len(said) <= 300
