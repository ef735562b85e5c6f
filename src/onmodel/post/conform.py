"""Conform: every frame of the cut encoded once, in one format, in pieces that can be joined by copying.

A shot gives one *body* (the frames it has to itself) and each transition one *window* (the frames it shares
with the next). A body needs nothing but its own clip, so it is rendered as soon as the take is circled. A
piece is named by what is in it: changing one shot renders that shot and its windows again, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from onmodel.errors import PostError
from onmodel.post.compositing import Span, picture_of
from onmodel.post.cutlist import Aim, CutList, Kind, Overlay, Piece, Transition
from onmodel.post.ffmpeg import run, written_whole
from onmodel.post.formats import Format
from onmodel.post.listening import Tell, share_of
from onmodel.post.probe import matrix_of
from onmodel.units import digest_of

_RECIPE = 1
"""Raised when the same job would give other pictures, so that old pieces are not taken for new ones."""
_STANDING = 3
"""The way of conforming from which on what is written stands still in a transition."""
_X264 = {
    "keyint": 48,
    "min-keyint": 24,
    "scenecut": 40,
    "open-gop": 0,
    "bframes": 2,
    "b-pyramid": 0,
    "rc-lookahead": 4,
    # One parameter set for all pieces: without it a copied join shows the second piece with the first one's.
    "stitchable": 1,
    "colorprim": "bt709",
    "transfer": "bt709",
    "colormatrix": "bt709",
}
"""x264 looks 4 frames ahead, each of which holds 7 MB at 1080p: with 24, three curled, grained and
detailed clips came out 3 to 7% larger, and 0.01 to 0.05 dB better. It has as many references as its preset
says: a third one where `fast` has two made files 1% smaller in 15% more time. Source: measured 2026-11."""
_X264_ONCE = {**_X264, "ref": 3, "rc-lookahead": 24}
"""Before the third way of conforming."""
_COLOURS = {"range": "tv", "color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709"}


@dataclass(frozen=True)
class PieceJob:
    """One piece of the cut to be encoded: a body (one span) or a window (two spans of the same length)."""

    spans: tuple[Span, ...]
    format: Format
    encoder: str
    transition: Kind = "crossfade"
    """What a window looks like; of no meaning for a body."""
    overlays: tuple[Overlay, ...] = ()
    """What lies over a window and stands while its shots change."""

    @property
    def frames(self) -> int:
        """Frames of the finished piece."""
        return self.spans[0].frames

    @property
    def key(self) -> str:
        """The name of the piece in the cache: the clips' content, the ranges, the format, the encoder."""
        # Without a further key where none is needed: pieces from before there were such keep their names.
        kind: dict[str, Any] = {"transition": self.transition} if self.transition != "crossfade" else {}
        over = {"overlays": [one.identity for one in self.overlays]} if self.overlays else {}
        return digest_of(
            {
                "recipe": _RECIPE,
                "spans": [span.identity for span in self.spans],
                "format": self.format.identity,
                "encoder": self.encoder,
                **kind,
                **over,
            }
        )


def body_of(piece: Piece, head_frames: int, form: Format, encoder: str) -> PieceJob | None:
    """The frames that a shot has to itself; None where its transitions leave it none.

    Args:
        piece: the shot.
        head_frames: frames at its beginning that belong to the transition from the shot before.
        form: the cut's format.
        encoder: who encodes, from `encoder_of`.
    """
    frames = piece.frames - head_frames - piece.join.overlap_frames
    if frames < 1:
        return None
    return PieceJob((span_of(piece, head_frames, frames),), form, encoder)


def window_of(left: Piece, right: Piece, form: Format, encoder: str) -> PieceJob | None:
    """The frames that two shots share in a transition; None at a hard cut."""
    if not isinstance(left.join, Transition):
        return None
    frames = left.join.frames
    spans = (span_of(left, left.frames - frames, frames), span_of(right, 0, frames))
    if form.conform < _STANDING:
        return PieceJob(spans, form, encoder, left.join.kind)
    bare = (replace(spans[0], overlays=()), replace(spans[1], overlays=()))
    # What lies over both shots is in both, at the same frames: it is laid over them once.
    over = tuple(dict.fromkeys(spans[0].overlays + spans[1].overlays))
    return PieceJob(bare, form, encoder, left.join.kind, over)


