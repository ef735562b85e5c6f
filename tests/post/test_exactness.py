"""Nothing off by one: every rate, every kind of join, trims, cards and overlays in one programme."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from fractions import Fraction
from itertools import cycle
from pathlib import Path
from typing import get_args

import av
import numpy as np
import pytest
from PIL import Image

from onmodel.post.chapters import Labels
from onmodel.post.conform import pieces_of, render
from onmodel.post.cut import CutFacts, assemble, measure_cut
from onmodel.post.cutlist import Cut, CutList, Join, Kind, Overlay, Piece, Transition
from onmodel.post.formats import Format
from onmodel.post.score import score_of_clips
from onmodel.post.sections import render_sections
from onmodel.post.sound import render_pcm
from onmodel.units import SAMPLE_RATE, Size, samples_at

MakeClip = Callable[..., Path]
RATES = [Fraction(n) for n in (24, 25, 30, 60)] + [Fraction(30000, 1001), Fraction(24000, 1001)]
SPEEDS = [Fraction(1), Fraction(1), Fraction(1, 2), Fraction(1), Fraction(2), Fraction(5, 4)]


@pytest.fixture
def clips(make_clip: MakeClip, counting_clip: Path) -> list[Path]:
    """With sound and without, of other rates than the cut's, one of uneven rate."""
    uneven = "testsrc2=s=160x90:r=60:d=2,select='lt(n,20)+not(mod(n,7))'"
    return [
        make_clip("a.mp4", "testsrc2=s=160x90:r=30:d=2", "sine=f=300:r=44100:d=2"),
        counting_clip,
        make_clip("b.mp4", "testsrc2=s=160x90:r=24000/1001:d=2", "sine=f=500:r=48000:d=1.7"),
        make_clip("c.mp4", uneven, "sine=f=700:r=22050:d=2", ("-fps_mode", "vfr")),
    ]


def programme(clips: list[Path], still: Path, fps: Fraction) -> CutList:
    """Every kind of join once, between shots that are trimmed in turn."""
    second = round(fps)
    joins: list[Join] = [Cut(), Cut(audio_lead_frames=2), Cut(audio_lag_frames=3)]
    joins += [Transition(4 + n % 3, kind) for n, kind in enumerate(get_args(Kind))]
    pieces = [Piece("title", "0" * 64, still, second // 4, Transition(3), still=True)]
    for number, (join, clip, speed) in enumerate(zip(joins, cycle(clips), cycle(SPEEDS), strict=False)):
        over = (Overlay("1" * 64, still, 2, 50, 2),) if number % 4 == 0 else ()
        hold = 3 if number % 5 == 4 else 0
        frames = second // 2 + number % 2
        piece = Piece(f"s{number}", clip.name, clip, frames, join, 4, speed, hold, overlays=over)
        pieces.append(piece)
    return CutList((*pieces, Piece("end", "0" * 64, still, second // 4, still=True)))


def made(cutlist: CutList, fps: Fraction, folder: Path, ffmpeg: Path, into: Path) -> CutFacts:
    form = Format(Size(160, 90), fps, preset="ultrafast")
    pieces = [render(job, folder, ffmpeg) for job in pieces_of(cutlist, form, "e")]
    score = score_of_clips(cutlist, fps)
    pcm = {
        (one.sha256, one.speed): render_pcm(one.path, one.sha256, folder, ffmpeg, speed=one.speed)
        for one in score.heard
    }
    sound = folder / "sound.m4a"
    render_sections(score, pcm, sound, folder, ffmpeg)
    return assemble(cutlist, pieces, sound, into, fps=fps, labels=Labels("t"), ffmpeg=ffmpeg)


@pytest.mark.parametrize("fps", RATES, ids=str)
def test_all_joins_and_trims_are_exact(
    fps: Fraction, clips: list[Path], ffmpeg: Path, tmp_path: Path
) -> None:
    """No frame and no sample too few or too many, one even step, for PyAV and for ffmpeg."""
    still = tmp_path / "card.png"
    Image.new("RGBA", (160, 90), (200, 30, 30, 90)).save(still)
    cutlist, into = programme(clips, still, fps), tmp_path / "cut.mp4"
    facts = made(cutlist, fps, tmp_path / "cache", ffmpeg, into)
    assert facts == measure_cut(into) == CutFacts(cutlist.frames, samples_at(cutlist.frames, fps), fps)
    with av.open(str(into)) as container:
        times = [(frame.pts or 0) * (frame.time_base or 0) for frame in container.decode(video=0)]
    assert times == [n / fps for n in range(cutlist.frames)]
    said = subprocess.run(
        [ffmpeg, "-v", "error", "-xerror", "-i", into, "-map", "0:v", "-f", "framecrc", "-"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    stamps = [line.split(",")[2].strip() for line in said.splitlines() if not line.startswith("#")]
    assert stamps == [str(n) for n in range(cutlist.frames)]
    argv = [ffmpeg, "-v", "error", "-xerror", "-i", into, "-map", "0:a", "-f", "s16le", "-ac", "1", "-"]
    heard = np.frombuffer(subprocess.run(argv, check=True, capture_output=True).stdout, "<i2")
    assert len(heard) == samples_at(cutlist.frames, fps)


@pytest.mark.parametrize("fps", [Fraction(30000, 1001), Fraction(24000, 1001)], ids=str)
def test_many_pieces_do_not_add_up_to_a_step(
    fps: Fraction, counting_clip: Path, ffmpeg: Path, tmp_path: Path
) -> None:
    """Hundreds of pieces whose length is no whole number of microseconds are still at one even step."""
    piece = Piece("s", "a" * 64, counting_clip, 7)
    cutlist, into = CutList((piece,) * 300), tmp_path / "cut.mp4"
    assert made(cutlist, fps, tmp_path / "c", ffmpeg, into) == CutFacts(2100, samples_at(2100, fps), fps, 0)


@pytest.mark.parametrize("speed", [Fraction(1), Fraction(1, 2), Fraction(2)])
def test_picture_and_sound_of_a_trimmed_shot_stay_together(
    speed: Fraction, make_clip: MakeClip, ffmpeg: Path, tmp_path: Path
) -> None:
    """A flash and a click of the same instant are at the same instant in the cut, at every speed and trim."""
    flash = make_clip(
        "flash.mp4",
        "color=black:s=160x90:r=24:d=2,geq=lum='if(eq(N,24),235,16)':cb=128:cr=128",
        "aevalsrc='between(t,1,1.02)':s=48000:d=2",
    )
    begin, frames = 6, 36 if speed <= 1 else 12
    if speed == Fraction(1, 2):
        begin = 30
    piece = Piece("s1", "a" * 64, flash, frames, Cut(), begin, speed)
    into = tmp_path / "cut.mp4"
    made(CutList((piece, piece, piece)), Fraction(24), tmp_path / "c", ffmpeg, into)
    at = round(24 / speed) - begin
    with av.open(str(into)) as container:
        levels = [frame.to_ndarray(format="gray").mean() for frame in container.decode(video=0)]
    bright = [n for n, level in enumerate(levels) if level > 100 and (n == 0 or levels[n - 1] <= 100)]
    assert bright == [at, at + frames, at + 2 * frames]
    with av.open(str(into)) as container:
        loud = np.abs(np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)]))
    for frame in bright:
        near = loud[frame * 2000 - 2400 : frame * 2000 + 2400]
        first = int(np.argmax(near > 0.25 * near.max())) - 2400
        assert abs(first) < (SAMPLE_RATE // 1000 if speed == 1 else 2000)  # stretched sound: a frame
