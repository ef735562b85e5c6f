"""The cut as arithmetic: which frames of which clip, how each shot joins the next, where each begins.

Everything here is counted in frames of the cut's own rate, from 0, as they are seen: a clip that runs at half
its speed has twice as many. Nothing touches a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from onmodel.errors import PostError
from onmodel.units import samples_at

Kind = Literal[
    "crossfade",
    "dip-to-black",
    "dip-to-white",
    "wipe-left",
    "wipe-right",
    "wipe-up",
    "wipe-down",
    "slide-left",
    "slide-right",
    "slide-up",
    "slide-down",
]
"""What a transition looks like; a wipe's edge and a slide's pictures go towards the side that is named."""


@dataclass(frozen=True)
class Cut:
    """A hard cut: the next shot begins where this one ends. What is heard may change earlier or later."""

    audio_lead_frames: int = 0
    """Frames for which the next shot is heard before it is seen: a J cut."""
    audio_lag_frames: int = 0
    """Frames for which this shot is still heard under the next one: an L cut."""

    @property
    def overlap_frames(self) -> int:
        """Frames that both shots are on screen: none."""
        return 0


@dataclass(frozen=True)
class Transition:
    """The last frames of one shot go over into the first of the next."""

    frames: int
    """At least 1. The first is the left shot as it is; the one after the last is the right shot as it is."""
    kind: Kind = "crossfade"

    @property
    def overlap_frames(self) -> int:
        """Frames that belong to both shots."""
        return self.frames

    @property
    def audio_lead_frames(self) -> int:
        """None: a transition has sound of both shots already."""
        return 0

    @property
    def audio_lag_frames(self) -> int:
        """None: a transition has sound of both shots already."""
        return 0


Join = Cut | Transition


@dataclass(frozen=True)
class Overlay:
    """A transparent picture over a part of a shot: a burnt-in caption, a lower third."""

    sha256: str
    """Of the picture, 64 hex digits."""
    path: Path
    """A PNG of the cut's own size."""
    first_frame: int
    """Of the shot, counted from the first frame that is used of it."""
    frames: int
    """For which it is seen; what goes beyond the shot's end is not."""
    fade_frames: int = 0
    """In which it comes, and in which it goes."""

    @property
    def identity(self) -> list[str | int]:
        """All that is seen of it, as plain values."""
        return [self.sha256, self.first_frame, self.frames, self.fade_frames]


@dataclass(frozen=True)
class Aim:
    """Where the middle of a frame of another shape is, at one time: shares of the clip's width and height."""

    frame: int
    """Of the shot, counted from the first frame that is used of it."""
    x: float
    y: float


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
    """Frames of the clip, at its speed here, that are passed over before the first one that is used."""
    speed: Fraction = Fraction(1)
    """How fast the clip runs: frame n of the piece is second `(begin_frames + n) * speed / fps` of it."""
    hold_frames: int = 0
    """How many of the frames used, at the end, repeat the one before them; nothing of the clip is heard."""
    still: bool = False
    """`path` is a picture, which stands for all frames; nothing is heard of it."""
    overlays: tuple[Overlay, ...] = ()
    """What lies over it, the lowest first."""
    aims: tuple[Aim, ...] = ()
    """What is seen of a clip of another shape, which then fills the picture: one place, or places between
    which it goes straight. Without any it is seen whole, with bars."""


