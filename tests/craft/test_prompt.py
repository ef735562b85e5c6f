from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.craft import (
    CameraBrief,
    CharacterBrief,
    Handle,
    Prompt,
    ShotBrief,
    compose_image_to_video,
    compose_keyframe,
    compose_motion_control,
    compose_reference_to_video,
    compose_restyle,
    compose_sheet,
    compose_text_to_video,
)

PIP = CharacterBrief(
    "Pip",
    "a friendly small robot",
    ("round blue head", "one glowing yellow eye", "chrome body with visible joints"),
    ("two eyes",),
    "warm 3D animation",
    "a yellow raincoat",
)
MINA = CharacterBrief(
    "Mina", "a young singer", ("long black hair", "silver boots"), style="warm 3D animation"
)
SHOT = ShotBrief(
    (PIP,),
    "a cluttered workshop",
    "Pip stands at the bench",
    "it blinks, then tilts its head.",
    CameraBrief("medium", "dolly in", "low", "50mm"),
    "warm lamp light",
)
Compose = Callable[[ShotBrief, int], Prompt]
CLIPS: dict[str, Compose] = {
    "keyframe": lambda shot, limit: compose_keyframe(shot, 2, limit=limit),
    "text-to-video": lambda shot, limit: compose_text_to_video(shot, limit=limit),
    "image-to-video": lambda shot, limit: compose_image_to_video(shot, limit=limit),
    "motion-control": lambda shot, limit: compose_motion_control(shot, limit=limit),
    "restyle": lambda shot, limit: compose_restyle(
        shot, "pencil and watercolour", ["its movement"], limit=limit
    ),
}


def in_order(text: str, *parts: str) -> bool:
    places = [text.casefold().find(part.casefold()) for part in parts]
    return -1 not in places and places == sorted(places)


def test_an_image_to_video_prompt_is_the_guides_order() -> None:
    """Subject, what the picture shows, camera, what changes, mood, coherence: in clean sentences."""
    assert compose_image_to_video(SHOT).text == (
        "Pip, a friendly small robot, round blue head, one glowing yellow eye, chrome body with visible"
        " joints, wearing a yellow raincoat. Pip stands at the bench. Setting: a cluttered workshop."
        " Medium shot, low angle, camera dolly in, 50mm lens. It blinks, then tilts its head."
        " Warm lamp light, warm 3D animation."
        " Consistent character appearance throughout, no morphing or distortion."
    )


@pytest.mark.parametrize("way", CLIPS)
def test_every_prompt_says_name_setting_camera_and_mood_in_order(way: str) -> None:
    """Whoever reads the prompt finds who, where, how seen and in what light."""
    text = CLIPS[way](SHOT, 500).text
    assert in_order(
        text, "Pip", "round blue head", "one glowing yellow eye", "cluttered workshop", "medium shot"
    )
    assert in_order(text, "medium shot", "warm lamp light")
    assert "yellow raincoat" in text


def test_text_to_video_says_the_first_frame_before_the_change() -> None:
    """What the first frame shows stands before what happens."""
    assert in_order(compose_text_to_video(SHOT).text, "stands at the bench", "dolly in", "it blinks")


def test_motion_control_says_no_movement_at_all() -> None:
    """The reference moves: neither action nor start nor the camera's movement is said."""
    text = compose_motion_control(SHOT).text
    for movement in ("blinks", "stands", "dolly"):
        assert movement not in text
    assert "Consistent character appearance throughout" in text


def test_a_keyframe_is_a_still_of_the_start() -> None:
    """A keyframe shows the start, not the action, and its camera does not move."""
    text = compose_keyframe(SHOT, 1).text
    assert "stands at the bench" in text
    assert "blinks" not in text
    assert "dolly" not in text
    assert "reference picture, Pip" in text
    assert "reference pictures, Pip" in compose_keyframe(SHOT, 3).text
    assert "reference" not in compose_keyframe(SHOT, 0).text


def test_a_style_pass_says_the_result_and_its_anchors() -> None:
    """What is seen in the end and what stays: no word of changing, the old style gone."""
    text = compose_restyle(SHOT, "pencil and watercolour", ["its movement", "the bench"]).text
    assert "Rendered as pencil and watercolour" in text
    assert "Its movement and the bench remain exactly unchanged" in text
    assert "3D" not in text
    assert "Its movement remains exactly unchanged" in compose_restyle(SHOT, "anime", ["its movement"]).text
    assert "remain exactly unchanged" in compose_restyle(SHOT, "anime").text


def test_a_model_sheet_is_one_figure_on_a_plain_ground() -> None:
    """The sheet shows the character alone, in the view asked for; a further view names its reference."""
    first = compose_sheet(PIP, "front").text
    assert in_order(
        first, "Pip", "round blue head", "front view", "plain light grey background", "3D animation"
    )
    assert "reference" not in first
    further = compose_sheet(PIP, "happy", "flat paper cut-out", references=1).text
    assert "the same character as in the reference picture, Pip" in further
    assert "Happy expression" in further
    assert "flat paper cut-out" in further
    assert "3D animation" not in further


