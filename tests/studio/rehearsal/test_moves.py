from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from onmodel.craft import camera_phrase, preset_move
from onmodel.craft.words import camera_words
from onmodel.studio.rehearsal.animator import Besides, Shot, animate_still, film_layers
from onmodel.studio.rehearsal.canvas import Picture
from onmodel.studio.rehearsal.clip import Planes, read_planes, to_picture, to_planes
from onmodel.studio.rehearsal.diagram import without_diagrams
from onmodel.studio.rehearsal.layers import Layers, flat_layers, split_layers
from onmodel.studio.rehearsal.lens import view_matrix
from onmodel.studio.rehearsal.looks import CharacterLook
from onmodel.studio.rehearsal.moves import (
    SLOW_PUSH,
    camera_moves,
    moves_named,
    path_named,
    read_move,
    said_of_move,
)
from onmodel.studio.rehearsal.painter import paint_plate, paint_scene
from onmodel.studio.rehearsal.paths import DEEP, FLAT, Moment
from onmodel.units import Size

SIZE = Size(320, 180)
FPS = Fraction(24)
PIP = CharacterLook("pip", "Pip", "stylised", "a small robot", ("round blue head",), {"head": "#3b78d8"}, {})
SCENE = "Pip stands in a workshop, full body"
MOVES = camera_moves()
WIDER = {"dolly out", "zoom out"}


@pytest.fixture(scope="module")
def still() -> Picture:
    """Soft noise: texture in every place, no dark pixel."""
    noise = np.random.default_rng(1).normal(0, 1, (SIZE.height, SIZE.width)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 2)
    return np.repeat(np.clip(130 + 40 * soft / soft.std(), 60, 220).astype(np.uint8)[:, :, None], 3, axis=2)


@pytest.fixture(scope="module")
def scene() -> Layers:
    return split_layers(paint_scene(SCENE, [PIP], SIZE, 3), paint_plate(SCENE, [PIP], SIZE, 3))


