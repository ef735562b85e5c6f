from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

CLIP = "s010.shoot"


@pytest.fixture
def filmed(desk: Any) -> Any:
    """Everything that the clip of s010 is made from is there."""
    for name in ("pip.default.front.sheet", "pip.default.profile.sheet", "s010.keyframe"):
        desk.shoot(name)
    return desk


def circled(desk: Any, name: str = CLIP) -> tuple[str, int | None]:
    """State of a line and number of its circled take."""
    line = desk.plan().lines[name]
    return line.state, line.take.n if line.take else None


@pytest.mark.parametrize("looks", ["off-model", "drifting", "partial"])
def test_a_take_that_is_not_on_model_is_taken_again(filmed: Any, looks: str) -> None:
    """The plan buys the next take and says what was wrong with the last."""
    filmed.shoot(CLIP, looks=looks, score=0.3)
    assert filmed.why(CLIP) == ("missing", f"take 1 is {looks} (pip: 0.3 of 0.5)")
    filmed.shoot(CLIP, 2)
    assert circled(filmed) == ("current", 2)


def test_what_nobody_can_see_is_flagged_and_not_taken_again(filmed: Any) -> None:
    """An unscorable take goes into the cut, and a person is asked to look."""
    filmed.shoot(CLIP, looks="unscorable")
    assert circled(filmed) == ("flagged", 1)
    assert "unscorable" in filmed.why(CLIP)[1]
    assert filmed.plan().lines[CLIP].base_usd == 0


def test_when_no_take_is_on_model_the_best_is_circled_and_flagged(filmed: Any) -> None:
    """After the last retake the verdict decides first, then the score; nothing more is bought by itself."""
    for n, (looks, score) in enumerate((("off-model", 0.45), ("drifting", 0.6), ("drifting", 0.7)), start=1):
        filmed.shoot(CLIP, n, looks=looks, score=score)
    assert circled(filmed) == ("flagged", 3)
    assert "take 3 is drifting" in filmed.why(CLIP)[1]
    assert filmed.plan().lines[CLIP].worst_usd == 0


def test_a_broken_take_counts_as_a_retake_too(filmed: Any) -> None:
    """Broken and off-model takes together use up what `retakes` allows."""
    filmed.shoot(CLIP, 1, broken="black")
    filmed.shoot(CLIP, 2, looks="off-model", score=0.2)
    line = filmed.plan().lines[CLIP]
    assert (line.base_usd, line.worst_usd) == (line.commission.price.usd, line.commission.retake_usd)


def test_best_of_three_takes_three_and_circles_the_best(filmed: Any) -> None:
    """`takes: 3` buys three of them whatever the first is like; the plan counts them."""
    filmed.change("episode", "    setting: a workshop\n", "    setting: a workshop\n    takes: 3\n")
    filmed.shoot("s010.keyframe", 2)
    filmed.shoot("s010.keyframe", 3)
    line = filmed.plan().lines[CLIP]
    price, dearest = line.commission.price.usd, line.commission.retake_usd
    assert dearest > price
    assert (line.base_usd, line.worst_usd) == (3 * price, 3 * price + 2 * dearest)
    filmed.shoot(CLIP, 1, score=0.7)
    filmed.shoot(CLIP, 2, score=0.9)
    assert filmed.why(CLIP) == ("missing", "take 3 of 3, to choose the best from")
    filmed.shoot(CLIP, 3, score=0.8)
    assert circled(filmed) == ("current", 2)


def test_a_persons_choice_always_wins(filmed: Any) -> None:
    """The take that Ada circles is circled, off-model or not, and nothing is bought."""
    filmed.shoot(CLIP, 1, looks="off-model", score=0.2)
    filmed.decide("circle", CLIP, 1)
    assert circled(filmed) == ("current", 1)
    filmed.shoot(CLIP, 2)
    assert circled(filmed) == ("current", 1)


def test_circling_another_take_makes_stale_what_was_made_from_the_first(filmed: Any) -> None:
    """The clip was made from keyframe 1; with keyframe 2 circled it is to be made again, and says why."""
    filmed.shoot(CLIP)
    filmed.decide("retake", "s010.keyframe", 1)
    filmed.shoot("s010.keyframe", 2)
    assert circled(filmed, "s010.keyframe") == ("current", 2)
    assert filmed.why(CLIP) == ("stale", "changed: the picture it is made from")
    filmed.decide("circle", "s010.keyframe", 1)
    assert circled(filmed) == ("current", 1)


def test_an_ordered_retake_is_bought_once_even_over_a_good_take(filmed: Any) -> None:
    """Ada's order is followed by one take, and what she did not want is not circled again."""
    filmed.shoot(CLIP, score=0.9)
    filmed.decide("retake", CLIP, 1, problem="face-changing", note="the eye is too small")
    assert filmed.why(CLIP) == ("missing", "ada ordered a retake for face-changing: the eye is too small")
    assert filmed.plan().lines[CLIP].base_usd > Decimal(0)
    filmed.shoot(CLIP, 2, score=0.6)
    assert circled(filmed) == ("current", 2)


def test_an_ordered_retake_that_breaks_leaves_the_earlier_take(filmed: Any) -> None:
    """Where the ordered take cannot be used and no more may be bought, the earlier one stays."""
    filmed.change("production", "retakes: 2", "retakes: 0")
    filmed.shoot(CLIP)
    filmed.decide("retake", CLIP, 1)
    filmed.shoot(CLIP, 2, broken="black")
    assert circled(filmed) == ("current", 1)


def test_a_style_pass_that_changes_who_is_seen_is_rejected(desk: Any) -> None:
    """After its retakes the take without the style pass goes into the cut, and a person is told."""
    desk.shoot_all()
    desk.change("production", "retakes: 2", "retakes: 0")
    desk.change("episode", "look: pencil", "look: charcoal")
    for view in ("front", "profile"):
        desk.shoot(next(name for name in desk.plan().lines if "in-charcoal" in name and view in name))
    desk.shoot("s030.restyle", looks="off-model", score=0.1)
    line = desk.plan().lines["s030.restyle"]
    assert line.state == "flagged"
    assert line.take.media == desk.plan().lines[CLIP].take.media
