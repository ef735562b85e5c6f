"""Who may see and decide: whoever has the address that was printed, and no page but ours."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE: Final = "onmodel-dailies"
HEADER: Final = "x-onmodel-token"
_REFUSAL: Final = "Not allowed: open the whole address that `onmodel dailies --serve` printed.\n"
_SAFE: Final = ("GET", "HEAD")
_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    # Pictures may stand in the Prefect page of the same machine; no other site may take them.
    "Cross-Origin-Resource-Policy": "same-site",
}


class Secrets:
    """What lets somebody in, made anew for every server."""

    def __init__(self) -> None:
        self.address = secrets.token_urlsafe(32)
        """Stands in the address that is printed."""
        self.cookie = secrets.token_urlsafe(32)
        """What the browser keeps after the first visit."""
        self.deciding = secrets.token_urlsafe(32)
        """Stands in the page, and goes along with every decision: no other site can read it."""


class Guard:
    """Answers 403 to whoever does not show that they have the address.

    Args:
        app: what is guarded.
        known: the secrets.
    """

    def __init__(self, app: ASGIApp, known: Secrets) -> None:
        self._app = app
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        by_address = _is(
            self._known.address, parse_qs(scope["query_string"].decode("latin-1")).get("token", ())
        )
        allowed = by_address or _is(self._known.cookie, _cookies(headers, self._name(scope)))
        if scope["method"] not in _SAFE:
            allowed = allowed and _is(self._known.deciding, headers.getlist(HEADER)) and _is_own(headers)
        answer = self._app if allowed else PlainTextResponse(_REFUSAL, status_code=403)

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    told.setdefault(name, value)
                if by_address:
                    told.append("Set-Cookie", self._cookie(scope))
            await send(message)

        await answer(scope, receive, sent)

    def _cookie(self, scope: Scope) -> str:
        return f"{self._name(scope)}={self._known.cookie}; Path=/; HttpOnly; SameSite=Strict"

    def _name(self, scope: Scope) -> str:
        """Cookies are shared by all ports of a host: every server has one of its own name."""
        return f"{COOKIE}-{(scope.get('server') or ('', 0))[1]}"


def _is(secret: str, shown: Iterable[str]) -> bool:
    """Whether one of what was shown is the secret, compared in constant time."""
    return any(hmac.compare_digest(secret.encode(), one.encode("utf-8", "replace")) for one in shown)


def _cookies(headers: Headers, name: str) -> list[str]:
    """Every cookie of a name; what else stands in the header is another app's, and may be anything."""
    pairs = (one.partition("=") for header in headers.getlist("cookie") for one in header.split(";"))
    return [value.strip() for found, _, value in pairs if found.strip() == name]


def _is_own(headers: Headers) -> bool:
    """Whether a decision comes from our own page, as far as the browser says where it comes from."""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if site not in (None, "same-origin"):
        return False
    return origin is None or origin.partition("://")[2] == headers.get("host")
