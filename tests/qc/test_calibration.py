from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.errors import ReferenceUnusable
from onmodel.qc import Calibration, Limits, Seen, Sighting, calibrate, judge_picture, scorer_for
from onmodel.qc.calibration import read_vector, write_vector
from onmodel.qc.scorer import mean_of_two_best


def grey(level: int) -> Any:
    return np.full((120, 120, 3), level, np.uint8)


def test_a_sheet_gives_a_threshold_of_its_own(painted: Any) -> None:
    """Four views that are one character: all fit, and the threshold lies inside the scorer's limits."""
    scorer = scorer_for("human")
    found = painted.measured(scorer, "mina")
    assert {view.standing for view in found.views} == {"fits"}
    assert scorer.limits.floor <= found.threshold <= scorer.limits.ceiling
    assert found.level is not None
    assert found.threshold < found.level
    assert not found.concern


def test_a_view_of_somebody_else_is_named(painted: Any) -> None:
    """One picture of another character among four is odd and no reference; the threshold is the others'."""
    scorer = scorer_for("stylised")
    sheet = painted.sheet("pip")
    clean = calibrate(scorer, sheet)
    found = calibrate(scorer, {**sheet, "side": painted.sheet("mina")["front"]})
    assert found.odd == ("side",)
    assert found.threshold == clean.threshold
    assert len(found.references) == len(sheet)
    assert "another character" in next(view.note for view in found.views if view.name == "side")


def test_a_reference_without_a_face_is_named(painted: Any) -> None:
    """A robot on a person's sheet: unusable, with what is needed."""
    found = calibrate(scorer_for("human"), {**painted.sheet("mina"), "robot": painted.sheet("pip")["front"]})
    view = next(view for view in found.views if view.name == "robot")
    assert (view.standing, view.score) == ("unusable", None)
    assert "no face can be seen" in view.note


def test_three_faces_are_told(painted: Any) -> None:
    """Of three faces the one of the other views is taken, and a person is told."""
    sheet = painted.sheet("mina")
    bo = painted.sheet("bo")
    crowd = np.hstack([bo["front"], sheet["front"], bo["three-quarter"]])
    found = calibrate(scorer_for("human"), {**sheet, "crowd": crowd})
    view = next(view for view in found.views if view.name == "crowd")
    assert view.standing == "fits"
    assert "3 faces" in view.note
    box = found.references[-1].box
    assert box is not None
    assert 1 / 3 < (box[0] + box[2]) / 2 < 2 / 3


def test_a_larger_passer_by_is_not_taken_for_the_character(painted: Any) -> None:
    """Of two faces on a view that one is the reference which the other views show, not the larger one."""
    sheet = painted.sheet("mina")
    bo = painted.sheet("bo")["front"]
    pair = np.hstack(
        [np.kron(bo, np.ones((2, 2, 1), np.uint8)), np.pad(sheet["front"], ((0, 400), (0, 0), (0, 0)))]
    )
    box = calibrate(scorer_for("human"), {**sheet, "pair": pair}).references[-1].box
    assert box is not None
    assert box[0] > 2 / 3


class ByTheirOwn:
    """Views score what they are told, whichever the others are."""

    name = version = "told"
    limits = Limits(floor=0.26, ceiling=0.5, share=0.57)

    def look(self, picture: Any) -> Seen:
        """A score by its level."""
        return Seen((Sighting(np.array([picture.mean() / 100], np.float32)),))

    def likeness(self, sighting: Sighting, references: Any) -> float:
        """The score."""
        return float(sighting.vector[0])


@pytest.mark.parametrize(
    ("scores", "odd"),
    [
        ((0.8, 0.8, 0.8, 0.4), ("3",)),
        ((0.8, 0.8, 0.8, 0.48), ()),
        ((0.95, 0.95, 0.95, 0.52), ()),
        ((0.3, 0.3, 0.3, 0.2), ()),
        ((0.3, 0.3, 0.3, 0.1), ("3",)),
        ((0.8, 0.3), ()),
    ],
)
def test_odd_is_what_the_others_alone_would_not_let_pass(
    scores: tuple[float, ...], odd: tuple[str, ...]
) -> None:
    """Under the threshold of the other views, which is a share of theirs and at most the ceiling."""
    views = {str(number): grey(round(score * 100)) for number, score in enumerate(scores)}
    assert calibrate(ByTheirOwn(), views).odd == odd


