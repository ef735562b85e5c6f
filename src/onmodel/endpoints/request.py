"""A shot's neutral parts become one endpoint's fields, checked against the contract before they are sent."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, NamedTuple

from onmodel.endpoints.endpoint import Endpoint, Field
from onmodel.endpoints.models import validate
from onmodel.endpoints.told import told_instead
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


class Element(NamedTuple):
    """One character or thing that a clip shows, as pictures of it; prompts call it @Element1, @Element2."""

    frontal: Any
    """The picture that shows it best."""
    others: tuple[Any, ...] = ()
    """Further views, up to three."""


@dataclass(frozen=True)
class Parts:
    """What goes into a request, in our words. Media are JSON values handed through as they are."""

    prompt: str
    negative: str = ""
    """What must not be seen, separated by commas."""
    first_frame: Any = None
    last_frame: Any = None
    references: tuple[Any, ...] = ()
    """Reference pictures, most important first; prompts call them @Image1, @Image2."""
    elements: tuple[Element, ...] = ()
    """Characters or things in the clip, most important first."""
    mask: Any = None
    """A picture whose white parts do not move."""
    moving_masks: tuple[Mapping[str, Any], ...] = ()
    """Parts that move, each `{mask_url, trajectories: [{x, y}, ...]}`."""
    effect: str = ""
    """An effect scene, where the endpoint has them."""
    camera_preset: str = ""
    """A camera movement by its name, where the endpoint has them; the words go into the prompt anyway."""
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
    voices: tuple[str, ...] = ()
    """Ids of chosen voices, which cost more again."""
    motion_video: Any = None
    orientation: str | None = None
    """Motion control: `video` or `image`."""
    source_video: Any = None
    keep_sound: bool = False
    """Keep the sound of the motion reference or of the source clip."""
    seed: int | None = None


def with_media(parts: Parts, media: Iterable[tuple[str, Any]]) -> Parts:
    """Put media where they belong in a request.

    Args:
        parts: the rest of it.
        media: each with its role: `first_frame`, `last_frame`, `mask`, `motion_video`, `source_video`;
            `references` or `references.0` for one picture of several, in their order; `elements.pip` for one
            of the pictures of a character or thing, the best one first; `moving_masks.0` for the area of a
            moving part.
    """
    single: dict[str, Any] = {}
    references: list[Any] = []
    elements: dict[str, list[Any]] = {}
    moving = list(parts.moving_masks)
    for role, value in media:
        kind, _, which = role.partition(".")
        if kind == "references":
            references.append(value)
        elif kind == "elements":
            elements.setdefault(which, []).append(value)
        elif kind == "moving_masks":
            moving[int(which)] = {"mask_url": value, **moving[int(which)]}
        else:
            single[kind] = value
    made = tuple(Element(first, tuple(others)) for first, *others in elements.values())
    return replace(
        parts,
        references=(*parts.references, *references),
        elements=(*parts.elements, *made),
        moving_masks=tuple(moving),
        **single,
    )


class Built(NamedTuple):
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
    pictures = parts.references
    for role, value, what in (
        ("first_frame", parts.first_frame, "first frame"),
        ("last_frame", parts.last_frame, "last frame"),
        ("motion_video", parts.motion_video, "motion reference"),
        ("source_video", parts.source_video, "source clip"),
        ("mask", parts.mask, "mask"),
        ("moving_masks", list(parts.moving_masks) or None, "moving masks"),
    ):
        if role == "first_frame" and value is not None and draft.endpoint.kind == "effects":
            pictures = (value, *pictures)  # an effect works on pictures, and has no first frame
        elif value is not None and not draft.put(role, value):
            draft.note(f"takes no {what}: it is left out")
    if parts.elements and not draft.put("elements", [_element(one) for one in parts.elements]):
        pictures = (*pictures, *(one.frontal for one in parts.elements))
    if pictures:
        _put_references(draft, pictures)


def _element(element: Element) -> dict[str, Any]:
    others = {"reference_image_urls": list(element.others)} if element.others else {}
    return {"frontal_image_url": element.frontal, **others}


def _put_references(draft: _Draft, pictures: tuple[Any, ...]) -> None:
    """Pictures as the endpoint wants them: one, a list, objects, or elements of their own."""
    name = draft.endpoint.references
    if name is None and "elements" in draft.endpoint.roles:
        name = draft.endpoint.roles["elements"]
        known = draft.arguments.get(name, [])
        draft.arguments[name] = [*known, *(_element(Element(picture)) for picture in pictures)]
    elif name is None:
        draft.note(f"takes no reference pictures: {len(pictures)} left out")
    elif draft.endpoint.fields[name].type == "array":
        member = draft.endpoint.fields[name].items
        inside = next(iter(member.properties), None) if member and member.properties else None
        draft.arguments[name] = [picture if inside is None else {inside: picture} for picture in pictures]
    else:
        draft.arguments[name] = pictures[0]
        if len(pictures) > 1:
            draft.note(f"takes one reference picture: {len(pictures) - 1} left out")


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
    for role, value, field_name in (
        ("effect", parts.effect, "special_fx"),
        ("camera_preset", parts.camera_preset, "camera_control"),
        ("voices", list(parts.voices), "voice_ids"),
    ):
        if value and not draft.put(role, value):
            draft.notes.append(told_instead(draft.endpoint, field_name) or f"{field_name} is left out")
    if not draft.put("keep_sound", parts.keep_sound) and parts.keep_sound:
        draft.note("has no sound to keep: the clip is silent")
    if parts.seed is not None and not draft.put("seed", parts.seed):
        draft.note("takes no seed: two takes of one request differ")
