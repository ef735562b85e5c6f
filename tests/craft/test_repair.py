from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.craft import (
    CameraBrief,
    CharacterBrief,
    ShotBrief,
    compose_image_to_video,
    compose_keyframe,
    compose_motion_control,
    compose_restyle,
    compose_text_to_video,
)
from onmodel.craft.remedies import Change, Remedy, problems, remedies_for, remedy
from onmodel.craft.repair import Asked, applied, obstacle

PIP = CharacterBrief(
    "Pip",
    "a small robot",
    ("round blue head", "one yellow eye"),
    style="warm 3D animation",
    wardrobe="a yellow raincoat",
)
MINA = CharacterBrief("Mina", "a young singer", ("long black hair",))
SHOT = ShotBrief(
    (PIP,),
    "a workshop",
    "Pip stands at the bench",
    "it blinks, then tilts its head.",
    CameraBrief("medium", "dolly in", "low", "50mm"),
    "warm lamp light",
)
EVERYTHING = ("prompt", "negative", "adherence", "seed", "orientation", "references", "mask")
ASKED = Asked(EVERYTHING, seconds=Fraction(10), prompt_chars=400, draws_first_frame=True, has_mask=True)
EVERY = [one for problem in problems().values() for one in problem.remedies]


def change_of(name: str) -> Change:
    found = remedy(name)
    assert found is not None
    return found.change


def prompt(brief: ShotBrief, limit: int = 500) -> str:
    return compose_image_to_video(brief, limit=limit).text


def test_a_phrase_ends_the_prompt_and_stays() -> None:
    """In every mode, and even where there is room for little else."""
    brief = applied(SHOT, change_of("face-changing.features"))
    for text in (
        compose_image_to_video(brief).text,
        compose_text_to_video(brief).text,
        compose_motion_control(brief).text,
        compose_keyframe(brief, 2).text,
        compose_restyle(brief, "pencil").text,
        compose_image_to_video(brief, limit=320).text,
    ):
        assert text.endswith("Maintains exact facial features throughout.")


def test_a_phrase_says_what_the_shot_says() -> None:
    """Traits, names, wardrobe and start are the shot's own."""
    assert prompt(applied(SHOT, change_of("face-changing.face-again"))).endswith(
        "Pip always with round blue head, one yellow eye."
    )
    assert prompt(applied(SHOT, change_of("outfit-changing.outfit-again"))).endswith(
        "Pip always wearing a yellow raincoat."
    )
    assert prompt(applied(SHOT, change_of("start-morphing.as-in-the-picture"))).endswith(
        "Opens exactly as in the first picture: Pip stands at the bench."
    )


def test_several_characters_keep_their_traits_apart() -> None:
    """Whose trait is whose is said."""
    brief = applied(replace(SHOT, characters=(PIP, MINA)), change_of("identity-lost.richer-identity"))
    assert brief.anchors == (
        "exactly the same Pip and Mina: Pip with round blue head, one yellow eye, Mina with long black hair",
    )


@given(st.text(max_size=60))
def test_braces_of_the_story_are_words(text: str) -> None:
    """A trait with `{names}` in it is said as it is written."""
    brief = replace(SHOT, start=text + "{names}")
    found = applied(brief, change_of("start-morphing.as-in-the-picture"))
    assert found.anchors[0].endswith("{names}")


def test_words_of_movement_join_the_action() -> None:
    """They stand where the movement is said, not behind it all."""
    text = prompt(applied(SHOT, change_of("motion-too-slow.real-time")))
    assert "It blinks, then tilts its head, at normal speed, in real time. Warm lamp light" in text


def test_one_movement_is_the_first() -> None:
    """Of several movements, only the first is asked for."""
    assert applied(SHOT, change_of("proportions-shifting.one-movement")).action == "it blinks"


def test_technique_is_left_unsaid() -> None:
    """Lens and camera movement go, size and angle stay."""
    camera = applied(SHOT, change_of("motion-robotic.less-technique")).camera
    assert camera == CameraBrief("medium", None, "low", None)


def test_the_style_goes_last() -> None:
    """The look, or the characters' own style, is said once, at the very end."""
    brief = applied(SHOT, change_of("style-not-applied.style-last"))
    assert compose_motion_control(brief).text.endswith("Warm 3D animation.")
    assert compose_motion_control(brief).text.count("3D animation") == 1
    brief = applied(replace(SHOT, look="anime"), change_of("style-not-applied.style-last"))
    assert compose_motion_control(brief).text.endswith(
        "Anime, rendered in anime style, cel shading, vibrant colors."
    )


