from __future__ import annotations

import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from onmodel.errors import NotMedia, PostError
from onmodel.post.hearing import has_sound, probe_sound
from onmodel.post.sound import early_samples, read_pcm, render_pcm, tempo_steps

MakeClip = Callable[..., Path]


def samples_of(path: Path) -> NDArray[np.int16]:
    return np.frombuffer(path.read_bytes(), "<i2").reshape(-1, 2)


def make_sound(ffmpeg: Path, into: Path, source: str, *options: str) -> Path:
    command = [ffmpeg, "-v", "error", "-y", "-f", "lavfi", "-i", source, *options, into]
    subprocess.run(command, check=True)
    return into


def test_a_clips_sound_is_48_khz_stereo_from_its_first_frame(
    make_clip: MakeClip, ffmpeg: Path, tmp_path: Path
) -> None:
    """Mono at another rate comes out as stereo at 48 kHz; a click at 0.5 s is at sample 24,000."""
    click = "aevalsrc='between(t,0.5,0.51)':s=44100:d=1"
    clip = make_clip(sound=click, options=("-b:a", "192k"))
    sound = samples_of(render_pcm(clip, "a", tmp_path / "cache", ffmpeg))
    assert abs(len(sound) - 48000) <= 1200
    assert abs(int(np.argmax(np.abs(sound[:, 0].astype(int)) > 8000)) - 24000) < 60
    assert np.array_equal(sound[:, 0], sound[:, 1])


