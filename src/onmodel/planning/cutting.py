"""The cut list of an episode, as its shot list says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from onmodel.planning.chains import links_of
from onmodel.post.cutlist import Crossfade, Cut, CutList, Piece
from onmodel.story import Join, Shot
from onmodel.units import frames_in

JOINT_FRAMES = 1
"""A link begins with the frame on which the one before ends: it is seen once."""


class Clip(NamedTuple):
    """A clip in the vault."""

    sha256: str
    path: Path


def pieces_of_shot(
    name: str, shot: Shot, clips: Sequence[Clip], used_s: Fraction, fps: Fraction
) -> tuple[Piece, ...]:
    """One shot in the cut: a piece, or one for each link of a long shot.

    Args:
        name: the shot's id.
        shot: its defaults filled in.
        clips: of its links, in order.
        used_s: seconds of the whole shot.
        fps: of the cut.
    """
    links = links_of(name, shot, used_s, fps)
    return tuple(
        Piece(
            link.subject,
            clip.sha256,
            clip.path,
            frames_in(link.used_s, fps),
            join=join_of(shot.join, fps) if link.is_last else Cut(),
            begin_frames=0 if link.is_first else JOINT_FRAMES,
        )
        for link, clip in zip(links, clips, strict=True)
    )


def join_of(join: Join | None, fps: Fraction) -> Cut | Crossfade:
    """How a shot goes over into the next, in frames."""
    if join is None or join.crossfade is None:
        return Cut()
    return Crossfade(frames_in(join.crossfade, fps))


def cut_list(
    shots: Mapping[str, Shot],
    clips: Mapping[str, Sequence[Clip]],
    used_s: Mapping[str, Fraction],
    fps: Fraction,
) -> CutList:
    """The whole cut.

    Args:
        shots: in order, their defaults filled in.
        clips: of each shot's links.
        used_s: seconds of each shot.
        fps: of the cut.

    Raises:
        PostError: a crossfade does not fit its shots; the shot is named.
    """
    return CutList(
        tuple(
            piece
            for name, shot in shots.items()
            for piece in pieces_of_shot(name, shot, clips[name], used_s[name], fps)
        )
    )
