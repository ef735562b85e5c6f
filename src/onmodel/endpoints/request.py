"""A shot's neutral parts become one endpoint's fields, checked against the contract before they are sent."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from onmodel.endpoints.endpoint import Endpoint, Field
from onmodel.errors import PlanError
from onmodel.units import Size

MEGAPIXEL = 1024 * 1024
"""Pixels that the vendors bill as one megapixel. Source: third-party price notes, 2026-11."""

_GRID_PX = 16
"""Stills are drawn in blocks of this many pixels; other sizes would be changed on the way."""

_NAMED_SIZES = {
    "16:9": "landscape_16_9",
    "4:3": "landscape_4_3",
    "1:1": "square_hd",
    "3:4": "portrait_4_3",
    "9:16": "portrait_16_9",
}


@dataclass(frozen=True)
class Parts:
    """What goes into a request, in our words. Media are JSON values handed through as they are."""

    prompt: str
    negative: str = ""
    """What must not be seen, separated by commas."""
    first_frame: Any = None
    last_frame: Any = None
    references: tuple[Any, ...] = ()
    """Reference pictures, most important first."""
    seconds: Fraction | None = None
    """Length to buy: one that the endpoint sells."""
    ratio: str = ""
    """`16:9` and kin."""
    size: Size | None = None
    """An exact size for stills; where None, about a megapixel of that ratio."""
    adherence: float | None = None
    """How strictly the prompt is followed, 0 to 1."""
    audio: bool = False
    """Generate sound too, which costs more."""
    motion_video: Any = None
    orientation: str | None = None
    """Motion control: `video` or `image`."""
    source_video: Any = None
    keep_sound: bool = False
    """Keep the sound of the motion reference or of the source clip."""
    seed: int | None = None


@dataclass(frozen=True)
class Built:
    """A request that the contract accepts."""

    arguments: dict[str, Any]
    notes: tuple[str, ...]
    """One line for each part that the endpoint has no field for."""


@dataclass
class _Draft:
    endpoint: Endpoint
    arguments: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def put(self, role: str, value: Any) -> bool:
        """Fills the endpoint's field for this role, if it has one."""
        name = self.endpoint.roles.get(role)
        if name is not None:
            self.arguments[name] = value
        return name is not None

    def note(self, text: str) -> None:
        self.notes.append(f"{self.endpoint.short} {text}")


def build(endpoint: Endpoint, parts: Parts) -> Built:
    """Writes the parts as this endpoint's arguments.

    Sound is refused in so many words unless it is asked for: some endpoints make it by default, at twice the
    price. Stills come as PNG, where the endpoint can.

    Raises:
        PlanError: the contract would not accept the result; every problem is listed.
    """
    draft = _Draft(endpoint)
    draft.put("prompt", parts.prompt)
    _put_pictures(draft, parts)
    _put_length_and_shape(draft, parts)
    _put_settings(draft, parts)
    formats = endpoint.fields.get("output_format")
    if formats is not None and formats.enum is not None and "png" in formats.enum:
        draft.arguments["output_format"] = "png"
    problems = validate(endpoint, draft.arguments)
    if problems:
        raise PlanError(
            f"The request for {endpoint.short} breaks its contract: {'; '.join(problems)}.",
            hint="Change the shot, or pin another endpoint with `endpoint:`.",
        )
    return Built(draft.arguments, tuple(draft.notes))


def _put_pictures(draft: _Draft, parts: Parts) -> None:
    for role, value, what in (
        ("first_frame", parts.first_frame, "first frame"),
        ("last_frame", parts.last_frame, "last frame"),
        ("motion_video", parts.motion_video, "motion reference"),
        ("source_video", parts.source_video, "source clip"),
    ):
        if value is not None and not draft.put(role, value):
            draft.note(f"takes no {what}: it is left out")
    if not parts.references:
        return
    name = draft.endpoint.references
    if name is None:
        draft.note(f"takes no reference pictures: {len(parts.references)} left out")
    elif draft.endpoint.fields[name].type == "array":
        draft.arguments[name] = list(parts.references)
    else:
        draft.arguments[name] = parts.references[0]
        if len(parts.references) > 1:
            draft.note(f"takes one reference picture: {len(parts.references) - 1} left out")


def _put_length_and_shape(draft: _Draft, parts: Parts) -> None:
    if parts.seconds is not None:
        whole = parts.seconds.denominator == 1
        length = str(parts.seconds.numerator) if whole else str(float(parts.seconds))
        if not draft.put("seconds", length):
            draft.note("takes no duration: the clip is as long as its input")
    if parts.ratio and not draft.put("ratio", parts.ratio) and "size" not in draft.endpoint.roles:
        # With a picture or clip as input there is nothing to say: its ratio is the result's.
        given = (parts.first_frame, parts.source_video, *parts.references)
        if all(value is None for value in given):
            draft.note(f"takes no aspect_ratio: {parts.ratio} is left out")
    name = draft.endpoint.roles.get("size")
    if name is not None and (parts.size is not None or parts.ratio):
        draft.arguments[name] = _image_size(draft.endpoint.fields[name], parts)


def _image_size(takes: Field, parts: Parts) -> Any:
    exact = any(one.properties is not None for one in (takes, *takes.any_of))
    if exact:
        size = parts.size or picture_size(parts.ratio)
        return {"width": size.width, "height": size.height}
    return _NAMED_SIZES.get(parts.ratio, parts.ratio)


