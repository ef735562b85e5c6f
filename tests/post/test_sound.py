from __future__ import annotations

import subprocess
import wave
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from onmodel.errors import PostError
from onmodel.post.cutlist import Crossfade, Cut, CutList, Piece
from onmodel.post.sound import crossfaded, mixed, render_pcm, render_soundtrack

MakeClip = Callable[..., Path]

FPS = Fraction(24)
Sounds = dict[str, Path]


def tone(level: int, samples: int) -> NDArray[np.int16]:
    return np.full((samples, 2), level, np.int16)


def write_pcm(folder: Path, name: str, sound: NDArray[np.int16]) -> Path:
    path = folder / f"{name}.s16"
    path.write_bytes(sound.astype("<i2").tobytes())
    return path


def read_pcm(path: Path) -> NDArray[np.int16]:
    return np.frombuffer(path.read_bytes(), "<i2").reshape(-1, 2)


def test_a_clips_sound_is_48_khz_stereo_from_its_first_frame(
    make_clip: MakeClip, ffmpeg: Path, tmp_path: Path
) -> None:
    """Mono at another rate comes out as stereo at 48 kHz; a click at 0.5 s is at sample 24,000."""
    click = "aevalsrc='between(t,0.5,0.51)':s=44100:d=1"
    clip = make_clip(sound=click, options=("-b:a", "192k"))
    sound = read_pcm(render_pcm(clip, "a", tmp_path / "cache", ffmpeg))
    assert abs(len(sound) - 48000) <= 1200
    assert abs(int(np.argmax(np.abs(sound[:, 0].astype(int)) > 8000)) - 24000) < 60
    assert np.array_equal(sound[:, 0], sound[:, 1])


def test_what_a_piece_passes_over_is_not_heard(tmp_path: Path) -> None:
    """A clip whose first frame is left out is heard from its second, to the sample."""
    ramp = np.repeat(np.arange(6000, dtype=np.int16), 2).reshape(-1, 2)
    cutlist = CutList((Piece("s1", "a", Path("a"), 2, begin_frames=1),))
    (heard,) = mixed(cutlist, FPS, {"a": write_pcm(tmp_path, "a", ramp)})
    assert np.array_equal(heard, ramp[2000:6000])


def test_sound_that_begins_late_stays_late(make_clip: MakeClip, ffmpeg: Path, tmp_path: Path) -> None:
    """A track that starts after the picture is filled up with silence, not pulled forward."""
    clip, late = make_clip(sound="sine=f=440:r=48000:d=0.5"), tmp_path / "late.mov"
    codecs = ["-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "pcm_s16le"]
    twice = ["-i", str(clip), "-itsoffset", "0.4", "-i", str(clip)]
    subprocess.run([str(ffmpeg), "-v", "error", *twice, *codecs, str(late)], check=True)
    sound = read_pcm(render_pcm(late, "a", tmp_path / "cache", ffmpeg))
    assert abs(int(np.argmax(np.abs(sound[:, 0]) > 100)) - 19200) < 60


def test_a_silent_clip_has_no_sound(counting_clip: Path, ffmpeg: Path, tmp_path: Path) -> None:
    """A clip without a sound track is silence, and that is remembered too."""
    assert render_pcm(counting_clip, "a", tmp_path / "cache", ffmpeg).read_bytes() == b""


def test_a_clips_sound_is_decoded_once(make_clip: MakeClip, ffmpeg: Path, tmp_path: Path) -> None:
    """What was decoded is found by the clip's digest, without the clip."""
    clip = make_clip()
    first = render_pcm(clip, "a", tmp_path / "cache", ffmpeg)
    clip.unlink()
    assert render_pcm(clip, "a", tmp_path / "cache", ffmpeg) == first


def test_hard_cuts_fall_on_their_sample(tmp_path: Path) -> None:
    """Each shot sounds from its first frame's sample to the next one's; short sound ends in silence."""
    pcm = {
        "a": write_pcm(tmp_path, "a", tone(1000, 90_000)),
        "b": write_pcm(tmp_path, "b", tone(-500, 10_000)),
    }
    cutlist = CutList((Piece("s1", "a", Path("a"), 24), Piece("s2", "b", Path("b"), 12)))
    sound = np.concatenate(list(mixed(cutlist, FPS, pcm)))
    assert len(sound) == cutlist.samples(FPS) == 72_000
    assert (sound[:48_000] == 1000).all()
    assert (sound[48_000:58_000] == -500).all()
    assert (sound[58_000:] == 0).all()


def test_a_crossfade_sounds_at_equal_power() -> None:
    """Two unrelated sounds keep their power through a crossfade, and its ends are the sounds themselves."""
    rng = np.random.default_rng(7)
    leaving, coming = (rng.normal(0, 3000, (48_000, 2)).astype(np.int16) for _ in range(2))
    power = (crossfaded(leaving, coming).astype(float) ** 2).mean(axis=1).reshape(-1, 4800).mean(axis=1)
    assert np.allclose(power / 3000**2, 1, atol=0.1)
    assert abs(crossfaded(tone(9000, 4800), tone(0, 4800))[0, 0] - 9000) < 10


def test_loud_crossfades_do_not_wrap() -> None:
    """Two full-scale sounds are clipped, never turned into noise of the other sign."""
    assert (crossfaded(tone(32767, 100), tone(32767, 100)) > 30_000).all()


@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 15)), min_size=1, max_size=8),
    st.sampled_from([Fraction(24), Fraction(30000, 1001), Fraction(24000, 1001)]),
)
def test_the_soundtrack_is_as_long_as_the_picture(
    tmp_path_factory: pytest.TempPathFactory, shots: list[tuple[int, int]], fps: Fraction
) -> None:
    """Whatever is cut and faded, the samples are those of the frames, and steady sound stays steady."""
    folder = tmp_path_factory.mktemp("pcm")
    pcm = {"a": write_pcm(folder, "a", tone(100, 70_000))}
    pieces, head = [], 0
    for index, (frames, join) in enumerate(shots):
        room = 0 if index + 1 == len(shots) else min(join, frames - head, shots[index + 1][0])
        pieces.append(Piece(f"s{index}", "a", Path("a"), frames, Crossfade(room) if room else Cut()))
        head = room
    cutlist = CutList(tuple(pieces))
    sound = np.concatenate(list(mixed(cutlist, fps, pcm)))
    assert len(sound) == cutlist.samples(fps)
    assert ((sound >= 99) & (sound <= 142)).all()


def test_the_wav_is_whole(tmp_path: Path) -> None:
    """The file's header says the very samples that are in it, and two renderings are the same bytes."""
    pcm = {"a": write_pcm(tmp_path, "a", tone(1000, 90_000))}
    cutlist = CutList((Piece("s1", "a", Path("a"), 25),))
    one = render_soundtrack(cutlist, Fraction(30000, 1001), pcm, tmp_path / "1.wav")
    two = render_soundtrack(cutlist, Fraction(30000, 1001), pcm, tmp_path / "2.wav")
    with wave.open(str(one)) as track:
        assert (track.getnframes(), track.getframerate(), track.getnchannels()) == (40_040, 48_000, 2)
        assert len(track.readframes(99_999)) == 40_040 * 4
    assert one.read_bytes() == two.read_bytes()


def test_a_soundtrack_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """A folder that is a file is reported with the path."""
    pcm = {"a": write_pcm(tmp_path, "a", tone(1, 100))}
    with pytest.raises(PostError, match="cannot be written"):
        render_soundtrack(CutList((Piece("s1", "a", Path("a"), 2),)), FPS, pcm, pcm["a"] / "x.wav")
