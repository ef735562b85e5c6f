from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from onmodel.qc.appearance import SHRINKAGE, Appearance, measure_cohort, pool, windows


def test_each_identity_counts_once_in_the_cohort() -> None:
    """However many pictures there are of somebody, what is usual does not move towards it."""
    many, few = np.zeros((9, 4), np.float32), np.full((1, 4), 2, np.float32)
    mean, spread = measure_cohort([many, few])
    assert np.allclose(mean, 1)
    assert np.allclose(spread, 1 + SHRINKAGE)


def test_pictures_are_held_against_the_cohort_that_is_given() -> None:
    """What all of a cohort have in common makes no two pictures alike."""
    picture = np.random.default_rng(1).integers(0, 255, (128, 128, 3), np.uint8)
    raw = Appearance().measure_raw(picture)
    own = Appearance(np.stack([raw[0], np.ones_like(raw[0])]))
    assert np.allclose(own.measure(picture)[0], 0)
    assert np.allclose(np.linalg.norm(own.measure(picture)[1:], axis=1), 1, atol=1e-3)


@given(st.integers(3, 16), st.integers(3, 16))
def test_windows_lie_in_the_picture_and_the_whole_is_first(high: int, wide: int) -> None:
    """Every window has cells, and none reaches over the edge."""
    found = windows(high, wide, (0.75, 0.5))
    assert found[0] == (0, 0, high, wide)
    assert len(found) == len(set(found))
    assert all(0 <= top < bottom <= high and 0 <= left < right <= wide for top, left, bottom, right in found)


def test_a_window_is_the_cubic_mean_of_its_cells() -> None:
    """Pooled from sums over the map it is what one would work out for each window alone."""
    cells = np.random.default_rng(2).uniform(0, 3, (5, 6, 7)).astype(np.float32)
    found = pool(cells, (0.6,))
    for vector, (top, left, bottom, right) in zip(found, windows(6, 7, (0.6,)), strict=True):
        alone = np.cbrt((cells[:, top:bottom, left:right] ** 3).mean(axis=(1, 2)))
        assert np.allclose(vector, alone, rtol=1e-3)
