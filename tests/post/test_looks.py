from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from onmodel.post.gates import Expected, measure_clip, measure_still
from onmodel.post.looks import look_numbers, look_size
from onmodel.units import Size

MakeClip = Callable[..., Path]
WIDE = Expected(Size(16, 9))

COUNTING = "nullsrc=s=160x90:r=24:d=1,geq=lum='16+9*N':cb=128:cr=128"
"""Frame n is evenly grey, the brighter the later."""


@given(frames=st.integers(1, 2000), looks=st.integers(2, 60))
def test_looks_are_spread_over_the_whole_clip(frames: int, looks: int) -> None:
    """First and last frame are among them, none stands twice, and gaps differ by one frame at most."""
    numbers = look_numbers(frames, looks)
    assert len(numbers) == min(frames, looks)
    assert (numbers[0], numbers[-1]) == (0, frames - 1)
    gaps = [after - before for before, after in pairwise(numbers)]
    assert not gaps or (min(gaps) > 0 and max(gaps) - min(gaps) <= 1)


@given(width=st.integers(2, 4000), height=st.integers(2, 4000))
def test_a_look_keeps_its_shape_and_is_never_enlarged(width: int, height: int) -> None:
    """The longest side is 640 px at most, the ratio stays but for rounding."""
    size = look_size(Size(width, height))
    assert max(size.width, size.height) == min(640, max(width, height))
    if min(size.width, size.height) > 2:
        share = Fraction(size.width, width) / Fraction(size.height, height)
        assert abs(share - 1) <= Fraction(1, min(size.width, size.height))


def test_one_decode_gives_the_gates_and_the_looks(make_clip: MakeClip, ffmpeg: Path) -> None:
    """The frames that come are those asked for, in colour, with their times; the gates read as without."""
    clip = make_clip(picture=COUNTING, sound=None)
    report = measure_clip(clip, WIDE, ffmpeg, looks=9)
    assert report.looks is not None
    assert report.looks.frames.shape == (9, 90, 160, 3)
    assert report.looks.at_s[0] == 0.0
    assert report.looks.at_s[-1] == 23 / 24
    brightness = report.looks.frames.mean(axis=(1, 2, 3))
    expected = np.array([9 * 255 / 219 * number for number in look_numbers(24, 9)])
    assert np.abs(brightness - expected).max() < 4
    assert report.readings == measure_clip(clip, WIDE, ffmpeg).readings


def test_a_clip_with_sound_and_few_frames_gives_what_it_has(make_clip: MakeClip, ffmpeg: Path) -> None:
    """A clip of two frames gives two looks."""
    clip = make_clip(picture="testsrc2=s=160x90:r=24:d=0.0833", sound="sine=d=0.0833")
    report = measure_clip(clip, WIDE, ffmpeg, looks=9)
    assert report.looks is not None
    assert len(report.looks.frames) == report.readings["frames"] == 2


def test_a_still_is_its_own_look(tmp_path: Path) -> None:
    """A picture comes as one frame, its longest side made 640 px, in colour."""
    Image.linear_gradient("L").resize((1280, 720)).convert("RGB").save(tmp_path / "grey.png")
    report = measure_still(tmp_path / "grey.png", WIDE)
    assert report.looks is not None
    assert report.looks.frames.shape == (1, 360, 640, 3)
