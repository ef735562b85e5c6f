from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.craft import camera_phrase, check_camera
from onmodel.craft.words import CameraField, camera_words


def test_a_camera_reads_size_angle_movement_lens() -> None:
    """The phrase has the guide's words in one fixed order."""
    assert camera_phrase("medium", "dolly in", "low", "50mm") == (
        "medium shot, low angle, camera dolly in, 50mm lens"
    )


@pytest.mark.parametrize(
    ("move", "phrase"),
    [
        ("slow dolly in", "camera dolly in slowly"),
        ("Dolly In slowly", "camera dolly in slowly"),
        ("push in", "camera dolly in"),
        ("very slow pan left", "camera pan left very slowly"),
        ("dolly in and crane up", "camera dolly in and camera crane up"),
        ("dolly in, then tilt up", "camera dolly in and camera tilt up"),
        ("whip around", "whip around"),
    ],
)
def test_pace_several_movements_and_own_words_are_kept(move: str, phrase: str) -> None:
    """A pace becomes an adverb, movements are joined, an unknown one stays as it was written."""
    assert camera_phrase(move=move) == phrase


@pytest.mark.parametrize(
    ("lens", "phrase"),
    [
        ("24mm", "24mm lens"),
        ("35 mm anamorphic", "35mm anamorphic lens"),
        ("portrait lens", "85mm portrait lens"),
        ("normal", "50mm lens"),
    ],
)
def test_lenses_go_by_name_or_millimetres(lens: str, phrase: str) -> None:
    """Millimetres are kept; a name gets its usual focal length where it has one."""
    assert camera_phrase(lens=lens) == phrase


def test_no_camera_is_no_words() -> None:
    """Nothing is invented."""
    assert camera_phrase() == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("move", "slow dolly in"),
        ("move", "dolly in and crane up"),
        ("move", "Orbit"),
        ("angle", "low angle"),
        ("angle", "LOW"),
        ("size", "medium shot"),
        ("size", "wide"),
        ("lens", "50mm"),
        ("lens", "35mm anamorphic"),
        ("lens", "macro lens"),
    ],
)
def test_known_words_pass(field: CameraField, value: str) -> None:
    """Names, other names, paces, pairs and millimetres are all known."""
    assert check_camera(field, value) is None


@pytest.mark.parametrize(
    ("field", "value", "meant"),
    [
        ("move", "slow dolyl in", "`dolly in`"),
        ("move", "dolly in and crain up", "`crane up`"),
        ("angle", "lo angle", "`low angle`"),
        ("size", "medum", "`medium`"),
        ("lens", "35mm anamorfic", "`anamorphic`"),
        ("lens", "3mm", "8mm to 400mm"),
    ],
)
def test_an_unknown_word_is_named_with_the_nearest(field: CameraField, value: str, meant: str) -> None:
    """The message has what was found, the hint what was probably meant."""
    found = check_camera(field, value)
    assert found is not None
    assert meant in found[1]


def test_a_word_like_no_other_gets_the_whole_list() -> None:
    """Where nothing is near, the hint is what is allowed."""
    found = check_camera("angle", "xyzzy")
    assert found is not None
    assert found[1] == "Known: eye level, low, high, bird's eye, worm's eye, dutch, over the shoulder."


@given(field=st.sampled_from(get_args(CameraField)), data=st.data())
def test_what_is_known_is_known_everywhere(field: CameraField, data: st.DataObject) -> None:
    """Every name that check_camera accepts is written with its own phrase."""
    word = data.draw(st.sampled_from(camera_words(field)))
    name = data.draw(st.sampled_from((word.name, *word.also)))
    assert check_camera(field, name) is None
    assert camera_phrase(**{field: name}) == word.phrase


@given(value=st.text(max_size=40))
def test_any_text_can_be_checked_and_said(value: str) -> None:
    """No text of a user breaks the camera."""
    for field in get_args(CameraField):
        check_camera(field, value)
        assert isinstance(camera_phrase(**{field: value}), str)
