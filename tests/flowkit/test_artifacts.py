"""What a run came to, as Prefect shows it."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from onmodel.flowkit import CastResult, EpisodeResult, SeasonResult, hand_over
from onmodel.flowkit.artifacts import _ended, _signal
from onmodel.flowkit.results import told
from onmodel.stages.ending import Ending
from onmodel.stages.together import ShotResult

EPISODE = EpisodeResult(
    episode="s01e01",
    rehearsal=True,
    cut=None,
    cut_sha256=None,
    frames=None,
    submitted=2,
    reused=5,
    spent_usd=Decimal(0),
    would_cost_usd=Decimal("0.53"),
    prices_of="2026-11-22",
    shots=[
        ShotResult(shot="s010", state="circled", take=2, standing="on-model"),
        ShotResult(shot="s020", state="flagged", problem="a | b\n  c"),
    ],
    needs_person={"s020": "a | b\n  c"},
)
CAST = CastResult(
    rehearsal=False,
    views={"pip.default.front": "archive/media/38.png"},
    submitted=1,
    reused=0,
    spent_usd=Decimal("0.04"),
    would_cost_usd=Decimal("0.04"),
    prices_of="2026-11-22",
    needs_person={},
)


def test_without_a_flow_run_a_result_is_handed_over_as_it_is() -> None:
    """`--prefect off` gets the result itself, and nothing is sent anywhere."""
    assert asyncio.run(hand_over(EPISODE)) is EPISODE
    assert asyncio.run(hand_over(CAST)) is CAST


def test_an_episode_is_told_shot_by_shot() -> None:
    """A producer reads which take is circled, what needs a person and what it cost or would have cost."""
    name, lines = told(EPISODE)
    assert name == "s01e01"
    assert "| s010 | circled | 2 | on-model |  |" in lines
    assert "| s020 | flagged |  |  | a \\| b c |" in lines
    assert "Requests 2, reused 5, spent $0.00 (it would have cost $0.53). Prices of 2026-11-22." in lines
    assert "Needs a person: 1" in lines


def test_a_cast_is_told_view_by_view() -> None:
    """Every view with its picture, and what was really spent."""
    name, lines = told(CAST)
    assert name == "cast"
    assert "| pip.default.front | `archive/media/38.png` |" in lines
    assert "Requests 1, reused 0, spent $0.04. Prices of 2026-11-22." in lines


def test_a_season_is_told_episode_by_episode() -> None:
    """What was not produced stands beside what was, with its reason; whatever needs a person is told."""
    name, lines = told(SeasonResult(season="season-1", episodes=[EPISODE], failed={"s01e02": "no bible"}))
    assert name == "season-1"
    assert "| s01e01 | no cut | $0.00 |  |" in lines
    assert "| s01e02 | not produced |  | no bible |" in lines
    assert "Needs a person: 2" in lines
    assert {"- **s01e01 · s020**: a \\| b c", "- **s01e02**: no bible"} <= set(lines)


def test_a_cut_that_could_not_be_made_is_not_called_a_missing_take() -> None:
    """Every shot has its take and there is no cut: it is the cut that needs a person."""
    circled = EPISODE.model_copy(update={"shots": [ShotResult(shot="s010", state="circled", take=1)]})
    assert "No cut: it needs a person." in told(circled)[1]
    assert "No cut: a shot has no take." in told(EPISODE)[1]


def test_what_waits_for_approval_is_told_first() -> None:
    """A shot with its take that waits at a gate lacks no take; the command that goes on stands there."""
    held = [ShotResult(shot="s010", state="awaiting approval", take=1)]
    waits = EPISODE.model_copy(update={"shots": held, "needs_person": {}, "awaiting": {"takes": 1}})
    lines = told(waits)[1]
    assert lines[2] == "**Awaiting approval: 1 take**: `onmodel approve s01e01 --rehearse`"
    assert "No cut before that is approved." in lines
    lacks = waits.model_copy(update={"shots": [*held, ShotResult(shot="s020", state="left out")]})
    assert "No cut: a shot has no take." in told(lacks)[1]
    cast = CAST.model_copy(update={"awaiting": {"sheet": 2}})
    assert told(cast)[1][2] == "**Awaiting approval: 2 sheet views**: `onmodel approve cast`"
    assert not any("approve" in line for line in told(EPISODE)[1] + told(CAST)[1])


def test_a_cut_that_nobody_approved_is_called_a_review_cut() -> None:
    """Nobody takes it for the delivery, neither in the episode's result nor in the season's."""
    cut = EPISODE.model_copy(update={"cut": "s01e01.review.mp4", "frames": 72, "needs_person": {}})
    review = cut.model_copy(update={"awaiting": {"cut": 1}})
    assert "Review cut: `s01e01.review.mp4`, 72 frames" in told(review)[1]
    assert "Cut: `s01e01.review.mp4`, 72 frames" in told(cut)[1]
    season = told(SeasonResult(season="season-1", episodes=[review]))[1]
    assert "| s01e01 | review cut `s01e01.review.mp4` | $0.00 |  |" in season
    assert "- **s01e01**: awaiting approval: 1 cut" in season


def test_a_season_that_waits_ends_as_an_episode_does() -> None:
    """Whoever produced it, here or a worker, or nobody: the run's state says which episodes wait."""
    found = SeasonResult(season="season-1", held={"s01e01": "awaiting approval: 2 takes"})
    assert _ended(found) == ("Awaiting approval", "s01e01: awaiting approval: 2 takes")


def test_a_run_ends_in_a_state_that_says_what_is_to_be_done() -> None:
    """A person, an approval, an interruption: each names the state, and the event that the run ends with."""
    fine = EPISODE.model_copy(update={"needs_person": {}, "cut": "s01e01.mp4"})
    assert _ended(fine) == ("", "")
    assert _signal(fine, "") == "finished"
    assert _ended(EPISODE) == ("Needs a person", "s020: a | b. c")
    assert _signal(EPISODE, "Needs a person") == "needs-person"
    ended = Ending(reason="asked to end\n  again: onmodel produce", interrupted=True)
    assert _ended(fine.model_copy(update={"ending": ended})) == (
        "Interrupted",
        "asked to end. again: onmodel produce",
    )
    season = SeasonResult(season="season-1", episodes=[fine, fine.model_copy(update={"ending": ended})])
    assert _ended(season)[0] == "Interrupted"


def test_a_run_that_awaits_approval_says_of_what() -> None:
    """Everything up to a gate is done: the run ends in order, and its state counts what waits."""
    waits = EPISODE.model_copy(
        update={"needs_person": {}, "awaiting": {"keyframes": 4, "cut": 1, "takes": 0}}
    )
    assert _ended(waits) == ("Awaiting approval", "awaiting approval: 4 keyframes, 1 cut")
    assert _signal(waits, "Awaiting approval") == "awaiting-approval"
