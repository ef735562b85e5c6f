"""When a job at fal is looked at: seldom while it cannot be done yet, often when it is due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.studio.rhythm import LONGEST_S, SHARE, Rhythm

FILM = "fal-ai/kling-video/v3/pro/image-to-video"


@dataclass
class Fal:
    """Jobs that wait and then take their seconds, on a clock of their own."""

    interval_s: float = 0.5
    now_s: float = 0.0
    rhythm: Rhythm = field(init=False)

    def __post_init__(self) -> None:
        self.rhythm = Rhythm(lambda: self.now_s)

    def watch(self, waits_s: float, takes_s: float) -> tuple[int, float]:
        """Watch one job to its end: how often it was looked at, and how late its end was seen."""
        began, looked = self.now_s, 1
        looks = self.rhythm.looks(FILM, self.interval_s)
        while (passed := self.now_s - began) < waits_s + takes_s:
            pause_s = looks.queued_pause_s() if passed < waits_s else looks.running_pause_s()
            assert 0 < pause_s <= max(LONGEST_S, self.interval_s)
            self.now_s += pause_s
            looked += 1
        looks.end()
        return looked, passed - waits_s - takes_s

    def learn(self, jobs: Iterable[tuple[float, float]]) -> None:
        """Watch some jobs, so that it is known what such jobs take."""
        for one in jobs:
            self.watch(*one)


def test_a_job_of_minutes_is_looked_at_seldom() -> None:
    """Once one job has shown how long they take, the next costs a tenth of two looks a second."""
    fal = Fal()
    fal.learn([(90, 90)])
    looked, late_s = fal.watch(95, 92)
    assert looked < 2 * (95 + 92) / 3
    assert late_s <= 2 * SHARE * 92


def test_the_end_of_a_job_of_seconds_is_seen_sooner() -> None:
    """Of jobs of five seconds, once some are known, the ends are seen within 0.15 s, at no more looks."""
    fal = Fal()
    fal.learn((n / 7, 5.0) for n in range(5))
    looks = [fal.watch(5 + n / 11, 5.0) for n in range(20)]
    assert max(late_s for _, late_s in looks) <= 0.16
    assert max(looked for looked, _ in looks) <= 2 * 10 + 2


def test_as_long_as_nothing_is_known_the_interval_holds() -> None:
    """The first jobs of a run are looked at as often as whoever asks says."""
    looks = Rhythm(lambda: 0.0).looks(FILM, 0.5)
    assert looks.queued_pause_s() == looks.running_pause_s() == 0.5


def test_each_endpoint_is_known_by_its_own_jobs() -> None:
    """What a picture takes says nothing of a clip."""
    fal = Fal()
    fal.learn([(0, 3.0)])
    assert fal.rhythm.looks("fal-ai/flux/dev", 0.5).running_pause_s() == 0.5
    assert fal.rhythm.looks(FILM, 0.5).running_pause_s() == pytest.approx(3.0, abs=0.5)


def test_a_job_that_was_never_seen_at_work_teaches_nothing() -> None:
    """An end without a beginning, as after a refusal, does not make others look more often."""
    fal = Fal()
    fal.rhythm.looks(FILM, 0.5).end()
    assert fal.rhythm.least_s == {}


times = st.floats(0, 600, allow_nan=False)


@given(known=st.lists(st.tuples(times, times), max_size=4), waits_s=times, takes_s=times)
def test_no_end_is_seen_later_than_the_longest_pause(
    known: list[tuple[float, float]], waits_s: float, takes_s: float
) -> None:
    """Whatever was learnt before, a job that is done earlier or later than others is noticed."""
    fal = Fal()
    fal.learn(known)
    looked, late_s = fal.watch(waits_s, takes_s)
    assert late_s <= LONGEST_S
    assert looked <= 2 * (waits_s + takes_s) / fal.interval_s + 50
