from __future__ import annotations

import time
from dataclasses import replace
from fractions import Fraction
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.endpoints import (
    Catalogue,
    Need,
    Parts,
    PriceTable,
    UnknownEndpoint,
    build,
    choose,
    chosen_when,
    orientation_for,
)
from onmodel.endpoints.choice import Quality, Task, rules
from onmodel.errors import PlanError

KLING = "fal-ai/kling-video/"
CATALOGUE = Catalogue.load()
PRICES = PriceTable.load()
SHOOT = Need("shoot", seconds=Fraction(5))


@pytest.mark.parametrize(
    ("need", "name"),
    [
        (SHOOT, KLING + "v2.5-turbo/pro/text-to-video"),
        (replace(SHOOT, quality="draft"), KLING + "v2.5-turbo/pro/text-to-video"),
        (replace(SHOOT, quality="master"), KLING + "v2.6/pro/text-to-video"),
        (replace(SHOOT, has_start_image=True), KLING + "v2.1/pro/image-to-video"),
        (replace(SHOOT, has_start_image=True, quality="master"), KLING + "v2.1/master/image-to-video"),
        (replace(SHOOT, has_start_image=True, quality="draft"), KLING + "v2.5-turbo/standard/image-to-video"),
        (
            replace(SHOOT, has_start_image=True, quality="draft", last_frame=True),
            KLING + "v2.5-turbo/pro/image-to-video",
        ),
        (
            replace(SHOOT, has_start_image=True, quality="master", last_frame=True),
            KLING + "v2.1/pro/image-to-video",
        ),
        (replace(SHOOT, has_start_image=True, has_motion=True), KLING + "v2.6/standard/motion-control"),
        (
            replace(SHOOT, has_start_image=True, has_motion=True, quality="master"),
            KLING + "v2.6/pro/motion-control",
        ),
        (Need("restyle", seconds=Fraction(5), input_s=Fraction(5)), KLING + "o1/video-to-video/edit"),
        (Need("sheet-first"), "fal-ai/flux/dev"),
        (Need("sheet-view", references=1), "fal-ai/flux-pro/kontext"),
        (Need("sheet-view", references=1, quality="master"), "fal-ai/flux-pro/kontext"),
        (Need("keyframe", references=3), "fal-ai/flux-pro/kontext/multi"),
        (Need("keyframe", references=1, quality="master"), "fal-ai/flux-pro/kontext/max"),
        (Need("keyframe", references=4, quality="master"), "fal-ai/flux-pro/kontext/max/multi"),
    ],
)
def test_the_tree_leads_to_the_guides_endpoint(catalogue: Catalogue, need: Need, name: str) -> None:
    """Every branch ends at the endpoint that the guide names for it, with a reason."""
    choice = choose(need, catalogue)
    assert choice.endpoint.name == name
    assert choice.why


@given(
    task=st.sampled_from(get_args(Task)),
    quality=st.sampled_from(get_args(Quality)),
    has_start_image=st.booleans(),
    has_motion=st.booleans(),
    ratio=st.sampled_from(["16:9", "9:16", "1:1"]),
    references=st.integers(1, 4),
)
def test_whatever_the_tree_picks_can_do_it_and_has_a_price(
    *, task: Task, quality: Quality, has_start_image: bool, has_motion: bool, ratio: str, references: int
) -> None:
    """Unpinned, every need of a usual shot is met, in every usual ratio, at a known price."""
    need = Need(
        task,
        quality=quality,
        has_start_image=has_start_image or has_motion,
        has_motion=has_motion,
        ratio=ratio,
        references=min(references, 1) if has_motion else references,  # v3 takes one element: the face
        seconds=Fraction(5),
        input_s=Fraction(5),
    )
    choice = choose(need, CATALOGUE)
    price = PRICES.estimate(choice.endpoint.name, seconds=choice.seconds_bought)
    assert price.usd > 0


@pytest.mark.parametrize(("wanted", "bought"), [("1/2", 5), ("5", 5), ("126/25", 10), ("10", 10)])
def test_the_shortest_length_that_covers_the_seconds_is_bought(
    catalogue: Catalogue, wanted: str, bought: int
) -> None:
    """v2.1/pro sells 5 and 10 s: a shot of 5.04 s takes 10."""
    need = replace(SHOOT, has_start_image=True, seconds=Fraction(wanted))
    assert choose(need, catalogue).seconds_bought == bought


