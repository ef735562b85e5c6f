"""Where somebody without a face is."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from onmodel.qc import judge, scorer_for


def at(picture: Any, across: float) -> Any:
    """The same picture with its middle moved; its edges are drawn out."""
    wide = picture.shape[1]
    columns = np.clip(np.arange(wide) + round(wide * (0.5 - across)), 0, wide - 1)
    return np.ascontiguousarray(picture[:, columns])


@pytest.fixture(scope="module")
def middle(painted: Any) -> float:
    """Where the painter puts the robot: by its blue, which nothing else has."""
    picture = painted.scene("pip").astype(int)
    blue = (picture[..., 2] > picture[..., 0] + 90) & (picture[..., 2] > picture[..., 1] + 50)
    return float(np.nonzero(blue)[1].mean() / picture.shape[1])


def test_a_character_without_a_face_is_followed(painted: Any, middle: float) -> None:
    """A robot that goes from the left to the right is found where it is, to a twelfth of the width."""
    scorer, wanted = scorer_for("stylised"), [0.15, 0.3, 0.5, 0.7, 0.85]
    frames = [at(painted.scene("pip"), where + 0.5 - middle) for where in wanted]
    calibration = painted.measured(scorer, "pip")
    reading = judge(frames, range(len(frames)), {"pip": calibration}, {"pip": scorer})["pip"]
    assert reading.places == ()
    assert [at_s for at_s, _, _ in reading.middles] == [0, 1, 2, 3, 4]
    assert np.allclose([x for _, x, _ in reading.middles], wanted, atol=1 / 12)
    assert all(0.25 < y < 0.75 for _, _, y in reading.middles)


@pytest.mark.parametrize("size", [(768, 680), (854, 756), (864, 976)])
def test_every_size_has_its_windows(painted: Any, size: tuple[int, int]) -> None:
    """Also one that is looked at in other cells than its own sides would come to."""
    scorer = scorer_for("stylised")
    frame = cv2.resize(at(painted.scene("pip"), 0.2), size)
    reading = judge([frame], [0], {"pip": painted.measured(scorer, "pip")}, {"pip": scorer})["pip"]
    assert len(reading.middles) == 1


def test_where_all_is_alike_nothing_is_told(painted: Any) -> None:
    """Noise has no place that is more like the character than others; a face says more than a region."""
    scorer = scorer_for("stylised")
    noise = np.random.default_rng(1).integers(0, 255, (360, 640, 3), np.uint8)
    calibration = painted.measured(scorer, "pip")
    assert judge([noise], [0], {"pip": calibration}, {"pip": scorer})["pip"].middles == ()
    mina = judge([painted.scene("mina")], [0], {"m": painted.measured(scorer, "mina")}, {"m": scorer})["m"]
    assert mina.places
    assert mina.middles == ()
