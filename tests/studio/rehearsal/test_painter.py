from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onmodel.studio.rehearsal.canvas import Picture
from onmodel.studio.rehearsal.casting import cast_of, worn_by
from onmodel.studio.rehearsal.looks import CharacterLook, colour_of, garments_in, one_eyed, parse_colour
from onmodel.studio.rehearsal.moves import path_named
from onmodel.studio.rehearsal.painter import (
    PLACES,
    is_nowhere,
    paint_plate,
    paint_scene,
    paint_sheet,
    place_of,
)
from onmodel.studio.rehearsal.paths import Moment
from onmodel.studio.rehearsal.pose import read_pose
from onmodel.studio.rehearsal.staging import read_frame, read_light, read_weather
from onmodel.units import Size

SMALL = Size(240, 240)
WIDE, TALL = Size(320, 180), Size(180, 320)
SLATE = 0.105
"""Height of the slate in a wide picture, in heights."""
VIEWS = ("front", "three-quarter", "profile", "full-body", "happy", "sad")

PIP = CharacterLook(
    "pip",
    "Pip",
    "stylised",
    "a friendly small robot",
    ("round blue head", "one glowing yellow eye", "small antenna on top"),
    {"head": "#3b78d8", "eye": "#ffd23f", "body": "#c9ced6"},
    {"default": "bare chrome", "rain": "a yellow raincoat"},
)
MINA = CharacterLook(
    "mina",
    "Mina",
    "human",
    "a young singer",
    ("long straight black hair with purple highlights",),
    {"skin": "#f0c8a0"},
    {"default": "a crimson jacket and black trousers"},
)


def colours(picture: Picture) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """The share of each strong hue; a model sheet's pale ground has none."""
    hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
    strong = (hsv[:, :, 1] > 80).astype(np.uint8)
    counts = cv2.calcHist([hsv], [0], strong, [12], [0, 180]).ravel()
    return np.asarray(counts / max(counts.sum(), 1), np.float32)


def distance(one: Picture, other: Picture) -> float:
    return float(np.abs(colours(one) - colours(other)).sum() / 2)


def sheet(look: CharacterLook, view: str) -> Picture:
    return paint_sheet(look, view, look.default_wardrobe, SMALL, 1)


@pytest.mark.parametrize("look", [PIP, MINA], ids=lambda look: look.id)
def test_views_agree(look: CharacterLook) -> None:
    """Every view of one bible shows the same colours, and no other bible's view is as near."""
    other = MINA if look is PIP else PIP
    front = sheet(look, "front")
    within = [distance(front, sheet(look, view)) for view in VIEWS[1:]]
    across = [distance(front, sheet(other, view)) for view in VIEWS]
    assert max(within) < 0.5
    assert max(within) < min(across)


def test_sheet_view_turns_the_figure() -> None:
    """Each view and expression of a model sheet is a different picture."""
    assert len({sheet(PIP, view).tobytes() for view in VIEWS}) == len(VIEWS)


def test_wardrobe_changes_the_clothes_and_not_the_head() -> None:
    """A raincoat covers the body with its colour, and the eye stays where it was."""
    bare = paint_sheet(PIP, "full-body", "bare chrome", SMALL, 1)
    coat = paint_sheet(PIP, "full-body", "a yellow raincoat", SMALL, 1)
    body, eye = (slice(150, 185), slice(95, 145)), (slice(78, 88), slice(118, 128))
    assert distance(bare[body], coat[body]) > 0.5
    assert np.abs(bare[eye].astype(int) - coat[eye].astype(int)).max() < 12


@pytest.mark.parametrize("name", sorted(PLACES))
def test_each_set_is_its_own(name: str) -> None:
    """Every set that the painter knows is found by its words and differs from a plain ground."""
    assert place_of(f"pip stands in a {PLACES[name].words[0]}") is PLACES[name]
    nowhere = paint_scene("Pip stands", [PIP], WIDE, 1)
    here = paint_scene(f"Pip stands in a {PLACES[name].words[0]}", [PIP], WIDE, 1)
    assert np.abs(nowhere.astype(int) - here.astype(int)).mean() > 12


