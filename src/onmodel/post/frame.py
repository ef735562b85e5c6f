"""One frame of a clip as a picture: what the next shot begins from, or what a judge looks at."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from onmodel.errors import NotMedia, PostError
from onmodel.post.ffmpeg import TIMEOUT_S, run, written_whole
from onmodel.post.probe import probe
from onmodel.units import round_half_up


def extract_frame(
    clip: Path, at: Literal["first", "last"] | int | Fraction, into: Path, ffmpeg: Path
) -> Path:
    """Write exactly one frame of a clip as an RGB PNG: the right way up, in square pixels.

    Args:
        clip: the clip.
        at: `first`, `last`, or the frame's number in the clip's own frames, from 0; as a Fraction the second
            of the clip at which it is seen, or the last one where the clip is shorter.
        into: the PNG to write.
        ffmpeg: the program.

    Raises:
        NotMedia: the clip cannot be decoded.
        PostError: it has no such frame.
    """
    number = _number_of(clip, at)
    with written_whole(into) as part:
        work = _graph(clip, number, part)
        # Until it has come to that frame it makes nothing at all, and that may take a while.
        run(ffmpeg, work, about=f"{clip}: frame {at}", fails_as=NotMedia, stall_s=TIMEOUT_S)
        if not part.exists() or not part.stat().st_size:
            raise PostError(
                f"{clip}: it has no frame {number}",
                hint=f"Its frames are 0 to {count_frames(clip) - 1}.",
            )
    return into


def count_frames(clip: Path) -> int:
    """Frames of a clip that really decode.

    Raises:
        NotMedia: it cannot be decoded to its end, or has no picture track.
    """
    import av  # noqa: PLC0415 - keeps `check` and `plan` quick

    try:
        with av.open(str(clip.absolute())) as container:
            if not container.streams.video:
                raise NotMedia(f"{clip}: it has no picture track", hint="Name a clip.")
            container.streams.video[0].thread_type = "AUTO"
            return sum(1 for _ in container.decode(video=0))
    except av.FFmpegError as error:
        raise NotMedia(
            f"{clip}: it cannot be decoded: {error.strerror}", hint="Fetch the clip again."
        ) from error


def _number_of(clip: Path, at: Literal["first", "last"] | int | Fraction) -> int:
    if at == "last" or isinstance(at, Fraction):
        frames = count_frames(clip)
        if not frames:
            raise NotMedia(f"{clip}: it has no frame that can be decoded", hint="Fetch the clip again.")
        if not isinstance(at, Fraction):
            return frames - 1
        fps = probe(clip).fps
        return frames - 1 if fps is None else min(round_half_up(at * fps), frames - 1)
    number = 0 if at == "first" else at
    if number < 0:
        raise PostError(
            f"{clip}: frame {number} is not allowed", hint="Frames are counted from 0, or `last`."
        )
    return number


def _graph(clip: Path, number: int, into: Path) -> Any:
    import ffmpeg as graph  # noqa: PLC0415 - keeps `check` and `plan` quick

    return (
        graph.input(str(clip.absolute()))
        .video.filter("select", f"eq(n,{number})")
        .filter("scale", w="iw*sar", h="ih", flags="bicubic+accurate_rnd+full_chroma_int+bitexact")
        .filter("setsar", 1)
        .filter("format", "rgb24")
        .output(str(into.absolute()), **{"f": "image2", "c:v": "png", "update": 1, "frames:v": 1})
    )
