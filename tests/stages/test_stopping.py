from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from onmodel.errors import OverBudget
from onmodel.stages.filming import film
from onmodel.stages.settling import settle, unsettled
from onmodel.stages.together import side_by_side, wrap_up
from onmodel.vault import Ledger, Slot

SEASON = """\
season: 1
title: One
episodes: [s01e01, s01e02]
budget_usd: {budget}
"""


@pytest.fixture
def small(stage: Any) -> Any:
    """Two shots that wait for nothing, and no style pass."""
    text = (stage.root / "episodes/s01e01.yaml").read_text("utf-8")
    text = text[: text.index("  s030:")].replace(
        "first_frame: previous", "first_frame: none\n    setting: here"
    )
    text = text.replace("    setting: a workshop\n", "    setting: a workshop\n    first_frame: none\n")
    (stage.root / "episodes/s01e01.yaml").write_text(text, "utf-8")
    return stage


def while_watching(do: Callable[[Any], None]) -> Callable[[Any], Awaitable[Any]]:
    """Film both shots side by side; when the first is at fal, do something to the run."""

    async def scene(crew: Any) -> Any:
        done = []

        def heard(event: Any) -> None:
            if event.stage == "shoot" and event.state in ("queued", "running", "completed") and not done:
                done.append(event)
                do(crew.desk.stop)

        crew.report = heard
        await settle(crew)
        both = {name: film(crew, crew.commission(name, "shoot")) for name in ("s010", "s020")}
        await side_by_side(crew, both)
        return await wrap_up(crew), crew.desk.stop

    return scene


def test_ctrl_c_once_brings_home_what_is_paid(small: Any) -> None:
    """What is at fal is awaited, fetched and judged; nothing more is bought; the rest is listed."""
    small.change("production.yaml", "retakes: 1", "retakes: 1\nin_flight: 1")
    result, _ = small.run(while_watching(lambda stop: stop.finish()))
    assert len(small.accepted()) == result.submitted == 2  # the sheet, and one of two shots
    assert sorted(shot.state for shot in result.shots) == ["circled", "not bought"]
    assert result.ending.interrupted
    assert not result.ending.terminated
    assert (result.cut, result.needs_person, result.ending.not_home) == (None, {}, [])
    assert [one.work for one in result.ending.not_bought] == ["text-to-video"]
    assert sorted(job.state for job in small.jobs() if job.sendings) == ["done", "done"]

    async def reserved(crew: Any) -> Decimal:
        found: Decimal = crew.vault.ledger("production").total()
        return found

    assert small.run(reserved) == result.would_cost_usd


@pytest.mark.parametrize("cancelled", [True, False])
def test_ctrl_c_twice_loses_no_job(small: Any, *, cancelled: bool) -> None:
    """Cancelled or told to leave: no job is forgotten; the next run settles each and makes the episode."""
    result, stop = small.run(while_watching(lambda stop: stop.cancel() if cancelled else stop.leave()))
    assert (stop.cancels, result.ending.interrupted, result.ending.terminated) == (
        cancelled,
        True,
        not cancelled,
    )
    states = {job.state for job in small.jobs()}
    assert states <= {"submitted", "finished", "done", "intended"}
    open_jobs = [job for job in small.jobs() if job.state in ("submitted", "finished")]
    assert sorted(result.ending.not_home) == sorted(job.intent.label for job in open_jobs)
    if not cancelled:
        assert not any(job.cancellation for job in open_jobs)
    first = small.accepted()
    assert len(first) in (2, 3)
    again = small.produce()
    assert (again.needs_person, again.cut is not None) == ({}, True)
    dropped = [job for job in small.jobs() if job.state == "failed"]
    assert {job.result.error_kind for job in dropped} <= {"cancelled"}
    assert len(small.accepted()) == 3 + len(dropped)
    assert len(set(small.accepted())) == len(small.accepted())


def test_nothing_is_frozen_after_the_end_of_buying(small: Any) -> None:
    """A stop before the first purchase: no intent is written, nothing is reserved, all is listed."""

    async def scene(crew: Any) -> Any:
        crew.desk.stop.finish()
        await settle(crew)
        await side_by_side(crew, {"s010": film(crew, crew.commission("s010", "shoot"))})
        return await wrap_up(crew), crew.vault.ledger("production").entries()

    result, entries = small.run(scene)
    assert (small.jobs(), entries, result.submitted) == ([], {}, 0)
    assert [one.subject for one in result.ending.not_bought] == ["pip.default.front", "s010"]