@pytest.mark.parametrize(
    ("words", "others"),
    [
        ("golden hour", "night"),
        ("rain falls", "a clear sky"),
        ("close-up", "wide shot"),
        ("low angle", "high angle"),
        ("it sits", "it runs"),
        ("it looks sad", "it smiles"),
        ("a butterfly", "nobody else"),
    ],
)
def test_words_change_the_picture(words: str, others: str) -> None:
    """Light, weather, shot size, angle, pose, mood and props follow the prompt's words."""
    one = paint_scene(f"Pip in a garden, {words}", [PIP], WIDE, 1)
    other = paint_scene(f"Pip in a garden, {others}", [PIP], WIDE, 1)
    assert np.abs(one.astype(int) - other.astype(int)).mean() > 0.2


def test_an_empty_set_has_its_props() -> None:
    """A shot without a character still shows the thing that it is about."""
    one, other = (paint_scene(f"a concert stage{words}", [PIP], WIDE, 1) for words in (", a microphone", ""))
    assert np.abs(one.astype(int) - other.astype(int)).mean() > 0.2


def test_layers_of_clothes() -> None:
    """A jacket lies over the dress whichever is named first, and marks of the head are drawn."""
    texts = ("a silver jacket over a black dress", "a black dress and a silver jacket")
    one, other = (paint_sheet(MINA, "front", text, SMALL, 1) for text in texts)
    assert np.array_equal(one, other)
    plain = CharacterLook("mina", "Mina", "human", "a singer", ("long black hair",), MINA.palette)
    marked = CharacterLook(
        "mina",
        "Mina",
        "human",
        "a singer",
        ("long black hair with violet ends", "a hoop in the left ear"),
        MINA.palette,
    )
    assert not np.array_equal(sheet(plain, "front"), sheet(marked, "front"))


def test_same_order_same_picture() -> None:
    """The same prompt and seed give the same picture; another seed moves what is random in it."""
    prompt = "Pip in a park among falling autumn leaves"
    first = paint_scene(prompt, [PIP], TALL, 4)
    assert np.array_equal(first, paint_scene(prompt, [PIP], TALL, 4))
    assert not np.array_equal(first, paint_scene(prompt, [PIP], TALL, 5))


@pytest.mark.parametrize("size", [WIDE, TALL, Size(200, 200)])
def test_a_picture_has_its_size(size: Size) -> None:
    """Any ratio is painted at exactly its size."""
    assert paint_scene("Pip and Mina in a kitchen", [PIP, MINA], size, 1).shape == (
        size.height,
        size.width,
        3,
    )


def test_close_up_is_larger() -> None:
    """The nearer the shot, the more of the frame is the character."""
    shares = []
    for shot in ("wide shot", "full body", "close-up"):
        hsv = cv2.cvtColor(paint_scene(f"Pip stands, {shot}", [PIP], WIDE, 1), cv2.COLOR_RGB2HSV)
        shares.append(float(((hsv[:, :, 1] > 130) & (abs(hsv[:, :, 0].astype(int) - 108) < 12)).mean()))
    assert shares == sorted(shares)
    assert shares[0] * 3 < shares[2]


def test_who_is_meant() -> None:
    """A prompt means whom it names; failing that whom it resembles; failing that a stranger, or nobody."""
    cast = [PIP, MINA]
    assert [player.look.id for player in cast_of("Mina waves at Pip", cast)] == ["mina", "pip"]
    assert [player.look.id for player in cast_of("A friendly robot waves", cast)] == ["pip"]
    assert [player.look.id for player in cast_of("An old man in a boat", cast)] == ["stranger"]
    assert cast_of("An empty beach", cast) == ()
    assert cast_of("A pipe in a minaret", cast) == ()


