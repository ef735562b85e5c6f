from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel import (
    OnModelError,
    image_to_video_prompt,
    negative_prompt,
    request_model,
    scam_prompt,
    select_model,
    validate_prompt,
)
from onmodel.errors import PlanError


def test_a_scam_prompt_says_subject_camera_action_mood_in_this_order() -> None:
    """Four sentences; camera words are said as models know them, unknown ones as written."""
    made = scam_prompt(
        "a small blue robot",
        mood="warm lamp light",
        action="it tilts its head",
        camera="low angle, slow dolly in, from a lamp's view",
    )
    assert made.text == (
        "A small blue robot. Low angle, camera dolly in slowly, from a lamp's view. It tilts its head. "
        "Warm lamp light."
    )
    assert made.left_out == ()


@given(st.text(max_size=300), st.text(max_size=80), st.text(max_size=300), st.integers(1, 200))
def test_a_prompt_fits_and_is_one_clean_line(subject: str, camera: str, action: str, limit: int) -> None:
    """Whatever is said, the prompt is at most as long as asked for and has no control characters."""
    try:
        made = scam_prompt(subject, camera=camera, action=action, limit=limit)
    except PlanError:
        return
    assert len(made.text) <= limit
    assert made.text.isprintable()


def test_an_image_to_video_prompt_says_the_picture_first() -> None:
    """What is in the picture, then what moves, then the style."""
    text = image_to_video_prompt("a robot on a bench", "it nods slowly", style="watercolour").text
    places = [text.casefold().index(words) for words in ("a robot on a bench", "it nods", "watercolour")]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "call",
    [
        lambda: scam_prompt(" \n"),
        lambda: scam_prompt("a robot", limit=0),
        lambda: image_to_video_prompt("", "it nods"),
        lambda: image_to_video_prompt("a robot", "..."),
        lambda: negative_prompt(motion="jumpy"),
        lambda: select_model(motion=True),
        lambda: select_model(edit=True, image=True),
        lambda: select_model(quality="best"),
        lambda: select_model(seconds=-5),
        lambda: select_model(seconds=math.inf),
        lambda: select_model(seconds=90),
        lambda: validate_prompt("a robot", "motion"),
        lambda: request_model("kling"),
    ],
)
def test_what_cannot_be_done_is_told_with_what_can(call: Callable[[], object]) -> None:
    """A mistake is an OnModelError that says what is allowed, never another exception."""
    with pytest.raises(OnModelError) as told:
        call()
    assert told.value.hint or "allowed" in told.value.message


def test_a_negative_prompt_is_its_styles_and_denies_nothing_that_is_asked_for() -> None:
    """Two styles differ; a term of the prompt is left out, with the reason; one's own terms come first."""
    anime, product = negative_prompt("anime"), negative_prompt("product photography")
    assert anime.text != product.text
    assert "fingerprints" in product.text
    wanted = negative_prompt("anime", prompt="a watermark on old paper", never=["two eyes"])
    assert wanted.text.startswith("two eyes")
    assert "watermark" not in wanted.text.split(", ")
    assert any(term.startswith("watermark:") for term in wanted.dropped)
    assert "jerky" in negative_prompt().text
    assert "jerky" not in negative_prompt(motion=None).text


@pytest.mark.parametrize(
    ("there_is", "endpoint"),
    [
        ({}, "v2.5-turbo/pro/text-to-video"),
        ({"image": True}, "v2.1/pro/image-to-video"),
        ({"image": True, "quality": "master"}, "v2.1/master/image-to-video"),
        ({"image": True, "motion": True}, "v2.6/standard/motion-control"),
        ({"image": True, "motion": True, "quality": "master"}, "v2.6/pro/motion-control"),
        ({"edit": True}, "o1/video-to-video/edit"),
    ],
)
def test_the_guides_own_cases_have_the_guides_own_answers(there_is: dict[str, bool], endpoint: str) -> None:
    """The helper of the guide chooses these six; so do we, and say why."""
    choice = select_model(**there_is)  # type: ignore[arg-type]
    assert choice.endpoint.name == f"fal-ai/kling-video/{endpoint}"
    assert choice.why


def test_the_length_that_is_bought_covers_what_is_wanted() -> None:
    """The shortest that the endpoint sells; a float means what it says."""
    assert select_model(seconds=5.5).seconds_bought == 10
    assert select_model(seconds=Fraction(5)).seconds_bought == 5


def test_validate_prompt_finds_what_the_guides_helper_finds() -> None:
    """Motion words, contradicting light, too short, too long."""
    found = {
        one.rule
        for text in ("a robot dancing", "a bright room, dark light", "a robot on a bench, " * 40)
        for one in validate_prompt(text, "motion-control")
    }
    assert {"motion-in-motion-control", "too-short", "too-long"} <= found
    assert any(
        "light" in one.rule or "opposite" in one.rule
        for one in validate_prompt(
            "a bright sunny room, and a dark gloomy scene around the robot", "text-to-video"
        )
    )
    good = "A small blue robot in a cluttered workshop, chrome body, warm lamp light, watercolour style."
    assert validate_prompt(good, "motion-control") == []


def test_a_request_model_holds_requests_to_the_contract() -> None:
    """It has the endpoint's own fields, and `arguments` is what goes over the wire."""
    model = request_model("fal-ai/kling-video/v2.1/pro/image-to-video")
    asked = model(prompt="A robot nods.", image_url="https://example.org/a.png", duration="5")
    assert asked.arguments == {
        "prompt": "A robot nods.",
        "image_url": "https://example.org/a.png",
        "duration": "5",
    }
    with pytest.raises(ValueError, match="duration"):
        model(prompt="A robot nods.", image_url="https://example.org/a.png", duration="7")
