"""A shot in the cut, as the shot list says it: its pieces, and its join into the next one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple, cast

from onmodel.planning.chains import Link, links_of
from onmodel.post.cutlist import Cut, Kind, Piece, Transition
from onmodel.story import Join, Shot
from onmodel.story.trims import Trim
from onmodel.units import frames_in, round_half_up

JOINT_FRAMES = 1
"""A link begins with the frame on which the one before ends: it is seen once."""


class Clip(NamedTuple):
    """A clip in the vault."""

    sha256: str
    path: Path


class _Part(NamedTuple):
    """Which frames of a clip are seen, at the cut's rate and the shot's speed."""

    begin: int
    frames: int


def pieces_of_shot(
    name: str, shot: Shot, clips: Sequence[Clip], trim: Trim, fps: Fraction
) -> tuple[Piece, ...]:
    """One shot in the cut: a piece, or one for each link of a long shot that is seen.

    Args:
        name: the shot's id.
        shot: its defaults filled in.
        clips: of its links, in order.
        trim: which part of the shot is seen.
        fps: of the cut.
    """
    links = links_of(name, shot, trim, fps)
    frames = frames_in(trim.used_s, fps)
    hold = min(frames_in(trim.hold_s, fps), max(frames - 1, 0))
    parts = list(_parts(links, trim, frames - hold, fps))
    seen = [index for index, part in enumerate(parts) if part.frames > 0] or [0]
    return tuple(
        Piece(
            links[index].subject,
            clips[index].sha256,
            clips[index].path,
            parts[index].frames + (hold if index == seen[-1] else 0),
            join=join_of(shot.join, fps) if index == seen[-1] else Cut(),
            begin_frames=parts[index].begin,
            speed=trim.speed,
            hold_frames=hold if index == seen[-1] else 0,
        )
        for index in seen
    )


def _parts(links: Sequence[Link], trim: Trim, moving: int, fps: Fraction) -> Iterator[_Part]:
    """What is seen of each link; the trim counts through all of them, the joints left out."""
    begin = frames_in(trim.begin_s / trim.speed, fps)
    end = begin + moving
    if len(links) == 1:
        yield _Part(begin, moving)
        return
    # In frames of the clips, before any change of speed.
    starts = [0, *accumulate(frames_in(link.ends_at_s, fps) + 1 for link in links)]
    for link, start, stop in zip(links, starts, starts[1:], strict=False):
        first = max(begin, round_half_up(start / trim.speed))
        last = end if link.is_last else min(end, round_half_up(stop / trim.speed))
        skipped = first - (start - (0 if link.is_first else JOINT_FRAMES)) / trim.speed
        yield _Part(max(0, round_half_up(skipped)), last - first)


def join_of(join: Join | None, fps: Fraction) -> Cut | Transition:
    """How a shot goes over into the next, in frames."""
    if join is None:
        return Cut()
    if not join.transitions:
        lead, lag = join.audio_lead or Fraction(0), join.audio_lag or Fraction(0)
        return Cut(frames_in(lead, fps), frames_in(lag, fps))
    said = next(iter(join.transitions))
    kind = f"{said}-{join.towards}" if said in ("wipe", "slide") else said.replace("_", "-")
    return Transition(frames_in(join.overlap_s, fps), cast("Kind", kind))
