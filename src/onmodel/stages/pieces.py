"""The pieces of a cut in its manifest: all that its picture is made again from."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from onmodel.planning.chains import subject_of
from onmodel.post.cutlist import Cut, Join, Kind, Overlay, Piece, Transition
from onmodel.vault import MediaRef


def _media(value: Any) -> MediaRef:
    if not isinstance(value, Mapping):
        raise ValueError("a file of the archive is wanted")  # noqa: TRY004 (pydantic reads only ValueError)
    return MediaRef.from_argument(value)


Media = Annotated[MediaRef, BeforeValidator(_media)]
"""A file of the archive."""

Frames = Annotated[int, Field(ge=0)]


class OverlayRecord(BaseModel):
    """A picture that lies over a piece."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    picture: Media
    first_frame: int
    frames: Frames
    fade_frames: Frames = 0

    def overlay(self, paths: Mapping[str, Path]) -> Overlay:
        """The overlay, once its picture is on this machine."""
        sha256 = self.picture.sha256
        return Overlay(sha256, paths[sha256], self.first_frame, self.frames, self.fade_frames)


class PieceRecord(BaseModel):
    """One clip or card of a cut, as a manifest has it; what is not said is as `Piece` has it."""

    model_config = ConfigDict(frozen=True, defer_build=True)  # what else it tells is for people

    shot: str
    link: Annotated[int, Field(ge=1)] = 1
    """Which clip of a long shot."""
    clip: Media
    """The clip, or the picture of a card."""
    frames: Frames
    crossfade_frames: Frames
    """Frames shared with the next one, in whichever transition; 0 for a hard cut."""
    transition: Kind = "crossfade"
    audio_lead_frames: Frames = 0
    audio_lag_frames: Frames = 0
    begin_frames: Frames = 0
    speed: Annotated[Fraction, Field(gt=0)] = Fraction(1)
    hold_frames: Frames = 0
    still: bool = False
    overlays: tuple[OverlayRecord, ...] = ()

    @property
    def media(self) -> tuple[MediaRef, ...]:
        """Every file that it is made of."""
        return (self.clip, *(one.picture for one in self.overlays))

    @property
    def join(self) -> Join:
        """How it goes over into the next one."""
        if self.crossfade_frames:
            return Transition(self.crossfade_frames, self.transition)
        return Cut(self.audio_lead_frames, self.audio_lag_frames)

    def piece(self, paths: Mapping[str, Path]) -> Piece:
        """The piece of the cut list, once its files are on this machine.

        Args:
            paths: where each file is, by sha256.
        """
        return Piece(
            subject_of(self.shot, self.link),
            self.clip.sha256,
            paths[self.clip.sha256],
            self.frames,
            self.join,
            self.begin_frames,
            self.speed,
            self.hold_frames,
            self.still,
            tuple(one.overlay(paths) for one in self.overlays),
        )


def told_piece(piece: Piece, media: Mapping[str, MediaRef]) -> dict[str, Any]:
    """What a manifest says of a piece, as JSON values; the shot is not among them.

    Args:
        piece: of the cut list.
        media: what its files are called in the archive, by sha256.
    """
    join = piece.join
    said = {
        "begin_frames": piece.begin_frames,
        "speed": str(piece.speed) if piece.speed != 1 else "",
        "hold_frames": piece.hold_frames,
        "transition": join.kind if isinstance(join, Transition) and join.kind != "crossfade" else "",
        "audio_lead_frames": join.audio_lead_frames,
        "audio_lag_frames": join.audio_lag_frames,
        "still": piece.still,
        "overlays": [_told_overlay(one, media) for one in piece.overlays],
    }
    return {
        "frames": piece.frames,
        "crossfade_frames": join.overlap_frames,
        **{name: value for name, value in said.items() if value},
        "clip": media[piece.sha256].as_argument(),
    }


def _told_overlay(overlay: Overlay, media: Mapping[str, MediaRef]) -> dict[str, Any]:
    return {
        "picture": media[overlay.sha256].as_argument(),
        "first_frame": overlay.first_frame,
        "frames": overlay.frames,
        "fade_frames": overlay.fade_frames,
    }
