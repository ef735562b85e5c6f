"""Whether a long cut is exact: `python -m benchmarks.exactness [SHOTS]`.

200 shots, joined by every kind of transition in turn, with trims, slow motion and holds, at six rates. Each
cut is decoded by PyAV and by ffmpeg, and frames, samples and the steps between frames are counted.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from functools import partial
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple, get_args

import av
import imageio_ffmpeg
import numpy as np

from benchmarks.measuring import Figure
from onmodel.post.chapters import Labels
from onmodel.post.conform import pieces_of, render
from onmodel.post.cut import assemble
from onmodel.post.cutlist import Cut, CutList, Join, Kind, Piece, Transition
from onmodel.post.formats import Format, encoder_of
from onmodel.post.score import score_of_clips
from onmodel.post.sections import render_sections
from onmodel.post.sound import render_pcm
from onmodel.units import Size

RATES: Final = tuple(Fraction(rate) for rate in ("24", "25", "30000/1001", "24000/1001", "30", "60"))
SHOTS: Final = 200
SIZE: Final = Size(96, 54)
CLIP_S: Final = 4
JOINS: Final[tuple[Join, ...]] = (
    Cut(),
    Cut(audio_lead_frames=3),
    Cut(audio_lag_frames=4),
    *(Transition(5 + number % 4, kind) for number, kind in enumerate(get_args(Kind))),
)
SPEEDS: Final = tuple(Fraction(speed) for speed in ("1", "1", "1/2", "1", "5/4", "1", "1"))


class Off(NamedTuple):
    """How far a cut is from its cut list."""

    frames: int
    samples: int
    steps: int
    """Frames that do not follow the one before by one frame's time."""


def measure(shots: int = SHOTS) -> Iterator[Figure]:
    """One line a rate."""
    for fps in RATES:
        with TemporaryDirectory() as folder:
            cutlist, found = measured(shots, fps, Path(folder))
        off = f"{found.frames} frames, {found.samples} samples, {found.steps} steps off"
        what = f"a cut of {shots} shots at {float(fps):.6g} fps, every join in turn"
        yield Figure(
            what, off, f"{cutlist.frames:,} frames, {cutlist.samples(fps):,} samples", target="0 off"
        )


def measured(shots: int, fps: Fraction, folder: Path) -> tuple[CutList, Off]:
    """Make a cut, and hold what two decoders give of it against its cut list."""
    ffmpeg = Path(imageio_ffmpeg.get_ffmpeg_exe())
    cutlist = cut_list(clips_in(folder, ffmpeg), shots, fps)
    form = Format(SIZE, fps, preset="ultrafast")
    with ThreadPoolExecutor(2) as pool:
        work = partial(render, folder=folder, ffmpeg=ffmpeg)
        pieces = list(pool.map(work, pieces_of(cutlist, form, encoder_of(ffmpeg))))
    score = score_of_clips(cutlist, fps)
    pcm = {
        (one.sha256, one.speed): render_pcm(one.path, one.sha256, folder, ffmpeg, speed=one.speed)
        for one in score.heard
    }
    sound, into = folder / "sound.m4a", folder / "cut.mp4"
    render_sections(score, pcm, sound, folder, ffmpeg)
    assemble(cutlist, pieces, sound, into, fps=fps, labels=Labels("exactness"), ffmpeg=ffmpeg)
    frames, samples = cutlist.frames, cutlist.samples(fps)
    by_av, by_ffmpeg, heard = (
        times_by_av(into),
        times_by_ffmpeg(into, ffmpeg),
        samples_by_ffmpeg(into, ffmpeg),
    )
    wanted = [number / fps for number in range(frames)]
    steps = sum(
        one != other for times in (by_av, by_ffmpeg) for one, other in zip(times, wanted, strict=False)
    )
    off = max(abs(len(times) - frames) for times in (by_av, by_ffmpeg))
    return cutlist, Off(off, abs(heard - samples), steps)


def clips_in(folder: Path, ffmpeg: Path) -> list[Path]:
    """Clips of several rates, one of them without sound."""
    clips = []
    for number, rate in enumerate(("24", "30", "24000/1001", "60")):
        clips.append(folder / f"clip{number}.mp4")
        picture = ["-f", "lavfi", "-i", f"testsrc2=s={SIZE}:r={rate}:d={CLIP_S}"]
        sound = ["-f", "lavfi", "-i", f"sine=f={220 + 110 * number}:r=44100:d={CLIP_S}"] if number else []
        encode = ["-c:v", "libx264", "-preset", "ultrafast", "-threads", "1"]
        argv = [ffmpeg, "-v", "error", *picture, *sound, *encode, clips[-1]]
        subprocess.run(argv, check=True)
    return clips


def cut_list(clips: Sequence[Path], shots: int, fps: Fraction) -> CutList:
    """Shots of about a second, each another part of a clip."""
    turns = zip(range(shots), cycle(JOINS), cycle(clips), cycle(SPEEDS), strict=False)
    return CutList(
        tuple(
            Piece(
                f"s{number:03d}",
                clip.name,
                clip,
                round(fps) + number % 7,
                join if number + 1 < shots else Cut(),
                begin_frames=5 + number % 11,
                speed=speed,
                hold_frames=number % 3 if join.audio_lag_frames == 0 else 0,
            )
            for number, join, clip, speed in turns
        )
    )


def times_by_av(cut: Path) -> list[Fraction]:
    """When each frame is shown, as PyAV decodes it."""
    with av.open(str(cut)) as container:
        return [(frame.pts or 0) * Fraction(frame.time_base or 0) for frame in container.decode(video=0)]


def times_by_ffmpeg(cut: Path, ffmpeg: Path) -> list[Fraction]:
    """The same, as the ffmpeg of the wheel decodes it."""
    argv = [ffmpeg, "-v", "error", "-xerror", "-i", cut, "-map", "0:v", "-f", "framecrc", "-"]
    said = subprocess.run(argv, check=True, capture_output=True, text=True).stdout.splitlines()
    tick = next(Fraction(line.split()[-1]) for line in said if line.startswith("#tb"))
    return [int(line.split(",")[2]) * tick for line in said if not line.startswith("#")]


def samples_by_ffmpeg(cut: Path, ffmpeg: Path) -> int:
    """Samples of sound, as the ffmpeg of the wheel decodes them."""
    argv = [ffmpeg, "-v", "error", "-xerror", "-i", cut, "-map", "0:a", "-f", "s16le", "-ac", "1", "-"]
    return len(np.frombuffer(subprocess.run(argv, check=True, capture_output=True).stdout, "<i2"))


if __name__ == "__main__":
    for line in measure(*map(int, sys.argv[1:2])):
        print(f"{line.what}: {line.figure} ({line.baseline})", flush=True)
