"""The tree of choices.json in words: when an endpoint is chosen, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onmodel.endpoints.choice import rules


def chosen_when(name: str) -> tuple[str, ...]:
    """When the tree leads to an endpoint: one line for each rule that names it, with its reason."""
    return tuple(f"{_situation(rule['when'])}: {rule['why']}" for rule in rules() if rule["endpoint"] == name)


def _situation(when: Mapping[str, Any]) -> str:
    wishes = [words[not holds] for key, words in _WISHES.items() if (holds := when.get(key)) is not None]
    quality = f"at {when['quality']} quality" if "quality" in when else ""
    return ", ".join(part for part in (_TASKS[when["task"]], *wishes, quality) if part)


_TASKS: Mapping[str, str] = {
    "sheet-first": "the first view of a model sheet",
    "sheet-view": "a further view of a model sheet",
    "keyframe": "a keyframe",
    "shoot": "a shot",
    "restyle": "a style pass",
    "reference": "a shot that goes by another clip",
}

_WISHES: Mapping[str, tuple[str, str]] = {
    "has_start_image": ("from a picture", "from words only"),
    "has_motion": ("with a motion reference", "without a motion reference"),
    "last_frame": ("with a last frame", "without a last frame"),
    "references": ("with references", "without references"),
    "several_references": ("with several references", "with one reference"),
    "audio": ("with sound", "silent"),
    "masked": ("with a mask", "without a mask"),
    "effect": ("with an effect", "without an effect"),
    "camera_preset": ("with a camera preset", "without a camera preset"),
}
"""How each condition of choices.json is said: where it must hold, and where it must not."""
