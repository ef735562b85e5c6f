from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.endpoints import Catalogue, Need, PriceTable, UnknownEndpoint, choose
from onmodel.endpoints.choice import Quality, Task, _rules
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
        references=references,
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


def test_every_rule_of_the_tree_names_an_endpoint_and_can_be_reached(catalogue: Catalogue) -> None:
    """No rule stands behind one that always wins, and none names an endpoint that does not exist."""
    seen: list[object] = []
    for rule in _rules():
        assert rule["endpoint"] in catalogue.names()
        assert not any(
            earlier.items() <= rule["when"].items() for earlier in seen if isinstance(earlier, dict)
        )
        seen.append(rule["when"])
