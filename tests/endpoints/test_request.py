from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.endpoints import Catalogue, Element, Parts, build, picture_size, validate
from onmodel.errors import PlanError
from onmodel.units import Size

KLING = "fal-ai/kling-video/"
PICTURE = {"$media": "a" * 64, "suffix": ".png"}
OTHER = {"$media": "b" * 64, "suffix": ".png"}
CATALOGUE = Catalogue.load()
CLIP = {"$media": "c" * 64, "suffix": ".mp4"}


def test_first_and_last_frame_go_where_each_family_wants_them(catalogue: Catalogue) -> None:
    """The same parts are `image_url` and `tail_image_url` on v2.1/pro, `start_` and `end_` on v2.6."""
    parts = Parts("p", first_frame=PICTURE, last_frame=OTHER, seconds=Fraction(5))
    older = build(catalogue.get(KLING + "v2.1/pro/image-to-video"), parts)
    newer = build(catalogue.get(KLING + "v2.6/pro/image-to-video"), parts)
    assert older.arguments == {
        "prompt": "p",
        "image_url": PICTURE,
        "tail_image_url": OTHER,
        "duration": "5",
    }
    assert newer.arguments == {
        "prompt": "p",
        "start_image_url": PICTURE,
        "end_image_url": OTHER,
        "duration": "5",
        "generate_audio": False,
    }
    assert older.notes == newer.notes == ()


def test_sound_is_refused_in_so_many_words_unless_asked_for(catalogue: Catalogue) -> None:
    """Every endpoint that can make sound is told whether to: by default some do, at twice the price."""
    for name in catalogue.names():
        endpoint = catalogue.get(name)
        if endpoint.audio and endpoint.kind == "text-to-video":
            assert build(endpoint, Parts("p")).arguments["generate_audio"] is False, name
            assert build(endpoint, Parts("p", audio=True)).arguments["generate_audio"] is True, name


def test_a_part_without_a_field_becomes_one_line_that_names_the_endpoint(catalogue: Catalogue) -> None:
    """What v2.6/pro does not take is left out and said; what it takes is sent."""
    endpoint = catalogue.get(KLING + "v2.6/pro/image-to-video")
    built = build(endpoint, Parts("p", first_frame=PICTURE, adherence=0.6, references=(OTHER,), seed=7))
    assert built.notes == (
        "v2.6/pro/image-to-video takes no reference pictures: 1 left out",
        "v2.6/pro/image-to-video takes no cfg_scale: adherence 0.6 is left out",
        "v2.6/pro/image-to-video takes no seed: two takes of one request differ",
    )
    assert "cfg_scale" not in built.arguments


def test_motion_control_gets_picture_reference_and_orientation(catalogue: Catalogue) -> None:
    """Motion control has no duration, no negative prompt and says what happens to the reference's sound."""
    endpoint = catalogue.get(KLING + "v2.6/pro/motion-control")
    parts = Parts("p", "blur", first_frame=PICTURE, motion_video=CLIP, orientation="video", ratio="9:16")
    built = build(endpoint, parts)
    assert built.arguments == {
        "prompt": "p",
        "image_url": PICTURE,
        "video_url": CLIP,
        "character_orientation": "video",
        "keep_original_sound": False,
    }
    assert built.notes == ("v2.6/pro/motion-control takes no negative_prompt: what to avoid is left out",)


def test_a_style_pass_sends_clip_references_and_no_length(catalogue: Catalogue) -> None:
    """O1 edit takes the clip and up to four pictures; duration and cfg_scale do not exist there."""
    endpoint = catalogue.get(KLING + "o1/video-to-video/edit")
    built = build(
        endpoint, Parts("p", source_video=CLIP, references=(PICTURE,), seconds=Fraction(5), ratio="16:9")
    )
    assert built.arguments == {
        "prompt": "p",
        "video_url": CLIP,
        "image_urls": [PICTURE],
        "keep_audio": False,
    }
    assert len(built.notes) == 1
    assert "as long as its input" in built.notes[0]


def test_one_reference_or_several_follow_the_endpoints_field(catalogue: Catalogue) -> None:
    """Kontext takes one picture by name, its sister a list; what does not fit is said."""
    two = Parts("p", references=(PICTURE, OTHER), ratio="16:9", seed=3)
    one = build(catalogue.get("fal-ai/flux-pro/kontext"), two)
    many = build(catalogue.get("fal-ai/flux-pro/kontext/multi"), two)
    assert one.arguments["image_url"] == PICTURE
    assert one.notes == ("flux-pro/kontext takes one reference picture: 1 left out",)
    assert many.arguments["image_urls"] == [PICTURE, OTHER]
    assert many.arguments["aspect_ratio"] == "16:9"
    assert many.arguments["seed"] == 3


