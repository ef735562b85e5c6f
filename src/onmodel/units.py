"""Sizes, rates, money and digests: the numbers that every floor shares.

Time is counted in frames or as `Fraction` seconds, never as float, so that a cut of 200 shots is exact.
Money is `Decimal` US dollars of the price table.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

SAMPLE_RATE = 48_000
"""Samples a second of every soundtrack we write."""


@dataclass(frozen=True)
class Size:
    """Width and height of a picture, in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


def round_half_up(value: Fraction) -> int:
    """The nearest whole number, halves upwards (`round` would go to even and make two cuts differ)."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def frames_in(seconds: Fraction, fps: Fraction) -> int:
    """Whole frames nearest to a length in seconds."""
    return round_half_up(seconds * fps)


def samples_at(frames: int, fps: Fraction) -> int:
    """The sample at which frame `frames` begins, counted from the start of the programme."""
    return round_half_up(frames * SAMPLE_RATE / fps)


def usd(value: Decimal) -> str:
    """Dollars for people: `$0.35`, and `$0.0294` where cents would hide a price."""
    cents = value.quantize(Decimal("0.01"))
    return f"${cents}" if cents == value else f"${value.normalize():f}"


def canonical_json(value: Any) -> bytes:
    """The one spelling of a JSON value that digests are taken of: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of(value: Mapping[str, Any]) -> str:
    """The sha256 of a JSON object in its canonical spelling, 64 hex digits."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def sha256_of_file(path: Path) -> str:
    """The sha256 of a file's bytes, 64 hex digits, read in pieces.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