def test_a_shot_longer_than_the_endpoint_sells_names_the_lengths_and_who_sells_more(
    catalogue: Catalogue,
) -> None:
    """12 s is refused by v2.1/pro; the message has 5 and 10, the hint an endpoint that sells 12."""
    with pytest.raises(PlanError, match=r"5, 10 s.*12 s") as caught:
        choose(replace(SHOOT, has_start_image=True, seconds=Fraction(12)), catalogue)
    assert "v3/pro/image-to-video" in caught.value.hint


def test_a_length_nobody_sells_is_refused_without_a_false_hint(catalogue: Catalogue) -> None:
    """400 s can be bought nowhere, and the hint says so."""
    with pytest.raises(PlanError) as caught:
        choose(replace(SHOOT, seconds=Fraction(400)), catalogue)
    assert "No endpoint" in caught.value.hint


@pytest.mark.parametrize(
    ("orientation", "input_s", "fits"),
    [
        ("video", 30, True),
        ("video", 40, False),
        ("image", 10, True),
        ("image", 12, False),
        ("video", 1, False),
    ],
)
def test_motion_control_follows_its_reference_within_the_orientations_limits(
    *, catalogue: Catalogue, orientation: str, input_s: int, fits: bool
) -> None:
    """Length and price follow the reference: 2-30 s with orientation video, 2-10 s with image."""
    need = Need(
        "shoot",
        has_start_image=True,
        has_motion=True,
        seconds=Fraction(1),
        input_s=Fraction(input_s),
        orientation="video" if orientation == "video" else "image",
    )
    if fits:
        assert choose(need, catalogue).seconds_bought == input_s
    else:
        with pytest.raises(PlanError, match=f"{input_s} s long.*2 to (30|10) s"):
            choose(need, catalogue)


def test_a_reference_shorter_than_the_shot_is_refused(catalogue: Catalogue) -> None:
    """A motion reference of 3 s cannot fill a shot of 5 s."""
    need = replace(SHOOT, has_start_image=True, has_motion=True, input_s=Fraction(3))
    with pytest.raises(PlanError, match="3 s long, and the shot needs 5 s"):
        choose(need, catalogue)


def test_a_clip_to_restyle_keeps_to_the_edits_limits(catalogue: Catalogue) -> None:
    """O1 edit takes 3 to 10.05 s; a clip of 2 s is refused before it is paid."""
    with pytest.raises(PlanError, match=r"3 to 10\.05 s"):
        choose(Need("restyle", seconds=Fraction(2), input_s=Fraction(2)), catalogue)


@pytest.mark.parametrize(
    ("need", "said"),
    [
        (
            replace(SHOOT, has_start_image=True, pinned=KLING + "v2.5-turbo/pro/text-to-video"),
            "text-to-video",
        ),
        (
            replace(
                SHOOT, has_start_image=True, last_frame=True, pinned=KLING + "v2.1/master/image-to-video"
            ),
            "no last frame",
        ),
        (
            replace(SHOOT, has_start_image=True, pinned=KLING + "o1/reference-to-video"),
            "no first frame",
        ),
        (Need("keyframe", references=2, pinned="fal-ai/flux-pro/kontext"), "1 reference"),
        (replace(SHOOT, ratio="21:9", pinned=KLING + "v2.5-turbo/pro/text-to-video"), "16:9, 9:16, 1:1"),
        (Need("sheet-first", pinned="fal-ai/flux-pro/kontext"), "text-to-image"),
    ],
)
def test_a_pinned_endpoint_that_cannot_do_it_says_why(catalogue: Catalogue, need: Need, said: str) -> None:
    """Nothing is swapped behind the producer's back: the pin is refused, with the reason and who can."""
    with pytest.raises(PlanError, match=said):
        choose(need, catalogue)


def test_the_hint_of_a_refused_pin_names_endpoints_that_can(catalogue: Catalogue) -> None:
    """Each endpoint in the hint meets the need when pinned."""
    need = replace(SHOOT, has_start_image=True, last_frame=True, pinned=KLING + "v2.1/master/image-to-video")
    with pytest.raises(PlanError) as caught:
        choose(need, catalogue)
    named = caught.value.hint.removeprefix("These can: ").rstrip(".").split(", ")
    assert len(named) == 4
    for name in named:
        assert choose(replace(need, pinned=name), catalogue).endpoint.name == name


def test_a_pin_is_obeyed_and_said(catalogue: Catalogue) -> None:
    """A pinned endpoint that can do it is taken, and sells its own lengths: 7 s on v3."""
    need = replace(
        SHOOT, has_start_image=True, seconds=Fraction(13, 2), pinned=KLING + "v3/pro/image-to-video"
    )
    choice = choose(need, catalogue)
    assert (choice.endpoint.name, choice.seconds_bought) == (need.pinned, Fraction(7))
    assert "pinned" in choice.why


