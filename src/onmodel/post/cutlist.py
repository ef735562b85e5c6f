"""The cut as arithmetic: which frames of which clip, how each shot joins the next, where each begins.

Everything here is counted in frames of the cut's own rate, from 0; nothing touches a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from onmodel.errors import PostError
from onmodel.units import samples_at


@dataclass(frozen=True)
class Cut:
    """A hard cut: the next shot begins where this one ends."""

    @property
    def overlap_frames(self) -> int:
        """Frames that both shots are on screen: none."""
        return 0


@dataclass(frozen=True)
class Crossfade:
    """A dissolve: the last frames of one shot lie over the first of the next."""

    frames: int

    @property
    def overlap_frames(self) -> int:
        """Frames that both shots are on screen."""
        return self.frames


Join = Cut | Crossfade


@dataclass(frozen=True)
class Piece:
    """One shot in the cut: the frames of its clip that are used, and its join into the next shot."""

    shot: str
    """The shot's id, for messages."""
    sha256: str
    """Of the clip, 64 hex digits."""
    path: Path
    frames: int
    """Frames used, counted before transitions overlap, at the cut's rate."""
    join: Join = Cut()
    begin_frames: int = 0
    """Frames of the clip that are passed over before the first one that is used."""


@dataclass(frozen=True)
class CutList:
    """The shots of an episode in order."""

    pieces: tuple[Piece, ...]

    def __post_init__(self) -> None:
        """Refuse a cut that cannot be made.

        Raises:
            PostError: no shot, a shot without frames, a crossfade that does not fit; the shot is named.
        """
        if not self.pieces:
            raise PostError("cut list: it has no shots", hint="An episode needs at least one shot.")
        for piece in self.pieces:
            _check_alone(piece)
        if self.pieces[-1].join.overlap_frames:
            raise PostError(
                f"{self.pieces[-1].shot}: the last shot has no next one to crossfade into",
                hint="Remove its join.",
            )
        for piece, head in zip(self.pieces, self.heads, strict=True):
            _check_joins(piece, head)

    @property
    def heads(self) -> tuple[int, ...]:
        """For each shot, the frames at its beginning that lie under the shot before."""
        return (0, *(piece.join.overlap_frames for piece in self.pieces[:-1]))

    @property
    def starts(self) -> tuple[int, ...]:
        """For each shot, the frame of the programme at which it is first seen."""
        starts = [0]
        for piece in self.pieces[:-1]:
            starts.append(starts[-1] + piece.frames - piece.join.overlap_frames)
        return tuple(starts)

    @property
    def frames(self) -> int:
        """Frames of the whole programme: what is used, less what overlaps."""
        return sum(piece.frames - piece.join.overlap_frames for piece in self.pieces)

    def samples(self, fps: Fraction) -> int:
        """Samples of the whole soundtrack at 48 kHz."""
        return samples_at(self.frames, fps)

    def sample_spans(self, fps: Fraction) -> tuple[tuple[int, int], ...]:
        """For each shot, the samples [begin, end) of the programme in which it is heard.

        Each is rounded from its frame once, never added up from rounded lengths, so that nothing drifts.
        """
        spans = zip(self.starts, self.pieces, strict=True)
        return tuple(
            (samples_at(start, fps), samples_at(start + piece.frames, fps)) for start, piece in spans
        )


def _check_alone(piece: Piece) -> None:
    if piece.frames < 1:
        raise PostError(
            f"{piece.shot}: {piece.frames} frames cannot be cut", hint="A shot needs at least one frame."
        )
    if isinstance(piece.join, Crossfade) and piece.join.frames < 1:
        raise PostError(
            f"{piece.shot}: a crossfade of {piece.join.frames} frames is not allowed",
            hint="A crossfade has at least one frame; remove the join for a hard cut.",
        )


def _check_joins(piece: Piece, head: int) -> None:
    tail = piece.join.overlap_frames
    longest = max(head, tail)
    if longest > piece.frames:
        side = "into" if head == longest else "out of"
        raise PostError(
            f"{piece.shot}: the crossfade {side} this shot has {longest} frames, the shot has {piece.frames}",
            hint=f"Make the crossfade at most {piece.frames} frames, or the shot longer.",
        )
    if head + tail > piece.frames:
        raise PostError(
            f"{piece.shot}: its crossfades of {head} and {tail} frames overlap; the shot has {piece.frames}",
            hint=f"Together they may have {piece.frames} frames.",
        )