def test_a_style_is_said_by_what_makes_it() -> None:
    """`anime` alone becomes its words; of a style pass the look is asked, not the production's."""
    change = change_of("edit-not-applied.specific")
    assert applied(SHOT, change, "watercolour").anchors[0].startswith("watercolor painting style")
    assert obstacle(change, SHOT, ASKED, "my aunt's manner") == "the shot says nothing that it could work on"
    result = applied(SHOT, change_of("edit-not-applied.result"), "pencil lines")
    assert result.anchors == ("the finished picture in every frame: pencil lines",)


@pytest.mark.parametrize(
    ("name", "asked", "why"),
    [
        ("face-changing.better-model", replace(ASKED, highest_tier=True), "highest tier already"),
        ("face-changing.larger-picture", replace(ASKED, draws_first_frame=False), "not a keyframe of ours"),
        ("motion-jerky.looser", replace(ASKED, fields=("prompt",)), "takes no adherence"),
        ("motion-jerky.looser", replace(ASKED, adherence=0.3), "the adherence is 0.3 already"),
        ("edit-not-applied.stricter", replace(ASKED, adherence=0.8), "the adherence is 0.8 already"),
        ("motion-jerky.simpler", replace(ASKED, prompt_chars=240), "the prompt has only 240 characters"),
        ("motion-jerky.short-clips", replace(ASKED, seconds=Fraction(5)), "no clip of it is longer than 5 s"),
        ("motion-jerky.short-clips", replace(ASKED, seconds=None), "its length is not chosen"),
        ("motion-too-slow.speed-word", replace(ASKED, by_reference=True), "the reference gives the movement"),
        ("outfit-changing.deny", replace(ASKED, fields=("prompt",)), "takes no negative prompt"),
        ("background-moving.mask", replace(ASKED, fields=("prompt",)), "the endpoint takes no mask"),
        ("background-moving.mask", replace(ASKED, has_mask=False), "the shot names no mask"),
        ("motion-not-transferring.other-orientation", Asked(("prompt",)), "only motion control"),
        ("wrong-things-changing.references", Asked(("prompt",)), "takes no reference pictures"),
        ("picture-off-model.new-seed", Asked(("prompt",)), "takes no seed"),
    ],
)
def test_an_obstacle_is_said(name: str, asked: Asked, why: str) -> None:
    """What the endpoint lacks, or what is so already; without it the remedy can be done."""
    assert why in obstacle(change_of(name), SHOT, asked)
    assert obstacle(change_of(name), SHOT, ASKED) == ""


def test_what_the_shot_does_not_say_cannot_be_repeated() -> None:
    """No wardrobe, no remedy that says it again; the phrase is not sent with a hole in it."""
    bare = replace(SHOT, characters=(MINA,))
    change = change_of("outfit-changing.outfit-again")
    assert applied(bare, change).anchors == ()
    assert obstacle(change, bare, ASKED) == "the shot says nothing that it could work on"
    one = replace(SHOT, action="it blinks")
    assert obstacle(change_of("proportions-shifting.one-movement"), one, ASKED) != ""


@pytest.mark.parametrize("one", [one for one in EVERY if not one.by_hand], ids=lambda one: one.id)
def test_every_remedy_does_something(one: Remedy) -> None:
    """Where nothing stands in its way, another prompt or another setting is asked for."""
    look = "anime"
    brief = replace(SHOT, look=look)
    assert obstacle(one.change, brief, ASKED, look) == ""
    changed = applied(brief, one.change, look)
    settings = (
        one.change.avoid,
        one.change.characters,
        one.change.quality,
        one.change.seconds,
        one.change.orientation,
        one.change.first_frame,
        one.change.references,
        one.change.mask,
        one.change.seed,
        one.change.again,
        one.change.adherence(0.5) != 0.5,
    )
    assert prompt(changed, 1000) != prompt(brief, 1000) or any(settings)


def test_a_change_leaves_the_rest_alone() -> None:
    """A change of settings is no change of words, and an earlier remedy's phrase is kept."""
    assert applied(SHOT, Change(quality="up")) == SHOT
    twice = applied(applied(SHOT, Change(anchors=("a",))), Change(anchors=("b",)))
    assert twice.anchors == ("a", "b")


def test_every_tree_is_tried_without_anything_to_say() -> None:
    """A shot with nobody in it and no words ends nothing."""
    for problem in problems():
        for one in remedies_for(problem):
            applied(ShotBrief(), one.change)
            obstacle(one.change, ShotBrief(), Asked())
