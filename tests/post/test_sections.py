from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from onmodel.errors import PostError
from onmodel.post import packets, sections
from onmodel.post.encoded import encode_sound, measure_encoded
from onmodel.post.mastering import render_soundtrack
from onmodel.post.meter import integrated, measure_tenths
from onmodel.post.packets import PACKET, Stretch, encode_stretches
from onmodel.post.score import Heard, Score
from onmodel.post.sections import LENGTH, render_sections

S = 48_000
CLIP = 5 * S
Scored = tuple[Score, dict[tuple[str, Fraction], Path]]
MakeScore = Callable[..., Scored]


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    (tmp_path / "shelf").mkdir()
    return tmp_path / "shelf"


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three decoded sounds of five seconds: tones with drums in them, whose windows change all the time."""
    folder, rng = tmp_path_factory.mktemp("sounds"), np.random.default_rng(4)
    times = np.arange(CLIP) / S
    for number, name in enumerate("abc"):
        wave = np.stack([np.sin(2 * np.pi * hertz * times) for hertz in (220 + 50 * number, 331)], 1) * 2500
        for at in rng.integers(0, CLIP - 4000, 25):
            wave[at : at + 4000] += rng.normal(0, 5000, (4000, 2)) * np.exp(-np.arange(4000) / 600)[:, None]
        (folder / name).write_bytes(np.clip(np.rint(wave), -32768, 32767).astype("<i2").tobytes())
    return folder


def watched_stretches(monkeypatch: pytest.MonkeyPatch) -> list[Stretch]:
    """Every stretch that is encoded from now on."""
    encoded: list[Stretch] = []

    def watched(bare: Path, stretches: Sequence[Stretch], ffmpeg: Path) -> Iterator[list[bytes]]:
        encoded.extend(stretches)
        return encode_stretches(bare, stretches, ffmpeg)

    monkeypatch.setattr(sections, "encode_stretches", watched)
    return encoded


@pytest.fixture
def make_score(sounds: Path) -> MakeScore:
    """Shots of five seconds, one fading into the next within half a second."""

    def make(order: str, samples: int | None = None, **more: float) -> Scored:
        step, fade = CLIP - S // 2, S // 2
        heard = tuple(
            Heard(f"s{at}", name, sounds / name, at * step, CLIP, fade_in=fade if at else 0, fade_out=fade)
            for at, name in enumerate(order)
        )
        whole = samples or heard[-1].end
        return Score(whole, heard, **more), {(name, Fraction(1)): sounds / name for name in "abc"}

    return make


def decoded(path: Path, ffmpeg: Path) -> NDArray[np.int16]:
    command = [ffmpeg, "-v", "error", "-xerror", "-i", path, "-f", "s16le", "-"]
    return np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, "<i2").reshape(
        -1, 2
    )


def test_sections_sound_as_one_piece(
    make_score: MakeScore, shelf: Path, ffmpeg: Path, tmp_path: Path
) -> None:
    """Every sample is there at its place; at the joins it is as near to the mix as anywhere else."""
    score, pcm = make_score("abca", target_lufs=-16.0)
    loudness, peak = render_sections(score, pcm, tmp_path / "o.m4a", shelf, ffmpeg)
    assert (loudness.state, loudness.gain_db) == ("reached", round(loudness.gain_db, 1))
    once = render_soundtrack(replace(score, coder="fast"), pcm, tmp_path / "o.wav", ffmpeg)
    assert abs((loudness.integrated_lufs or 0) - (once.integrated_lufs or 0)) <= 0.1
    whole = encode_sound(tmp_path / "o.wav", tmp_path / "w.m4a", ffmpeg, samples=score.samples, coder="fast")
    assert peak == pytest.approx(measure_encoded(tmp_path / "o.m4a")[1], abs=1e-6)
    assert abs(peak - whole) < 1
    mix = decoded(tmp_path / "o.wav", ffmpeg).astype(float)
    off = {}
    for name in ("o.m4a", "w.m4a"):
        heard = decoded(tmp_path / name, ffmpeg).astype(float)
        assert heard.shape == mix.shape
        packets = len(mix) // PACKET
        error = (heard - mix)[: packets * PACKET].reshape(packets, -1)
        off[name] = np.sqrt((error**2).mean(1))
    joins = [at * LENGTH // PACKET + side for at in range(1, -(-score.samples // LENGTH)) for side in (-1, 0)]
    assert len(joins) == 4
    assert (off["o.m4a"][joins] < 1.3 * off["w.m4a"][joins] + 30).all()
    assert off["o.m4a"].mean() < 1.1 * off["w.m4a"].mean()


def test_one_other_shot_leaves_the_rest(
    make_score: MakeScore, shelf: Path, ffmpeg: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one shot changed only the sections around it are encoded, and the file is as from nothing."""
    before, pcm = make_score("abcabc", target_lufs=-16.0)
    render_sections(before, pcm, tmp_path / "before.m4a", shelf, ffmpeg)
    encoded = watched_stretches(monkeypatch)
    again = render_sections(before, pcm, tmp_path / "again.m4a", shelf, ffmpeg)
    assert not encoded
    after, _ = make_score("abaabc", target_lufs=-16.0)
    encoded.clear()
    told = render_sections(after, pcm, tmp_path / "after.m4a", shelf, ffmpeg)
    assert 1 <= len(encoded) <= 3
    shutil.rmtree(shelf)
    shelf.mkdir()
    assert render_sections(after, pcm, tmp_path / "anew.m4a", shelf, ffmpeg) == told
    assert render_sections(before, pcm, tmp_path / "b.m4a", shelf, ffmpeg) == again
    files = [(tmp_path / f"{name}.m4a").read_bytes() for name in ("before", "again", "after", "anew", "b")]
    assert files[0] == files[1] == files[4] != files[2] == files[3]


