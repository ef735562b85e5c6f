from __future__ import annotations

import re
import subprocess
import wave
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from onmodel.errors import PostError
from onmodel.post.cutlist import CutList, Piece
from onmodel.post.limiter import decibels, true_peaks
from onmodel.post.mastering import render_soundtrack
from onmodel.post.score import Heard, Score, score_of_clips

S = 48_000
NTSC = Fraction(30000, 1001)


def write_pcm(folder: Path, name: str, sound: NDArray[np.float64]) -> Path:
    path = folder / f"{name}.s16"
    path.write_bytes(np.clip(np.rint(sound), -32768, 32767).astype("<i2").tobytes())
    return path


def score_over(path: Path, seconds: float, **more: float) -> tuple[Score, dict[tuple[str, Fraction], Path]]:
    heard = Heard("s010", "a", path, 0, int(seconds * S))
    return Score(int(seconds * S), (heard,), **more), {("a", heard.speed): path}


def read_wav(path: Path) -> NDArray[np.int16]:
    with wave.open(str(path)) as track:
        assert (track.getframerate(), track.getnchannels(), track.getsampwidth()) == (S, 2, 2)
        return np.frombuffer(track.readframes(track.getnframes()), "<i2").reshape(-1, 2)


def measured_lufs(ffmpeg: Path, path: Path) -> float:
    """By ffmpeg's own summary, which our reading does not use."""
    command = [ffmpeg, "-nostdin", "-i", path, "-af", "ebur128", "-f", "null", "-"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", said)[-1])


def noise(seconds: float, level: float, seed: int = 1) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(0, level, (int(seconds * S), 2))


@pytest.mark.parametrize("target", [-14.0, -23.0])
@pytest.mark.parametrize("level", [60, 6000])
def test_a_programme_is_brought_to_its_loudness(
    target: float, level: float, ffmpeg: Path, tmp_path: Path
) -> None:
    """Quiet or loud, it is within 0.3 LU of the target by ffmpeg's meter, with every sample."""
    loud = 1 + 0.9 * np.sin(np.arange(4 * S) / 20_000)[:, None]
    score, pcm = score_over(write_pcm(tmp_path, "a", noise(4, level) * loud), 4, target_lufs=target)
    told = render_soundtrack(score, pcm, tmp_path / "o.wav", ffmpeg)
    assert told.state == "reached"
    assert abs(measured_lufs(ffmpeg, tmp_path / "o.wav") - target) <= 0.3
    assert told.integrated_lufs is not None
    assert abs(told.integrated_lufs - target) <= 0.1
    sound = read_wav(tmp_path / "o.wav")
    assert len(sound) == 4 * S
    assert decibels(true_peaks(sound.astype(float), 0).max()) < -1.4


def test_peaks_that_loudness_raises_are_brought_down(ffmpeg: Path, tmp_path: Path) -> None:
    """A quiet programme with loud claps reaches its loudness, and no clap passes the ceiling."""
    sound = noise(4, 250)
    sound[:: S // 2] = 30_000
    score, pcm = score_over(write_pcm(tmp_path, "a", sound), 4, target_lufs=-20.0)
    told = render_soundtrack(score, pcm, tmp_path / "o.wav", ffmpeg)
    assert told.state == "reached"
    assert told.limited_db > 6
    assert decibels(true_peaks(read_wav(tmp_path / "o.wav").astype(float), 0).max()) < -1.4


def test_what_peaks_do_not_allow_is_told(ffmpeg: Path, tmp_path: Path) -> None:
    """Sound that is nothing but claps cannot be as loud as asked for: it is as near as it gets, and said."""
    sound = np.zeros((4 * S, 2))
    sound[:: S // 4] = 20_000
    score, pcm = score_over(write_pcm(tmp_path, "a", sound), 4, target_lufs=-8.0)
    told = render_soundtrack(score, pcm, tmp_path / "o.wav", ffmpeg)
    assert told.state == "limited"
    assert told.integrated_lufs is not None
    assert told.integrated_lufs < -8.1
    assert decibels(true_peaks(read_wav(tmp_path / "o.wav").astype(float), 0).max()) < -1.4


@pytest.mark.parametrize("level", [0, 3, 15])
def test_silence_stays_silence(level: float, ffmpeg: Path, tmp_path: Path) -> None:
    """Nothing, or the last bits of noise, is not made loud."""
    score, pcm = score_over(write_pcm(tmp_path, "a", noise(2, level)), 2, target_lufs=-14.0)
    told = render_soundtrack(score, pcm, tmp_path / "o.wav", ffmpeg)
    assert (told.state, told.gain_db) == ("silent", 0)
    assert read_wav(tmp_path / "o.wav").tobytes() == pcm["a", Fraction(1)].read_bytes()


def test_as_it_is_leaves_every_sample(ffmpeg: Path, tmp_path: Path) -> None:
    """Without a target the mix is written as it is, and its loudness is told all the same."""
    score, pcm = score_over(write_pcm(tmp_path, "a", noise(2, 3000)), 2)
    told = render_soundtrack(score, pcm, tmp_path / "o.wav", ffmpeg)
    assert read_wav(tmp_path / "o.wav").tobytes() == pcm["a", Fraction(1)].read_bytes()
    assert told.state == "as it is"
    assert told.integrated_lufs is not None
    assert abs(told.integrated_lufs - measured_lufs(ffmpeg, tmp_path / "o.wav")) < 0.1


def test_too_loud_as_it_is_is_clipped(ffmpeg: Path, tmp_path: Path) -> None:
    """Two sounds that add up to too much are clipped, never turned into noise of the other sign."""
    path = write_pcm(tmp_path, "a", np.full((S, 2), 30_000.0))
    score, pcm = score_over(path, 1)
    both = replace(score, heard=score.heard * 2)
    render_soundtrack(both, pcm, tmp_path / "o.wav", ffmpeg)
    assert (read_wav(tmp_path / "o.wav") == 32767).all()


def test_a_frame_of_sound_is_long_enough(ffmpeg: Path, tmp_path: Path) -> None:
    """An episode shorter than the meter's window has a soundtrack too."""
    score, pcm = score_over(write_pcm(tmp_path, "a", noise(1, 3000)), 0.04, target_lufs=-14.0)
    render_soundtrack(score, pcm, tmp_path / "o.wav", ffmpeg)
    assert len(read_wav(tmp_path / "o.wav")) == int(0.04 * S)


def test_the_same_score_gives_the_same_bytes(ffmpeg: Path, tmp_path: Path) -> None:
    """Two renderings are alike to the bit, also on a processor without fast instructions."""
    plain = tmp_path / "ffmpeg"
    plain.write_text(f'#!/bin/sh\nexec "{ffmpeg}" -cpuflags 0 "$@"\n')
    plain.chmod(0o755)
    path = write_pcm(tmp_path, "a", noise(3, 4000))
    cutlist = CutList((Piece("s1", "a", path, 70),))
    score = replace(score_of_clips(cutlist, NTSC), target_lufs=-14.0)
    told = [
        render_soundtrack(score, {("a", Fraction(1)): path}, tmp_path / name, program)
        for name, program in (("1.wav", ffmpeg), ("2.wav", plain))
    ]
    assert (tmp_path / "1.wav").read_bytes() == (tmp_path / "2.wav").read_bytes()
    assert told[0] == told[1]
    assert len(read_wav(tmp_path / "1.wav")) == cutlist.samples(NTSC)


def test_a_soundtrack_that_cannot_be_written_says_so(ffmpeg: Path, tmp_path: Path) -> None:
    """A folder that is a file is reported with the path."""
    score, pcm = score_over(write_pcm(tmp_path, "a", noise(1, 100)), 1)
    with pytest.raises(PostError, match="cannot be written"):
        render_soundtrack(score, pcm, pcm["a", Fraction(1)] / "x.wav", ffmpeg)
