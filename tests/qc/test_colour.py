from __future__ import annotations

import json
from typing import Any

import cv2
import numpy as np
import pytest

from onmodel.errors import ReferenceUnusable
from onmodel.qc import Calibration, judge, scorer_for
from onmodel.qc.colour import NOTE, colour_note, colour_of, wardrobe_colour

FACE = (0.4, 0.1, 0.6, 0.4)
SIZE = (360, 640)


def dressed(rgb: tuple[int, int, int]) -> Any:
    """Somebody before a wall that is not quite grey: a face, and clothes of one colour with shades."""
    picture = np.full((*SIZE, 3), (120, 124, 116), np.uint8)
    shade = np.random.default_rng(1).uniform(0.7, 1.0, (220, 220, 1))
    picture[140:, 210:430] = (np.asarray(rgb) * shade).astype(np.uint8)
    picture[36:144, 256:384] = (205, 160, 130)
    return picture


def hued(picture: Any, degrees: float) -> Any:
    hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0].astype(int) + round(degrees / 2)) % 180
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)


def late(picture: Any) -> Any:
    """In evening light."""
    return np.clip(picture * np.array([0.7, 0.62, 0.54]), 0, 255).astype(np.uint8)


def poor(picture: Any) -> Any:
    """Badly compressed."""
    return cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 20])[1], cv2.IMREAD_COLOR)


RED = dressed((190, 40, 50))
SHEET: Any = [colour_of(one, FACE) for one in (RED, dressed((180, 45, 55)), dressed((200, 42, 45)))]


def test_a_costume_of_another_hue_is_noted() -> None:
    """A red coat that is green in the shot is far from the sheet, and said in words."""
    far = wardrobe_colour([dressed((40, 160, 60))] * 9, [FACE] * 9, SHEET)
    assert far is not None
    assert far > 0.9
    assert colour_note(far, [FACE]) == NOTE


def test_a_costume_that_changes_late_is_noted() -> None:
    """Three frames of nine in other clothes are enough; one alone may be a flash."""
    for count, noted in ((3, True), (1, False)):
        frames = [RED] * (9 - count) + [dressed((40, 160, 60))] * count
        assert bool(colour_note(wardrobe_colour(frames, [FACE] * 9, SHEET), [FACE])) is noted


@pytest.mark.parametrize("changed", [late, poor, lambda one: one], ids=["light", "compression", "none"])
def test_the_same_costume_is_not_noted(changed: Any) -> None:
    """Light and compression are no other clothes."""
    near = wardrobe_colour([changed(RED)] * 9, [FACE] * 9, SHEET)
    assert near is not None
    assert not colour_note(near, [FACE])


def test_a_tighter_crop_is_not_noted() -> None:
    """Less of the same coat is the same coat."""
    crop = cv2.resize(RED[0:288, 64:576], SIZE[::-1])
    face = (0.375, 0.125, 0.625, 0.5)
    assert not colour_note(wardrobe_colour([crop] * 9, [face] * 9, SHEET), [face])


def test_clothes_out_of_the_frame_are_not_judged() -> None:
    """A close-up shows a face and no coat, and so may a sheet: nothing is said."""
    close = (0.2, 0.1, 0.8, 0.99)
    assert colour_of(RED, close) is None
    assert wardrobe_colour([RED] * 9, [close] * 5 + [FACE] * 4, SHEET) is None
    assert wardrobe_colour([RED] * 9, [FACE] * 9, []) is None
    assert not colour_note(None, [])


def test_a_warning_changes_no_verdict(painted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The robot in turned colours is warned of, whatever it stands for; in its own it is not."""
    monkeypatch.setattr("onmodel.qc.colour.CENTRE_LIMIT", 0.6)
    scorer = scorer_for("stylised")
    calibration = painted.measured(scorer, "pip")
    bare = Calibration(**{**vars(calibration), "colours": ()})
    at_s = [number / 2 for number in range(9)]
    front = painted.sheet("pip")["front"]
    for picture, noted in ((front, False), (hued(front, 100), True)):
        reading = judge([picture] * 9, at_s, {"pip": calibration}, {"pip": scorer})["pip"]
        blind = judge([picture] * 9, at_s, {"pip": bare}, {"pip": scorer})["pip"]
        assert (bool(reading.colour_note), reading.colour is None) == (noted, False)
        assert (blind.colour, blind.colour_note) == (None, "")
        assert (reading.standing, reading.score, reading.reason) == (
            blind.standing,
            blind.score,
            blind.reason,
        )


def test_two_without_a_face_are_not_told_apart_by_colour(painted: Any) -> None:
    """In the middle of a shot of two stands either: nothing is said of anybody's colour there."""
    scorer = scorer_for("stylised")
    sheets = {who: painted.measured(scorer, who) for who in ("pip", "dot")}
    pair = np.hstack([painted.sheet("pip")["front"], painted.sheet("dot")["front"]])
    readings = judge([pair] * 9, [number / 2 for number in range(9)], sheets, dict.fromkeys(sheets, scorer))
    assert all(one.colour is None for one in readings.values() if one.box is None)
    assert any(one.box is None for one in readings.values())


def test_a_calibration_keeps_the_sheets_colours(painted: Any) -> None:
    """They come back from its file; a file from before there were any is measured again."""
    record = json.loads(json.dumps(painted.measured(scorer_for("stylised"), "pip").to_json()))
    again = Calibration.from_json(record)
    assert len(again.colours) == len(again.references)
    del record["colours"]
    with pytest.raises(ReferenceUnusable, match="cannot be read"):
        Calibration.from_json(record)
