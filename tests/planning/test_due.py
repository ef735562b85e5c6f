from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.planning.due import dated, today_in, week_of
from onmodel.story import Season

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Asia/Kolkata",
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def season(airs: date | None, *, zone: str = "UTC", lead_days: int = 7) -> Season:
    """A season of one episode."""
    episodes = [{"id": "s01e01", "airs": airs}]
    return Season.model_validate(
        {"season": 1, "title": "One", "episodes": episodes, "zone": zone, "lead_days": lead_days}
    )


@given(MOMENTS, st.dates(date(2026, 1, 1), date(2030, 1, 1)), st.sampled_from(ZONES), st.integers(0, 30))
def test_once_due_an_episode_stays_due(now: datetime, airs: date, zone: str, lead_days: int) -> None:
    """From `lead_days` before its date, by the clock on the wall of its zone, and for ever after."""
    ours = season(airs, zone=zone, lead_days=lead_days)
    (found,) = dated(ours, now)
    wall = now.astimezone(ZoneInfo(zone)).date()
    assert found.is_due == (wall + timedelta(days=lead_days) >= airs)
    (later,) = dated(ours, now + timedelta(days=1))
    assert later.is_due or not found.is_due


def test_an_episode_without_a_date_is_due_at_once() -> None:
    """A list of ids alone is produced as it stands."""
    (found,) = dated(season(None), datetime(2026, 11, 22, tzinfo=UTC))
    assert (found.due, found.is_due) == (None, True)


@pytest.mark.parametrize(
    ("moment", "today"),
    [
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), date(2026, 3, 29)),  # before the clocks go forward
        (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 10, 24, 22, 30, tzinfo=UTC), date(2026, 10, 25)),  # still summer: two hours ahead
        (datetime(2026, 10, 25, 22, 30, tzinfo=UTC), date(2026, 10, 25)),  # winter: one hour ahead
        (datetime(2026, 10, 25, 23, 30, tzinfo=UTC), date(2026, 10, 26)),
    ],
)
def test_a_change_to_summer_time_moves_no_day(moment: datetime, today: date) -> None:
    """The day is the one on the wall, on both sides of the change."""
    assert today_in(season(None, zone="Europe/Berlin"), moment) == today


@pytest.mark.parametrize(
    ("moment", "week"),
    [
        (datetime(2026, 11, 22, 22, 59, tzinfo=UTC), "2026-w47"),
        (datetime(2026, 11, 22, 23, 0, tzinfo=UTC), "2026-w48"),  # Monday in Berlin
        (datetime(2027, 1, 3, 12, tzinfo=UTC), "2026-w53"),
        (datetime(2027, 1, 4, 12, tzinfo=UTC), "2027-w01"),
    ],
)
def test_a_week_begins_on_the_zones_monday(moment: datetime, week: str) -> None:
    """Weeks are those of ISO 8601, by the zone's own midnight."""
    assert week_of(season(None, zone="Europe/Berlin"), moment) == week
