from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from onmodel.errors import NotMedia, PostError
from onmodel.post.gates import Expected, measure_clip, measure_still
from onmodel.post.measures import count_black, count_frozen, find_cuts, flicker, peak_db
from onmodel.units import Size

MakeClip = Callable[..., Path]

WIDE = Expected(Size(16, 9))
HEARD = Expected(Size(16, 9), sound=True)
PLAIN = "testsrc2=s=160x90:r=24:d=1"
FLICKERING = "testsrc2=s=160x90:r=24:d=1,eq=brightness='0.03*mod(n,2)':eval=frame"
CUT = "mandelbrot=s=160x90:r=24,trim=duration=1,rotate='PI*gte(n,12)'"
DRAWN = "gradients=s=160x90:r=1:d=1:c0=0x3b78d8:c1=0xc9ced6:seed=3,loop=-1:1,fps=24,trim=duration=3"


def test_a_good_clip_passes(make_clip: MakeClip, ffmpeg: Path) -> None:
    """A clip as it was asked for opens every gate, and its readings are plain JSON."""
    expected = Expected(Size(640, 360), seconds=Fraction(1), sound=True)
    report = measure_clip(make_clip(), expected, ffmpeg)
    assert (report.ok, report.reasons) == (True, ())
    assert report.readings["frames"] == 24
    assert json.loads(json.dumps(report.readings)) == report.readings


@pytest.mark.parametrize(
    ("picture", "expected", "reason"),
    [
        ("color=black:s=160x90:r=24:d=1", WIDE, "black in 24 of 24"),
        ("testsrc2=s=160x90:r=24:d=1,fade=out:5:1", WIDE, "black in 18 of 24"),
        (DRAWN, WIDE, "frozen in 6"),
        ("testsrc2=s=160x90:r=24:d=1,tpad=stop_mode=clone:stop_duration=2", WIDE, "frozen in"),
        ("testsrc2=s=90x160:r=24:d=1", WIDE, "another shape than 16x9"),
        ("testsrc2=s=160x96:r=24:d=1", WIDE, "another shape"),
        ("testsrc2=s=160x90:r=24:d=1", Expected(Size(16, 9), seconds=Fraction(5)), "too short: 1.00 s, 5 s"),
    ],
)
def test_what_no_take_may_be_is_named(
    picture: str, expected: Expected, reason: str, make_clip: MakeClip, ffmpeg: Path
) -> None:
    """Each trouble closes the gate with one reason that says what was found."""
    report = measure_clip(make_clip(picture=picture, sound=None), expected, ffmpeg)
    assert not report.ok
    assert any(reason in found for found in report.reasons), report.reasons


@pytest.mark.parametrize(
    ("picture", "sound", "expected", "fault", "reason"),
    [
        (FLICKERING, None, WIDE, "flicker", "flickers by"),
        (CUT, None, WIDE, "cut", "a cut in it, at 0.50 s"),
        ("testsrc2=s=160x90:r=5:d=3", None, WIDE, "rate", "5 frames a second, 8 to 120 are allowed"),
        (PLAIN, None, Expected(Size(1280, 720)), "small", "160x90, too small for 1280x720"),
        (PLAIN, None, HEARD, "no-sound", "has no sound"),
        (PLAIN, "anullsrc=r=48000:d=1", HEARD, "silent", "is silence (peak -120.0 dB"),
    ],
)
def test_what_is_wrong_inside_a_clip_is_named(
    picture: str,
    sound: str | None,
    expected: Expected,
    fault: str,
    reason: str,
    make_clip: MakeClip,
    ffmpeg: Path,
) -> None:
    """Flicker, a cut, a rate, a size, missing sound and silence each close the gate, alone and by name."""
    options = ("-t", "1") if sound else ()
    report = measure_clip(make_clip(picture=picture, sound=sound, options=options), expected, ffmpeg)
    assert report.faults == (fault,), report.reasons
    assert reason in report.reasons[0]


def test_what_was_not_asked_for_is_no_fault(make_clip: MakeClip, ffmpeg: Path) -> None:
    """Sound nobody asked for may be there or not; light may flicker and cuts may be where that is wanted."""
    free = Expected(Size(16, 9), one_take=False, steady=False)
    for picture in (FLICKERING, CUT):
        clip = make_clip(picture=picture, sound=None)
        assert not measure_clip(clip, WIDE, ffmpeg).ok
        assert measure_clip(clip, free, ffmpeg).ok


