"""How we see it: shot size, angle, movement and lens become one phrase, and unknown words are named."""

from __future__ import annotations

import re
from functools import lru_cache

from onmodel.craft.words import CameraField, camera_words, find, nearest, paces

_LENS_MM = re.compile(r"(\d{1,3})\s?mm(?:\s+(?P<kind>.+))?", re.IGNORECASE)
_SHORTEST_MM, _LONGEST_MM = 8, 400
_BETWEEN_MOVES = re.compile(r"\s*(?:,|\+|\band\b|\bthen\b)\s*", re.IGNORECASE)


@lru_cache(maxsize=4096)  # an episode's shots share a few cameras, and each is said of keyframe and clip
def camera_phrase(
    size: str | None = None, move: str | None = None, angle: str | None = None, lens: str | None = None
) -> str:
    """The camera in a prompt's words: `medium shot, low angle, camera dolly in, 50mm lens`.

    A word that we do not know is kept as it was written.
    """
    said = (_plain("size", size), _plain("angle", angle), _moves(move), _lens(lens))
    return ", ".join(phrase for phrase in said if phrase)


def preset_move(name: str) -> str:
    """What a prompt says of the movement that an endpoint has by this name, so that both say the same."""
    word = find("preset", name)
    return word.phrase if word else name


def check_camera(field: CameraField, value: str) -> tuple[str, str] | None:
    """Looks for words that we do not know; such a word may still work, but nobody has tried it.

    Returns:
        None if all is known, else a message and a hint with the nearest match and all known names.
    """
    if field == "lens" and (match := _LENS_MM.fullmatch(value.strip())):
        kind, focal_mm = match["kind"], int(match[1])
        if not _SHORTEST_MM <= focal_mm <= _LONGEST_MM:
            return (
                f"a lens of {focal_mm}mm does not exist for cameras",
                f"Lenses are {_SHORTEST_MM}mm to {_LONGEST_MM}mm.",
            )
        return None if kind is None else _check_name(field, kind)
    parts = _BETWEEN_MOVES.split(value) if field == "move" else [value]
    checks = (_check_name(field, _split_pace(part)[0] if field == "move" else part) for part in parts)
    return next((found for found in checks if found is not None), None)


def _check_name(field: CameraField, name: str) -> tuple[str, str] | None:
    if find(field, _without_noun(field, name)):
        return None
    near = nearest(field, name)
    guess = f"Did you mean `{near}`? " if near else ""
    known = ", ".join(word.name for word in camera_words(field))
    return f"`{name}` is not a camera {field} that we know", f"{guess}Known: {known}."


def _without_noun(field: CameraField, name: str) -> str:
    """`low angle` and `low` are the same, and so are `medium shot` and `medium`."""
    nouns = {"angle": "angle", "lens": "lens", "size": "shot"}
    shorter = re.sub(rf"\s+{nouns.get(field, '$')}$", "", name.strip(), flags=re.IGNORECASE)
    return shorter if find(field, name) is None else name


def _plain(field: CameraField, value: str | None) -> str:
    if not value:
        return ""
    word = find(field, _without_noun(field, value))
    return word.phrase if word else value.strip()


def _moves(value: str | None) -> str:
    if not value:
        return ""
    return " and ".join(_move(part) for part in _BETWEEN_MOVES.split(value) if part)


def _move(part: str) -> str:
    name, pace = _split_pace(part)
    word = find("move", name)
    return part.strip() if word is None else f"{word.phrase} {pace}".strip()


def _split_pace(part: str) -> tuple[str, str]:
    """`slow dolly in` and `dolly in slowly` are both (`dolly in`, `slowly`)."""
    text = " ".join(part.split())
    for word, adverb in paces().items():
        length = len(word) + 1
        if len(text) > length and text[:length].lower() == f"{word} ":
            return text[length:], adverb
        if len(text) > length and text[-length:].lower() == f" {word}":
            return text[:-length], adverb
    return text, ""


def _lens(value: str | None) -> str:
    match = _LENS_MM.fullmatch(value.strip()) if value else None
    if match is None:
        return _plain("lens", value)
    kind = _plain("lens", match["kind"])
    return f"{match[1]}mm {kind or 'lens'}"
