"""When a job at fal is looked at: seldom while it cannot be done yet, often when it is due."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

SHARE: Final = 0.02
"""Of the time that a job takes: so late at most its end is seen, as far as it can be foreseen."""
CLOSEST: Final = 0.3
"""Of the usual interval: jobs of seconds are not looked at more often than that."""
LONGEST_S: Final = 5.0
"""Seconds between two looks at most: people see what fal says of a job, and that it still answers."""


class Rhythm:
    """Learns, as long as a run lasts, what the jobs of each endpoint take at least.

    Two looks a second at each of forty jobs that take a minute and a half would cost more than all the rest
    of the run, and see the last end a quarter of a second late all the same.

    Args:
        clock: seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.least_s: dict[str, float] = {}
        """Seconds from the first look that found a job at work to the one that found it done, by endpoint."""

    def looks(self, endpoint: str, interval_s: float) -> Looks:
        """The looks at one job.

        Args:
            endpoint: what makes it.
            interval_s: seconds between two looks, where nothing is known of such jobs.
        """
        return Looks(self, endpoint, interval_s)


class Looks:
    """The looks at one job; it may have been at work since the last one that found it in the queue."""

    def __init__(self, rhythm: Rhythm, endpoint: str, interval_s: float) -> None:
        self._rhythm = rhythm
        self._endpoint = endpoint
        self._interval_s = interval_s
        self._attached = self._may_run_since = rhythm.clock()
        self._runs_since: float | None = None

    def queued_pause_s(self) -> float:
        """Seconds until the next look at a job that was in the queue just now."""
        now = self._may_run_since = self._rhythm.clock()
        takes_s = max(self._rhythm.least_s.get(self._endpoint, 0.0), now - self._attached)
        return max(self._interval_s, min(SHARE * takes_s, LONGEST_S))

    def running_pause_s(self) -> float:
        """Seconds until the next look at a job that was at work just now."""
        now = self._rhythm.clock()
        if self._runs_since is None:
            self._runs_since = now
        least_s = self._rhythm.least_s.get(self._endpoint)
        often_s = min(SHARE * max(least_s or 0.0, now - self._may_run_since), LONGEST_S)
        if least_s is None:
            return max(self._interval_s, often_s)
        due_s = min(self._may_run_since + least_s - now, LONGEST_S)
        return max(CLOSEST * self._interval_s, often_s, due_s)

    def end(self) -> None:
        """It is done; that tells something of the others only where it was seen at work."""
        if self._runs_since is not None:
            took_s = self._rhythm.clock() - self._runs_since
            known_s = self._rhythm.least_s.get(self._endpoint, took_s)
            self._rhythm.least_s[self._endpoint] = min(known_s, took_s)
