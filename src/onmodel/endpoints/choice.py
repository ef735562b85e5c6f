"""Which endpoint makes a picture or a clip, why that one, and how many seconds to buy.

The tree is data, `choices.json`: words only, one picture, picture and motion, an existing clip.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Literal

from onmodel.endpoints.catalogue import LIST_COMMAND, Catalogue
from onmodel.endpoints.endpoint import Endpoint
from onmodel.errors import PlanError
from onmodel.story.validation import nearest

Task = Literal["sheet-first", "sheet-view", "keyframe", "shoot", "restyle", "reference"]
Quality = Literal["draft", "standard", "master"]

FRAME_S = Fraction(1, 24)
"""A motion reference may miss its limits by a frame: containers round lengths to whole frames."""

_TIERS = ("draft", "standard", "master")
_CLIPS = ("shoot", "restyle", "reference")


@dataclass(frozen=True)
class Need:
    """What has to be made."""

    task: Task
    """`restyle` edits an existing clip; `reference` films a new one that goes by an existing clip."""
    quality: Quality = "standard"
    has_start_image: bool = False
    """A keyframe, a sheet view or a supplied picture opens the clip."""
    has_motion: bool = False
    """A motion reference moves the character."""
    last_frame: bool = False
    """A picture ends the clip."""
    seconds: Fraction | None = None
    """Seconds of the cut that the clip must cover; None for stills."""
    input_s: Fraction | None = None
    """Length of the motion reference, or of the clip to restyle, in seconds; None if not measured yet."""
    orientation: Literal["video", "image"] = "video"
    """Motion control: whether body and framing follow the reference or the picture."""
    ratio: str = "16:9"
    references: int = 0
    """Reference pictures, or characters and things as elements, that go along."""
    audio: bool = False
    """Sound is generated with the clip."""
    voices: bool = False
    """Somebody speaks with a chosen voice."""
    mask: bool = False
    """A picture says what must not move."""
    moving_masks: bool = False
    """Pictures say what moves, and where to."""
    effect: str = ""
    """An effect scene instead of words."""
    camera_preset: str = ""
    """A camera movement by its name, as a field of the request; the words say it in any case."""
    pinned: str | None = None
    """The endpoint that the shot insists on."""


@dataclass(frozen=True)
class Choice:
    """The endpoint that will be asked."""

    endpoint: Endpoint
    why: str
    """Half a sentence for the plan's column."""
    seconds_bought: Fraction | None
    """Length to ask and pay for; None for stills."""


def choose(need: Need, catalogue: Catalogue) -> Choice:
    """Picks the endpoint for a need and the shortest length it sells that covers it.

    Raises:
        UnknownEndpoint: the pinned endpoint is not in the catalogue.
        PlanError: the endpoint cannot do it; the message says why, the hint which can.
    """
    found = [(need.pinned, "pinned in the shot")] if need.pinned is not None else _by_tree(need)
    options = [(catalogue.get(name), why) for name, why in found]
    objections = [_objection(need, endpoint) for endpoint, _ in options]
    first, objection = options[0][0], objections[0]
    if objection is None:
        return Choice(*options[0], _seconds_bought(need, first))
    if None in objections:
        endpoint, why = options[objections.index(None)]
        why = f"{why}; {first.short} was passed over: {objection}"
        return Choice(endpoint, why, _seconds_bought(need, endpoint))
    able = [other for other in _candidates(need, catalogue) if _objection(need, other) is None]
    raise PlanError(_refusal(need, first, objection), hint=_able_hint(able, need, first))


def _by_tree(need: Need) -> list[tuple[str, str]]:
    """Every rule of choices.json whose conditions all hold, first things first."""
    facts = {
        "task": need.task,
        "quality": need.quality,
        "has_start_image": need.has_start_image,
        "has_motion": need.has_motion,
        "last_frame": need.last_frame,
        "references": need.references > 0,
        "several_references": need.references > 1,
        "audio": need.audio or need.voices,
        "masked": need.mask or need.moving_masks,
        "effect": bool(need.effect),
        "camera_preset": bool(need.camera_preset),
    }
    return [(rule["endpoint"], rule["why"]) for rule in rules() if rule["when"].items() <= facts.items()]


@cache
def rules() -> tuple[Mapping[str, Any], ...]:
    """The tree: `when`, `endpoint` and `why` of each rule, first things first."""
    text = Path(__file__).with_name("choices.json").read_text("utf-8")
    return tuple(json.loads(text)["rules"])


def _kinds(need: Need) -> tuple[str, ...]:
    if need.task != "shoot":
        return _KINDS_OF_TASKS[need.task]
    if need.effect:
        return ("effects",)
    if need.has_motion:
        return ("motion-control",)
    if need.has_start_image:
        return ("image-to-video", "reference-to-video")
    return ("reference-to-video",) if need.references else ("text-to-video",)


_KINDS_OF_TASKS: Mapping[str, tuple[str, ...]] = {
    "sheet-first": ("text-to-image",),
    "sheet-view": ("image-edit",),
    "keyframe": ("image-edit",),
    "restyle": ("video-edit",),
    "reference": ("video-reference",),
}


def _doing(need: Need) -> str:
    if need.task == "shoot":
        way = " with a motion reference" if need.has_motion else ""
        source = "a picture" if need.has_start_image else "references" if need.references else "words only"
        return f"film this shot from {source}{way}"
    return {
        "sheet-first": "draw the first view of a model sheet",
        "sheet-view": "draw a further view of a model sheet",
        "keyframe": "make a keyframe",
        "restyle": "give a clip a new look",
        "reference": "film a new clip that goes by another",
    }[need.task]


