from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.qc.scorer import Limits
from onmodel.qc.verdict import stand

LIMITS = Limits(floor=0.3, ceiling=0.6, drop=0.1)
AT_S = tuple(number * 5 / 8 for number in range(9))
SCORES = st.lists(st.none() | st.floats(-1, 1), min_size=1, max_size=15)


def standing(scores: list[float | None], threshold: float = 0.4) -> str:
    return stand(scores, AT_S[: len(scores)], threshold, LIMITS)[0]


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([0.6] * 9, "on-model"),
        ([0.2] * 9, "off-model"),
        ([0.6] * 4 + [0.1] * 5, "off-model"),
        ([0.6, 0.59, 0.57, 0.55, 0.53, 0.51, 0.49, 0.47, 0.45], "drifting"),
        ([0.6] * 5 + [0.1] * 2 + [0.6] * 2, "partial"),
        ([0.6] * 5 + [0.1] + [0.6] * 3, "on-model"),
        ([0.45] * 4 + [-0.9] + [0.45] * 4, "on-model"),
        ([None] * 5 + [0.6] * 4, "unscorable"),
        ([None] * 4 + [0.6] * 5, "on-model"),
        ([None] * 9, "unscorable"),
        ([0.6], "on-model"),
        ([0.1], "off-model"),
        ([None], "unscorable"),
        ([0.6, 0.1], "off-model"),
        ([], "unscorable"),
    ],
)
def test_a_curve_has_one_verdict(scores: list[float | None], expected: str) -> None:
    """Seen at all, somebody else, becoming somebody else, somebody else for a while: asked in this order."""
    assert standing(scores) == expected


def test_a_steady_wobble_is_no_drift() -> None:
    """A score that goes up and down by as much as a drift falls stays on-model."""
    assert standing([0.6, 0.5, 0.6, 0.5, 0.6, 0.5, 0.6, 0.5, 0.6]) == "on-model"


def test_a_small_fall_is_no_drift() -> None:
    """However steady, a fall by less than the scorer's own drop is what light and crops do."""
    assert standing([0.6, 0.59, 0.58, 0.57, 0.56, 0.55, 0.54, 0.53, 0.52]) == "on-model"


def test_a_rise_is_no_drift() -> None:
    """A character that becomes more like itself does not drift."""
    assert standing([0.45, 0.47, 0.49, 0.51, 0.53, 0.55, 0.57, 0.59, 0.6]) == "on-model"


def test_the_reason_names_the_worst_moment() -> None:
    """A partial verdict says how many frames, how low, and when."""
    reason = stand([0.6] * 5 + [0.2, 0.1] + [0.6] * 2, AT_S, 0.4, LIMITS)[1]
    assert "2 of 9 frames" in reason
    assert "0.10 at 3.8 s" in reason


@given(SCORES, st.floats(0.1, 0.9))
def test_every_curve_has_a_verdict_and_a_reason(scores: list[float | None], threshold: float) -> None:
    """Whatever the scores, there is one of five verdicts, and words for it."""
    at_s = [number / 2 for number in range(len(scores))]
    found, reason = stand(scores, at_s, threshold, LIMITS)
    assert found in {"on-model", "off-model", "drifting", "partial", "unscorable"}
    assert reason


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=15), st.floats(0.1, 0.9))
def test_all_frames_under_the_threshold_never_pass(scores: list[float], threshold: float) -> None:
    """What is nowhere the character is off-model."""
    low = [min(score, threshold - 0.01) for score in scores]
    assert stand(low, range(len(low)), threshold, LIMITS)[0] == "off-model"
