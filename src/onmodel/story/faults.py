"""What contradicts itself in a shot: a message each, with the path of its place in the shot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from onmodel.story.shot import Restyle, Shot
from onmodel.story.shots import (
    ALSO_FOR_RESTYLED,
    CHOICES,
    DEFAULT_S,
    OF_THE_CUT,
    first_frame_of,
    is_file,
    shot_before,
    source_shot,
)
from onmodel.story.trims import Trim, trim_fault, trim_of
from onmodel.story.validation import did_you_mean

SHOWN_IDS = 12
"""Shot ids that a message lists; a long episode has hundreds."""


class Fault(NamedTuple):
    """What is wrong with a shot, and where in it."""

    message: str
    path: tuple[str, ...] = ()
    hint: str = ""


def shot_faults(name: str, shot: Shot, shots: Mapping[str, Shot]) -> Iterator[Fault]:
    """Say what is wrong with one shot, its defaults filled in, among the shots of its episode."""
    yield from _join_faults(shot)
    yield from _trim_faults(shot)
    if shot.restyle:
        yield from _restyle_faults(shot.restyle, shot, shots)
    else:
        yield from _wording_faults(shot)
        yield from _motion_faults(shot)
        yield from _ladder_faults(shot)
        yield from _field_faults(shot)
        yield from _first_frame_faults(name, shot, shots)


def circles(shots: Mapping[str, Shot]) -> Iterator[tuple[str, Fault]]:
    """Say, once for each circle and at its first shot, which shots are made from each other."""
    sources = {name: source_shot(name, shot, shots) for name, shot in shots.items()}
    done: set[str] = set()
    for name in shots:
        way: list[str] = []
        current: str | None = name
        while current is not None and current in sources and current not in done:
            done.add(current)
            way.append(current)
            current = sources[current]
        if current in way:
            ring = way[way.index(current) :]
            steps = ", ".join(f"'{one}' from '{sources[one]}'" for one in ring)
            first = min(ring, key=list(shots).index)
            yield first, Fault(f"the shots are made from each other: {steps}.")


def _restyle_faults(restyle: Restyle, shot: Shot, shots: Mapping[str, Shot]) -> Iterator[Fault]:
    restyled = restyle.shot
    # A bare number is told where it stands, with the name that it should have: this one.
    meant = {f"s{name}" for name in shots if name[:1].isdigit()}
    if restyled not in shots and restyled not in meant:
        ids = ", ".join(list(shots)[:SHOWN_IDS]) + (", ..." if len(shots) > SHOWN_IDS else "")
        hint = did_you_mean(restyled, shots)
        yield Fault(f"there is no shot '{restyled}'; the shots are: {ids}.", ("restyle", "shot"), hint)
    if not (restyle.look or restyle.setting or restyle.mood or restyle.cast):
        hint = "Add 'look', 'setting', 'mood' or 'cast'."
        yield Fault("'restyle' changes nothing.", ("restyle",), hint)
    there = shots[restyled].cast or {} if restyled in shots and not shots[restyled].restyle else None
    for who in restyle.cast or {}:
        if there is not None and who not in there:
            message = f"'{who}' is not in '{restyled}': only who is in it can wear something else."
            yield Fault(message, ("restyle", "cast", who))
    allowed = ALSO_FOR_RESTYLED | {"restyle", "endpoint", "adherence", "avoid", "recipe", "slots"}
    allowed |= {"mode", "references", *OF_THE_CUT}
    for key in sorted(shot.model_fields_set - allowed):
        yield Fault(
            f"'{key}' says how to film, but this shot restyles another: remove '{key}' or 'restyle'.",
            (key,),
        )


def _join_faults(shot: Shot) -> Iterator[Fault]:
    join = shot.join
    if join is None:
        return
    several = list(join.transitions)
    if len(several) > 1:
        message = f"'join' says several transitions, {' and '.join(several)}: one shot goes over in one way."
        yield Fault(message, ("join", several[1]), "Remove all but one.")
    for key in ("audio_lead", "audio_lag"):
        if several and getattr(join, key) is not None:
            message = f"'{key}' is for hard cuts: with '{several[0]}' the sound goes over with the picture."
            yield Fault(message, ("join", key), f"Remove '{key}' or '{several[0]}'.")
    if "towards" in join.model_fields_set and not {"wipe", "slide"} & set(several):
        yield Fault("'towards' says where a wipe or a slide goes: there is none.", ("join", "towards"))


def _trim_faults(shot: Shot) -> Iterator[Fault]:
    if shot.motion or shot.restyle:
        return  # how long they are is known when their file is read, or their source
    fault = trim_fault(shot, trim_of(shot, Trim(Fraction(0), DEFAULT_S)), None)
    if fault:
        key, message, hint = fault
        yield Fault(message, (key,), hint)


def _wording_faults(shot: Shot) -> Iterator[Fault]:
    if not shot.setting and first_frame_of(shot) in ("keyframe", "none"):
        yield Fault("'setting' is missing: say where it happens, here or in 'defaults'.")
    if not shot.start:
        yield Fault("'start' is missing: say what the first frame shows.")
    if not shot.action and not shot.motion and not shot.effect:
        yield Fault("'action' is missing: say what changes after the first frame.")


def _motion_faults(shot: Shot) -> Iterator[Fault]:
    if not shot.motion:
        return
    if shot.action:
        yield Fault(
            "'action' and 'motion' are both given: the reference moves, so remove 'action'.", ("action",)
        )
    if not shot.cast:
        yield Fault("'motion' needs somebody who moves: say who with 'cast'.", ("motion",))
    if first_frame_of(shot) == "none":
        yield Fault("'motion' needs a first frame: 'none' is not possible here.", ("first_frame",))
    if shot.seconds is not None:
        yield Fault("'seconds' is given by the motion reference: remove it.", ("seconds",))


def _field_faults(shot: Shot) -> Iterator[Fault]:
    """Fields that lean on others."""
    opened = first_frame_of(shot) != "none"
    if shot.mode == "edit":
        yield Fault("mode 'edit' changes another shot's clip: say which with 'restyle'.", ("mode",))
    if shot.mode == "reference" and shot.motion:
        yield Fault("'motion' and mode 'reference' exclude each other: remove one of them.", ("mode",))
    if shot.mode == "reference" and not (shot.cast or shot.references):
        yield Fault("mode 'reference' needs pictures to go by: 'cast' or 'references'.", ("mode",))
    if shot.keep_sound is not None and not shot.motion:
        hint = "'audio: true' has sound made for it."
        yield Fault("'keep_sound': this shot has no input whose sound could stay.", ("keep_sound",), hint)
    for key in ("mask", "effect"):
        if getattr(shot, key) and shot.motion:
            yield Fault(f"'{key}' and 'motion' exclude each other: remove one of them.", (key,))
        elif getattr(shot, key) and not opened:
            yield Fault(f"'{key}' works on a first frame, and this shot has none.", (key,))
    if shot.mask and not (shot.mask.still or shot.mask.moving):
        yield Fault("'mask' says neither 'still' nor 'moving'.", ("mask",))
    if shot.voices and shot.audio is False:
        yield Fault("'voices' are heard only with sound: remove 'audio: false'.", ("audio",))


def _ladder_faults(shot: Shot) -> Iterator[Fault]:
    if shot.ladder == "motion-control" and not shot.motion:
        yield Fault("the ladder 'motion-control' needs a 'motion'.", ("ladder",), "Take 'refinement' here.")
    if shot.ladder == "refinement" and shot.motion:
        message = "the ladder 'refinement' is for shots without a 'motion'."
        yield Fault(message, ("ladder",), "Take 'motion-control' here.")


def _first_frame_faults(name: str, shot: Shot, shots: Mapping[str, Shot]) -> Iterator[Fault]:
    first = first_frame_of(shot)
    if first in ("keyframe", "sheet") and not shot.cast:
        yield Fault(f"first_frame '{first}' needs somebody in 'cast'.", ("first_frame",))
    if first == "previous" and shot_before(name, shots) is None:
        yield Fault("the first shot has no previous one.", ("first_frame",))
    if first not in CHOICES and not is_file(first) and first not in shots:
        allowed = f"{', '.join(CHOICES)}, a shot's id or a file"
        hint = did_you_mean(first, (*CHOICES, *shots))
        yield Fault(f"found '{first}' for 'first_frame'; allowed: {allowed}.", ("first_frame",), hint)