def test_an_unknown_pin_is_unknown(catalogue: Catalogue) -> None:
    """A pin that is not in the catalogue gets the nearest names."""
    with pytest.raises(UnknownEndpoint):
        choose(replace(SHOOT, pinned="fal-ai/kling-video/v9"), catalogue)


def test_stills_buy_no_seconds(catalogue: Catalogue) -> None:
    """A keyframe has no length, whatever the shot's seconds."""
    assert choose(Need("keyframe", references=1, seconds=Fraction(5)), catalogue).seconds_bought is None


def test_a_motion_reference_of_a_wrong_length_is_answered_with_what_fits(catalogue: Catalogue) -> None:
    """What is allowed is said once, and the hint names the other orientation only where that would do."""
    need = replace(SHOOT, has_start_image=True, has_motion=True, input_s=Fraction(40))
    with pytest.raises(PlanError) as caught:
        choose(need, catalogue)
    assert caught.value.message == (
        "the motion reference is 40 s long; it may be 2 to 30 s with orientation video."
    )
    assert "2 to" not in caught.value.hint
    with pytest.raises(PlanError, match="it may be 2 to 10 s with orientation image") as caught:
        choose(replace(need, input_s=Fraction(12), orientation="image"), catalogue)
    assert caught.value.hint.endswith("With orientation video it may be 2 to 30 s.")


WISHES: dict[str, dict[str, Any]] = {
    "has_start_image": {"has_start_image": True},
    "has_motion": {"has_motion": True, "has_start_image": True},
    "last_frame": {"last_frame": True},
    "references": {"references": 1},
    "several_references": {"references": 2},
    "audio": {"audio": True},
    "masked": {"mask": True},
    "effect": {"effect": "hug"},
    "camera_preset": {"camera_preset": "forward_up"},
}


def need_of(when: dict[str, Any]) -> Need:
    """A need for which exactly the conditions of a rule hold."""
    need = Need(
        when["task"], seconds=Fraction(5), input_s=Fraction(5), quality=when.get("quality", "standard")
    )
    for key in WISHES.keys() & {key for key, holds in when.items() if holds}:
        need = replace(need, **WISHES[key])
    if need.task in ("sheet-view", "keyframe"):
        need = replace(need, references=max(1, need.references))
    return need


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["endpoint"].rpartition("kling-video/")[2])
def test_every_rule_of_the_tree_leads_somewhere_that_can_do_it(
    catalogue: Catalogue, rule: dict[str, Any]
) -> None:
    """Each rule is reached by a need of its conditions, can do what they say, and has a price."""
    need = need_of(rule["when"])
    if rule["why"] == "several references, with sound":
        need = replace(need, audio=True)
    choice = choose(need, catalogue)
    assert choice.endpoint.name == rule["endpoint"]
    assert choice.why.startswith(rule["why"])
    assert PRICES.of(rule["endpoint"])


@pytest.mark.parametrize(
    ("need", "name"),
    [
        (replace(SHOOT, has_start_image=True, audio=True), "v2.6/pro/image-to-video"),
        (replace(SHOOT, audio=True), "v2.6/pro/text-to-video"),
        (replace(SHOOT, has_start_image=True, mask=True), "v1.5/pro/image-to-video"),
        (
            replace(SHOOT, has_start_image=True, moving_masks=True, quality="master"),
            "v1.5/pro/image-to-video",
        ),
        (replace(SHOOT, camera_preset="forward_up"), "v1/standard/text-to-video"),
        (replace(SHOOT, has_start_image=True, effect="hug"), "v1.6/pro/effects"),
        (replace(SHOOT, references=3), "o1/reference-to-video"),
        (replace(SHOOT, references=3, has_start_image=True), "o3/standard/reference-to-video"),
        (
            replace(SHOOT, references=1, has_start_image=True, has_motion=True, input_s=Fraction(5)),
            "v3/standard/motion-control",
        ),
        (
            Need("restyle", quality="master", seconds=Fraction(5), input_s=Fraction(5)),
            "o3/pro/video-to-video/edit",
        ),
        (Need("reference", seconds=Fraction(5), input_s=Fraction(5)), "o1/video-to-video/reference"),
    ],
)
def test_what_a_shot_asks_for_narrows_the_choice_to_who_has_it(
    catalogue: Catalogue, need: Need, name: str
) -> None:
    """Sound, masks, presets, effects and references lead past the guide's endpoints, which lack them."""
    assert choose(need, catalogue).endpoint.name == KLING + name


