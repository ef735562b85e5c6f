"""The last join: pieces and encoded sound copied into one file, and the result counted.

*Exact* means: the file has as many frames as the cut list, and presents as many samples of sound as belong to
those frames. Frames are counted as packets: each piece's when it was encoded, all of them once they are
joined; none is decoded again, since copying changes none. AAC comes in packets of 1,024 samples behind a
run-in of as many. The edit list hides the run-in, and the track's length ends the last packet early; players
and ffmpeg follow both, a bare decoder gives the last packet whole. So what is counted is what the packets
hold, but no more than the track presents.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from onmodel.errors import NotMedia, PostError
from onmodel.post.chapters import Labels, as_ffmetadata
from onmodel.post.cutlist import CutList
from onmodel.post.ffmpeg import run, written_whole
from onmodel.post.formats import Conform
from onmodel.post.listening import Tell, share_of
from onmodel.units import SAMPLE_RATE

_START_CLEAN = "Delete the cache (.onmodel/cache), which is safe, and run the same command again."


@dataclass(frozen=True)
class CutFacts:
    """What a finished cut has."""

    frames: int
    samples: int
    """Samples of sound presented, at 48 kHz."""
    fps: Fraction
    uneven: int = 0
    """Frames that are not shown at their own time, counted from the first one's at an even rate."""


def assemble(
    cutlist: CutList,
    pieces: Sequence[Path],
    sound: Path,
    into: Path,
    *,
    fps: Fraction,
    labels: Labels,
    ffmpeg: Path,
    conform: Conform = 3,
    tell: Tell | None = None,
    synced: bool = True,
) -> CutFacts:
    """Join the rendered pieces and the encoded sound into the episode's mp4, and count that it is exact.

    The same pieces, sound, labels and ffmpeg give the same bytes.

    Args:
        cutlist: the cut, for what must come out.
        pieces: the rendered files of `pieces_of(cutlist, ...)`, in that order.
        sound: the file of `encode_sound`; or a finished cut.
        into: the mp4; it appears whole, or not at all.
        fps: the rate of the cut.
        labels: what the file says about itself.
        ffmpeg: the program.
        conform: the way in which the pieces were made.
        tell: told of the share that is joined, 0 to 1.
        synced: whether the file has to outlive a power cut.

    Raises:
        PostError: the join failed, or its frames or samples are not those of the cut list.
    """
    with (
        written_whole(into, synced=synced) as part,
        tempfile.TemporaryDirectory(dir=into.parent, prefix=".join-") as folder,
    ):
        listing = _listing(pieces, Path(folder))
        told = tell and share_of(float(cutlist.frames / fps), tell)
        work = _graph(listing, sound, part, labels.tags, fps, conform)
        if labels.chapters:
            chapters = Path(folder) / "chapters.ffmetadata"
            chapters.write_text(as_ffmetadata(labels.chapters, cutlist.frames, fps), encoding="utf-8")
            work = _with_chapters(work, chapters, labels)
        try:
            run(ffmpeg, work, about=f"{into}: join", tell=told)
        except PostError as error:
            raise PostError(error.message, hint=error.hint or _START_CLEAN) from error
        found = measure_cut(part)
        wanted = CutFacts(cutlist.frames, cutlist.samples(fps), fps)
        if found != wanted:
            raise PostError(
                f"{into}: the join has {found.frames} frames and {found.samples} samples at {found.fps} "
                f"frames a second, {found.uneven} of them unevenly; the cut list says {wanted.frames} and "
                f"{wanted.samples} at {wanted.fps}",
                hint=_START_CLEAN,
            )
    return found


def measure_cut(path: Path) -> CutFacts:
    """Count what a finished cut presents, packet by packet.

    Raises:
        NotMedia: it cannot be read to its end, or has no picture or no sound.
    """
    import av  # noqa: PLC0415 - keeps `check` and `plan` quick

    try:
        with av.open(str(path.absolute())) as container:
            if not container.streams.video or not container.streams.audio:
                raise NotMedia(f"{path}: a cut has picture and sound", hint=_START_CLEAN)
            picture, sound = container.streams.video[0], container.streams.audio[0]
            times, heard = list[int | None](), 0
            for packet in container.demux(picture, sound):
                if not packet.size:
                    continue
                if packet.stream is picture:
                    times.append(packet.pts)
                else:
                    heard = max(heard, (packet.pts or 0) + sound.codec_context.frame_size)
            tick = (picture.time_base or Fraction(0)) * (picture.average_rate or Fraction(0))
            shown = sorted(-1 if pts is None else pts for pts in times)  # they come as they are decoded
            uneven = sum(pts * tick != number for number, pts in enumerate(shown))
            ends = (heard, sound.duration or 0)
            presented = int(min(ends) * (sound.time_base or 0) * SAMPLE_RATE)
            return CutFacts(len(times), presented, picture.average_rate or Fraction(0), uneven)
    except av.FFmpegError as error:
        raise NotMedia(f"{path}: it cannot be read: {error.strerror}", hint=_START_CLEAN) from error


def _listing(pieces: Sequence[Path], folder: Path) -> Path:
    """The concat demuxer's list, of links beside it to the pieces.

    The list is read line by line: a folder whose name has a newline could not be written in it at all.
    """
    lines = ["ffconcat version 1.0"]
    for number, piece in enumerate(pieces):
        name = f"{number:05d}.mp4"
        (folder / name).symlink_to(piece.absolute())
        lines.append(f"file {name}")
    listing = folder / "pieces.ffconcat"
    listing.write_text("\n".join(lines) + "\n")
    return listing


def _graph(
    listing: Path, sound: Path, into: Path, tags: Sequence[str], fps: Fraction, conform: Conform
) -> Any:
    import ffmpeg as graph  # noqa: PLC0415 - keeps `check` and `plan` quick

    # The list puts each piece at a time in whole microseconds. At a rate like 29.97 the clock's tick is so
    # short that some hundred pieces add up to one: every time is put back on a frame's.
    step = fps.denominator
    even = f"setts=pts=round(PTS/{step})*{step}:dts=round(DTS/{step})*{step}"
    # Left to itself ffmpeg decodes the first picture of every piece, for what the file of a newer one says.
    undecoded = {"codec_whitelist": "none"} if conform > 2 else {}  # noqa: PLR2004 - from the third way on
    return graph.output(
        graph.input(str(listing.absolute()), f="concat", **undecoded).video,
        graph.input(str(sound.absolute())).audio,
        str(into.absolute()),
        **{
            "f": "mp4",
            "c:v": "copy",
            "c:a": "copy",
            "threads": 1,
            # In the default timescale of 1/1000 s the edit list is rounded: a long programme loses samples.
            "movie_timescale": SAMPLE_RATE,
            "movflags": "+faststart",
            **({"bsf:v": even} if step > 1 else {}),
            "map_metadata": -1,
            "map_chapters": -1,
            **{f"metadata:g:{number}": tag for number, tag in enumerate(tags)},
        },
    )


def _with_chapters(work: Any, chapters: Path, labels: Labels) -> list[str]:
    """The same work with the chapters of a file, which has no stream that ffmpeg-python could take."""
    import ffmpeg as graph  # noqa: PLC0415 - keeps `check` and `plan` quick

    words: list[str] = graph.get_args(work)
    inputs = words.index("-map")
    words[words.index("-map_chapters") + 1] = "2"
    given = ["-f", "ffmetadata", "-i", str(chapters.absolute())]
    for number, chapter in enumerate(labels.chapters):
        words[-1:-1] = [f"-metadata:c:{number}", f"title={chapter.title}"]
    return [*words[:inputs], *given, *words[inputs:]]
