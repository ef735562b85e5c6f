from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.units import (
    SAMPLE_RATE,
    Size,
    canonical_json,
    digest_of,
    frames_in,
    round_half_up,
    samples_at,
    sha256_of_file,
    usd,
)

RATES = st.sampled_from(
    [Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001), Fraction(60)]
)
FRACTIONS = st.fractions(min_value=-1000, max_value=1000, max_denominator=10_000)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def test_a_size_reads_as_people_write_it() -> None:
    """Width by height."""
    assert str(Size(1280, 720)) == "1280x720"


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0.35", "$0.35"),
        ("0.350", "$0.35"),
        ("0.0294", "$0.0294"),
        ("0.02940", "$0.0294"),
        ("20", "$20.00"),
        ("2E+1", "$20.00"),
        ("0", "$0.00"),
        ("1234.5", "$1234.50"),
        ("1E-7", "$0.0000001"),
    ],
)
def test_dollars_show_cents_and_what_cents_would_hide(amount: str, written: str) -> None:
    """Two places, or as many as the price really has; never an exponent."""
    assert usd(Decimal(amount)) == written


@given(st.decimals(min_value=0, max_value=10_000, places=6))
def test_dollars_are_never_rounded_away(amount: Decimal) -> None:
    """What is shown, read back, is the amount."""
    assert Decimal(usd(amount).removeprefix("$")) == amount


@given(FRACTIONS)
def test_rounding_is_to_the_nearest_and_halves_go_up(value: Fraction) -> None:
    """The whole number is at most a half away; exactly a half below only when the value ends in .5."""
    assert -Fraction(1, 2) <= value - round_half_up(value) < Fraction(1, 2)


@pytest.mark.parametrize(("value", "whole"), [("1/2", 1), ("3/2", 2), ("5/2", 3), ("-1/2", 0)])
def test_halves_go_up_not_to_even(value: str, whole: int) -> None:
    """Two neighbouring halves are a whole apart, so that two equal cuts have equal lengths."""
    assert round_half_up(Fraction(value)) == whole


@given(st.integers(0, 500_000), RATES)
def test_whole_frames_stay_what_they_are(frames: int, fps: Fraction) -> None:
    """Frames to seconds and back are the same frames, at broadcast rates too."""
    assert frames_in(Fraction(frames) / fps, fps) == frames


def test_frames_of_a_shot() -> None:
    """Five seconds at 24 are 120 frames, at 29.97 they are 150, and 2.5 s at 25 are 63 (62.5, halves up)."""
    assert frames_in(Fraction(5), Fraction(24)) == 120
    assert frames_in(Fraction(5), Fraction(30000, 1001)) == 150
    assert frames_in(Fraction("2.5"), Fraction(25)) == 63


@given(st.integers(0, 500_000), RATES)
def test_sound_never_drifts_from_the_picture(frames: int, fps: Fraction) -> None:
    """A frame's sample is within half a sample of its exact time, however late in the programme."""
    assert abs(samples_at(frames, fps) - frames * SAMPLE_RATE / fps) <= Fraction(1, 2)


@given(st.integers(0, 100_000), st.integers(1, 1000), RATES)
def test_later_frames_have_later_samples(frame: int, more: int, fps: Fraction) -> None:
    """Every frame has samples of its own."""
    assert samples_at(frame + more, fps) > samples_at(frame, fps)


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_one_value_has_one_digest(value: dict[str, object]) -> None:
    """The order of the keys changes neither the spelling nor the digest, and reading back is exact."""
    turned = dict(reversed(list(value.items())))
    assert canonical_json(value) == canonical_json(turned)
    assert digest_of(value) == digest_of(turned)
    assert json.loads(canonical_json(value)) == value


@given(st.dictionaries(st.text(), JSON, max_size=3), st.dictionaries(st.text(), JSON, max_size=3))
def test_other_values_have_other_digests(one: dict[str, object], other: dict[str, object]) -> None:
    """Two objects share a digest only if their canonical spelling is the same."""
    assert (digest_of(one) == digest_of(other)) == (canonical_json(one) == canonical_json(other))


def test_the_spelling_of_digests_is_fixed() -> None:
    """An archive outlives the code: this digest must never change."""
    assert canonical_json({"b": [1, "ä"], "a": None}) == '{"a":null,"b":[1,"ä"]}'.encode()
    assert digest_of({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_a_file_is_digested_by_its_bytes(tmp_path: Path) -> None:
    """The sha256 of the bytes; a file that is not there is an OSError."""
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    assert sha256_of_file(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    with pytest.raises(FileNotFoundError):
        sha256_of_file(tmp_path / "y")
