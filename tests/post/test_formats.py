from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from onmodel.errors import PostError
from onmodel.post.ffmpeg import version
from onmodel.post.formats import Format, encoder_of
from onmodel.units import Size


@pytest.mark.parametrize("size", [Size(161, 90), Size(160, 91), Size(0, 90)])
def test_a_size_that_420_cannot_hold_is_refused(size: Size) -> None:
    """An odd or empty size is refused with the size in the message."""
    with pytest.raises(PostError, match=str(size)):
        Format(size, Fraction(24))


def test_a_rate_of_nothing_is_refused() -> None:
    """A cut has a rate above 0."""
    with pytest.raises(PostError, match="above 0"):
        Format(Size(160, 90), Fraction(0))


def test_the_encoder_names_its_version(ffmpeg: Path) -> None:
    """Two versions of ffmpeg are two encoders."""
    assert version(ffmpeg) in encoder_of(ffmpeg)
    assert encoder_of(ffmpeg) == encoder_of(ffmpeg)
