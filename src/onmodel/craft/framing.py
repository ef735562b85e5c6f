"""The picture's shape: which ratio suits a subject or a platform, and how a shot is framed in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from onmodel.craft.words import find


class Crop(NamedTuple):
    """A ratio that no endpoint makes, cut out of one that they do."""

    ratio: str
    of: str
    """The ratio to film in."""
    height: Fraction
    """How much of the filmed height stays, 0 to 1."""
    keep: str
    """Which part stays."""


def ratios_for(subject: str) -> tuple[str, ...]:
    """The ratios that suit a subject or a platform by name, best first; none if the name is not known."""
    wanted = subject.casefold()
    tables = (_read()["subjects"], _read()["platforms"])
    return next(
        (tuple(rs) for table in tables for name, rs in table.items() if name.casefold() == wanted), ()
    )


def framing_phrase(ratio: str, size: str | None) -> str:
    """What to say of a shot size in this ratio, so that the picture is filled as meant; often nothing."""
    word = find("size", size.removesuffix(" shot")) or find("size", size) if size else None
    sizes: Mapping[str, list[str]] = _read()["sizes"]
    kind = next((kind for kind, names in sizes.items() if word and word.name in names), "")
    phrases: Mapping[str, str] = _read()["ratios"].get(ratio, {}).get("phrases", {})
    return phrases.get(kind, "")


def crop_for(ratio: str) -> Crop | None:
    """How a ratio is cut out of another; None if it can be filmed, or is not known."""
    raw = _read()["crops"].get(ratio)
    if raw is None:
        return None
    wide, high = (int(side) for side in raw["of"].split(":"))
    return Crop(ratio, raw["of"], Fraction(raw["height"], raw["width"]) * Fraction(wide, high), raw["keep"])


def framing_table() -> Mapping[str, Any]:
    """Ratios, subjects, platforms and crops, as they are written."""
    return _read()


@cache
def _read() -> Mapping[str, Any]:
    raw: dict[str, Any] = json.loads(Path(__file__).with_name("framing.json").read_text("utf-8"))
    return raw
