from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from onmodel.errors import PlanError, StoryError
from onmodel.planning import Plan
from onmodel.planning.due import Dated
from onmodel.scaffold import write_starter
from onmodel.stages.caps import BuyingUnder, caps_of, left_usd, mend_ledgers
from onmodel.stages.season import _state, read_season
from onmodel.story import read_story
from onmodel.vault import Job, open_vault

NOW = datetime(2026, 12, 18, 12, tzinfo=UTC)
SEASON = """\
season: 1
title: One
episodes: [s01e01, {id: s01e02, airs: 2026-12-24}, {id: s01e09, airs: 2027-02-01}]
zone: Europe/Berlin
budget_usd: 50
weekly_usd: 5
"""


@pytest.fixture
def production(tmp_path: Path) -> Path:
    """The starter with a season of which one episode is not written yet."""
    root = tmp_path / "prod"
    write_starter(root)
    (root / "episodes" / "season-1.yaml").write_text(SEASON)
    return root


def test_what_is_due_is_wanted_and_what_is_not_is_left(production: Path) -> None:
    """By its date less the days ahead; an episode that airs some day may be unwritten until then."""
    found = {one.episode: one for one in read_season(production, "season-1", now=NOW).episodes}
    assert (found["s01e01"].state, found["s01e01"].is_wanted) == ("to produce", True)
    assert (found["s01e02"].state, found["s01e02"].is_wanted) == ("to produce", True)
    assert (found["s01e09"].state, found["s01e09"].is_wanted) == ("not due", False)
    early = read_season(production, "season-1", now=datetime(2026, 12, 16, 12, tzinfo=UTC))
    assert [one.episode for one in early.episodes if one.is_wanted] == ["s01e01"]
    assert early.base_usd < read_season(production, "season-1", now=NOW).base_usd


def test_an_episode_that_cannot_be_read_is_told_and_the_others_stand(production: Path) -> None:
    """A slip in one shot list, or one that was never written, stops nobody else's episode."""
    (production / "episodes" / "s01e02.yaml").write_text("episode: 1\n")
    later = datetime(2027, 1, 30, tzinfo=UTC)
    found = {one.episode: one for one in read_season(production, "season-1", now=later).episodes}
    assert found["s01e01"].state == "to produce"
    assert found["s01e02"].state == "faulty"
    assert "s01e02.yaml" in found["s01e02"].problem
    assert found["s01e09"].state == "faulty"
    assert "no such episode" in found["s01e09"].problem
    assert not found["s01e09"].is_wanted


def test_what_is_no_season_says_which_there_are(production: Path) -> None:
    """An episode's name, and a season that nobody wrote."""
    with pytest.raises(PlanError, match="is no season; the seasons are: season-1"):
        read_season(production, "s01e01")
    with pytest.raises(StoryError, match=r"no such season; there are: season-1"):
        read_season(production, "season-7")


def test_a_week_has_a_cap_of_its_own(production: Path) -> None:
    """Its ledger is named by the week of the moment, by the season's clock."""
    story = read_story(production, episodes=["s01e01"])
    sunday, monday = datetime(2026, 11, 22, 22, tzinfo=UTC), datetime(2026, 11, 22, 23, tzinfo=UTC)
    for now, week in ((sunday, "2026-w47"), (monday, "2026-w48")):
        rules = {rule.name: rule for rule in caps_of(story, "s01e01", None, rehearse=False, now=now)}
        assert rules[f"season-1.{week}"].most_usd == Decimal(5)
        assert rules["season-1"].most_usd == Decimal(50)
    rehearsed = {rule.name: rule for rule in caps_of(story, "s01e01", None, rehearse=True, now=sunday)}
    assert rehearsed["season-1.2026-w47"].most_usd is None


def sent(scope: str, at: datetime, *caps: str) -> Job:
    """As much of a job as a cap looks at."""
    sendings = {1: SimpleNamespace(at=at, caps=caps)}
    job = SimpleNamespace(slot=SimpleNamespace(scope=scope), caps=frozenset(caps), sendings=sendings)
    return cast("Job", job)