def test_sound_that_begins_late_stays_late(make_clip: MakeClip, ffmpeg: Path, tmp_path: Path) -> None:
    """A track that starts after the picture is filled up with silence, not pulled forward."""
    clip, late = make_clip(sound="sine=f=440:r=48000:d=0.5"), tmp_path / "late.mov"
    codecs = ["-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "pcm_s16le"]
    twice = ["-i", str(clip), "-itsoffset", "0.4", "-i", str(clip)]
    subprocess.run([str(ffmpeg), "-v", "error", *twice, *codecs, str(late)], check=True)
    sound = samples_of(render_pcm(late, "a", tmp_path / "cache", ffmpeg))
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


def test_a_part_is_filled_up_with_silence(tmp_path: Path) -> None:
    """What is asked for after a sound's end is silence, and the array is as long as was asked for."""
    ramp = np.repeat(np.arange(100, dtype="<i2"), 2).reshape(-1, 2)
    (tmp_path / "a.s16").write_bytes(ramp.tobytes())
    assert np.array_equal(read_pcm(tmp_path / "a.s16", 20, 30), ramp[20:50])
    early = read_pcm(tmp_path / "a.s16", -7, 20)
    assert not early[:7].any()
    assert np.array_equal(early[7:], ramp[:13])
    assert not read_pcm(tmp_path / "a.s16", -50, 20).any()
    late = read_pcm(tmp_path / "a.s16", 90, 30)
    assert np.array_equal(late[:10], ramp[90:])
    assert late.shape == (30, 2)
    assert not late[10:].any()
    assert not read_pcm(tmp_path / "a.s16", 500, 7).any()


@pytest.mark.parametrize("speed", [Fraction(1, 4), Fraction(1, 2), Fraction(3, 2), Fraction(4)])
def test_another_speed_keeps_pitch_and_place(speed: Fraction, ffmpeg: Path, tmp_path: Path) -> None:
    """A sound at another speed is that much longer, of the same pitch, and a click in it is at its place."""
    source = "aevalsrc='0.3*sin(2*PI*440*t)*gt(t,1)':s=48000:d=3"
    path = make_sound(ffmpeg, tmp_path / "a.wav", source)
    sound = samples_of(render_pcm(path, "a", tmp_path, ffmpeg, speed=speed))[:, 0].astype(float)
    assert abs(len(sound) / 48000 - float(3 / speed)) < 0.1
    assert abs(np.argmax(np.abs(sound) > 3000) / 48000 - float(1 / speed)) < 0.045 / min(1, float(speed))
    steady = sound[int(1.3 / speed * 48000) :][:12000]
    crossings = np.count_nonzero(np.diff(np.signbit(steady)))
    assert abs(crossings / 2 / (len(steady) / 48000) - 440) < 8


def levels(sound: NDArray[np.int16]) -> NDArray[np.float64]:
    """How loud a sound is, in steps of a millisecond."""
    steps = sound[: len(sound) // 48 * 48, 0].astype(float).reshape(-1, 48)
    return np.convolve(np.sqrt((steps**2).mean(axis=1)), np.ones(10) / 10, "same")


@pytest.mark.parametrize(("speed", "most_ms"), [("1/4", 40), ("1/2", 20), ("3/4", 20), ("1", 1)])
def test_what_is_slowed_down_lies_under_its_picture(
    speed: str, most_ms: int, ffmpeg: Path, tmp_path: Path
) -> None:
    """Bursts of a tone, put later by what the stretching makes early, lie where they are seen to be."""
    at_s, slow = (0.5, 0.96, 1.44, 1.9, 2.4), float(Fraction(speed))
    bursts = "+".join(f"gt(t,{at})*exp(-(t-{at})*30)*sin(2*PI*{150 + 70 * at}*t)" for at in at_s)
    path = make_sound(ffmpeg, tmp_path / "a.wav", f"aevalsrc='0.4*({bursts})+0.003*random(0)':s=48000:d=3")
    late = early_samples(Fraction(speed))
    own = levels(read_pcm(render_pcm(path, "a", tmp_path, ffmpeg), 0, 144_000))
    made = render_pcm(path, "a", tmp_path, ffmpeg, speed=Fraction(speed))
    found = levels(read_pcm(made, -late, int(144_000 / slow)))
    wanted = np.interp(np.arange(len(found)) * slow, np.arange(len(own)), own)
    for at in at_s:
        begin, end = int((at - 0.05) / slow * 1000), int((at + 0.2) / slow * 1000)
        likeness = np.correlate(found[begin - 100 : end + 100], wanted[begin:end])
        assert abs(int(likeness.argmax()) - 100) <= most_ms


def test_speeds_have_files_of_their_own(ffmpeg: Path, tmp_path: Path) -> None:
    """The same sound at two speeds is decoded twice, and each is found again without the file."""
    path = make_sound(ffmpeg, tmp_path / "a.wav", "sine=d=0.5")
    own = render_pcm(path, "a", tmp_path / "c", ffmpeg)
    slow = render_pcm(path, "a", tmp_path / "c", ffmpeg, speed=Fraction(1, 2))
    path.unlink()
    assert own != slow
    assert render_pcm(path, "a", tmp_path / "c", ffmpeg, speed=Fraction(1, 2)) == slow


@pytest.mark.parametrize("speed", [Fraction(1, 4), Fraction(1, 3), Fraction(1), Fraction(7, 2), Fraction(4)])
def test_tempo_steps_make_the_speed(speed: Fraction) -> None:
    """The steps multiply to the speed, and each is from a half to twice."""
    steps = tempo_steps(speed)
    product = Fraction(1)
    for step in steps:
        assert Fraction(1, 2) <= step <= 2
        product *= step
    assert product == speed


@pytest.mark.parametrize(
    ("name", "options", "suffix"),
    [
        ("a.wav", (), ".wav"),
        ("a.mp3", (), ".mp3"),
        ("a.flac", (), ".flac"),
        ("a.m4a", (), ".m4a"),
        ("a.ogg", ("-c:a", "libopus"), ".ogg"),
    ],
)
def test_sound_is_known_by_its_content(
    name: str, options: tuple[str, ...], suffix: str, ffmpeg: Path, tmp_path: Path
) -> None:
    """Length and container come from the file, whatever it is named."""
    path = make_sound(ffmpeg, tmp_path / name, "sine=d=1.5:r=48000", *options).rename(tmp_path / "theme.v2")
    facts = probe_sound(path)
    assert abs(facts.seconds - Fraction(3, 2)) < Fraction(1, 10)
    assert facts.suffix == suffix


def test_a_clip_with_sound_is_a_sound_too(make_clip: MakeClip) -> None:
    """The sound of a clip may be music."""
    facts = probe_sound(make_clip())
    assert facts.suffix == ".mp4"
    assert abs(facts.seconds - 1) < Fraction(1, 10)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7\n" + b"x" * 500, "this is a PDF document, not sound"),
        (b"", "this is an empty file, not sound"),
        (b"<!DOCTYPE html><p>404" * 20, "this is an HTML page, not sound"),
        (bytes(range(1, 256)) * 40, "not sound that can be used"),
    ],
)
def test_what_is_no_sound_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    """The message says what the file is instead; it is found out before anything is decoded."""
    path = tmp_path / "theme.mp3"
    path.write_bytes(content)
    with pytest.raises(NotMedia, match=said):
        probe_sound(path)
    with pytest.raises(NotMedia):
        has_sound(path)


def test_a_clip_without_sound_is_no_music(counting_clip: Path) -> None:
    """A clip that has only pictures is said to have no sound track."""
    with pytest.raises(NotMedia, match="it has no sound track"):
        probe_sound(counting_clip)
    assert not has_sound(counting_clip)


def test_a_missing_sound_is_not_called_broken(tmp_path: Path) -> None:
    """A file that is not there is said so."""
    with pytest.raises(PostError, match="No such file") as caught:
        probe_sound(tmp_path / "none.wav")
    assert not isinstance(caught.value, NotMedia)
