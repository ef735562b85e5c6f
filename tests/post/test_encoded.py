from __future__ import annotations

import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from onmodel.errors import NotMedia, PostError
from onmodel.post.encoded import encode_sound, measure_encoded
from onmodel.post.limiter import FULL_SCALE, decibels
from onmodel.post.score import Coder

S = 48_000


def write_wav(path: Path, sound: NDArray[np.float64]) -> Path:
    with wave.open(str(path), "wb") as track:
        track.setnchannels(2)
        track.setsampwidth(2)
        track.setframerate(S)
        track.writeframes(np.clip(np.rint(sound), -32768, 32767).astype("<i2").tobytes())
    return path


def noise(samples: int, level: float) -> NDArray[np.float64]:
    return np.random.default_rng(1).normal(0, level, (samples, 2))


@pytest.mark.parametrize("coder", ["twoloop", "fast"])
def test_encoded_sound_has_its_samples_and_its_peak(coder: Coder, ffmpeg: Path, tmp_path: Path) -> None:
    """Whatever chooses its bits, all samples are there, and the peak told is that of what decodes."""
    samples = S + 333
    track = write_wav(tmp_path / "o.wav", noise(samples, 4000))
    peak = encode_sound(track, tmp_path / "o.m4a", ffmpeg, samples=samples, coder=coder)
    found, measured = measure_encoded(tmp_path / "o.m4a")
    assert found >= samples
    assert peak == measured
    assert -9 < peak < 0


def test_the_same_sound_is_the_same_bytes(ffmpeg: Path, tmp_path: Path) -> None:
    """Encoded twice, the second time without fast instructions, it is the same; the coders differ."""
    plain = tmp_path / "ffmpeg"
    plain.write_text(f'#!/bin/sh\nexec "{ffmpeg}" -cpuflags 0 "$@"\n')
    plain.chmod(0o755)
    track = write_wav(tmp_path / "o.wav", noise(S, 4000))

    def encoded(name: str, program: Path, coder: Coder) -> bytes:
        encode_sound(track, tmp_path / name, program, samples=S, coder=coder)
        return (tmp_path / name).read_bytes()

    fast = encoded("a", ffmpeg, "fast")
    assert fast == encoded("b", plain, "fast")
    assert fast != encoded("c", ffmpeg, "twoloop")


def test_sound_that_is_too_short_is_not_kept(ffmpeg: Path, tmp_path: Path) -> None:
    """Fewer samples than the programme has are an error, and there is no file."""
    track = write_wav(tmp_path / "o.wav", noise(S, 100))
    with pytest.raises(PostError, match=rf"of {S + 2000} samples"):
        encode_sound(track, tmp_path / "out/o.m4a", ffmpeg, samples=S + 2000, coder="fast")
    assert not list((tmp_path / "out").iterdir())


def test_a_wave_between_its_samples_counts(tmp_path: Path) -> None:
    """A peak that no sample has is found."""
    quarter = 0.5 * FULL_SCALE * np.sin(np.pi / 2 * np.arange(S) + np.pi / 4)
    samples, peak = measure_encoded(write_wav(tmp_path / "q.wav", np.stack([quarter, quarter], 1)))
    assert samples == S
    assert abs(peak - decibels(0.5 * FULL_SCALE)) < 0.2


def test_silence_has_no_peak(ffmpeg: Path, tmp_path: Path) -> None:
    """Its peak is below every number; what is no media is refused."""
    silence = ["-f", "lavfi", "-i", "anullsrc=d=0.5", tmp_path / "o.m4a"]
    subprocess.run([ffmpeg, "-v", "error", *silence], check=True)
    assert measure_encoded(tmp_path / "o.m4a")[1] < -90
    (tmp_path / "a.mp4").write_bytes(b"<html>" * 50)
    with pytest.raises(NotMedia, match="does not decode"):
        measure_encoded(tmp_path / "a.mp4")
