"""The cut list of an episode, as its shot list says it."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from onmodel.post.cutlist import Crossfade, Cut, CutList, Piece
from onmodel.story import Join, Shot
from onmodel.units import frames_in


class Clip(NamedTuple):
    """A clip in the vault."""

    sha256: str
    path: Path


def piece_of(name: str, shot: Shot, clip: Clip, used_s: Fraction, fps: Fraction) -> Piece:
    """One shot in the cut."""
    return Piece(name, clip.sha256, clip.path, frames_in(used_s, fps), join=join_of(shot.join, fps))


def join_of(join: Join | None, fps: Fraction) -> Cut | Crossfade:
    """How a shot goes over into the next, in frames."""
    if join is None or join.crossfade is None:
        return Cut()
    return Crossfade(frames_in(join.crossfade, fps))


def cut_list(
    shots: Mapping[str, Shot], clips: Mapping[str, Clip], used_s: Mapping[str, Fraction], fps: Fraction
) -> CutList:
    """The whole cut.

    Raises:
        PostError: a crossfade does not fit its shots; the shot is named.
    """
    return CutList(
        tuple(piece_of(name, shot, clips[name], used_s[name], fps) for name, shot in shots.items())
    )