def test_what_is_worn() -> None:
    """An outfit of the bible that the prompt quotes is worn, then `wearing ...`, then the default."""
    assert worn_by(PIP, "pip in a yellow raincoat, alone") == "a yellow raincoat"
    assert "red scarf" in worn_by(PIP, "pip wearing a red scarf")
    assert worn_by(PIP, "pip waits") == "bare chrome"
    assert [garment.shape for garment in garments_in("a yellow raincoat and black boots")] == [
        "raincoat",
        "boots",
    ]
    assert garments_in("a yellow raincoat")[0].colour == parse_colour("yellow")
    assert garments_in("bare chrome") == ()


def test_marks_are_not_the_setting() -> None:
    """A raincoat makes no rain, and an eye counts as one only where the bible says one eye."""
    assert read_weather("a raincoat hangs") == ()
    assert read_weather("a rainy street") == ("rain",)
    assert one_eyed(PIP)
    assert not one_eyed(CharacterLook("x", "X", "human", "one braid", ("blue eyes",)))
    assert is_nowhere("front view on a plain background")


def test_readings() -> None:
    """Shot sizes, angles, lights and stances are read from the trade's words."""
    assert read_frame("a medium close-up from below").shot == "medium"
    assert read_frame("low angle, close-up") == read_frame("close-up, low angle")
    assert (read_frame("high angle").angle, read_frame("two people").shot) == ("high", "plain")
    assert (read_light("at dusk").name, read_light("neon night").name, read_light("noon").name) == (
        "dusk",
        "neon",
        "day",
    )
    assert read_pose("it sits on a kerb").seated
    assert read_pose("its antenna droops").mood == "sad"


def test_palette_wins_over_words() -> None:
    """A part's colour comes from the palette, else from the bible's words, else from its name for ever."""
    assert colour_of(PIP, "head") == (0x3B, 0x78, 0xD8)
    assert colour_of(MINA, "hair") == parse_colour("black")
    assert colour_of(MINA, "highlight") == parse_colour("purple")
    assert colour_of(MINA, "shoes") == colour_of(MINA, "shoes") != colour_of(PIP, "shoes")


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=80), st.integers(0, 2**31))
def test_any_prompt_is_painted(prompt: str, seed: int) -> None:
    """No prompt is too odd to be painted."""
    assert paint_scene(prompt, [PIP, MINA], Size(64, 36), seed).dtype == np.uint8


@pytest.mark.parametrize("name", ["dolly in", "dolly out", "truck right", "orbit"])
def test_the_slate_hides_nothing_of_a_medium_shots_head(name: str) -> None:
    """However near a move begins or ends, the tip of the antenna stays below the slate."""
    green = replace(PIP, palette=PIP.palette | {"eye": "#20c040"})
    prompt = "Pip stands. Setting: a street. Medium shot, eye level."
    one, other = (paint_scene(prompt, [look], WIDE, 5).astype(int) for look in (PIP, green))
    tip = np.flatnonzero((np.abs(one - other) > 40).any(axis=(1, 2))).min() / WIDE.height
    for share in (0.0, 0.5, 1.0):
        view = path_named(name, deep=False)(Moment(share, 5 * share))
        assert 0.5 + (tip - 0.5 - view.y) * view.zoom > SLATE


@pytest.mark.parametrize(
    "prompt", ["Pip stands in a workshop, medium shot", "Pip and Mina in rain, dutch angle"]
)
def test_a_plate_is_the_set_without_its_figures(prompt: str) -> None:
    """Away from the figures the plate is the scene; in focus it has more detail than behind them."""
    scene, plate = paint_scene(prompt, [PIP, MINA], WIDE, 5), paint_plate(prompt, [PIP, MINA], WIDE, 5)
    unlike = np.abs(scene.astype(int) - plate).max(axis=2) > 9
    assert 0.02 < unlike.mean() < 0.75
    assert not unlike[:, -8:].any()
    sharp = paint_plate(prompt, [PIP, MINA], WIDE, 5, sharp=True)
    assert cv2.Laplacian(sharp, cv2.CV_64F).std() > 2 * cv2.Laplacian(plate, cv2.CV_64F).std()