def test_stills_are_png_of_an_exact_size(catalogue: Catalogue) -> None:
    """Flux is asked for PNG, at the size given or at the ratio's own size of one megapixel."""
    endpoint = catalogue.get("fal-ai/flux/dev")
    assert build(endpoint, Parts("p", ratio="16:9")).arguments == {
        "prompt": "p",
        "image_size": {"width": 1280, "height": 720},
        "output_format": "png",
    }
    given_size = build(endpoint, Parts("p", ratio="16:9", size=Size(512, 512)))
    assert given_size.arguments["image_size"] == {"width": 512, "height": 512}


def test_the_ratio_is_sent_where_the_contract_has_it_and_missed_nowhere_else(catalogue: Catalogue) -> None:
    """Text-to-video takes the ratio; image-to-video of v2.1/pro follows its first frame without a word."""
    words = build(catalogue.get(KLING + "v2.5-turbo/pro/text-to-video"), Parts("p", ratio="9:16"))
    picture = build(
        catalogue.get(KLING + "v2.1/pro/image-to-video"), Parts("p", first_frame=PICTURE, ratio="9:16")
    )
    assert words.arguments["aspect_ratio"] == "9:16"
    assert "aspect_ratio" not in picture.arguments
    assert picture.notes == ()


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (Parts("p"), "image_url is required"),
        (Parts("", first_frame=PICTURE), "prompt is required"),
        (Parts("p" * 2501, first_frame=PICTURE), "2501 characters, at most 2500"),
        (Parts("p", "n" * 2501, first_frame=PICTURE), "negative_prompt has 2501"),
        (Parts("p", first_frame=PICTURE, seconds=Fraction(7)), "'7' is not one of 5, 10"),
        (Parts("p", first_frame=PICTURE, seconds=Fraction(5, 2)), "'2.5' is not one of"),
        (Parts("p", first_frame=PICTURE, adherence=1.5), "not between 0 and 1"),
        (Parts("p", first_frame=3), "must be a file"),
    ],
)
def test_a_request_that_breaks_the_contract_is_never_built(
    catalogue: Catalogue, parts: Parts, said: str
) -> None:
    """What fal would refuse after the upload is refused here, for nothing."""
    with pytest.raises(PlanError, match=said):
        build(catalogue.get(KLING + "v2.1/pro/image-to-video"), parts)


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("fal-ai/flux/dev", {"prompt": "p", "colour": 1}, "colour is not a field"),
        ("fal-ai/flux/dev", {"prompt": "p", "seed": True}, "seed must be a number"),
        ("fal-ai/flux/dev", {"prompt": "p", "image_size": "huge"}, "none of the allowed forms"),
        ("fal-ai/flux/dev", {"prompt": "p", "image_size": {"width": "wide"}}, "none of the allowed forms"),
        ("fal-ai/flux/dev", {"prompt": 5}, "prompt must be a string"),
        ("fal-ai/flux-2/edit", {"prompt": "p", "image_urls": ["a"] * 5}, "5 items, at most 4"),
        ("fal-ai/flux-2/edit", {"prompt": "p", "image_urls": [4]}, r"image_urls\.0 must be a file"),
        (
            KLING + "o1/video-to-video/edit",
            {
                "prompt": "p",
                "video_url": "v",
                "image_urls": ["a", "b"],
                "elements": [{"frontal_image_url": "c"}] * 3,
            },
            "together with elements has 5 items|together with image_urls has 5 items",
        ),
        (
            KLING + "o1/video-to-video/edit",
            {"prompt": "p", "video_url": "v", "elements": [{}]},
            r"elements\.0\.frontal_image_url is required",
        ),
        (
            KLING + "o1/video-to-video/edit",
            {"prompt": "p", "video_url": "v", "elements": [{"frontal_image_url": "c", "hat": 1}]},
            r"elements\.0\.hat is not a field",
        ),
        (
            KLING + "o1/video-to-video/edit",
            {
                "prompt": "p",
                "video_url": "v",
                "elements": [{"frontal_image_url": "c", "reference_image_urls": ["d"] * 4}],
            },
            "4 items, at most 3",
        ),
    ],
)
def test_every_kind_of_breach_is_named_with_its_field(
    catalogue: Catalogue, name: str, arguments: dict[str, Any], said: str
) -> None:
    """Unknown fields, types, enums, maxima (also shared ones) and nested members are all checked."""
    with pytest.raises(AssertionError, match=said):
        assert validate(catalogue.get(name), arguments) == []


def test_a_good_request_has_no_problems(catalogue: Catalogue) -> None:
    """Addresses and vault media both count as files, and nested elements are accepted."""
    arguments = {
        "prompt": "p",
        "video_url": "https://example.org/v.mp4",
        "image_urls": [PICTURE],
        "elements": [{"frontal_image_url": PICTURE, "reference_image_urls": ["https://example.org/a.png"]}],
    }
    assert validate(catalogue.get(KLING + "o1/video-to-video/edit"), arguments) == []


