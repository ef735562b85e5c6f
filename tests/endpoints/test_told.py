from __future__ import annotations

import pytest

from onmodel.endpoints import Catalogue, guide_fields, shot_key, told_instead

KLING = "fal-ai/kling-video/"


@pytest.mark.parametrize(
    ("name", "field", "said"),
    [
        (
            "o1/video-to-video/edit",
            "input_image_urls",
            "takes image_urls instead of input_image_urls, named @Image1",
        ),
        ("o1/video-to-video/edit", "duration", "takes no duration: the clip is as long as its input"),
        ("o1/video-to-video/edit", "cfg_scale", "takes no cfg_scale"),
        (
            "v2.5-turbo/pro/text-to-video",
            "camera_control",
            "takes no camera_control: the movement goes into the prompt",
        ),
        ("v2.5-turbo/pro/text-to-video", "advanced_camera_control", "the movement goes into the prompt"),
        ("v2.1/pro/image-to-video", "special_fx", "effects are endpoints of their own"),
        ("v1.6/pro/effects", "special_fx", "takes effect_scene instead of special_fx"),
        (
            "v1.5/pro/image-to-video",
            "dynamic_mask_url",
            "takes dynamic_masks instead of dynamic_mask_url, a list",
        ),
        ("v2.1/pro/image-to-video", "static_mask_url", "only v1/standard and v1.5/pro"),
        ("v2.1/pro/image-to-video", "input_image_urls", "O1 and O3 reference-to-video"),
        (
            "v3/pro/image-to-video",
            "input_image_urls",
            "takes elements instead of input_image_urls, named @Element1",
        ),
        ("v2.1/pro/image-to-video", "aspect_ratio", "the first frame"),
        ("v2.6/pro/image-to-video", "tail_image_url", "takes end_image_url instead of tail_image_url"),
        ("v2.6/pro/image-to-video", "image_url", "takes start_image_url instead of image_url"),
        ("v2.1/master/image-to-video", "tail_image_url", "takes no tail_image_url: it has no last frame"),
        ("v2.6/pro/image-to-video", "cfg_scale", "takes no cfg_scale"),
        ("v2.1/pro/image-to-video", "seed", "no Kling endpoint takes one"),
        ("v2.1/pro/image-to-video", "api_key", "FAL_KEY in the environment"),
    ],
)
def test_a_field_of_the_guide_is_answered_with_what_is_taken_instead(
    catalogue: Catalogue, name: str, field: str, said: str
) -> None:
    """One line for each place where the guide and the published contract disagree."""
    line = told_instead(catalogue.get(KLING + name), field)
    assert line is not None
    assert line.startswith(name)
    assert said in line
    assert "\n" not in line


@pytest.mark.parametrize("field", ["prompt", "image_url", "tail_image_url", "cfg_scale", "nonsense"])
def test_where_they_agree_there_is_nothing_to_tell(catalogue: Catalogue, field: str) -> None:
    """A field that the endpoint has, or that nobody speaks of, gets no remark."""
    assert told_instead(catalogue.get(KLING + "v2.1/pro/image-to-video"), field) is None


def test_every_field_of_the_guide_is_taken_or_answered_everywhere(catalogue: Catalogue) -> None:
    """Whatever the guide lists for a kind, each endpoint of it has, or says what it takes instead."""
    listed = 0
    for name in catalogue.names():
        endpoint = catalogue.get(name)
        for field in guide_fields(endpoint):
            listed += 1
            assert field in endpoint.fields or told_instead(endpoint, field), (name, field)
    assert listed > 100


def test_the_guides_fields_are_said_in_a_shot_by_our_names() -> None:
    """Whoever writes the guide's field into a shot can be told its key."""
    assert shot_key("tail_image_url") == "last_frame"
    assert shot_key("cfg_scale") == "adherence"
    assert shot_key("seed") is None
    assert shot_key("nonsense") is None