def picture_size(ratio: str) -> Size:
    """The largest size of that ratio, exactly, that is billed as one megapixel: 16:9 is 1280x720.

    Raises:
        PlanError: it is no ratio of two small whole numbers.
    """
    match = re.fullmatch(r"([1-9]\d{0,2}):([1-9]\d{0,2})", ratio)
    if match is not None:
        shape = Fraction(int(match[1]), int(match[2]))
        across, down = shape.numerator, shape.denominator
        unit = math.isqrt(MEGAPIXEL // (across * down)) // _GRID_PX * _GRID_PX
        if unit:
            return Size(across * unit, down * unit)
    raise PlanError(
        f"`{ratio}` is not an aspect ratio that pictures come in.", hint="Allowed: 16:9, 9:16, 1:1."
    )


def _put_settings(draft: _Draft, parts: Parts) -> None:
    if parts.negative and not draft.put("negative", parts.negative):
        draft.note("takes no negative_prompt: what to avoid is left out")
    if parts.adherence is not None and not draft.put("adherence", parts.adherence):
        draft.note(f"takes no cfg_scale: adherence {parts.adherence:g} is left out")
    if parts.orientation is not None and not draft.put("orientation", parts.orientation):
        draft.note(f"takes no character_orientation: {parts.orientation} is left out")
    if not draft.put("audio", parts.audio) and parts.audio:
        draft.note("makes no sound: the clip is silent")
    if not draft.put("keep_sound", parts.keep_sound) and parts.keep_sound:
        draft.note("has no sound to keep: the clip is silent")
    if parts.seed is not None and not draft.put("seed", parts.seed):
        draft.note("takes no seed: two takes of one request differ")


def validate(endpoint: Endpoint, arguments: Mapping[str, Any]) -> list[str]:
    """Everything in these arguments that the contract would not accept, each with its field.

    Media may be addresses, or objects with `$media` that stand for a file in the vault.
    """
    problems = [
        f"{name} is required"
        for name, takes in endpoint.fields.items()
        if takes.required and arguments.get(name) in (None, "", [])
    ]
    for name, value in arguments.items():
        takes = endpoint.fields.get(name)
        if takes is None:
            problems.append(f"{name} is not a field of this endpoint")
        elif value not in (None, "", []) or not takes.required:
            problems += _problems(name, takes, value)
            problems += _shared_problems(name, takes, arguments)
    return problems


def _shared_problems(name: str, takes: Field, arguments: Mapping[str, Any]) -> list[str]:
    if takes.max_items is None or not takes.max_items_with:
        return []
    lists = [arguments.get(other) for other in (name, *takes.max_items_with)]
    total = sum(len(members) for members in lists if isinstance(members, list | tuple))
    return _too_many(f"{name} together with {', '.join(takes.max_items_with)}", total, takes.max_items)


def _too_many(what: str, count: int, most: int) -> list[str]:
    return [f"{what} has {count} items, at most {most} are allowed"] if count > most else []


def _problems(path: str, takes: Field, value: Any) -> list[str]:
    if takes.any_of:
        alternatives = [_problems(path, one, value) for one in takes.any_of]
        return [] if not all(alternatives) else [f"{path}: {value!r} is none of the allowed forms"]
    if takes.format == "file-url":
        is_media = isinstance(value, str) or (isinstance(value, Mapping) and "$media" in value)
        return [] if is_media else [f"{path} must be a file, not {value!r}"]
    if not _TYPES.get(takes.type, _anything)(value):
        return [f"{path} must be a {takes.type}, not {value!r}"]
    if takes.enum is not None and value not in takes.enum:
        return [f"{path}: {value!r} is not one of {', '.join(map(str, takes.enum))}"]
    return _limit_problems(path, takes, value) + _inner_problems(path, takes, value)


def _limit_problems(path: str, takes: Field, value: Any) -> list[str]:
    most_chars = takes.limits.get("max_chars")
    if isinstance(value, str) and most_chars is not None and len(value) > most_chars:
        return [f"{path} has {len(value)} characters, at most {most_chars:g} are allowed"]
    if isinstance(value, int | float):
        least, most = takes.limits.get("min", -math.inf), takes.limits.get("max", math.inf)
        if not least <= value <= most:
            return [f"{path}: {value!r} is not between {least:g} and {most:g}"]
    return []


def _inner_problems(path: str, takes: Field, value: Any) -> list[str]:
    problems: list[str] = []
    if takes.max_items is not None and not takes.max_items_with:
        problems += _too_many(path, len(value), takes.max_items)
    if takes.items is not None:
        for index, member in enumerate(value):
            problems += _problems(f"{path}.{index}", takes.items, member)
    if takes.properties is not None:
        for key, inner in takes.properties.items():
            if key in value:
                problems += _problems(f"{path}.{key}", inner, value[key])
            elif inner.required:
                problems.append(f"{path}.{key} is required")
        problems += [f"{path}.{key} is not a field here" for key in value if key not in takes.properties]
    return problems


def _anything(_: Any) -> bool:
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": _is_number,
    "integer": lambda value: _is_number(value) and value == int(value),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list | tuple),
    "object": lambda value: isinstance(value, Mapping),
}