def test_a_flash_a_fade_and_a_fast_camera_are_no_cuts(make_clip: MakeClip, ffmpeg: Path) -> None:
    """What changes the whole picture for a frame, or in every frame, is one take."""
    for name, picture in {
        "flash": "testsrc2=s=160x90:r=24:d=2,geq=lum='lum(X,Y)+120*eq(N,30)':cb='cb(X,Y)':cr='cr(X,Y)'",
        "fade": "testsrc2=s=160x90:r=24:d=2,fade=in:0:8",
        "fast": "testsrc2=s=960x90:r=24:d=2,crop=160:90:'n*16':0",
    }.items():
        assert "cut" not in measure_clip(make_clip(f"{name}.mp4", picture, None), WIDE, ffmpeg).faults, name


@pytest.mark.parametrize(
    ("content", "looks"),
    [
        (b"", "an empty file"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "an HTML page"),
        (b"%PDF-1.7 and so on", "a PDF document"),
        (bytes(4000), "a file of zeros"),
        (b'{"detail": "expired"}', "a JSON document"),
    ],
)
def test_no_video_at_all(content: bytes, looks: str, ffmpeg: Path, tmp_path: Path) -> None:
    """What is no clip is called what it looks like."""
    (tmp_path / "a.mp4").write_bytes(content)
    report = measure_clip(tmp_path / "a.mp4", WIDE, ffmpeg)
    assert (report.faults, looks in report.reasons[0]) == (("not-media",), True)


def test_a_slow_dolly_is_not_frozen(make_clip: MakeClip, ffmpeg: Path) -> None:
    """A drawn still under a camera move of 1% a second lives; the same still without one does not."""
    drawn = (
        "color=0x96aabe:s=1280x720:r=1:d=1,drawbox=400:200:360:320:0xffd23f:fill,drawbox=0:560:1280:160:0x5a6e82:fill,"
        "loop=-1:1,fps=24,trim=duration=2.5,setpts=PTS-STARTPTS,"
        "scale=w='2*trunc(640*(1+t*{rate}))':h='2*trunc(360*(1+t*{rate}))':eval=frame:flags=fast_bilinear,crop=1280:720"
    )
    dolly = make_clip("d.mp4", drawn.format(rate="0.01"), None)
    still = make_clip("s.mp4", drawn.format(rate="0"), None)
    assert measure_clip(dolly, WIDE, ffmpeg).readings["frozen_frames"] == 0
    assert measure_clip(still, WIDE, ffmpeg).readings["frozen_frames"] == 60


def test_two_frames_short_is_close_enough(make_clip: MakeClip, ffmpeg: Path) -> None:
    """A clip may be two frames shorter than asked, not three, and any longer."""
    clip = make_clip()
    for frames, ok in ((20, True), (26, True), (27, False)):
        assert measure_clip(clip, Expected(Size(16, 9), seconds=Fraction(frames, 24)), ffmpeg).ok is ok


def test_a_cut_off_clip_does_not_pass(make_clip: MakeClip, ffmpeg: Path) -> None:
    """A download that broke off in the middle of the picture is found, though its head is fine."""
    clip = make_clip(options=("-movflags", "+faststart"))
    clip.write_bytes(clip.read_bytes()[:-12_000])
    assert not measure_clip(clip, WIDE, ffmpeg).ok


@pytest.mark.parametrize("preset", ["ultrafast", "medium"])
def test_a_damaged_clip_does_not_pass(preset: str, make_clip: MakeClip, ffmpeg: Path) -> None:
    """Bytes that were altered in the picture are found by decoding all of it."""
    clip = make_clip(sound=None, options=("-movflags", "+faststart", "-preset", preset))
    content = bytearray(clip.read_bytes())
    middle = len(content) * 2 // 3
    content[middle : middle + 400] = bytes(400)
    clip.write_bytes(content)
    report = measure_clip(clip, WIDE, ffmpeg)
    assert not report.ok
    assert "does not decode" in report.reasons[0] or "cut off" in report.reasons[0]


@pytest.mark.parametrize(
    ("content", "looks"), [(b"", "an empty file"), (b"<html>gone</html>", "an HTML page")]
)
def test_a_body_that_is_no_media_is_a_reason(
    content: bytes, looks: str, ffmpeg: Path, tmp_path: Path
) -> None:
    """A paid result that is no clip closes the gate by name: the caller decides, nothing is raised."""
    clip = tmp_path / "a.mp4"
    clip.write_bytes(content)
    assert looks in measure_clip(clip, WIDE, ffmpeg).reasons[0]
    assert looks in measure_still(clip, WIDE).reasons[0]