def test_a_stopped_season_begins_no_other_episode() -> None:
    """The episodes that were not begun are named; those that ended otherwise do not stop the next."""
    from onmodel.flowkit.seasons import one_by_one  # noqa: PLC0415 (Prefect takes a while)
    from onmodel.stages.ending import Ending  # noqa: PLC0415 (same)
    from onmodel.stages.together import EpisodeResult  # noqa: PLC0415 (same)

    def ended(name: str, *, interrupted: bool) -> Callable[[], Awaitable[EpisodeResult]]:
        async def work() -> EpisodeResult:
            ending = Ending(reason="at a cap", interrupted=interrupted)
            return EpisodeResult.model_construct(episode=name, ending=ending, needs_person={})

        return work

    works = {
        "e1": ended("e1", interrupted=False),
        "e2": ended("e2", interrupted=True),
        "e3": ended("e3", interrupted=False),
    }
    result = asyncio.run(one_by_one("season-1", works))
    assert ([one.episode for one in result.episodes], result.not_begun) == (["e1", "e2"], ["e3"])


def test_two_jobs_of_one_subject_are_both_told() -> None:
    """Neither hides the other: two that are not home stand under names of their own."""

    def job(subject: str, basis: str, state: str = "submitted") -> Any:
        return SimpleNamespace(slot=Slot("reel", "s01e01", subject, "shoot", basis * 64, 1), state=state)

    told = [
        (job("s010", "a"), 1),
        (job("s010", "b"), 2),
        (job("s020", "a"), 3),
        (job("s020", "b", "done"), 4),
    ]
    found = unsettled(SimpleNamespace(unsettled=told))  # type: ignore[arg-type] (all of a crew that is looked at)
    assert sorted(found.values()) == [1, 2, 3]  # type: ignore[type-var] (numbers stand for errors)
    assert [name for name in found if not name.startswith("s010 · shoot · take 1 · ")] == ["s020"]


@pytest.mark.parametrize("late", [False, True])
def test_a_seasons_budget_is_a_cap_of_all_its_episodes(
    small: Any, monkeypatch: pytest.MonkeyPatch, *, late: bool
) -> None:
    """What one episode cost counts for the next, whichever command runs, and however late it was set."""
    monkeypatch.setattr("onmodel.stages.opening.caps_of", _as_if_for_money)
    write = (small.root / "episodes/season-1.yaml").write_text
    episode = (small.root / "episodes/s01e01.yaml").read_text("utf-8")
    (small.root / "episodes/s01e02.yaml").write_text(episode.replace("it blinks", "it bows"), "utf-8")
    if not late:
        write(SEASON.format(budget="9"), "utf-8")
    spent = small.produce().would_cost_usd
    write(SEASON.format(budget=spent), "utf-8")

    async def scene(crew: Any) -> Any:
        with pytest.raises(OverBudget, match="the cap 'season-1'") as caught:
            await film(crew, crew.commission("s010", "shoot"))
        return caught.value.hint, crew.vault.ledger("season-1").total()

    hint, total = small.run(scene, scope="s01e02")
    assert "`budget_usd` in episodes/season-1.yaml" in hint
    assert total == spent
    assert small.produce().submitted == 0


def _as_if_for_money(story: Any, scope: str, max_usd: Decimal | None, *, rehearse: bool, now: Any) -> Any:
    from onmodel.stages.caps import caps_of  # noqa: PLC0415 (the real one)

    assert rehearse
    return caps_of(story, scope, max_usd, rehearse=False, now=now)


def test_an_episode_called_production_has_a_ledger_of_its_own(small: Any) -> None:
    """Its --max-usd is not the production's budget: the two ledgers have different names."""
    (small.root / "episodes/s01e01.yaml").rename(small.root / "episodes/production.yaml")

    async def scene(crew: Any) -> list[str]:
        await film(crew, crew.commission("s010", "shoot"))
        return list(crew.vault.store.names("ledger/"))

    assert small.run(scene, scope="production", max_usd="5") == [
        "ledger/episode.production.json",
        "ledger/production.json",
    ]


def test_a_sheet_that_another_episodes_run_bought_counts_there_only(stage: Any) -> None:
    """Two episodes share a sheet: the second run reserves nothing for it, and a rebuilt ledger agrees."""
    episode = (stage.root / "episodes/s01e01.yaml").read_text("utf-8")
    (stage.root / "episodes/s01e02.yaml").write_text(episode, "utf-8")

    async def sheet(crew: Any) -> Any:
        await film(crew, crew.commission("pip.default.front", "sheet"))
        return crew.vault.ledger(crew.scope).entries()

    first, second = stage.run(sheet), stage.run(sheet, scope="s01e02")
    assert (len(first), second) == (1, {})
    (stage.root / ".onmodel/rehearsal/archive/ledger/s01e01.json").unlink()

    async def read(crew: Any) -> Any:
        ledger: Ledger = crew.vault.ledger(crew.scope)
        return ledger.entries()

    assert (stage.run(read), stage.run(read, scope="s01e02")) == (first, {})
