"""Waiting for a bucket that is away: one that answered before is believed to come back.

The client library gives up after some ten seconds, and sooner where many requests fail at once. That is
right for an address that was mistyped. In the middle of a run it would call a person to every shot for a
bucket that is back a minute later.
"""

from __future__ import annotations

import time
from typing import Any, Final

from botocore import exceptions as boto

PAUSE_S: Final = 5.0
"""Seconds between two tries, once the library has given up."""

WAITS_S: Final = 90.0
"""Seconds from a request's first failure in which it is sent again."""

AWAY: Final = frozenset({500, 502, 503, 504})
UNREACHED: Final = (boto.HTTPClientError, boto.ConnectionError)
_SINCE: Final = "onmodel-away-since"


class Patience:
    """Has a client's requests tried on, as long as the bucket may come back.

    Args:
        pause_s: seconds between two tries.
        waits_s: seconds from a request's first failure in which it is sent again; a try that has begun by
            then takes as long as the library waits for an answer.
    """

    def __init__(self, pause_s: float = PAUSE_S, waits_s: float = WAITS_S) -> None:
        self._pause_s = pause_s
        self._waits_s = waits_s
        self._has_answered = False

    def attach(self, client: Any) -> None:
        """Be asked by a client after each answer, or lack of one."""
        client.meta.events.register_last("needs-retry.s3", self, unique_id="onmodel-patience")

    def __call__(
        self,
        *,
        request_dict: dict[str, Any],
        response: tuple[Any, Any] | None,
        caught_exception: Any,
        **_: Any,
    ) -> float | None:
        """Seconds after which a request is sent again; None where it is not, or where the library knows."""
        if not _is_away(response, caught_exception):
            self._has_answered = self._has_answered or response is not None
            return None
        since = request_dict["context"].setdefault(_SINCE, time.monotonic())
        waits = self._has_answered and time.monotonic() - since < self._waits_s
        return self._pause_s if waits else None


def _is_away(response: tuple[Any, Any] | None, caught: Any) -> bool:
    if response is None:
        return isinstance(caught, UNREACHED)
    return response[0].status_code in AWAY
