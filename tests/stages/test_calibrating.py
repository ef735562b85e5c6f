from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from onmodel.errors import PlanError, StoryError
from onmodel.stages.calibrating import calibrate_cast
from onmodel.stages.script import Call
from onmodel.studio.rehearsal.looks import CharacterLook
from onmodel.studio.rehearsal.painter import paint_sheet
from onmodel.units import Size

PRODUCTION = "production: 1\nname: reel\ntitle: Reel\nbudget_usd: 5\n"
BIBLE = """\
bible: 1
name: Pip
kind: %s
looks: a friendly small robot
always: [round blue head]
sheet: {views: [front, profile]%s}
"""
LOOKS = {
    "mina": CharacterLook(
        "mina", "Mina", "human", "a young singer", ("long black hair",), {"hair": "#1d1b26"}
    ),
    "pip": CharacterLook(
        "pip",
        "Pip",
        "stylised",
        "a friendly small robot",
        ("round blue head", "one glowing yellow eye"),
        {"head": "#3b78d8", "eye": "#ffd23f", "body": "#c9ced6"},
        {"default": "bare chrome"},
    ),
}


def picture(folder: Path, who: str, view: str) -> str:
    """A supplied picture of somebody."""
    name = f"{who}-{view}.png"
    Image.fromarray(
        paint_sheet(LOOKS[who], view, LOOKS[who].wardrobe.get("default", ""), Size(400, 400), 1)
    ).save(folder / name)
    return name


@pytest.fixture
def reel(tmp_path: Path) -> Any:
    """Writes the story, with these pictures supplied."""

    def write(*references: str, kind: str = "stylised") -> Call:
        (tmp_path / "characters").mkdir(exist_ok=True)
        (tmp_path / "production.yaml").write_text(PRODUCTION, encoding="utf-8")
        given = f", references: [{', '.join(references)}]" if references else ""
        (tmp_path / "characters/pip.yaml").write_text(BIBLE % (kind, given), encoding="utf-8")
        return Call(tmp_path, "cast", rehearse=True)

    return write


def test_a_supplied_picture_of_somebody_else_is_named_before_a_sheet_is_made(
    tmp_path: Path, reel: Any
) -> None:
    """Nothing is bought yet, and the picture that is not this character is told by its name."""
    views = [picture(tmp_path, "pip", view) for view in ("front", "three-quarter", "full-body")]
    found = calibrate_cast(reel(*views, picture(tmp_path, "mina", "front")), [])
    assert [(one.character, one.wardrobe) for one in found] == [("pip", "default")]
    assert found[0].calibration.odd == ("mina-front.png",)


def test_supplied_pictures_that_nobody_can_be_judged_by_are_told(tmp_path: Path, reel: Any) -> None:
    """A person's pictures without a face: no threshold, and the file with its reason."""
    Image.effect_noise((200, 200), 80).convert("RGB").save(tmp_path / "noise.png")
    found = calibrate_cast(reel("noise.png", kind="human"), [])
    assert found[0].calibration is None
    assert "noise.png: no face can be seen" in found[0].problem


def test_without_sheet_and_pictures_the_next_step_is_told(reel: Any) -> None:
    """There is nothing to measure: make the sheet first."""
    with pytest.raises(PlanError, match="onmodel cast"):
        calibrate_cast(reel(), [])


@pytest.mark.parametrize(
    ("kept_bytes", "said"),
    [(0, "an empty file"), (4_000, "the picture breaks off"), (20, "cannot be opened as a picture")],
    ids=["empty", "broken off", "damaged"],
)
def test_a_supplied_picture_that_cannot_be_read_is_named_with_its_line(
    tmp_path: Path, reel: Any, kept_bytes: int, said: str
) -> None:
    """The bible's file and line, what is wrong with the picture, and what to do."""
    Image.effect_noise((200, 200), 80).convert("RGB").save(tmp_path / "sheet.jpg")
    (tmp_path / "sheet.jpg").write_bytes((tmp_path / "sheet.jpg").read_bytes()[:kept_bytes])
    with pytest.raises(StoryError) as error:
        calibrate_cast(reel("sheet.jpg"), [])
    assert "characters/pip.yaml:6:" in str(error.value)
    assert "sheet.jpg: " in str(error.value)
    assert said in str(error.value)
    assert "again" in str(error.value)


def test_a_supplied_picture_of_40_px_is_named(tmp_path: Path, reel: Any) -> None:
    """Its size, and how much is needed."""
    Image.effect_noise((40, 40), 80).convert("RGB").save(tmp_path / "stamp.png")
    found = calibrate_cast(reel("stamp.png"), [])
    assert found[0].calibration is None
    assert "stamp.png: the picture is 40x40 px; at least 96" in found[0].problem
