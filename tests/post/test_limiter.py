from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from onmodel.post.limiter import AHEAD, FULL_SCALE, decibels, limited, true_peaks
from onmodel.post.mixing import BLOCK

Sound = NDArray[np.float64]
CEILING = FULL_SCALE * 10 ** (-1.5 / 20)


def stereo(wave: NDArray[np.float64]) -> Sound:
    return np.stack([wave, wave], axis=1)


def programme(sound: Sound) -> Callable[[int, int], Sound]:
    """What a mix does: silence before and after."""

    def render(begin: int, end: int) -> Sound:
        block = np.zeros((end - begin, 2))
        there = sound[max(0, begin) : max(0, end)]
        block[max(0, -begin) : max(0, -begin) + len(there)] = there
        return block

    return render


def through(sound: Sound, gain: float = 1, ceiling: float = CEILING) -> Sound:
    return np.concatenate([block for block, _ in limited(programme(sound), len(sound), gain, ceiling)])


@pytest.mark.parametrize("frequency", [997, 6000, 11_025, 12_000, 15_000])
def test_a_true_peak_is_between_the_samples(frequency: int) -> None:
    """A sine has its own height, wherever its samples fall; at a quarter of the rate they fall 3 dB short."""
    for phase in np.linspace(0, np.pi, 7):
        wave = 10_000 * np.sin(2 * np.pi * frequency * np.arange(4800) / 48_000 + phase)
        assert abs(decibels(true_peaks(stereo(wave), 0)[100:-100].max()) - decibels(10_000)) < 0.1
    short = 10_000 * np.sin(2 * np.pi * 12_000 * np.arange(4800) / 48_000 + np.pi / 4)
    assert np.abs(short).max() < 7100


def test_looking_only_at_what_is_loud_finds_the_same() -> None:
    """Passing quiet stretches over changes no peak above the level that matters."""
    rng = np.random.default_rng(5)
    sound = stereo(rng.normal(0, 3000, 20_000) * (np.arange(20_000) % 5000 > 4000))
    exact, quick = true_peaks(sound, 0), true_peaks(sound, 9000)
    assert np.array_equal(np.where(exact > 9000, exact, 0), np.where(quick > 9000, quick, 0))
    assert (exact >= np.abs(sound[:, 0])).all()


def test_what_is_quiet_is_not_touched() -> None:
    """Under the ceiling the limiter is not there at all."""
    sound = stereo(np.random.default_rng(1).uniform(-9000, 9000, 50_000))
    assert np.array_equal(through(sound), sound)
    assert np.array_equal(through(sound, gain=0.5), sound * 0.5)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(1, 12))
def test_no_true_peak_passes_the_ceiling(seed: int, gain: float) -> None:
    """However loud it is made, the peaks stay under the ceiling and every sample is there."""
    rng = np.random.default_rng(seed)
    sound = rng.normal(0, 2000, (9000, 2)) * np.repeat(rng.uniform(0, 3, 90), 100)[:, None]
    out = through(sound, gain)
    assert out.shape == sound.shape
    assert decibels(true_peaks(out, 0).max()) < -1.5 + 0.12


def test_the_gain_falls_before_a_peak_and_comes_back_after() -> None:
    """One peak is met by a straight line down that ends at it; the sound far from it is not touched."""
    sound = stereo(np.full(60_000, 1000.0))
    sound[30_000] = 60_000
    gain = through(sound)[:, 0] / sound[:, 0]
    assert gain[30_000] < 0.47
    assert (gain[: 30_000 - AHEAD - 20] == 1).all()
    assert (np.diff(gain[30_000 - AHEAD : 29_990]) <= 1e-12).all()
    assert (np.diff(gain[30_010:]) >= -1e-12).all()
    assert gain[-1] == 1
    assert np.abs(np.diff(gain[:29_990])).max() <= 1 / AHEAD + 1e-9


def test_a_peak_at_a_seam_is_seen_in_time() -> None:
    """Blocks are only a way of working: a peak that begins the next one is met in the one before."""
    sound = stereo(np.full(BLOCK + 9000, 1000.0))
    sound[BLOCK + 2] = 50_000
    gain = through(sound)[:, 0] / sound[:, 0]
    moved = through(sound[500:])[:, 0] / sound[500:, 0]
    assert np.allclose(gain[500:], moved, atol=1e-9)
    assert gain[BLOCK - 20] < 0.8


def test_both_sides_go_down_together() -> None:
    """A peak on one side does not pull the picture to the other."""
    sound = stereo(np.full(10_000, 2000.0))
    sound[5000, 0] = 60_000
    gain = through(sound) / sound
    assert gain.min() < 0.5
    assert np.allclose(gain[:, 0], gain[:, 1], atol=1e-12)


@pytest.mark.parametrize("samples", [1, 2, 11, 500])
def test_a_very_short_programme_is_limited_too(samples: int) -> None:
    """Even one sample."""
    assert np.abs(through(stereo(np.full(samples, 60_000.0)))).max() <= CEILING + 1e-6