def _refusal(need: Need, endpoint: Endpoint, objection: str) -> str:
    """The message; where only the length of a given file stands in the way, that alone is said."""
    if need.input_s is not None and objection == _input_objection(need, need.input_s, endpoint):
        return f"{objection}."
    return f"{endpoint.short} cannot {_doing(need)}: {objection}."


def _objection(need: Need, endpoint: Endpoint) -> str | None:
    """Why this endpoint cannot do it; None if it can."""
    kinds = _kinds(need)
    if endpoint.kind not in kinds:
        return f"it does {endpoint.kind}, and this takes {' or '.join(kinds)}"
    if need.task != "sheet-first" and need.references > endpoint.max_references:
        most = endpoint.max_references or "no"
        return f"it takes {most} reference picture(s), and there are {need.references}"
    return (
        _wish_objection(need, endpoint)
        or _ratio_objection(need, endpoint)
        or _length_objection(need, endpoint)
    )


def _wish_objection(need: Need, endpoint: Endpoint) -> str | None:
    """What the shot asks for beside words and pictures, and this endpoint has no field for."""
    # The pictures of an effect are no frames.
    needs_frame = need.task == "shoot" and need.has_start_image and endpoint.kind != "effects"
    for wanted, role, what in (
        (needs_frame, "first_frame", "takes no first frame"),
        (need.last_frame, "last_frame", "takes no last frame"),
        (need.audio or need.voices, "audio", "makes no sound"),
        (need.voices, "voices", "takes no chosen voices"),
        (need.mask, "mask", "takes no mask"),
        (need.moving_masks, "moving_masks", "takes no moving masks"),
    ):
        if wanted and role not in endpoint.roles:
            return f"it {what}"
    if need.effect and need.effect not in endpoint.offers("effect"):
        near = nearest(need.effect, endpoint.offers("effect"))
        return f"it has no effect '{need.effect}'" + (f" (did you mean '{near}'?)" if near else "")
    return None


def _ratio_objection(need: Need, endpoint: Endpoint) -> str | None:
    field = endpoint.fields.get(endpoint.ratio or "")
    if field is None or field.enum is None or need.ratio in field.enum:
        return None
    return f"it makes {', '.join(field.enum)}, and the production is {need.ratio}"


def _length_objection(need: Need, endpoint: Endpoint) -> str | None:
    if need.task not in _CLIPS:
        return None
    input_s = need.input_s
    if endpoint.seconds is None or need.task == "reference":
        objection = None if input_s is None else _input_objection(need, input_s, endpoint)
        if endpoint.seconds is None or objection:
            return objection
    if need.seconds is not None and need.seconds > endpoint.seconds[-1]:
        sold = ", ".join(_s(length) for length in endpoint.seconds)
        return f"it sells clips of {sold} s, and the shot needs {_s(need.seconds)} s"
    return None


def _input_objection(need: Need, input_s: Fraction, endpoint: Endpoint) -> str | None:
    what = "motion reference" if need.has_motion else "clip to restyle" if need.task == "restyle" else "clip"
    least, most = _input_range(need, endpoint)
    grace_s = FRAME_S if need.has_motion else 0
    too_short = least is not None and input_s + grace_s < least
    too_long = most is not None and input_s - grace_s > most
    if too_short or too_long:
        mode = f" with orientation {need.orientation}" if need.has_motion else ""
        return f"the {what} is {_s(input_s)} s long; it may be {_range(least, most)} s{mode}"
    if endpoint.seconds is None and need.seconds is not None and need.seconds > input_s:
        return f"the {what} is {_s(input_s)} s long, and the shot needs {_s(need.seconds)} s"
    return None


def _input_range(need: Need, endpoint: Endpoint) -> tuple[Fraction | None, Fraction | None]:
    if need.has_motion and need.orientation in endpoint.follows_s:
        return endpoint.follows_s[need.orientation]
    limits = (
        endpoint.fields[endpoint.roles["source_video"]].limits if "source_video" in endpoint.roles else {}
    )
    least, most = limits.get("min_s"), limits.get("max_s")
    return (
        None if least is None else Fraction(str(least)),
        None if most is None else Fraction(str(most)),
    )


def _seconds_bought(need: Need, endpoint: Endpoint) -> Fraction | None:
    if need.task not in _CLIPS:
        return None
    if endpoint.seconds is None:
        return need.input_s if need.input_s is not None else need.seconds
    wanted = need.seconds if need.seconds is not None else endpoint.seconds[0]
    return next(length for length in endpoint.seconds if length >= wanted)


def _candidates(need: Need, catalogue: Catalogue) -> list[Endpoint]:
    return [catalogue.get(name) for name in catalogue.of_kind(*_kinds(need))]


def _able_hint(able: list[Endpoint], need: Need, endpoint: Endpoint) -> str:
    if able:
        near = able[::-1]  # alphabetical order ends with the newest
        near.sort(key=lambda one: abs(_TIERS.index(one.tier) - _TIERS.index(need.quality)))
        return f"These can: {', '.join(one.name for one in near[:4])}."
    if need.has_motion and endpoint.follows_s:
        others = [
            f" With orientation {mode} it may be {_range(least, most)} s."
            for mode, (least, most) in endpoint.follows_s.items()
            if mode != need.orientation and least <= (need.input_s or least) <= most
        ]
        return f"It must be as long as the shot or longer.{''.join(others)}"
    return f"No endpoint of the catalogue can: change the shot. All of them: `{LIST_COMMAND}`."


def _s(seconds: Fraction) -> str:
    return f"{float(seconds):g}"


def _range(least: Fraction | None, most: Fraction | None) -> str:
    if least is None:
        return f"up to {_s(most or Fraction(0))}"
    return f"{_s(least)} or more" if most is None else f"{_s(least)} to {_s(most)}"
