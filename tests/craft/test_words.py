from __future__ import annotations

from typing import get_args

import pytest

from onmodel.craft.words import (
    CameraField,
    MotionFamily,
    camera_words,
    consistency,
    find,
    look_negatives,
    motion_negatives,
    nearest,
    style_phrase,
    universal_negatives,
    view_phrase,
)


@pytest.mark.parametrize("kind", get_args(CameraField))
def test_every_camera_word_is_complete_and_found_by_all_its_names(kind: CameraField) -> None:
    """A word has a phrase, an effect and a use, and no two words of a kind share a name."""
    names = [name.casefold() for word in camera_words(kind) for name in (word.name, *word.also)]
    assert len(names) == len(set(names))
    for word in camera_words(kind):
        assert word.phrase
        assert word.effect
        assert word.best_for
        for name in (word.name, *word.also):
            assert find(kind, name.upper()) is word


def test_the_guides_lists_are_whole() -> None:
    """Twelve movements (some with two directions), seven angles, seven lenses, six phrases of coherence."""
    moves = {word.name.split()[0] for word in camera_words("move") if word.name != "dolly zoom"}
    assert " ".join(sorted(moves)) == (
        "FPV crane dolly handheld orbit pan rack static steadicam tilt truck zoom"
    )
    assert len(camera_words("angle")) == len(camera_words("lens")) == 7
    assert len(consistency()) == 6


@pytest.mark.parametrize(
    ("kind", "typed", "meant"),
    [
        ("move", "dolyl in", "dolly in"),
        ("move", "Pan-left", "pan left"),
        ("angle", "birds-eye", "birds eye"),
        ("lens", "telefoto", "telephoto"),
        ("size", "medum", "medium"),
        ("move", "xyzzy", None),
    ],
)
def test_a_misspelt_word_is_recognised(kind: CameraField, typed: str, meant: str | None) -> None:
    """The nearest known name is offered, and nothing where nothing is near."""
    assert nearest(kind, typed) == meant


@pytest.mark.parametrize(
    ("look", "term"),
    [
        ("Warm 3D animation", "off-model"),
        ("hand-drawn anime", "3D render"),
        ("cinematic, moody", "plastic skin"),
        ("gothic horror", "cheerful"),
        ("fashion portrait", "double chin"),
        ("wildlife documentary", "man-made objects"),
        ("product commercial", "fingerprints"),
    ],
)
def test_a_look_has_its_own_list_of_what_to_avoid(look: str, term: str) -> None:
    """The look's words choose the list."""
    assert term in look_negatives(look)


def test_a_3d_look_is_not_told_to_avoid_3d() -> None:
    """3D animation is animation, but `3D render` is what it wants."""
    assert "3D render" not in look_negatives("warm 3D animation")


def test_unknown_looks_have_no_list_and_no_phrase() -> None:
    """Words inside other words do not count: a `filmmaker` is not a film look."""
    assert look_negatives("filmmaker") == look_negatives("microfilm") == ()
    assert style_phrase("my own") is None


@pytest.mark.parametrize(
    "look", ["anime", "photorealistic", "vintage", "cyberpunk city", "pencil and watercolour"]
)
def test_the_five_styles_have_words(look: str) -> None:
    """Each of the guide's five styles adds its words, under British and American names."""
    assert style_phrase(look)


def test_movement_families_and_the_universal_list_are_there() -> None:
    """Three families of movement and one list for everything, with no term twice."""
    lists = [motion_negatives(family) for family in get_args(MotionFamily)] + [universal_negatives()]
    assert all(len(terms) >= 6 for terms in lists)
    assert all(len(terms) == len(set(terms)) for terms in lists)


def test_a_view_that_is_no_view_is_an_expression() -> None:
    """`happy` and `expression happy` ask for the same face; `profile` asks for a view."""
    assert view_phrase("happy") == view_phrase("expression happy") == view_phrase("expression: happy")
    assert "happy expression" in view_phrase("happy")
    assert "profile" in view_phrase("profile")
    assert "expression" not in view_phrase("profile")
