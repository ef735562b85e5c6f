from __future__ import annotations

import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from onmodel.errors import NotMedia, PostError
from onmodel.post.probe import Facts, looks_like, probe, probe_image
from onmodel.units import Size

MakeClip = Callable[..., Path]


def test_a_clip_says_what_it_is(make_clip: MakeClip) -> None:
    """Size, rate, length, count and sound of a plain clip are exact."""
    facts = probe(make_clip())
    assert (facts.kind, facts.size, facts.fps) == ("video", Size(160, 90), Fraction(24))
    assert (facts.seconds, facts.frames, facts.codec) == (Fraction(1), 24, "h264")
    assert facts.has_audio
    assert abs(facts.audio_seconds - 1) < Fraction(1, 40)


def test_a_clip_without_sound_says_so(counting_clip: Path) -> None:
    """No sound track: no sound, of length 0."""
    facts = probe(counting_clip)
    assert not facts.has_audio
    assert facts.audio_seconds == 0


@pytest.mark.parametrize(
    ("encoded_as", "suffix"),
    [("a.mp4", ".mp4"), ("a.m4v", ".mp4"), ("a.mov", ".mov"), ("a.webm", ".webm"), ("a.avi", ".avi")],
)
def test_a_clip_s_suffix_is_its_container_s(
    make_clip: MakeClip, tmp_path: Path, ffmpeg: Path, encoded_as: str, suffix: str
) -> None:
    """A clip says how it ends by what it is, whatever it is named."""
    source = make_clip(picture="testsrc2=s=160x90:r=8:d=0.5", sound=None)
    codec = ["-c:v", "libvpx"] if suffix == ".webm" else ["-c", "copy"]
    argv = [ffmpeg, "-v", "error", "-i", source, *codec, "-y", tmp_path / encoded_as]
    subprocess.run(argv, check=True)
    assert probe((tmp_path / encoded_as).rename(tmp_path / "sway.v2_final")).suffix == suffix


@pytest.mark.parametrize(
    ("form", "suffix"), [("PNG", ".png"), ("JPEG", ".jpg"), ("MPO", ".jpg"), ("WEBP", ".webp")]
)
def test_a_picture_s_suffix_is_its_form_s(tmp_path: Path, form: str, suffix: str) -> None:
    """So does a picture; what a phone calls MPO is a JPEG."""
    path = tmp_path / "pip.V3 (copy)"
    Image.new("RGB", (32, 18), "teal").save(path, form)
    assert probe(path).suffix == suffix


def test_ntsc_is_kept_as_a_fraction(make_clip: MakeClip) -> None:
    """29.97 is 30000/1001, never a decimal."""
    assert probe(make_clip(picture="testsrc2=s=160x90:r=30000/1001:d=1")).fps == Fraction(30000, 1001)


def test_size_is_as_shown(make_clip: MakeClip, ffmpeg: Path, tmp_path: Path) -> None:
    """Pixels that are not square and a turned picture are counted as a viewer sees them."""
    wide = make_clip("wide.mp4", "testsrc2=s=160x90:r=24:d=0.2,setsar=4/3")
    assert probe(wide).size == Size(213, 90)
    turned = tmp_path / "turned.mp4"
    subprocess.run(
        [ffmpeg, "-v", "error", "-display_rotation", "90", "-i", make_clip("t.mp4"), "-c", "copy", turned],
        check=True,
    )
    assert probe(turned).size == Size(90, 160)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "bmp", "tiff"])
def test_a_picture_is_a_picture_whatever_it_is_called(tmp_path: Path, suffix: str) -> None:
    """Pictures are known by their bytes, not by their name."""
    Image.new("RGB", (64, 48), "teal").save(tmp_path / f"a.{suffix}")
    picture = (tmp_path / f"a.{suffix}").rename(tmp_path / "a.mp4")
    facts = probe(picture)
    assert (facts.kind, facts.size, facts.fps, facts.frames) == ("image", Size(64, 48), None, 1)


@pytest.mark.parametrize(
    ("mode", "ok"), [("I;16", False), ("CMYK", True), ("P", True), ("LA", True), ("1", True)]
)
def test_a_picture_whose_lights_would_be_lost_is_refused(tmp_path: Path, mode: str, *, ok: bool) -> None:
    """A grey one of 16 bits would come out white; other odd forms are pictures like any other."""
    path = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    Image.new(mode, (64, 48)).save(path)
    if ok:
        assert probe(path).size == Size(64, 48)
    else:
        with pytest.raises(NotMedia, match="more than 8 bits") as told:
            probe(path)
        assert "8 bits" in (told.value.hint or "")


def test_a_photo_on_its_side_is_turned(tmp_path: Path) -> None:
    """A camera's orientation mark counts."""
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (64, 48)).save(tmp_path / "a.jpg", exif=exif)
    assert probe_image(tmp_path / "a.jpg").size == Size(48, 64)


@pytest.mark.parametrize(
    ("content", "looks"),
    [
        (b"", "an empty file"),
        (b"\n <!DOCTYPE html><html>no</html>", "an HTML page"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b'{"detail": "expired"}', "a JSON document"),
        (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "an XML document"),
        (b'<?xml version="1.0"?><svg></svg>', "an SVG drawing"),
        (b"PK\x03\x04rest", "a ZIP archive"),
        (b"version https://git-lfs.github.com/spec/v1", "a Git LFS pointer"),
        (bytes(4000), "a file of zeros"),
    ],
)
@pytest.mark.parametrize("read", [probe, probe_image])
def test_what_is_not_media_is_named(
    tmp_path: Path, content: bytes, looks: str, read: Callable[[Path], Facts]
) -> None:
    """The message says the path, what the file looks like, and what to do."""
    path = tmp_path / "still.png"
    path.write_bytes(content)
    with pytest.raises(NotMedia, match=looks) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert "again" in caught.value.hint


def test_noise_is_not_media(tmp_path: Path) -> None:
    """Bytes that are nothing at all are refused as well."""
    path = tmp_path / "a.mp4"
    path.write_bytes(bytes(range(1, 256)) * 40)
    with pytest.raises(NotMedia, match="not a picture or clip"):
        probe(path)


def test_a_clip_without_its_index_is_not_media(make_clip: MakeClip) -> None:
    """An mp4 that lost its end (and with it its index) is refused."""
    clip = make_clip()
    clip.write_bytes(clip.read_bytes()[:-4000])
    with pytest.raises(NotMedia):
        probe(clip)


def test_a_missing_file_is_a_post_error(tmp_path: Path) -> None:
    """A path that is not there is not called a broken clip."""
    with pytest.raises(PostError, match="No such file") as caught:
        probe(tmp_path / "none.mp4")
    assert not isinstance(caught.value, NotMedia)


def test_sound_alone_is_not_a_clip(make_clip: MakeClip, tmp_path: Path, ffmpeg: Path) -> None:
    """A file with sound only has no picture track."""
    subprocess.run(
        [ffmpeg, "-v", "error", "-f", "lavfi", "-i", "sine=d=0.2", "-y", tmp_path / "a.m4a"], check=True
    )
    with pytest.raises(NotMedia, match="no picture track"):
        probe(tmp_path / "a.m4a")


@given(st.binary(max_size=200))
def test_any_first_bytes_are_judged_without_a_failure(head: bytes) -> None:
    """The judge of first bytes has an answer for all of them, and only nothing is empty."""
    assert (looks_like(head) == "an empty file") == (head == b"")
