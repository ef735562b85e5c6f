"""Conform: every frame of the cut encoded once, in one format, in pieces that can be joined by copying.

A shot gives one *body* (the frames it has to itself) and each crossfade one *window* (the frames it shares
with the next). A body needs nothing but its own clip, so it is rendered as soon as the take is circled. A
piece is named by what is in it: changing one shot renders that shot and its windows again, nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from onmodel.errors import PostError
from onmodel.post.cutlist import CutList, Piece
from onmodel.post.ffmpeg import run, written_whole
from onmodel.post.formats import Format
from onmodel.units import digest_of

_RECIPE = 1
"""Raised when the same job would give other pictures, so that old pieces are not taken for new ones."""
_HOLD_S = 1
"""A clip may be this much shorter than its slot: its last frame is held. The gates allow less than that."""
_SCALING = "bicubic+accurate_rnd+bitexact"
"""Without `bitexact` two kinds of processor give two pictures."""
_X264 = {
    "keyint": 48,
    "min-keyint": 24,
    "scenecut": 40,
    "open-gop": 0,
    "bframes": 2,
    "b-pyramid": 0,
    "ref": 3,
    "rc-lookahead": 24,
    # One parameter set for all pieces: without it a copied join shows the second piece with the first one's.
    "stitchable": 1,
    "colorprim": "bt709",
    "transfer": "bt709",
    "colormatrix": "bt709",
    "range": "tv",
}


@dataclass(frozen=True)
class Span:
    """A run of frames of one clip, counted at the cut's rate from the clip's first frame."""

    shot: str
    sha256: str
    path: Path
    first_frame: int
    frames: int


@dataclass(frozen=True)
class PieceJob:
    """One piece of the cut to be encoded: a body (one span) or a window (two spans of the same length)."""

    spans: tuple[Span, ...]
    format: Format
    encoder: str

    @property
    def frames(self) -> int:
        """Frames of the finished piece."""
        return self.spans[0].frames

    @property
    def key(self) -> str:
        """The name of the piece in the cache: the clips' content, the ranges, the format, the encoder."""
        return digest_of(
            {
                "recipe": _RECIPE,
                "spans": [[span.sha256, span.first_frame, span.frames] for span in self.spans],
                "format": self.format.identity,
                "encoder": self.encoder,
            }
        )


def body_of(piece: Piece, head_frames: int, form: Format, encoder: str) -> PieceJob | None:
    """The frames that a shot has to itself; None where its crossfades leave it none.

    Args:
        piece: the shot.
        head_frames: frames at its beginning that belong to the crossfade from the shot before.
        form: the cut's format.
        encoder: who encodes, from `encoder_of`.
    """
    frames = piece.frames - head_frames - piece.join.overlap_frames
    if frames < 1:
        return None
    return PieceJob((_span(piece, head_frames, frames),), form, encoder)


def window_of(left: Piece, right: Piece, form: Format, encoder: str) -> PieceJob | None:
    """The frames that two shots share in a crossfade; None at a hard cut."""
    frames = left.join.overlap_frames
    if not frames:
        return None
    return PieceJob((_span(left, left.frames - frames, frames), _span(right, 0, frames)), form, encoder)


def pieces_of(cutlist: CutList, form: Format, encoder: str) -> list[PieceJob]:
    """Every piece of the cut in its order: bodies, and between them the windows of the crossfades."""
    jobs: list[PieceJob | None] = []
    for index, (piece, head) in enumerate(zip(cutlist.pieces, cutlist.heads, strict=True)):
        jobs.append(body_of(piece, head, form, encoder))
        if index + 1 < len(cutlist.pieces):
            jobs.append(window_of(piece, cutlist.pieces[index + 1], form, encoder))
    return [job for job in jobs if job is not None]


def render(job: PieceJob, folder: Path, ffmpeg: Path) -> Path:
    """Encode one piece into `folder`, video only, or find it there; its frame count is checked.

    Raises:
        PostError: a clip does not decode or is too short for its frames; the shot is named.
    """
    into = folder / f"{job.key}.mp4"
    if into.exists():
        return into
    shots = " into ".join(span.shot for span in job.spans)
    with written_whole(into) as part:
        run(ffmpeg, _graph(job, part), about=f"{shots}: conform of {job.spans[0].path.name}")
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


def _span(piece: Piece, skip: int, frames: int) -> Span:
    return Span(piece.shot, piece.sha256, piece.path, piece.begin_frames + skip, frames)


def _graph(job: PieceJob, into: Path) -> Any:
    import ffmpeg as graph  # noqa: PLC0415 - keeps `check` and `plan` quick

    form = job.format
    if len(job.spans) == 1:
        picture = _normalised(graph, job.spans[0], form, "yuv420p")
    else:
        picture = _crossfaded(graph, job)
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
            "x264-params": ":".join(f"{name}={value}" for name, value in _X264.items()),
            "video_track_timescale": form.fps.numerator,
            "frames:v": job.frames,
            "map_metadata": -1,
        },
    )


def _crossfaded(graph: Any, job: PieceJob) -> Any:
    # xfade knows no 4:2:0. Left to itself ffmpeg converts both ways, and not alike on every processor.
    pictures = [_normalised(graph, span, job.format, "yuv444p") for span in job.spans]
    length = f"{round(1_000_000 * job.frames / job.format.fps)}us"
    return (
        graph.filter(pictures, "xfade", transition="fade", duration=length, offset=0)
        .filter("trim", end_frame=job.frames)
        .filter("scale", flags=_SCALING)
        .filter("format", "yuv420p")
    )


def _normalised(graph: Any, span: Span, form: Format, pixels: str) -> Any:
    """One clip's frames in the cut's size, rate and colour: square pixels, bars where the shape differs."""
    wide, high = form.size.width, form.size.height
    # The frames are chosen first, so that only those are scaled: a window needs few of its left clip's.
    chosen = (
        graph.input(str(span.path.absolute()), threads=1)
        .video.filter("fps", f"{form.fps.numerator}/{form.fps.denominator}", start_time=0)
        .filter("tpad", stop_mode="clone", stop_duration=_HOLD_S)
        .filter("trim", start_frame=span.first_frame, end_frame=span.first_frame + span.frames)
        .filter("setpts", "PTS-STARTPTS")
    )
    return (
        chosen.filter("scale", w="trunc(iw*sar/2)*2", h="ih", flags=_SCALING)
        .filter(
            "scale",
            w=wide,
            h=high,
            force_original_aspect_ratio="decrease",
            force_divisible_by=2,
            in_range="auto",
            out_range="tv",
            out_color_matrix="bt709",
            flags=_SCALING,
        )
        .filter("pad", wide, high, -1, -1)
        .filter("setsar", 1)
        .filter("format", pixels)
    )
