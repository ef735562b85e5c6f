from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from onmodel.endpoints import Catalogue, PriceTable
from onmodel.errors import StoryError
from onmodel.planning import Commission
from onmodel.planning.market import Market
from onmodel.planning.preflight import prepare_episode
from onmodel.story import read_story
from onmodel.units import Size


def say(desk: Any, *lines: str) -> None:
    """Say more in the second shot."""
    said = "".join(f"    {line}\n" for line in lines)
    desk.change("episode", "    setting: a street\n", f"{said}    setting: a street\n")


def clip(desk: Any, name: str = "s020.shoot") -> Commission:
    found: Commission = desk.plan().lines[name].commission
    return found


def warnings(desk: Any) -> list[str]:
    """What is worth saying about the episode."""
    story = read_story(desk.root, episodes=("s01e01",))
    market = Market(Catalogue.load(), PriceTable.load({}), desk.facts)
    return [str(one) for one in prepare_episode(story, "s01e01", market).warnings]


def picture(desk: Any, *names: str) -> None:
    for name in names:
        (desk.root / name).write_bytes(name.encode())


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ((), 0.5),
        (("camera: {size: close-up}",), 0.4),
        (("adherence: 0.9", "camera: {size: close-up}"), 0.9),
        (("last_frame: end.png",), 0.5),
    ],
)
def test_how_strictly_words_are_followed_suits_the_shot(
    desk: Any, said: tuple[str, ...], value: float
) -> None:
    """What the shot says wins; else what is advised for its kind; and neither is content of its own."""
    picture(desk, "end.png")
    say(desk, *said)
    assert clip(desk).parts.adherence == value


def test_an_endpoint_without_adherence_is_told_where_it_is_said(desk: Any) -> None:
    """The request goes without it, and the line that has it is named."""
    say(desk, "adherence: 0.7", "endpoint: fal-ai/kling-video/v2.6/pro/image-to-video")
    (found,) = [one for one in warnings(desk) if "cfg_scale" in one]
    assert found.startswith("episodes/s01e01.yaml:12:16: v2.6/pro/image-to-video takes no cfg_scale")
    assert "v2.6/pro/image-to-video takes no cfg_scale: adherence 0.7 is left out" in clip(desk).remarks


def test_a_preset_is_said_in_words_too(desk: Any) -> None:
    """The prompt moves the camera as the preset does; where it has no field, the plan says so."""
    say(desk, "camera: {preset: forward_up}")
    assert "camera moves forward and upward" in clip(desk).parts.prompt.lower()
    assert any("camera_control" in one for one in warnings(desk))
    desk.change("episode", "cast: {pip: rain}", "cast: []")
    made = clip(desk)
    assert made.choice.endpoint.short == "v1/standard/text-to-video"
    assert made.parts.camera_preset == "forward_up"


def test_a_preset_and_a_movement_are_one_too_many(desk: Any) -> None:
    """The preset moves; the other movement is not said, and that is told."""
    say(desk, "camera: {preset: down_back, move: pan left}")
    assert "pan" not in clip(desk).parts.prompt
    assert any("'down_back' moves the camera already" in one for one in warnings(desk))


def test_a_mask_and_moving_parts_lead_to_who_takes_them(desk: Any) -> None:
    """Both go along as files, and their ways are content; a fine mask of one colour is no blurred picture."""
    picture(desk, "still.png", "arm.png")
    say(desk, "mask: {still: still.png, moving: [{area: arm.png, path: [{x: 1, y: 2}, {x: 3, y: 4}]}]}")
    made = clip(desk)
    assert made.choice.endpoint.short == "v1.5/pro/image-to-video"
    assert set(made.files) == {"mask", "moving_masks.0"}
    assert made.parts.moving_masks == ({"trajectories": [{"x": 1, "y": 2}, {"x": 3, "y": 4}]},)
    assert made.content["mask"] == [[{"x": 1, "y": 2}, {"x": 3, "y": 4}]]


def test_an_effect_needs_no_action(desk: Any) -> None:
    """It works on the first frame; an unknown one is told with the nearest."""
    desk.change("episode", "    action: its antenna droops\n", "    effect: squish\n")
    made = clip(desk)
    assert made.choice.endpoint.short == "v1.6/pro/effects"
    assert made.parts.effect == "squish"
    desk.change("episode", "effect: squish", "effect: squash")
    with pytest.raises(StoryError, match="did you mean 'squish'"):
        desk.plan()


