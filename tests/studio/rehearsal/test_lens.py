"""The lens: of a figure, what is looked at is all that is seen of it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from onmodel.studio.rehearsal.layers import flat_layers
from onmodel.studio.rehearsal.lens import figure_matrix, film, view_matrix
from onmodel.studio.rehearsal.paths import Moment, Near, View

WIDTH, HEIGHT = 96, 54
FPS = Fraction(24)
SIDES = st.floats(0.05, 0.95)


@given(
    corners=st.tuples(SIDES, SIDES, SIDES, SIDES),
    zoom=st.floats(0.6, 2),
    near_zoom=st.floats(0.6, 2),
    turn=st.floats(-20, 20),
    x=st.floats(-0.4, 0.4),
)
@settings(max_examples=60, deadline=None)
def test_a_figure_is_seen_whole_from_everywhere(
    corners: tuple[float, float, float, float], zoom: float, near_zoom: float, turn: float, x: float
) -> None:
    """A white figure before a black set: each frame is the figure's own mask, moved as the camera says."""
    figure = np.zeros((HEIGHT, WIDTH), np.float32)
    left, right = sorted(round(corner * WIDTH) for corner in corners[:2])
    top, bottom = sorted(round(corner * HEIGHT) for corner in corners[2:])
    figure[top : bottom + 1, left : right + 1] = 1
    white = flat_layers(np.full((HEIGHT, WIDTH, 3), 255, np.uint8))
    black = flat_layers(np.zeros((HEIGHT, WIDTH, 3), np.uint8)).still
    half = np.asarray(cv2.resize(figure, (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA), np.float32)
    layers = replace(white, plate=black, sharp=black, figure=figure, figure_half=half, deep=True)
    view = View(zoom=zoom, turn=turn, x=x, near=Near(zoom=near_zoom))

    def path(_: Moment) -> View:
        return view

    (seen,) = film(layers, path, 1, FPS)
    far = view_matrix(WIDTH, HEIGHT, view)
    matrix = figure_matrix(far, Near(zoom=near_zoom), (layers.foot[0] * WIDTH, layers.foot[1] * HEIGHT))
    alone = cv2.warpAffine(figure, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    shown = (seen.y.astype(np.float32) - 16) / (235 - 16)
    assert np.abs(shown - alone).max() < 0.07