@dataclass(frozen=True)
class CutList:
    """The shots of an episode in order."""

    pieces: tuple[Piece, ...]

    def __post_init__(self) -> None:
        """Refuse a cut that cannot be made.

        Raises:
            PostError: no shot, a shot without frames, a join that does not fit; the shot is named.
        """
        if not self.pieces:
            raise PostError("cut list: it has no shots", hint="An episode needs at least one shot.")
        for piece in self.pieces:
            _check_alone(piece)
        if self.pieces[-1].join != Cut():
            raise PostError(
                f"{self.pieces[-1].shot}: the last shot has no next one to go over into",
                hint="Remove its join.",
            )
        for piece, head in zip(self.pieces, self.heads, strict=True):
            _check_joins(piece, head)
        for left, right in zip(self.pieces, self.pieces[1:], strict=False):
            _check_sound(left, right)

    @property
    def heads(self) -> tuple[int, ...]:
        """For each shot, the frames at its beginning that lie under the shot before."""
        return (0, *(piece.join.overlap_frames for piece in self.pieces[:-1]))

    @property
    def leads(self) -> tuple[int, ...]:
        """For each shot, the frames for which it is heard before it is seen."""
        return (0, *(piece.join.audio_lead_frames for piece in self.pieces[:-1]))

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

        That is as long as it is seen, earlier by the lead of the join before it, and later by the lag of its
        own. Each is rounded from its frame once, never added up from rounded lengths, so that nothing drifts.
        """
        shots = zip(self.starts, self.leads, self.pieces, strict=True)
        return tuple(
            (
                samples_at(start - lead, fps),
                samples_at(start + piece.frames + piece.join.audio_lag_frames, fps),
            )
            for start, lead, piece in shots
        )


def called(join: Transition) -> str:
    """A transition's name in words: `crossfade`, `dip to black`, `wipe`."""
    return join.kind.replace("-", " ") if join.kind.startswith("dip") else join.kind.partition("-")[0]


def _check_alone(piece: Piece) -> None:
    if piece.frames < 1:
        raise PostError(
            f"{piece.shot}: {piece.frames} frames cannot be cut", hint="A shot needs at least one frame."
        )
    if not 0 <= piece.hold_frames < piece.frames:
        raise PostError(
            f"{piece.shot}: {piece.hold_frames} of its {piece.frames} frames are held, and none moves",
            hint=f"Hold at most {piece.frames - 1} frames, or make the shot longer.",
        )
    if piece.begin_frames < 0 or piece.speed <= 0:
        raise PostError(
            f"{piece.shot}: it begins at frame {piece.begin_frames} and runs at {float(piece.speed):g} times "
            "its speed",
            hint="The first frame is at least 0, the speed above 0.",
        )
    if isinstance(piece.join, Transition) and piece.join.frames < 1:
        raise PostError(
            f"{piece.shot}: a {called(piece.join)} of {piece.join.frames} frames is not allowed",
            hint=f"A {called(piece.join)} has at least one frame; remove the join for a hard cut.",
        )


def _check_joins(piece: Piece, head: int) -> None:
    tail = piece.join.overlap_frames
    longest = max(head, tail)
    if longest > piece.frames:
        side = "into" if head == longest else "out of"
        raise PostError(
            f"{piece.shot}: the transition {side} this shot has {longest} frames, the shot has "
            f"{piece.frames}",
            hint=f"Make the transition at most {piece.frames} frames, or the shot longer.",
        )
    if head + tail > piece.frames:
        raise PostError(
            f"{piece.shot}: its transitions of {head} and {tail} frames overlap; the shot has {piece.frames}",
            hint=f"Together they may have {piece.frames} frames.",
        )


def _check_sound(left: Piece, right: Piece) -> None:
    """A lead needs sound before the right shot's picture, and no sound goes beyond the shot beside it."""
    lead, lag = left.join.audio_lead_frames, left.join.audio_lag_frames
    if min(lead, lag) < 0 or lead > left.frames or lag > right.frames:
        raise PostError(
            f"{left.shot}: a lead of {lead} and a lag of {lag} frames do not fit; this shot has "
            f"{left.frames} frames, the next has {right.frames}",
            hint="The lead is at most as long as this shot, the lag as the next one.",
        )
    if lead > right.begin_frames:
        raise PostError(
            f"{right.shot}: it is to be heard {lead} frames before it is seen, and its clip has "
            f"{right.begin_frames} frames before its first one here",
            hint="Begin the shot later in its clip (`in`), or shorten `audio_lead`.",
        )
    if lag and left.hold_frames:
        raise PostError(
            f"{left.shot}: it is held at its end, so there is no sound that could go on",
            hint="Remove `hold` or `audio_lag`.",
        )
