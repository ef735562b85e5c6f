from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from onmodel.story.deliverables import RATIOS, Deliverable, ratio_of, size_of_deliverable
from onmodel.units import Size

CUT = Size(1280, 720)


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("16:9 1080p", Size(1920, 1080)),
        ("9:16 1080p", Size(1080, 1920)),
        ("9:16 1080x1920", Size(1080, 1920)),
        ("1:1", Size(720, 720)),
        ("4:5", Size(720, 900)),
        ("9:16", Size(720, 1280)),
        ("1:1 1081x1081", Size(1082, 1082)),
        ("4:5 481p", Size(482, 602)),
        ("16:9 854x480", Size(854, 480)),
    ],
)
def test_a_deliverable_has_an_even_size(written: str, size: Size) -> None:
    """A size is as written, made even; without one the short side is the cut's."""
    assert TypeAdapter(Deliverable).validate_python(written) == written
    assert size_of_deliverable(written, CUT) == size
    assert ratio_of(written) in RATIOS


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("3:2", "allowed are 16:9, 9:16, 1:1, 4:5"),
        ("16:9 hd", "allowed are 16:9"),
        ("9:16 1920x1080", "1920x1080 is not 9:16; allowed is 9:16 1080x1920"),
        ("1:1 60p", "90 to 2160 pixels"),
        ("1:1 4000p", "90 to 2160 pixels"),
    ],
)
def test_what_is_none_is_refused_with_what_is_allowed(written: str, said: str) -> None:
    """A wrong word, a size of another ratio, one too small or too large."""
    with pytest.raises(ValidationError, match=said):
        TypeAdapter(Deliverable).validate_python(written)
