from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from onmodel.dailies.curve import HEIGHT, WIDTH, chart_of
from onmodel.vault import Likeness

scores = st.none() | st.floats(-1, 1)


def likeness(*curve: float | None, threshold: float | None = 0.5) -> Likeness:
    at = tuple((index / 2, score) for index, score in enumerate(curve))
    known = [(score, at_s) for at_s, score in at if score is not None]
    return Likeness(
        standing="partial",
        reason="",
        threshold=threshold,
        curve=at,
        worst_s=min(known)[1] if known else None,
        scorer="test 1",
    )


def test_a_frame_that_was_not_scored_breaks_the_line() -> None:
    """The line is not drawn over what nobody saw; such a frame has a mark of its own."""
    chart = chart_of(likeness(0.8, 0.7, None, 0.4, 0.6))
    assert chart is not None
    assert [run.count(",") for run in chart.runs] == [2, 2]
    assert len(chart.dots) == 4
    assert len(chart.blanks) == 1
    assert chart.until == "2.0 s"


def test_the_worst_frame_is_where_the_score_is_least() -> None:
    """The mark is the lowest dot, and it lies under the threshold where the score does."""
    chart = chart_of(likeness(0.8, 0.3, 0.6))
    assert chart is not None
    assert chart.worst == chart.dots[1]
    assert chart.threshold_y is not None
    assert chart.dots[1][1] > chart.threshold_y > chart.dots[2][1]


def test_takes_beside_each_other_have_one_scale() -> None:
    """The same score is at the same height in every take of a shot, whatever else was scored."""
    low, high = likeness(0.2, 0.3), likeness(0.8, 0.9)
    one, other = chart_of(low, [low, high]), chart_of(high, [low, high])
    assert one is not None
    assert other is not None
    assert (one.threshold_y, one.ticks) == (other.threshold_y, other.ticks)


def test_what_was_not_scored_over_time_has_no_curve() -> None:
    """A picture, and a clip in which nobody was seen."""
    assert chart_of(likeness(0.8)) is None
    assert chart_of(likeness(None, None, None)) is None


@given(st.lists(scores, min_size=2, max_size=20).filter(any), st.none() | st.floats(-1, 1))
def test_everything_is_inside_the_drawing(curve: list[float | None], threshold: float | None) -> None:
    """Whatever was scored, nothing is drawn outside."""
    chart = chart_of(likeness(*curve, threshold=threshold))
    assert chart is not None
    points = [*chart.dots, *([chart.worst] if chart.worst else [])]
    points += [(x, chart.floor_y) for x in chart.blanks]
    points += [(chart.left_x, y) for y in [chart.threshold_y, *(y for y, _ in chart.ticks)] if y is not None]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert len(chart.dots) + len(chart.blanks) == len(curve)
