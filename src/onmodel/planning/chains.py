"""Long shots as chains: links of at most five seconds, each from the frame on which the one before ends."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final, NamedTuple

from onmodel.story import Shot
from onmodel.story.shots import goes_by_pictures
from onmodel.story.trims import Trim
from onmodel.units import frames_in

LONGEST_LINK_S: Final = Fraction(5)
"""Quality falls off after this many seconds of one clip. Source: the guide, 2026-01-26."""

DRIFTS_FROM: Final = 3
"""Links from which on a chain is pulled back to the model sheet: drift adds up. Source: ours, 2026-11."""


class Link(NamedTuple):
    """One clip of a shot; most shots have only one."""

    shot: str
    number: int
    """From 1."""
    of: int
    """How many there are."""
    used_s: Fraction
    """Seconds that its clip must have: what the cut passes over, shows, and lets be heard on."""
    ends_at_s: Fraction
    """When the last frame of it that the cut shows begins: the next link starts from that frame."""

    @property
    def subject(self) -> str:
        """The subject of its commissions: `s010` for the first, `s010.2` for the second."""
        return subject_of(self.shot, self.number)

    @property
    def is_first(self) -> bool:
        """Whether the shot begins with it."""
        return self.number == 1

    @property
    def is_last(self) -> bool:
        """Whether the shot ends with it."""
        return self.number == self.of

    @property
    def may_drift(self) -> bool:
        """Whether it is so far along that it should be pulled back to the model sheet."""
        return not self.is_first and self.of >= DRIFTS_FROM


def subject_of(shot: str, number: int) -> str:
    """What the commissions of a shot's link are called: `s010`, `s010.2`, `s010.3`."""
    return shot if number == 1 else f"{shot}.{number}"


def shot_of(subject: str) -> str:
    """The shot that a link belongs to."""
    return subject.partition(".")[0]


def is_chained(shot: Shot, seconds: Fraction) -> bool:
    """Whether a shot is filmed as a chain.

    One clip stays what an input gives the length of, what was made for one picture only, and what is heard.

    Args:
        shot: its defaults filled in.
        seconds: of the clip, up to where the cut leaves it.
    """
    in_one = (
        shot.clips == "one"
        or shot.endpoint
        or shot.restyle
        or shot.motion
        or shot.effect
        or shot.mask
        or shot.audio
        or shot.voices
        or shot.ladder
        or goes_by_pictures(shot)
    )
    return seconds > LONGEST_LINK_S and not in_one


def links_of(name: str, shot: Shot, trim: Trim, fps: Fraction) -> tuple[Link, ...]:
    """The links of a shot in order; each is used up to where the next one goes on.

    A trim is of the whole chain, as if it were one clip.

    Args:
        name: the shot's id.
        shot: its defaults filled in.
        trim: which part of it the cut shows.
        fps: of the cut.
    """
    if not is_chained(shot, trim.end_s):
        return (Link(name, 1, 1, trim.needs_s, trim.end_s - 1 / fps),)
    frames = frames_in(trim.end_s, fps)
    overlap_s = shot.join.overlap_s if shot.join else Fraction(0)
    tail = frames_in(max(Fraction(0), overlap_s - trim.hold_s) * trim.speed, fps)
    lengths = list(_lengths(frames, frames_in(LONGEST_LINK_S, fps), tail))
    count = len(lengths)
    links = [
        # At a rate like 23.976 a whole link's frames take a little longer than what is sold as 5 s.
        Link(name, number, count, min(length / fps, LONGEST_LINK_S), (length - 1) / fps)
        for number, length in enumerate(lengths, 1)
    ]
    last = links[-1]
    return (*links[:-1], last._replace(used_s=last.used_s + trim.needs_s - trim.end_s))


def _lengths(frames: int, longest: int, tail: int) -> Iterator[int]:
    """Whole links as long as it goes, so that a longer shot keeps the first; a transition stays in one."""
    while frames > longest:
        length = longest - max(0, min(tail, longest - 1) - (frames - longest))
        yield length
        frames -= length
    yield frames