def test_who_was_passed_over_is_said(catalogue: Catalogue) -> None:
    """A draft with chosen voices is not the cheapest with sound: it takes no voices, and the plan says so."""
    choice = choose(replace(SHOOT, has_start_image=True, voices=True, quality="draft"), catalogue)
    assert choice.endpoint.name == KLING + "v2.6/pro/image-to-video"
    assert "o3/standard/image-to-video was passed over: it takes no chosen voices" in choice.why


@pytest.mark.parametrize(
    ("need", "said"),
    [
        (replace(SHOOT, has_start_image=True, mask=True, audio=True), "makes no sound"),
        (
            replace(SHOOT, has_start_image=True, has_motion=True, audio=True, input_s=Fraction(5)),
            "makes no sound",
        ),
        (replace(SHOOT, has_start_image=True, effect="huge"), "no effect 'huge' (did you mean 'hug'?)"),
        (replace(SHOOT, has_start_image=True, references=9), "and there are 9"),
    ],
)
def test_wishes_that_nobody_can_meet_together_are_refused(
    catalogue: Catalogue, need: Need, said: str
) -> None:
    """No wish is dropped in silence: the message names the one that stands in the way."""
    with pytest.raises(PlanError) as caught:
        choose(need, catalogue)
    assert said in caught.value.message


def test_a_reference_may_miss_its_limits_by_a_frame(catalogue: Catalogue) -> None:
    """Containers round: 10.04 s is 10 s, and 10.1 s is not."""
    need = Need("shoot", has_start_image=True, has_motion=True, seconds=Fraction(5), orientation="image")
    assert choose(replace(need, input_s=Fraction("10.04")), catalogue).seconds_bought == Fraction("10.04")
    with pytest.raises(PlanError, match="2 to 10 s"):
        choose(replace(need, input_s=Fraction("10.1")), catalogue)


def test_the_reference_of_a_new_clip_keeps_to_its_limits_and_its_length_is_bought(
    catalogue: Catalogue,
) -> None:
    """A clip that goes by another is sold by its own length; the other may have 3 to 10.05 s."""
    need = Need("reference", seconds=Fraction(7), input_s=Fraction(4))
    assert choose(need, catalogue).seconds_bought == 7
    with pytest.raises(PlanError, match=r"3 to 10\.05 s"):
        choose(replace(need, input_s=Fraction(2)), catalogue)


def test_the_tree_can_be_told_in_words() -> None:
    """`models show` says when an endpoint is chosen; one that only a pin reaches has nothing to say."""
    assert chosen_when(KLING + "v2.1/master/image-to-video") == (
        "a shot, from a picture, at master quality: one picture, highest quality",
    )
    assert chosen_when(KLING + "v1/tts") == ()
    for rule in rules():
        assert chosen_when(rule["endpoint"])


def test_a_thousand_shots_are_chosen_built_and_priced_at_once(catalogue: Catalogue) -> None:
    """A season's worth takes well under a second, whatever its shots ask for."""
    picture = {"$media": "a" * 64, "suffix": ".png"}
    needs = [replace(SHOOT, has_start_image=True), SHOOT, replace(SHOOT, has_start_image=True, audio=True)]
    began = time.perf_counter()
    for number in range(1000):
        choice = choose(needs[number % 3], catalogue)
        parts = Parts("p", "n", first_frame=picture, seconds=choice.seconds_bought)
        build(
            choice.endpoint, parts if needs[number % 3].has_start_image else replace(parts, first_frame=None)
        )
        PRICES.estimate(choice.endpoint.name, seconds=choice.seconds_bought)
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    ("face", "person", "seconds", "value", "why"),
    [
        (0.07, 0.9, 8, "video", "whole body"),
        (0.3, None, 8, "image", "portrait"),
        (0.3, 0.9, 8, "image", "portrait"),
        (0.3, None, 12, "video", "longer than 10 s"),
        (0.18, None, "10.04", "image", "portrait"),
        (0.1, None, 8, "video", "a body"),
        (None, None, None, "video", "nobody could be measured"),
    ],
)
def test_orientation_follows_what_is_seen_in_the_reference(
    face: float | None, person: float | None, seconds: Any, value: str, why: str
) -> None:
    """A full body follows the video, a portrait the picture, and over 10 s there is no choice."""
    length = None if seconds is None else Fraction(seconds)
    chosen = orientation_for(face_height=face, person_height=person, seconds=length)
    assert chosen.value == value
    assert why in chosen.why