def test_sound_is_asked_for_and_priced(desk: Any) -> None:
    """Sound leads to who makes it, and costs more than the same clip without."""
    say(desk, "audio: true")
    made = clip(desk)
    assert made.choice.endpoint.short == "v2.6/pro/image-to-video"
    silent = PriceTable.load({}).estimate(made.choice.endpoint.name, seconds=made.choice.seconds_bought)
    assert made.price.usd > silent.usd
    desk.change("episode", "audio: true", "voices: [narrator-1]")
    assert clip(desk).parts.voices == ("narrator-1",)
    assert clip(desk).price.usd >= made.price.usd


def test_several_characters_go_along_as_elements(desk: Any) -> None:
    """Mode reference films from everybody's views, with no keyframe, and the prompt names them."""
    say(desk, "mode: reference")
    lines = desk.plan().lines
    assert "s020.keyframe" not in lines
    made = lines["s020.shoot"].commission
    assert made.choice.endpoint.short == "o1/reference-to-video"
    assert [(one.commission, one.role) for one in made.sources] == [
        ("pip.rain.front.sheet", "elements.pip"),
        ("pip.rain.profile.sheet", "elements.pip"),
    ]
    assert made.parts.prompt.startswith("Pip (@Element1)")


def test_things_go_along_with_a_first_frame(desk: Any) -> None:
    """Files are pictures, named by what they show; a bible's id stands for its sheet."""
    picture(desk, "brass-lantern.png")
    say(desk, "references: [brass-lantern.png]")
    made = clip(desk)
    assert made.choice.endpoint.short == "o3/standard/reference-to-video"
    assert list(made.files) == ["references.0"]
    assert "Brass lantern as in @Image1" in made.parts.prompt
    assert made.content["references"] == ["Pip", "brass lantern"]


def test_a_style_pass_may_have_pictures_and_lose_its_sound(desk: Any) -> None:
    """What the pictures show is named in the prompt; what is not said changes no digest."""
    before = clip(desk, "s030.restyle").content
    picture(desk, "coat.png")
    desk.change(
        "episode",
        "  s030:\n",
        "  s030:\n    references: {a red coat: coat.png}\n    keep_sound: false\n",
    )
    made = clip(desk, "s030.restyle")
    assert "A red coat as in @Image1" in made.parts.prompt
    assert made.parts.keep_sound is False
    assert dict(made.content) == {**before, "references": ["a red coat"], "keep_sound": False}


def test_a_new_clip_may_go_by_another(desk: Any) -> None:
    """Mode reference of a style pass is filmed anew, at a length of its own."""
    desk.change("episode", "  s030:\n", "  s030:\n    mode: reference\n    seconds: 3\n")
    made = clip(desk, "s030.restyle")
    assert made.choice.endpoint.short == "o1/video-to-video/reference"
    assert made.choice.seconds_bought == made.parts.seconds == 3


def test_another_shape_has_bars_and_a_warning(desk: Any) -> None:
    """The shot is filmed in its own shape, its keyframe too."""
    say(desk, 'aspect_ratio: "9:16"')
    assert clip(desk).shape.width < clip(desk).shape.height
    assert clip(desk, "s020.keyframe").parts.ratio == "9:16"
    assert any("seen with bars" in one for one in warnings(desk))


def test_what_the_endpoint_refuses_of_a_file_is_found_at_its_key(desk: Any) -> None:
    """Too small a picture is an error where it is named; one that is only smaller than advised, a warning."""
    picture(desk, "end.png")
    say(desk, "last_frame: end.png")
    facts = desk.facts
    desk.facts = lambda path: _sized(facts(path), 200)
    with pytest.raises(StoryError) as caught:
        desk.plan()
    assert "'end.png': it is 200 px" in str(caught.value)
    assert caught.value.findings[0].place.line == 12


def _sized(facts: Any, px: int) -> Any:
    return replace(facts, size=Size(px, px))


def test_a_price_of_ones_own_may_say_what_sound_costs(desk: Any) -> None:
    """`prices` in production.yaml has a figure for clips with sound, and one with voices."""
    row = "{usd: 0.1, audio: 0.3, voices: 0.5, unit: second, source: ours}"
    name = "fal-ai/kling-video/v2.6/pro/image-to-video"
    desk.change("production", "retakes: 2", f"retakes: 2\nprices:\n  {name}: {row}")
    production = read_story(desk.root, episodes=()).production
    desk.prices = {key: one.model_dump(exclude_none=True) for key, one in production.prices.items()}
    say(desk, "audio: true")
    assert clip(desk).price.usd == Decimal("1.5")
    desk.change("episode", "audio: true", "voices: [ada]")
    assert clip(desk).price.usd == Decimal("2.5")
