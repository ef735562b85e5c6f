"""What a shot means once its defaults are filled in, and what contradicts itself in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, Final

from onmodel.story.shot import Restyle, Shot

DEFAULT_S: Final = Fraction(5)
"""Seconds of a shot that says nothing: quality falls off after five (source: guide, 2026-01)."""

CHOICES: Final = ("keyframe", "sheet", "previous", "none")
"""What `first_frame` may say besides a shot's id or a file."""

_TRIMS: Final = {"in_", "out", "speed", "hold"}

ALSO_FOR_RESTYLED: Final = {"join", "quality", "keep_sound", "level_db"}
"""Defaults that a restyled shot takes too; the others describe filming, or what is seen of the other shot."""

OF_THE_CUT: Final = {"seconds", *_TRIMS, "level_db", "speech", "say", "lower_third", "focus"}
"""Keys of a shot that say nothing about filming it."""


def with_defaults(shot: Shot, defaults: Shot) -> Shot:
    """The shot with the episode's defaults where it says nothing itself.

    A shot that is trimmed, and says no `seconds` itself, is cut from a clip of the default's length.
    """
    wanted = defaults.model_fields_set - shot.model_fields_set
    if shot.restyle:
        wanted &= ALSO_FOR_RESTYLED
    if shot.motion:
        wanted -= {"action", "seconds"}
    elif not shot.restyle:
        wanted -= {"keep_sound"}
    if (defaults.ladder == "motion-control") != bool(shot.motion):
        wanted -= {"ladder"}
    if "seconds" in shot.model_fields_set:
        wanted -= {"out"}
    filled = {name: getattr(defaults, name) for name in wanted}
    if shot.model_fields_set & _TRIMS and "seconds" in filled:
        clip_s = filled.pop("seconds")
        filled |= {} if shot.out is not None else {"out": clip_s}
    return shot.model_copy(update=filled)


def seen_after(filmed: Shot, restyle: Restyle) -> Shot:
    """A filmed shot as a style pass shows it: elsewhere, in other light or clothes where it says so."""
    said: dict[str, Any] = {
        key: getattr(restyle, key) for key in ("setting", "mood") if getattr(restyle, key)
    }
    if restyle.cast:
        said["cast"] = {**(filmed.cast or {}), **restyle.cast}
    return filmed.model_copy(update=said)


def is_file(reference: str) -> bool:
    """Whether a `first_frame` names a file: it has a folder or an ending."""
    return "/" in reference or "." in reference


def first_frame_of(shot: Shot) -> str:
    """Which first frame the shot asks for: with nobody in it, none; else a keyframe unless it says more."""
    return shot.first_frame or ("keyframe" if shot.cast and shot.mode != "reference" else "none")


def goes_by_pictures(shot: Shot) -> bool:
    """Whether pictures of who and what is in it go along, besides a first frame."""
    return bool(shot.references) or (shot.mode == "reference" and not shot.restyle)


def shot_before(name: str, shots: Mapping[str, Shot]) -> str | None:
    """The shot before `name` in the cut."""
    order = list(shots)
    index = order.index(name)
    return order[index - 1] if index else None


def source_shot(name: str, shot: Shot, shots: Mapping[str, Shot]) -> str | None:
    """The shot whose picture this one starts from: the restyled one, the previous one, or a named one."""
    if shot.restyle:
        return shot.restyle.shot
    first = shot.first_frame
    if first == "previous":
        return shot_before(name, shots)
    return first if first and first not in CHOICES and not is_file(first) else None


def references_of(shot: Shot, shots: Mapping[str, Shot]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The files that a shot names, each with its path in the shot."""
    if shot.motion:
        yield ("motion", "reference"), shot.motion.reference
    if shot.first_frame and is_file(shot.first_frame) and shot.first_frame not in shots:
        yield ("first_frame",), shot.first_frame
    if shot.last_frame:
        yield ("last_frame",), shot.last_frame
    for shows, reference in (shot.references or {}).items():
        if is_file(reference):
            yield ("references", shows), reference
    if shot.mask and shot.mask.still:
        yield ("mask",), shot.mask.still
    for moving in shot.mask.moving if shot.mask else ():
        yield ("mask", "moving"), moving.area