def shift(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Phase correlation to fractions of a pixel: the slope of the cross spectrum's phase, by its power."""
    side = one.shape[0]
    window = np.outer(np.hanning(side), np.hanning(side))
    first, second = (np.fft.rfft2((patch - patch.mean()) * window) for patch in (one, other))
    cross = first * np.conj(second)
    down, across = np.meshgrid(
        2 * np.pi * np.fft.fftfreq(side), 2 * np.pi * np.fft.rfftfreq(side), indexing="ij"
    )
    counts = (np.hypot(down, across) < 0.9) & (np.hypot(down, across) > 0)
    at, weight = np.stack([across[counts], down[counts]]), np.abs(cross)[counts]
    return np.asarray(np.linalg.solve((at * weight) @ at.T, (at * weight) @ np.angle(cross)[counts]))


def matrix(name: str, index: int, last: int) -> NDArray[np.float64]:
    view = path_named(name, deep=False)(Moment(index / last, float(index / FPS)))
    return np.vstack([view_matrix(SIZE.width, SIZE.height, view), [0, 0, 1]])


@pytest.mark.parametrize("name", ["pan left", "dolly in", "handheld", "static", "tilt up", "FPV drone"])
def test_nothing_jitters(name: str, still: Picture) -> None:
    """Two frames are apart by their move, to less than a tenth of a pixel."""
    frames = list(film_layers(flat_layers(still), 24, name))
    for index, (one, other) in enumerate(pairwise(frames)):
        back = np.linalg.inv(matrix(name, index, 23)) @ matrix(name, index + 1, 23)
        size = (SIZE.width, SIZE.height)
        moved = cv2.warpAffine(
            one.y.astype(np.float32), back[:2], size, flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        )
        left = shift(moved[26:154, 96:224], other.y[26:154, 96:224])
        assert float(np.abs(left).max()) < 0.1


@pytest.mark.parametrize("name", sorted({*MOVES, SLOW_PUSH, "pan right + dolly in"}))
def test_every_move_begins_on_its_still(name: str, still: Picture, scene: Layers) -> None:
    """The first frame is the picture that was given, to the byte where it is flat; then it moves."""
    for layers in (flat_layers(still), scene):
        frames = list(film_layers(layers, 13, name))
        assert len(frames) == 13
        unlike = np.abs(frames[0].y.astype(int) - layers.still.y)
        assert (unlike.max() <= (9 if layers.deep else 0), unlike.mean() < 0.1) == (True, True)
        assert np.abs(frames[0].y.astype(int) - frames[-1].y).mean() > 0.02
    assert min(int(plane.y.min()) for plane in film_layers(flat_layers(still), 5, name)) > 50


@pytest.mark.parametrize("name", sorted({*MOVES} - WIDER))
@pytest.mark.parametrize("deep", [True, False])
def test_a_move_never_looks_past_the_still(name: str, deep: bool) -> None:  # noqa: FBT001 - one of two cases
    """The four corners of every frame show a place inside the still."""
    corners = np.array([(0, 0, 1), (319, 0, 1), (0, 179, 1), (319, 179, 1)]).T
    for step in range(49):
        view = path_named(name, deep=deep)(Moment(step / 48, step / 48 * 6, (0.46, 0.95)))
        x, y = view_matrix(320, 180, view) @ corners
        assert x.min() >= -0.012 * 320
        assert x.max() <= 319 + 0.012 * 320
        assert y.min() >= -0.012 * 180
        assert y.max() <= 179 + 0.012 * 180


def test_a_wider_view_continues_the_still_softly(still: Picture) -> None:
    """Where a camera goes back, what nobody drew is soft and of the still's own tones, with no seam."""
    *_, last = film_layers(flat_layers(still), 9, "zoom out")
    rows = cv2.Laplacian(last.y, cv2.CV_64F).std(axis=1)
    assert rows[:12].mean() < 0.3 * rows[60:140].mean()
    assert 70 < last.y[:12].mean() < 190


@pytest.mark.parametrize("name", sorted(MOVES))
def test_every_move_is_found_by_its_own_words(name: str) -> None:
    """Each of a move's words, in a sentence, names that move; loose ones where no other is asked for."""
    for word in (*MOVES[name].words, *MOVES[name].loose):
        assert read_move(f"Pip waits. Medium shot, {word}. Warm light.") == name


def test_the_whole_vocabulary_moves() -> None:
    """Every movement and preset that the composer knows becomes a move here, by the words of its prompt."""
    for word in camera_words("move"):
        said = read_move(f"Pip, a robot. Medium shot, {camera_phrase(move=word.name)}. It blinks.")
        assert said == word.name.replace("orbit right", "orbit"), word.name
    presets = {word.name: read_move(preset_move(word.name)) for word in camera_words("preset")}
    assert presets == {
        "down_back": "crane down + dolly out",
        "forward_up": "dolly in + crane up",
        "right_turn_forward": "pan right + dolly in",
        "left_turn_forward": "pan left + dolly in",
    }


def test_every_name_has_a_path() -> None:
    """The words, the paths and the flat ways of going them are of the same moves."""
    assert {*MOVES, SLOW_PUSH} == set(DEEP)
    assert set(FLAT) <= set(DEEP)


def test_two_moves_at_once_and_none() -> None:
    """Two moves are both made, as they are said; a figure's doings are no camera's; none is a push."""
    assert read_move("camera dolly in and camera pan left, handheld") == "dolly in + pan left"
    assert read_move("The balloon rises. Camera dolly in") == "dolly in"
    assert read_move("Pip turns left and moves down the stairs") == SLOW_PUSH
    both = path_named("dolly in + pan left", deep=True)(Moment(1.0, 5.0))
    assert (both.zoom > 1.3, both.x < -0.05) == (True, True)


def test_depth_shows(scene: Layers) -> None:
    """Where figure and set are known apart, a dolly zoom keeps the one and stretches the other."""
    assert scene.deep
    last = list(film_layers(scene, 25, "dolly zoom"))[-1]
    inside = scene.figure > 0.99
    change = np.abs(last.y.astype(int) - scene.still.y)
    assert change[inside].mean() < 1 < change[~inside].mean()


def test_focus_goes_from_the_figure_to_the_set() -> None:
    """At the end of a focus pull the set has more detail than at its start, and the figure less."""
    plates = (paint_plate(SCENE, [PIP], SIZE, 3, sharp=sharp) for sharp in (False, True))
    layers = split_layers(paint_scene(SCENE, [PIP], SIZE, 3), *plates)
    first, *_, last = film_layers(layers, 9, "rack focus")
    detail = [np.abs(cv2.Laplacian(one.y, cv2.CV_64F)) for one in (first, last)]
    inside, outside = layers.figure > 0.99, layers.figure < 0.01
    assert detail[1][inside].mean() < 0.7 * detail[0][inside].mean()
    assert detail[1][outside].mean() > 1.5 * detail[0][outside].mean()


def test_two_pictures_of_two_scenes_stay_flat(still: Picture) -> None:
    """A plate that is of another scene makes no figure of the whole picture."""
    assert not split_layers(still, paint_plate(SCENE, [PIP], SIZE, 3)).deep


def test_what_a_still_cannot_show_is_called_a_sketch() -> None:
    """The slate says so, and a diagram stands in the corner."""
    for name in ("orbit", "dolly zoom", "rack focus"):
        assert said_of_move(name) == f"{name}, sketched"
        assert any(move.diagram for move in moves_named(name))
    assert said_of_move("dolly in") == "dolly in"


def test_a_diagram_moves_in_the_corner(tmp_path: Path, still: Picture) -> None:
    """The lower left corner is the diagram's, and what it shows moves on."""
    animate_still(still, Shot("camera orbit", "l", Fraction(1), 1), tmp_path / "a.mp4")
    frames = [one.y.astype(int) for one in read_planes(tmp_path / "a.mp4")]
    corner = (slice(-34, -8), slice(8, 44))
    assert np.median(frames[0][corner]) < 60
    assert np.abs(frames[0][corner] - frames[-1][corner]).max() > 60


def test_a_diagram_is_taken_out_of_a_frame(tmp_path: Path, still: Picture) -> None:
    """Where a clip goes on from a frame that has diagrams, they are filled in; other pictures stay."""
    smooth = cv2.GaussianBlur(still, (0, 0), 12)
    animate_still(smooth, Shot("camera orbit and rack focus", "l", Fraction(1, 6), 1), tmp_path / "a.mp4")
    first = to_picture(next(read_planes(tmp_path / "a.mp4")))
    healed = without_diagrams(first)
    assert np.abs(first.astype(int) - smooth)[30:].mean() > 3
    assert np.abs(healed.astype(int) - smooth)[30:].mean() < 3
    assert without_diagrams(smooth) is smooth


def test_a_clip_ends_on_the_last_frame_that_it_was_given(tmp_path: Path, still: Picture) -> None:
    """From the first picture to the last, whatever the camera does between; the same bytes each time."""
    other = np.ascontiguousarray(still[::-1, ::-1])
    for name in ("a", "b"):
        besides = Besides(last=flat_layers(other))
        animate_still(still, Shot("dolly in", "l", Fraction(1), 1), tmp_path / name, besides=besides)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    frames = [one.y[24:].astype(int) for one in read_planes(tmp_path / "a")]
    first, last = (to_planes(picture).y[24:] for picture in (still, other))
    assert np.abs(frames[0] - first).mean() < 3
    assert np.abs(frames[-1] - last).mean() < 3


def test_hands_shake_smoothly_and_alike(still: Picture) -> None:
    """The shake is the same every time, whatever the shot's length, and never jumps."""
    path = path_named("handheld", deep=False)
    spots = np.array([(view.x, view.y) for view in (path(Moment(n / 240, n / 24)) for n in range(240))])
    assert np.abs(np.diff(spots, axis=0)).max() * 1280 < 6
    assert np.abs(np.diff(spots, 2, axis=0)).max() * 1280 < 0.8
    assert np.ptp(spots[:, 0]) > 0.008
    assert path(Moment(0.2, 2.0)) == path(Moment(0.5, 2.0))
    one, other = (list(film_layers(flat_layers(still), 6, "handheld")) for _ in range(2))
    assert all(np.array_equal(a.y, b.y) for a, b in zip(one, other, strict=True))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120))
def test_any_words_name_moves_that_there_are(text: str) -> None:
    """Whatever is said, a move comes of it."""
    assert moves_named(read_move(text))
    view = path_named(read_move(text), deep=True)(Moment(0.5, 2.5))
    assert view.zoom > 0.5


def test_planes_are_copies(still: Picture) -> None:
    """A frame may be drawn over without touching the next one, where two show the same."""
    first: Planes | None = None
    for planes in film_layers(flat_layers(still), 2, "pan left"):
        if first is not None:
            assert planes.y.max() > 0
        planes.y[:] = 0
        first = planes
