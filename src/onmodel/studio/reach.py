"""Whether fal can be reached from this machine, and whether the clocks agree: asked by `doctor`, for $0."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import httpx

ADDRESS = "https://queue.fal.run/"
PATIENCE_S = 5.0


class Reach(NamedTuple):
    """What one look at fal came to."""

    answers: bool
    skew_s: float | None = None
    """Seconds by which our clock is ahead of fal's; None where fal did not say the time."""
    detail: str = ""
    """Why there was no answer."""


def look_at_fal(transport: httpx.BaseTransport | None = None) -> Reach:
    """Ask fal for nothing, without a key, and read the time in its answer."""
    try:
        with httpx.Client(transport=transport, timeout=PATIENCE_S) as client:
            said = client.head(ADDRESS).headers.get("Date", "")
    except httpx.HTTPError as error:
        return Reach(answers=False, detail=type(error).__name__)
    try:
        theirs = parsedate_to_datetime(said)
    except ValueError:
        return Reach(answers=True)
    return Reach(answers=True, skew_s=(datetime.now(UTC) - theirs.astimezone(UTC)).total_seconds())
