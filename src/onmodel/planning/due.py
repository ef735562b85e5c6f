"""Which episodes of a season are due, and in which week money is spent: by the calendar of its time zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from onmodel.story import Season


class Dated(NamedTuple):
    """An episode of a season, and when it is produced."""

    episode: str
    airs: date | None
    """The day on which it is shown."""
    due: date | None
    """The first day on which it is produced; None where it has no date, and is due at once."""
    is_due: bool


def today_in(season: Season, now: datetime) -> date:
    """The day that it is where the season is at home.

    Args:
        season: for its time zone.
        now: any moment that knows its own time zone.
    """
    from zoneinfo import ZoneInfo  # noqa: PLC0415 (a plan without a season needs no calendar)

    return now.astimezone(ZoneInfo(season.zone)).date()


def dated(season: Season, now: datetime) -> Iterator[Dated]:
    """The season's episodes in order, and which are due."""
    today = today_in(season, now)
    for one in season.episodes:
        due = None if one.airs is None else one.airs - timedelta(days=season.lead_days)
        yield Dated(one.id, one.airs, due, is_due=due is None or due <= today)


def week_of(season: Season, moment: datetime) -> str:
    """The week of a moment, from Monday to Sunday where the season is at home: `2026-w48`."""
    year, week, _ = today_in(season, moment).isocalendar()
    return f"{year}-w{week:02}"
