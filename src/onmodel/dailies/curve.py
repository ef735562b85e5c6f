"""The identity curve of a take as a drawing: every score, the threshold, and where it is worst."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from onmodel.vault import Likeness

WIDTH: Final = 320
HEIGHT: Final = 112
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 310, 8, 92
_ROOM: Final = 0.08
"""Score that is left free above and below what is drawn."""
_LINE: Final = 12
"""Height of a line of text: a figure that is nearer to the threshold's goes."""
_STEP: Final = 0.1
"""The drawing begins and ends at a multiple of this score."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Chart:
    """A curve in the units of a drawing of `WIDTH` by `HEIGHT`, from its top left corner."""

    runs: tuple[str, ...]
    """Neighbouring scores as `x,y x,y`; a frame that could not be scored breaks the line."""
    dots: tuple[Point, ...]
    """Every score."""
    blanks: tuple[float, ...]
    """Where a frame could not be scored."""
    threshold_y: float | None
    worst: Point | None
    ticks: tuple[tuple[float, str], ...]
    """Scores at the left edge, with their heights."""
    until: str
    """The time at the right edge, in words."""
    seconds: float
    """The same."""
    floor_y: float = _BOTTOM
    left_x: float = _LEFT
    right_x: float = _RIGHT


def chart_of(likeness: Likeness, beside: Iterable[Likeness] = ()) -> Chart | None:
    """Draw a character's curve; None for a picture, and where no frame could be scored.

    Args:
        likeness: what was measured.
        beside: of the takes that are shown beside it: their curves have the same scale.
    """
    curve = likeness.curve
    if len(curve) < 2 or all(score is None for _, score in curve):  # noqa: PLR2004 (one point is no curve)
        return None
    known = [score for one in (likeness, *beside) for score in _scores(one)]
    low = math.floor((min(known) - _ROOM) / _STEP) * _STEP
    high = math.ceil((max(known) + _ROOM) / _STEP) * _STEP
    last_s = max(at_s for at_s, _ in curve) or 1.0

    def x(at_s: float) -> float:
        return round(_LEFT + (_RIGHT - _LEFT) * at_s / last_s, 1)

    def y(score: float) -> float:
        return round(_BOTTOM - (_BOTTOM - _TOP) * (score - low) / (high - low), 1)

    line_y = None if likeness.threshold is None else y(likeness.threshold)
    ends = ((y(high), _worded(high)), (y(low), _worded(low)))
    worst = next(((x(at), y(one)) for at, one in curve if one is not None and at == likeness.worst_s), None)
    return Chart(
        runs=tuple(" ".join(f"{x(at)},{y(score)}" for at, score in run) for run in _runs(curve)),
        dots=tuple((x(at), y(score)) for at, score in curve if score is not None),
        blanks=tuple(x(at) for at, score in curve if score is None),
        threshold_y=line_y,
        worst=worst,
        ticks=tuple(one for one in ends if line_y is None or abs(one[0] - line_y) >= _LINE),
        until=f"{last_s:.1f} s",
        seconds=last_s,
    )


def _scores(one: Likeness) -> list[float]:
    scores = [score for _, score in one.curve if score is not None]
    return scores if one.threshold is None else [*scores, one.threshold]


def _worded(score: float) -> str:
    return f"{round(score, 1) + 0.0:.1f}"  # without the sign of a zero


def _runs(curve: tuple[tuple[float, float | None], ...]) -> list[list[Point]]:
    runs: list[list[Point]] = [[]]
    for at_s, score in curve:
        if score is None:
            runs.append([])
        else:
            runs[-1].append((at_s, score))
    return [run for run in runs if len(run) > 1]
