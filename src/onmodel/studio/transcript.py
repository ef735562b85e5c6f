"""What passed over the wire, as shapes: which request, which status, which headers and keys, and no value.

A transcript can be shown to anybody: no key, no prompt, no id and no address of a file is in it. Two of them,
fal's and the rehearsal's, are compared step by step.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from onmodel.studio.transport import is_queue, unframed

Shape = Mapping[str, frozenset[str]]
"""Each place in a JSON value and the kinds of value found there: `images[].url` to `string`."""

HAPPENS_IN_TIME = frozenset({"status IN_QUEUE", "status IN_PROGRESS"})
"""Steps that a fast answer leaves out: that they are missing says nothing."""

_TELLING = re.compile(r"x-fal-.*|content-type|etag|accept-ranges|content-range|retry-after|location")
"""Headers of answers that somebody reads; others change with the networks in between."""

_STATE = re.compile(r"[A-Z_]{1,30}")
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,39}")


@dataclass(frozen=True)
class Exchange:
    """One request and its answer."""

    step: str
    """upload token, upload, submit, status IN_QUEUE, result, media, history, ..."""
    line: str
    """`GET queue.fal.run/fal-ai/flux-pro/requests/{id}/status?logs`."""
    status: str
    """`200`; the name of the error where there was no answer."""
    sent_headers: frozenset[str]
    """Names, in lower case."""
    sent: Shape
    answered_headers: frozenset[str]
    answered: Shape

    def lines(self) -> Iterator[str]:
        """The exchange for people."""
        yield f"{self.step}: {self.line} -> {self.status}"
        for what, headers, shape in (
            ("sent", self.sent_headers, self.sent),
            ("answered", self.answered_headers, self.answered),
        ):
            yield f"    {what} headers: {', '.join(sorted(headers))}"
            yield from (f"    {what}: {path}: {_either(kinds)}" for path, kinds in shape.items())


class Recorder(httpx.AsyncBaseTransport):
    """A transport that writes the shape of everything down that another one carries.

    Args:
        inner: the other one.
        happened: an event for each step, set when the step has been seen.
    """

    def __init__(
        self, inner: httpx.AsyncBaseTransport, happened: defaultdict[str, asyncio.Event] | None = None
    ) -> None:
        self._inner = inner
        self._happened = defaultdict(asyncio.Event) if happened is None else happened
        self.exchanges: list[Exchange] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request, and note it."""
        await request.aread()
        body = b""
        try:
            response = await self._inner.handle_async_request(request)
            if _is_json(response.headers):
                body = await response.aread()
                await response.aclose()
        except httpx.HTTPError as error:
            self._note(request, type(error).__name__, httpx.Headers(), body)
            raise
        self._note(request, str(response.status_code), response.headers, body)
        if not body:
            return response
        return httpx.Response(response.status_code, headers=unframed(response.headers), content=body)

    def _note(self, request: httpx.Request, status: str, headers: httpx.Headers, body: bytes) -> None:
        answered = _json(body)
        step = _step(request, answered)
        sent = shape_of(_json(request.content)) if _is_json(request.headers) else {}
        names = frozenset(request.headers), frozenset(headers)
        self.exchanges.append(
            Exchange(step, _line(step, request), status, names[0], sent, names[1], shape_of(answered))
        )
        self._happened[step].set()

    async def aclose(self) -> None:
        """Close the other transport."""
        await self._inner.aclose()