def test_a_week_counts_what_was_sent_in_it(production: Path) -> None:
    """By the moment of sending, whoever sent it; and a model sheet where a run of the season bought it."""
    story = read_story(production, episodes=["s01e01"])
    now = datetime(2026, 11, 25, tzinfo=UTC)
    rule = next(
        one for one in caps_of(story, "s01e01", None, rehearse=False, now=now) if "2026-w48" in one.name
    )
    then = datetime(2026, 11, 22, 22, tzinfo=UTC)
    assert rule.covers(sent("s01e01", now))
    assert rule.covers(sent("s01e02", now, "s01e02"))
    assert not rule.covers(sent("s01e01", then))
    assert not rule.covers(sent("s01e01", then, "season-1.2026-w47"))
    assert rule.covers(sent("s01e01", then, rule.name))
    assert rule.covers(sent("cast", now, rule.name))
    assert not rule.covers(sent("s02e01", now))
    assert not rule.covers(sent("cast", now, "cast"))
    # Set aside before midnight, sent a moment after it: it counts once, where it was set aside.
    assert not rule.covers(sent("s01e01", now, "season-1.2026-w47"))


def test_a_run_that_goes_on_over_monday_buys_under_the_new_week(production: Path, tmp_path: Path) -> None:
    """Also with what others sent in that week already; a cap that stays keeps its ledger."""
    story = read_story(production, episodes=["s01e01"])
    clock = iter(datetime(2026, 11, 22, hour, tzinfo=UTC) for hour in (21, 22, 23))

    def rules_at(now: datetime) -> Any:
        return caps_of(story, "s01e01", None, rehearse=False, now=now)

    with open_vault("archive", root=tmp_path, production="reel", run_folder=tmp_path / "run") as vault:
        vault.ledger("season-1.2026-w48").reserve("another's", Decimal(2), None)
        caps = BuyingUnder(vault, rules_at, lambda: next(clock))
        sunday = {cap.ledger.name: cap for cap in caps()}
        monday = {cap.ledger.name: cap for cap in caps()}
        assert monday.keys() - sunday.keys() == {"season-1.2026-w48"}
        assert sunday.keys() - monday.keys() == {"season-1.2026-w47"}
        assert monday["season-1"].ledger is sunday["season-1"].ledger
        assert monday["season-1.2026-w48"].most_usd == Decimal(5)
        assert monday["season-1.2026-w48"].ledger.total() == Decimal(2)


def test_a_run_lists_each_episode_of_its_season_once(production: Path, tmp_path: Path) -> None:
    """However many caps count it: in a bucket each listing is a journey."""
    story = read_story(production, episodes=["s01e01"])
    rules = caps_of(story, "s01e01", None, rehearse=False)
    listed: list[str | None] = []
    with open_vault("archive", root=tmp_path, production="reel", run_folder=tmp_path / "run") as vault:
        jobs = vault.journal.jobs

        def counted(scope: str | None = None) -> list[Job]:
            listed.append(scope)
            return jobs(scope)

        vault.journal.jobs = counted  # type: ignore[method-assign]
        mend_ledgers(vault, rules)
        assert len(listed) == len(set(listed)) > 2
        listed.clear()
        left = left_usd(vault, rules, are_mended=True)
        assert listed == []
        assert left == left_usd(vault, rules)
        assert left["season-1"] == Decimal(50)


@pytest.mark.parametrize(
    ("states", "awaiting", "has_cut", "stands"),
    [
        (("current",), {}, True, "finished"),
        (("current",), {}, False, "to cut"),
        (("current",), {"cut": 1}, True, "awaiting approval"),
        (("current", "missing"), {"keyframes": 1}, False, "awaiting approval"),
        (("current", "open"), {"keyframes": 1}, False, "to produce"),
        (("current", "missing"), {}, False, "to produce"),
        (("flagged", "missing"), {}, False, "needs a person"),
    ],
)
def test_paid_work_comes_home_whatever_else_waits(
    states: tuple[str, ...], awaiting: dict[str, int], stands: str, *, has_cut: bool
) -> None:
    """An episode with something bought and not home is gone on with, though a person is asked meanwhile."""
    lines = {str(n): SimpleNamespace(state=state) for n, state in enumerate(states)}
    plan = SimpleNamespace(lines=lines, awaiting=awaiting, now_usd=Decimal(0))
    day = SimpleNamespace(is_due=True)
    assert _state(cast("Plan", plan), cast("Dated", day), has_cut=has_cut) == stands