def test_two_characters_are_both_there_and_their_style_once() -> None:
    """Each is named with its own traits; a style they share is said once."""
    text = compose_image_to_video(replace(SHOT, characters=(PIP, MINA))).text
    assert in_order(text, "Pip", "round blue head", "and Mina", "long black hair", "stands at the bench")
    assert text.count("warm 3D animation") == 1


def test_of_two_characters_the_last_loses_its_trait_first() -> None:
    """Traits of equal weight go from the end, so that who is named first keeps more."""
    shot = ShotBrief((replace(PIP, wardrobe=None), MINA), "a concert stage")
    gone = compose_motion_control(shot, limit=150).left_out
    assert gone.index("silver boots") < gone.index("one glowing yellow eye")


def test_the_productions_look_replaces_the_characters_style() -> None:
    """Where the shot has a look, that is said instead of the bible's style."""
    text = compose_image_to_video(replace(SHOT, look="black and white film")).text
    assert "black and white film" in text
    assert "3D" not in text


def test_without_room_the_last_traits_go_first_and_are_said() -> None:
    """At 260 characters coherence goes, then traits from the end; the first trait and the costume stay."""
    prompt = compose_image_to_video(SHOT, limit=260)
    assert prompt.left_out == (
        "no morphing or distortion",
        "consistent character appearance throughout",
        "chrome body with visible joints",
        "one glowing yellow eye",
    )
    assert "round blue head" in prompt.text
    assert "yellow raincoat" in prompt.text


@pytest.mark.parametrize("way", CLIPS)
def test_a_shot_with_nothing_in_it_is_still_clean(way: str) -> None:
    """An empty shot gives no empty sentence."""
    text = CLIPS[way](ShotBrief(setting="a beach"), 500).text
    assert "Setting: a beach." in text
    assert ", ." not in text
    assert ": ." not in text


WORDS = st.text(max_size=40)
CHARACTERS = st.builds(
    CharacterBrief,
    st.sampled_from(["Pip", "Mina"]),
    WORDS,
    st.lists(WORDS, max_size=5).map(tuple),
    st.just(()),
    WORDS,
    st.none() | WORDS,
)
SHOTS = st.builds(
    ShotBrief,
    st.lists(CHARACTERS, max_size=2).map(tuple),
    WORDS,
    WORDS,
    WORDS,
    st.none() | st.builds(CameraBrief, WORDS, WORDS, WORDS, WORDS),
    WORDS,
    WORDS,
)


@given(shot=SHOTS, way=st.sampled_from(sorted(CLIPS)), limit=st.integers(1, 600))
def test_no_prompt_is_over_its_limit_or_unclean(shot: ShotBrief, way: str, limit: int) -> None:
    """For any shot and budget: inside the limit, printable, no empty sentence, no doubled stop."""
    text = CLIPS[way](shot, limit).text
    assert len(text) <= limit
    assert text.isprintable()
    assert ".." not in text
    assert ". ." not in text


@given(shot=SHOTS.filter(lambda shot: bool(shot.characters)), way=st.sampled_from(sorted(CLIPS)))
def test_the_names_stay_at_the_usual_budget(shot: ShotBrief, way: str) -> None:
    """However much is said, whoever is in the shot is named within 500 characters."""
    text = CLIPS[way](shot, 500).text
    assert all(character.name in text for character in shot.characters)


def test_a_reference_to_video_prompt_names_its_pictures() -> None:
    """Each character by its handle where it is first named, other pictures by what is taken from them."""
    handles = [Handle("@Element1", "Pip"), Handle("@Element2", "Mina"), Handle("@Image1", "the workshop")]
    text = compose_reference_to_video(replace(SHOT, characters=(PIP, MINA)), handles).text
    assert in_order(text, "Pip (@Element1)", "round blue head", "Mina (@Element2)", "stands at the bench")
    assert in_order(
        text, "Setting: a cluttered workshop", "The workshop as in @Image1", "medium shot", "blinks"
    )


@pytest.mark.parametrize("way", ["keyframe", "text-to-video"])
def test_a_picture_that_is_drawn_anew_is_framed_for_its_ratio(way: str) -> None:
    """Stills and clips from words; what a picture or a reference decides is not said again."""
    close = replace(SHOT, camera=CameraBrief("close-up"), ratio="9:16")
    assert "Close-up, tight portrait framing" in CLIPS[way](close, 500).text
    for other in ("image-to-video", "motion-control", "restyle"):
        assert "tight portrait framing" not in CLIPS[other](close, 500).text


def test_framing_goes_before_a_trait_does() -> None:
    """Where there is no room for both, who somebody is counts more."""
    close = replace(SHOT, camera=CameraBrief("close-up"), ratio="9:16")
    made = compose_text_to_video(close, limit=len(compose_text_to_video(replace(close, ratio="")).text) - 60)
    assert "tight portrait framing, the face fills the vertical frame" in made.left_out
    assert "chrome body with visible joints" in made.text