def shape_of(value: Any) -> Shape:
    """Which kinds of value are where; the values themselves are left behind."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path, kind in _walk("", value):
        found[path].add(kind)
    return {path: frozenset(kinds) for path, kinds in sorted(found.items())}


def _walk(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            # A key that is made up may be a name or an id.
            plain = key if _PLAIN_KEY.fullmatch(key) else "{key}"
            yield from _walk(f"{path}.{plain}" if path else plain, inner)
    elif isinstance(value, list) and value:
        for inner in value:
            yield from _walk(f"{path}[]", inner)
    elif path:
        yield path, _KINDS[type(value)]


_KINDS = {
    dict: "empty object",
    list: "empty list",
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
}


def differences(live: Sequence[Exchange], double: Sequence[Exchange]) -> list[str]:
    """Where fal did otherwise than the double, step by step, in words."""
    ours, theirs = _by_step(double), _by_step(live)
    found: list[str] = []
    for step in dict.fromkeys([*theirs, *ours]):
        if step in theirs and step in ours:
            found += [f"{step}: {one}" for one in _unlike(theirs[step], ours[step])]
        elif step not in HAPPENS_IN_TIME or step in theirs:
            found.append(f"{step}: only {'fal' if step in theirs else 'the double'} had this step")
    return found


def _by_step(exchanges: Iterable[Exchange]) -> dict[str, list[Exchange]]:
    found: defaultdict[str, list[Exchange]] = defaultdict(list)
    for one in exchanges:
        found[one.step].append(one)
    return found


def _unlike(live: Sequence[Exchange], double: Sequence[Exchange]) -> Iterator[str]:
    for what, theirs, ours in (
        ("the request", {one.line for one in live}, {one.line for one in double}),
        ("the status", {one.status for one in live}, {one.status for one in double}),
    ):
        yield from _other(what, theirs, ours)
    sent = [_named(one.sent_headers for one in side) for side in (live, double)]
    yield from _one_sided("sent header", *sent)
    answered = [_named(one.answered_headers for one in side) for side in (live, double)]
    yield from _one_sided("answered header", *(set(filter(_TELLING.fullmatch, names)) for names in answered))
    for what, theirs_at, ours_at in (
        ("sent", _merged(one.sent for one in live), _merged(one.sent for one in double)),
        ("answered", _merged(one.answered for one in live), _merged(one.answered for one in double)),
    ):
        yield from _one_sided(what, theirs_at, ours_at)
        for path in sorted(theirs_at.keys() & ours_at.keys()):
            yield from _other(f"{what} {path}", theirs_at[path], ours_at[path])


def _other(what: str, theirs: Collection[str], ours: Collection[str]) -> Iterator[str]:
    if set(theirs) != set(ours):
        yield f"{what} is {_either(theirs)}, with the double {_either(ours)}"


def _one_sided(what: str, theirs: Collection[str], ours: Collection[str]) -> Iterator[str]:
    yield from (f"{what} {name}: only with fal" for name in sorted(set(theirs) - set(ours)))
    yield from (f"{what} {name}: only with the double" for name in sorted(set(ours) - set(theirs)))


def _merged(shapes: Iterable[Shape]) -> Shape:
    found: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for shape in shapes:
        for path, kinds in shape.items():
            found[path] |= kinds
    return found


def _named(headers: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*headers)


def _either(names: Iterable[str]) -> str:
    return " or ".join(sorted(names))


def _is_json(headers: httpx.Headers) -> bool:
    return "json" in headers.get("Content-Type", "")


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _step(request: httpx.Request, answered: Any) -> str:
    """What a request is for."""
    path = request.url.path
    if is_queue(request.url):
        if "/requests/" not in path:
            return "submit"
        if path.endswith("/status"):
            state = answered.get("status") if isinstance(answered, dict) else None
            return f"status {state}" if isinstance(state, str) and _STATE.fullmatch(state) else "status"
        return "cancel" if path.endswith("/cancel") else "result"
    if path.endswith("/requests/by-endpoint"):
        return "history"
    if request.method == "GET":
        return "media"
    named = {"/storage/auth/token": "upload token", "/storage/upload/initiate": "upload elsewhere"}
    return named.get(path, "upload")


def _line(step: str, request: httpx.Request) -> str:
    """Method, host and path, without ids, file names and the values of a query."""
    path = re.sub(r"(/requests)/(?!by-endpoint)[^/]+", r"\1/{id}", request.url.path)
    if step in {"media", "upload"} and path != "/files/upload":
        path = "/{file}"
    names = "&".join(dict.fromkeys(request.url.params))
    return f"{request.method} {request.url.host}{path}{'?' if names else ''}{names}"
