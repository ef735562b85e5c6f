"""Waiting for a bucket that is away: one that answered before is believed to come back.

The client library gives up after some ten seconds, and sooner where many requests fail at once. That is
right for an address that was mistyped. In the middle of a run it would call a person to every shot for a
bucket that is back a minute later.
"""

from __future__ import annotations

from typing import Any, Final

from botocore import exceptions as boto

PAUSE_S: Final = 5.0
"""Seconds between two tries, once the library has given up."""

TRIES: Final = 18
"""How often a request is tried in all, the library's five among them: more than a minute, where it is refused
at once. Where nothing answers at all, each try also takes as long as the library waits for an answer."""

AWAY: Final = frozenset({500, 502, 503, 504})
UNREACHED: Final = (boto.HTTPClientError, boto.ConnectionError)


class Patience:
    """Has a client's requests tried on, as long as the bucket may come back.

    Args:
        pause_s: seconds between two tries.
        tries: how many of them.
    """

    def __init__(self, pause_s: float = PAUSE_S, tries: int = TRIES) -> None:
        self._pause_s = pause_s
        self._tries = tries
        self._has_answered = False

    def attach(self, client: Any) -> None:
        """Be asked by a client after each answer, or lack of one."""
        client.meta.events.register_last("needs-retry.s3", self, unique_id="onmodel-patience")

    def __call__(
        self, *, attempts: int, response: tuple[Any, Any] | None, caught_exception: Any, **_: Any
    ) -> float | None:
        """Seconds after which a request is sent again; None where it is not, or where the library knows."""
        if not _is_away(response, caught_exception):
            self._has_answered = self._has_answered or response is not None
            return None
        return self._pause_s if self._has_answered and attempts <= self._tries else None


def _is_away(response: tuple[Any, Any] | None, caught: Any) -> bool:
    if response is None:
        return isinstance(caught, UNREACHED)
    return response[0].status_code in AWAY