@given(across=st.integers(1, 32), down=st.integers(1, 32))
def test_a_picture_has_exactly_its_ratio_and_costs_one_megapixel(across: int, down: int) -> None:
    """The size is exact, on a grid of 16 px and no larger than what is billed as one megapixel."""
    size = picture_size(f"{across}:{down}")
    assert size.width * down == size.height * across
    assert size.width % 16 == size.height % 16 == 0
    assert 0 < prod((size.width, size.height)) <= 1024 * 1024


@pytest.mark.parametrize("ratio", ["", "16x9", "0:9", "16:0", "wide", "999:998", "-16:9"])
def test_a_ratio_that_is_none_is_refused(ratio: str) -> None:
    """Only small whole numbers make a picture's shape."""
    with pytest.raises(PlanError, match="aspect ratio"):
        picture_size(ratio)


@given(
    name=st.sampled_from(CATALOGUE.names()),
    adherence=st.none() | st.floats(0, 1),
    negative=st.text(max_size=20),
    audio=st.booleans(),
    keep=st.booleans(),
    references=st.integers(0, 3),
)
def test_what_is_built_is_accepted_or_refused_as_a_plan_error(
    *, name: str, adherence: float | None, negative: str, audio: bool, keep: bool, references: int
) -> None:
    """For every endpoint and any parts: the contract accepts the result, or a PlanError says why not."""
    endpoint = CATALOGUE.get(name)
    parts = Parts(
        "p",
        negative,
        first_frame=PICTURE,
        references=(PICTURE,) * references,
        seconds=None if endpoint.seconds is None else endpoint.seconds[0],
        ratio="16:9",
        adherence=adherence,
        audio=audio,
        keep_sound=keep,
        motion_video=CLIP,
        source_video=CLIP,
        orientation="video",
    )
    try:
        built = build(endpoint, parts)
    except PlanError:
        return
    assert validate(endpoint, built.arguments) == []
    assert all(note.startswith(endpoint.short) for note in built.notes)


def test_several_characters_are_elements_where_the_endpoint_has_them(catalogue: Catalogue) -> None:
    """A character is a frontal picture with further views; elsewhere its picture goes as a reference."""
    parts = Parts("@Element1 waves", elements=(Element(PICTURE, (OTHER,)), Element(OTHER)))
    omni = build(catalogue.get(KLING + "o1/reference-to-video"), parts)
    older = build(catalogue.get(KLING + "v1.6/pro/elements"), parts)
    assert omni.arguments["elements"] == [
        {"frontal_image_url": PICTURE, "reference_image_urls": [OTHER]},
        {"frontal_image_url": OTHER},
    ]
    assert older.arguments["input_image_urls"] == [PICTURE, OTHER]


def test_references_become_elements_where_nothing_else_is_taken(catalogue: Catalogue) -> None:
    """v3 takes a character's picture only as an element."""
    parts = Parts("p", first_frame=PICTURE, references=(OTHER,))
    built = build(catalogue.get(KLING + "v3/pro/image-to-video"), parts)
    assert built.arguments["elements"] == [{"frontal_image_url": OTHER}]


def test_pictures_in_objects_are_sent_as_objects(catalogue: Catalogue) -> None:
    """PuLID wants each reference wrapped."""
    built = build(catalogue.get("fal-ai/pulid"), Parts("p", references=(PICTURE,)))
    assert built.arguments["reference_images"] == [{"image_url": PICTURE}]


def test_an_effect_works_on_pictures_and_takes_no_words(catalogue: Catalogue) -> None:
    """The first frame goes along as its picture; a scene that does not exist is refused."""
    endpoint = catalogue.get(KLING + "v1.6/pro/effects")
    parts = Parts("p", first_frame=PICTURE, references=(OTHER,), effect="hug", seconds=Fraction(5))
    assert build(endpoint, parts).arguments == {
        "effect_scene": "hug",
        "input_image_urls": [PICTURE, OTHER],
        "duration": "5",
    }
    with pytest.raises(PlanError, match="'hugg' is not one of hug, kiss"):
        build(endpoint, Parts("p", first_frame=PICTURE, effect="hugg"))


def test_masks_presets_and_voices_go_where_they_are_taken(catalogue: Catalogue) -> None:
    """Each has one field; where there is none, one line says what becomes of it."""
    way = {"mask_url": OTHER, "trajectories": [{"x": 1, "y": 2}]}
    masked = Parts("p", first_frame=PICTURE, mask=OTHER, moving_masks=(way,))
    built = build(catalogue.get(KLING + "v1.5/pro/image-to-video"), masked)
    assert built.arguments["static_mask_url"] == OTHER
    assert built.arguments["dynamic_masks"] == [way]
    preset = Parts("p", camera_preset="forward_up", voices=("v1",))
    older = build(catalogue.get(KLING + "v1/standard/text-to-video"), preset)
    newer = build(catalogue.get(KLING + "v2.5-turbo/pro/text-to-video"), preset)
    assert older.arguments["camera_control"] == "forward_up"
    assert "camera_control" not in newer.arguments
    assert any("the movement goes into the prompt" in note for note in newer.notes)
    assert any("takes no chosen voices" in note for note in newer.notes)