@pytest.mark.parametrize(
    ("likenesses", "mean"), [([0.1, 0.5, 0.3], 0.4), ([0.2], 0.2), ([-0.4, -0.2, -0.9], -0.3)]
)
def test_the_two_best_references_count(likenesses: list[float], mean: float) -> None:
    """One lucky reference does not decide, and a view from behind does no harm."""
    assert mean_of_two_best(likenesses) == pytest.approx(mean)


def test_a_small_face_is_told_as_that(painted: Any) -> None:
    """A person too far away is not nobody: the message says how large the face is and must be."""
    scene = np.zeros((640, 640, 3), np.uint8)
    scene[:100, :100] = painted.sheet("mina")["front"][::4, ::4]
    why = scorer_for("human").look(scene).why_not
    assert re.search(r"the face is \d+ px wide; at least 28 are needed", why)


def test_no_usable_reference_is_an_error() -> None:
    """Where the character is on no picture, every picture is named with its reason."""
    with pytest.raises(ReferenceUnusable, match=r"front: .*40x40 px; .*side: .*black"):
        calibrate(scorer_for("human"), {"front": grey(90)[:40, :40], "side": grey(0)})


def test_no_reference_at_all_is_an_error() -> None:
    """An empty sheet is said to be one."""
    with pytest.raises(ReferenceUnusable, match="no reference to judge by"):
        calibrate(scorer_for("human"), {})


@pytest.mark.parametrize(("alike", "threshold"), [(0.2, 0.3), (0.6, 0.42), (0.95, 0.6)])
def test_the_threshold_is_a_share_of_how_alike_the_views_are(
    by_colour: Any, alike: float, threshold: float
) -> None:
    """0.7 of the views' own median, never under the scorer's floor nor over its ceiling."""
    by_colour.likeness = lambda *_: alike
    found = calibrate(by_colour, {str(level): grey(level) for level in (90, 100, 110)})
    assert (found.level, found.threshold) == (alike, pytest.approx(threshold))


def test_two_views_are_few(by_colour: Any) -> None:
    """Below three views the scorer's own threshold holds, and the sheet is said to be short."""
    found = calibrate(by_colour, {"front": grey(100), "side": grey(110)})
    assert found.threshold == by_colour.limits.floor
    assert "2 usable views" in found.concern


def test_views_that_are_not_one_character_are_a_concern(by_colour: Any) -> None:
    """A sheet whose views hardly score on each other is not one character."""

    class Strict(type(by_colour)):  # type: ignore[misc]  # the fixture's class is only known here
        def likeness(self, sighting: Any, references: Any) -> float:
            return 0.1

    found = calibrate(Strict(), {str(level): grey(level) for level in (10, 120, 240)})
    assert "not one character" in found.concern


def test_a_calibration_survives_its_record(painted: Any) -> None:
    """Written as JSON and read again it judges the same."""
    scorer = scorer_for("stylised")
    found = painted.measured(scorer, "pip")
    again = Calibration.from_json(json.loads(json.dumps(found.to_json())))
    assert (again.threshold, again.level, again.views) == (found.threshold, found.level, found.views)
    scores = [
        judge_picture(painted.scene("pip"), {"pip": one}, {"pip": scorer})["pip"].score
        for one in (found, again)
    ]
    assert scores[0] == pytest.approx(scores[1], abs=0.005)


@pytest.mark.parametrize("damage", [{"schema": "other/1"}, {"views": 3}, {"references": [{"vector": "?"}]}])
def test_a_damaged_record_is_refused(by_colour: Any, damage: dict[str, Any]) -> None:
    """What is no calibration is said to be none, with the command that measures again."""
    record = calibrate(by_colour, {"front": grey(100)}).to_json() | damage
    with pytest.raises(ReferenceUnusable, match="onmodel calibrate"):
        Calibration.from_json(record)


def test_another_version_is_not_compared(by_colour: Any) -> None:
    """Scores of another scorer, or another version of it, mean something else."""
    found = calibrate(by_colour, {"front": grey(100)})
    by_colour.version = "2"
    with pytest.raises(ReferenceUnusable, match="cannot be compared"):
        judge_picture(grey(100), {"pip": found}, {"pip": by_colour})


@given(st.lists(st.floats(-8, 8, width=16), min_size=1, max_size=40))
def test_a_vector_survives_its_text(numbers: list[float]) -> None:
    """Half floats come back as they were."""
    vector = np.asarray(numbers, np.float32)
    assert np.array_equal(read_vector(write_vector(vector)), vector)