@pytest.mark.parametrize(
    "samples",
    [1, 1024, LENGTH - 1, LENGTH, LENGTH + 1, LENGTH + PACKET, 2 * LENGTH + 5000],
)
def test_every_length_is_exact(
    samples: int, make_score: MakeScore, shelf: Path, ffmpeg: Path, tmp_path: Path
) -> None:
    """Whatever ends in or at a section, as many samples are heard as there are."""
    score, pcm = make_score("abc", samples)
    render_sections(score, pcm, tmp_path / "o.m4a", shelf, ffmpeg)
    assert len(decoded(tmp_path / "o.m4a", ffmpeg)) == samples


def test_what_is_broken_on_the_shelf_is_made_again(
    make_score: MakeScore, shelf: Path, ffmpeg: Path, tmp_path: Path
) -> None:
    """Files that are empty, cut short or full of zeros, as after a power cut, do no harm."""
    score, pcm = make_score("ab", target_lufs=-16.0)
    told = render_sections(score, pcm, tmp_path / "a.m4a", shelf, ffmpeg)
    for number, path in enumerate(sorted(shelf.iterdir())):
        whole = path.read_bytes()
        path.write_bytes(
            (b"", whole[: len(whole) // 2] if path.suffix == ".aac" else b"", bytes(99))[number % 3]
        )
    assert render_sections(score, pcm, tmp_path / "b.m4a", shelf, ffmpeg) == told
    assert (tmp_path / "a.m4a").read_bytes() == (tmp_path / "b.m4a").read_bytes()


def test_fast_instructions_change_nothing(
    make_score: MakeScore, shelf: Path, ffmpeg: Path, tmp_path: Path
) -> None:
    """On a processor without them the file is the same."""
    plain = tmp_path / "ffmpeg"
    plain.write_text(f'#!/bin/sh\nexec "{ffmpeg}" -cpuflags 0 "$@"\n')
    plain.chmod(0o755)
    score, pcm = make_score("ab", target_lufs=-16.0)
    files = []
    for program in (ffmpeg, plain):
        render_sections(score, pcm, tmp_path / "o.m4a", shelf, program)
        files.append((tmp_path / "o.m4a").read_bytes())
        for path in shelf.iterdir():
            path.unlink()
    assert files[0] == files[1]


def test_peaks_stay_under_the_ceiling(
    make_score: MakeScore, shelf: Path, ffmpeg: Path, tmp_path: Path
) -> None:
    """Loud sound is brought down where its peaks are, and what is told is what is decoded."""
    score, pcm = make_score("abc", target_lufs=-9.0)
    loudness, peak = render_sections(score, pcm, tmp_path / "o.m4a", shelf, ffmpeg, ceiling_dbtp=-3.0)
    assert loudness.limited_db > 1
    assert peak < -1.5


def test_more_sections_than_one_ffmpeg_takes(
    make_score: MakeScore, shelf: Path, ffmpeg: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Encoded a few at a time, the file is the same."""
    score, pcm = make_score("abcabcabc")
    render_sections(score, pcm, tmp_path / "a.m4a", shelf, ffmpeg)
    shutil.rmtree(shelf)
    shelf.mkdir()
    monkeypatch.setattr(packets, "_AT_ONCE", 3)
    render_sections(score, pcm, tmp_path / "b.m4a", shelf, ffmpeg)
    assert (tmp_path / "a.m4a").read_bytes() == (tmp_path / "b.m4a").read_bytes()


def test_silence_is_left_as_it_is(shelf: Path, ffmpeg: Path, tmp_path: Path) -> None:
    """A programme without any sound has its samples, and no loudness."""
    loudness, peak = render_sections(
        Score(S + 7, (), target_lufs=-14.0), {}, tmp_path / "o.m4a", shelf, ffmpeg
    )
    assert (loudness.integrated_lufs, loudness.state) == (None, "silent")
    assert peak < -90
    assert len(decoded(tmp_path / "o.m4a", ffmpeg)) == S + 7


def test_what_sounds_the_same_is_encoded_once(
    shelf: Path, ffmpeg: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two minutes of silence are its first, its last and one section between them, at full length."""
    encoded = watched_stretches(monkeypatch)
    render_sections(Score(120 * S, ()), {}, tmp_path / "out.m4a", shelf, ffmpeg)
    assert len(encoded) <= 4
    assert len(decoded(tmp_path / "out.m4a", ffmpeg)) == 120 * S


def test_parts_are_as_loud_as_the_whole(sounds: Path, ffmpeg: Path, tmp_path: Path) -> None:
    """Gated and averaged, the tenths of a second are ffmpeg's own integrated loudness."""
    quiet = np.frombuffer((sounds / "a").read_bytes(), "<i2") // 40
    (tmp_path / "o.s16").write_bytes((sounds / "b").read_bytes() + quiet.astype("<i2").tobytes())
    bare = ["-f", "s16le", "-ar", str(S), "-ac", "2", "-i", tmp_path / "o.s16"]
    command = [ffmpeg, *bare, "-af", "ebur128", "-f", "null", "-"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    found = integrated(measure_tenths(tmp_path / "o.s16", ffmpeg))
    assert found is not None
    assert abs(found - float(re.findall(r"I:\s+(-?[\d.]+) LUFS", said)[-1])) <= 0.06
    assert integrated([-120.0, -71.0]) is None


def test_sound_that_cannot_be_kept_says_so(
    make_score: MakeScore, shelf: Path, ffmpeg: Path, tmp_path: Path
) -> None:
    """A shelf that is a file is an error with its path."""
    score, pcm = make_score("a", S)
    shelf.rmdir()
    shelf.write_bytes(b"")
    with pytest.raises(PostError, match="shelf"):
        render_sections(score, pcm, tmp_path / "o.m4a", shelf, ffmpeg)