def pieces_of(cutlist: CutList, form: Format, encoder: str) -> list[PieceJob]:
    """Every piece of the cut in its order: bodies, and between them the windows of the transitions."""
    jobs: list[PieceJob | None] = []
    for index, (piece, head) in enumerate(zip(cutlist.pieces, cutlist.heads, strict=True)):
        jobs.append(body_of(piece, head, form, encoder))
        if index + 1 < len(cutlist.pieces):
            jobs.append(window_of(piece, cutlist.pieces[index + 1], form, encoder))
    return [job for job in jobs if job is not None]


def render(job: PieceJob, folder: Path, ffmpeg: Path, tell: Tell | None = None) -> Path:
    """Encode one piece into `folder`, video only, or find it there; its frame count is checked.

    Args:
        job: the piece.
        folder: for pieces.
        ffmpeg: the program.
        tell: told of the share that is done, 0 to 1.

    Raises:
        PostError: a clip does not decode or is too short for its frames; the shot is named.
    """
    into = folder / f"{job.key}.mp4"
    if into.exists():
        return into
    shots = " into ".join(span.shot for span in job.spans)
    with written_whole(into) as part:
        about, seconds = f"{shots}: conform of {job.spans[0].path.name}", float(job.frames / job.format.fps)
        matrices = {span.path: matrix_of(span.path) for span in job.spans if not span.still}
        run(ffmpeg, _graph(job, part, matrices), about=about, tell=tell and share_of(seconds, tell))
        found = count_packets(part)
        if found != job.frames:
            raise PostError(
                f"{shots}: the clip gave {found} of the {job.frames} frames that the cut needs "
                f"from frame {job.spans[0].first_frame}",
                hint="Shorten the shot, or take it again at a longer length.",
            )
    return into


def count_packets(path: Path) -> int:
    """Frames in a video-only file of our own encoder, counted without decoding: one packet, one frame."""
    import av  # noqa: PLC0415 - keeps `check` and `plan` quick

    with av.open(str(path.absolute())) as container:
        return sum(1 for packet in container.demux(video=0) if packet.size)


def span_of(piece: Piece, skip: int, frames: int) -> Span:
    """Some frames of a shot; what does not show in them is left out, so that it changes no key."""
    if piece.still:
        alone = Span(piece.shot, piece.sha256, piece.path, 0, frames, still=True)
    else:
        first = piece.begin_frames + skip
        alone = Span(piece.shot, piece.sha256, piece.path, first, frames, piece.speed)
        stands_from = piece.begin_frames + piece.frames - piece.hold_frames
        if stands_from < first + frames:
            alone = replace(alone, stands_from=stands_from)
        alone = replace(alone, aims=_aims_within(piece.aims, skip, frames))
    overlays = (replace(one, first_frame=one.first_frame - skip) for one in piece.overlays)
    return replace(alone, overlays=tuple(one for one in overlays if _shows(one, frames)))


def _aims_within(aims: tuple[Aim, ...], skip: int, frames: int) -> tuple[Aim, ...]:
    """What matters of a frame's way in some frames of a shot: those at both ends, and all between."""
    first = max((index for index, aim in enumerate(aims) if aim.frame <= skip), default=0)
    after = (index for index, aim in enumerate(aims) if aim.frame >= skip + frames - 1)
    last = next(after, len(aims) - 1)
    return tuple(replace(aim, frame=aim.frame - skip) for aim in aims[first : last + 1])


def _shows(overlay: Overlay, frames: int) -> bool:
    return overlay.frames > 0 and overlay.first_frame < frames and overlay.first_frame + overlay.frames > 0


def _graph(job: PieceJob, into: Path, matrices: Mapping[Path, str]) -> Any:
    form = job.format
    # Every piece but one of a single frame is decoded a frame before it is shown. Joined after such a one,
    # the next piece would have its first packet at that one's time, and the join would fail.
    alone = {"bsf:v": "setts=dts=DTS-1"} if job.frames == 1 and form.conform > 1 else {}
    picture, x264 = picture_of(job.spans, job.transition, form, matrices, job.overlays), _X264_ONCE
    if form.conform > 2:  # noqa: PLR2004 - from the third way on
        # Said of the picture too, so that the file says it, and the join need not decode to know it.
        picture, x264 = picture.filter("setparams", **_COLOURS), _X264
    return picture.output(
        str(into.absolute()),
        **{
            "f": "mp4",
            "an": None,
            "c:v": "libx264",
            "preset": form.preset,
            "crf": form.crf,
            "threads": 1,
            "filter_complex_threads": 1,
            "x264-params": ":".join(f"{name}={value}" for name, value in x264.items()),
            "video_track_timescale": form.fps.numerator,
            "frames:v": job.frames,
            "map_metadata": -1,
            **alone,
        },
    )