def test_a_picture_is_no_clip(tmp_path: Path, ffmpeg: Path) -> None:
    """A still where a clip was asked for does not pass."""
    Image.new("RGB", (160, 90), "teal").save(tmp_path / "a.png")
    assert "a clip was asked for" in measure_clip(tmp_path / "a.png", WIDE, ffmpeg).reasons[0]


@pytest.mark.parametrize(
    ("does", "message"),
    [("kill -9 $$", "killed by signal 9"), ("echo No space left on device >&2; exit 1", "no space")],
)
def test_trouble_of_the_machine_is_not_the_clips_fault(
    does: str, message: str, make_clip: MakeClip, tmp_path: Path
) -> None:
    """No memory or space is an error, not a closed gate that would buy a retake."""
    troubled = tmp_path / "ffmpeg"
    troubled.write_text(f"#!/bin/sh\n{does}\n")
    troubled.chmod(0o755)
    with pytest.raises(PostError, match=message) as caught:
        measure_clip(make_clip(), WIDE, troubled)
    assert not isinstance(caught.value, NotMedia)


def test_a_clip_that_is_not_there_is_an_error(tmp_path: Path, ffmpeg: Path) -> None:
    """A missing file is raised: there is no take to judge."""
    with pytest.raises(PostError, match="cannot be read"):
        measure_clip(tmp_path / "none.mp4", WIDE, ffmpeg)


def test_stills(tmp_path: Path) -> None:
    """A drawn picture passes; a black, flat, wrongly shaped or cut-off one does not."""
    drawn = Image.linear_gradient("L").resize((160, 90)).convert("RGB")
    cases = {
        "drawn": (drawn, WIDE, ""),
        "black": (Image.new("RGB", (160, 90)), WIDE, "is black"),
        "flat": (Image.new("RGB", (160, 90), "teal"), WIDE, "one flat colour"),
        "tall": (drawn.rotate(90, expand=True), WIDE, "another shape"),
    }
    for name, (picture, expected, reason) in cases.items():
        picture.save(tmp_path / f"{name}.png")
        report = measure_still(tmp_path / f"{name}.png", expected)
        assert report.ok is (reason == ""), name
        assert reason in "".join(report.reasons), name


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_a_still_that_broke_off_does_not_pass(tmp_path: Path, suffix: str) -> None:
    """A picture is decoded to its end, not only opened."""
    path = tmp_path / f"a.{suffix}"
    Image.effect_noise((320, 180), 60).convert("RGB").save(path)
    assert measure_still(path, WIDE).ok
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    assert not measure_still(path, WIDE).ok


def test_cuts_and_levels_on_plain_arrays() -> None:
    """A cut is where the new picture begins; sound is measured by its loudest sample."""
    rng = np.random.default_rng(2)
    one, two = (rng.integers(20, 235, (18, 32), dtype=np.uint8) for _ in range(2))
    assert find_cuts(np.stack([one] * 10 + [two] * 5 + [one] * 10)) == [10, 15]
    assert find_cuts(np.stack([one] * 10 + [two] + [one] * 10)) == []
    assert find_cuts(rng.integers(0, 255, (30, 18, 32), dtype=np.uint8)) == []
    assert find_cuts(np.stack([one, two])) == []
    assert peak_db(np.array([0, -32768, 3], np.int16)) == 0.0
    assert (peak_db(np.zeros(0, np.int16)), peak_db(np.zeros(9, np.int16))) == (-120.0, -120.0)


def test_counts_on_plain_arrays() -> None:
    """Black is nearly all pixels, a standstill is held against its beginning, flicker is a median jump."""
    rng = np.random.default_rng(1)
    scene = rng.integers(60, 200, (18, 32), dtype=np.uint8)
    frames = np.stack([scene] * 30)
    assert (count_black(frames), count_frozen(frames, 24), flicker(frames)) == (0, 30, 0.0)
    assert count_frozen(frames[:20], 24) == 0
    creeping = frames.copy()
    for number in range(30):
        creeping[number].flat[:number] += 8
    assert count_frozen(creeping, 12) == 0
    spot = np.zeros((4, 18, 32), np.uint8)
    spot[1:, :1, :20] = 255
    assert count_black(spot) == 1
    pulsing = frames + (np.arange(30, dtype=np.uint8) % 2 * 4)[:, None, None]
    assert flicker(pulsing) == pytest.approx(8)
