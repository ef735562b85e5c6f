"""How strictly the words should be followed (0 to 1, often called cfg_scale), by kind of shot.

The values are in `adherence.json`: low lets the movement be natural, high keeps details.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from onmodel.craft.words import find


class Advice(NamedTuple):
    """What is advised for a kind of shot."""

    value: float
    """0 to 1."""
    suits: str
    """The kind of shot, in words."""


def advised_adherence(
    *, picture: bool, cast: bool, last_frame: bool = False, size: str | None = None, action: str = ""
) -> Advice:
    """What the guide advises for a clip.

    Args:
        picture: whether a picture opens it.
        cast: whether somebody is in it.
        last_frame: whether a picture ends it.
        size: its shot size, as the story has it.
        action: what changes in it.
    """
    return _advice(
        {
            "task": "clip",
            "picture": picture,
            "cast": cast,
            "last_frame": last_frame,
            "close": _is_close(size),
            "fast": not _fast().isdisjoint(re.findall(r"[a-z]+", action.casefold())),
        }
    )


def advised_for_edit(changes: Literal["look", "place", "light"]) -> Advice:
    """What the guide advises for a style pass, by the largest thing that it changes."""
    return _advice({"task": "edit", "changes": changes})


def _advice(facts: Mapping[str, Any]) -> Advice:
    rule = next(one for one in _read()["rules"] if one["when"].items() <= facts.items())
    return Advice(rule["value"], rule["suits"])


def _is_close(size: str | None) -> bool:
    word = find("size", size.removesuffix(" shot")) or find("size", size) if size else None
    return word is not None and word.name in _read()["close"]


@cache
def _fast() -> frozenset[str]:
    return frozenset(_read()["fast"])


@cache
def _read() -> Mapping[str, Any]:
    raw: dict[str, Any] = json.loads(Path(__file__).with_name("adherence.json").read_text("utf-8"))
    return raw
