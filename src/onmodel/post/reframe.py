"""Reframing: which part of a wider or taller clip is seen in another shape, and how that part moves.

A frame stands as long as who is followed stays near its middle. Only where they leave that does it move, as
slowly as it may: it turns neither at once nor for a nod. All is counted in shares of the clip's picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from statistics import fmean, median
from typing import Final, NamedTuple

from onmodel.post.cutlist import Aim
from onmodel.units import Size

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, as shares of the picture."""

_FREE: Final = 1 / 6
"""Share of the frame that who is followed may be off its middle without it moving."""
_FASTEST: Final = 0.5
"""The most that a frame moves in a second, as a share of its own width or height."""
_SOFT_S: Final = 0.5
"""Seconds before and after over which its movement is evened out: so long it takes to start, and to stop."""
_STEP_S: Final = Fraction(1, 4)
"""Seconds between two places that are written down; between them it goes straight."""
HEADROOM: Final = 0.1
"""Share of the frame's height by which a face is above its middle."""
_FITS: Final = 0.9
"""Share of the frame that several faces may take up together; where they need more, the first is followed."""
_MIDDLE: Final = 0.5


class Seen(NamedTuple):
    """Who is followed, at one time of the clip."""

    at_s: float
    """Seconds into the clip."""
    faces: tuple[Box, ...]
    """Of everybody who was recognised then, the most important first; at least one."""
    headroom: float = HEADROOM
    """Share of the frame's height by which they are above its middle."""


@dataclass(frozen=True)
class Timing:
    """Which times of a clip a piece of the cut shows."""

    begin_s: Fraction
    """Of its first frame, in seconds into the clip."""
    frames: int
    """That move: held ones show nothing new."""
    step_s: Fraction
    """Seconds of the clip from one frame to the next."""
    fps: Fraction
    """Of the cut."""

    def at(self, frame: int) -> float:
        """The second of the clip that a frame shows."""
        return float(self.begin_s + frame * self.step_s)


def frame_share(clip: Size, shape: Size) -> tuple[float, float]:
    """How much of a clip's width and height a frame of another shape shows: 1 for one of them."""
    across = Fraction(shape.width * clip.height, shape.height * clip.width)
    return (float(across), 1.0) if across < 1 else (1.0, float(1 / across))


def enlargement(clip: Size, shape: Size) -> float:
    """How many times larger a clip is seen in a frame that it fills."""
    return max(shape.width / clip.width, shape.height / clip.height)


def standing(x: float, y: float, share: tuple[float, float]) -> tuple[Aim, ...]:
    """A frame that stands with its middle as near to a place as the picture's edges allow."""
    return (Aim(0, round(_inside(x, share[0]), 4), round(_inside(y, share[1]), 4)),)


def following(seen: Sequence[Seen], share: tuple[float, float], timing: Timing) -> tuple[Aim, ...]:
    """A frame that keeps who was recognised in it: it stands, or moves where it must.

    Args:
        seen: in order of time; empty gives the middle of the picture.
        share: of the clip that the frame shows, from `frame_share`.
        timing: which times of the clip are seen.
    """
    if not seen:
        return standing(_MIDDLE, _MIDDLE, share)
    times = [one.at_s for one in seen]
    middles = [_middle(one.faces, share) for one in seen]
    across = [_inside(x, share[0]) for x in _steadied([x for x, _ in middles])]
    lower = [y + one.headroom * share[1] for one, (_, y) in zip(seen, middles, strict=True)]
    down = [_inside(y, share[1]) for y in _steadied(lower)]
    paths = [_path(times, places, part, timing) for places, part in ((across, share[0]), (down, share[1]))]
    if all(len(path) == 1 for path in paths):
        return (Aim(0, paths[0][0], paths[1][0]),)
    every = _step(timing)
    numbers = [*range(0, timing.frames - 1, every), timing.frames - 1]
    return tuple(
        Aim(number, *(path[number] if len(path) > 1 else path[0] for path in paths)) for number in numbers
    )


def _middle(faces: Sequence[Box], share: tuple[float, float]) -> tuple[float, float]:
    """Between all faces where they fit, else of the first: across and down."""
    left, top = (min(face[side] for face in faces) for side in (0, 1))
    right, bottom = (max(face[side] for face in faces) for side in (2, 3))
    if right - left > _FITS * share[0] or bottom - top > _FITS * share[1]:
        left, top, right, bottom = faces[0]
    return (left + right) / 2, (top + bottom) / 2


def _steadied(places: Sequence[float]) -> list[float]:
    """Without a single one that jumps away and back: that is a mistake in recognising."""
    around = zip([places[0], *places], places, [*places[1:], places[-1]], strict=False)
    return [median(three) for three in around]


def _inside(place: float, part: float) -> float:
    """The middle of a frame, so that it stays in the picture."""
    return min(max(place, part / 2), 1 - part / 2)


def _path(times: Sequence[float], places: Sequence[float], part: float, timing: Timing) -> list[float]:
    """One place for all frames, or one for each."""
    frames = max(1, timing.frames)
    wanted = [_between(times, places, timing.at(frame)) for frame in range(frames)]
    stand, free = median(wanted), _FREE * part
    if part == 1 or max(abs(place - stand) for place in wanted) <= free:
        return [round(stand, 4)]
    fastest = _FASTEST * part / float(timing.fps)
    at, path = wanted[0], list[float]()
    for place in wanted:
        nearest = min(max(at, place - free), place + free)
        at += min(max(nearest - at, -fastest), fastest)
        path.append(at)
    soft = max(1, round(_SOFT_S * float(timing.fps)))
    padded = [path[0]] * soft + path + [path[-1]] * soft
    return [round(fmean(padded[number : number + 2 * soft + 1]), 4) for number in range(frames)]


def _between(times: Sequence[float], places: Sequence[float], at_s: float) -> float:
    """The place at a time, on the straight line between those that are known."""
    if at_s <= times[0]:
        return places[0]
    for (before, one), (after, other) in pairwise(zip(times, places, strict=True)):
        if at_s <= after:
            return one + (other - one) * (at_s - before) / (after - before)
    return places[-1]


def _step(timing: Timing) -> int:
    return max(1, round(_STEP_S * timing.fps))
