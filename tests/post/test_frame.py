from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from PIL import Image

from onmodel.errors import NotMedia, PostError
from onmodel.post.frame import count_frames, extract_frame

MakeClip = Callable[..., Path]


def _level(picture: Path) -> float:
    with Image.open(picture) as opened:
        assert opened.mode == "RGB"
        return float(np.asarray(opened).mean())


@pytest.mark.parametrize(("at", "number"), [("first", 0), (0, 0), (7, 7), (22, 22), ("last", 23)])
def test_exactly_that_frame_is_written(
    counting_clip: Path, ffmpeg: Path, tmp_path: Path, at: Literal["first", "last"] | int, number: int
) -> None:
    """The picture is the very frame that was asked for, not one beside it."""
    found = _level(extract_frame(counting_clip, at, tmp_path / "f.png", ffmpeg))
    assert abs(found - 8 * number * 255 / 219) < 4


def test_a_frame_beyond_the_end_says_what_there_is(counting_clip: Path, ffmpeg: Path, tmp_path: Path) -> None:
    """A frame number past the end names the last one, and leaves no file."""
    with pytest.raises(PostError, match="no frame 24") as caught:
        extract_frame(counting_clip, 24, tmp_path / "f.png", ffmpeg)
    assert "0 to 23" in caught.value.hint
    assert not (tmp_path / "f.png").exists()


def test_a_negative_frame_is_refused(counting_clip: Path, ffmpeg: Path, tmp_path: Path) -> None:
    """Frames are counted from 0."""
    with pytest.raises(PostError, match="frame -1 is not allowed"):
        extract_frame(counting_clip, -1, tmp_path / "f.png", ffmpeg)


def test_the_same_frame_gives_the_same_bytes(counting_clip: Path, ffmpeg: Path, tmp_path: Path) -> None:
    """A frame has one digest, so what is made from it is found again."""
    one = extract_frame(counting_clip, "last", tmp_path / "a.png", ffmpeg)
    two = extract_frame(counting_clip, 23, tmp_path / "b.png", ffmpeg)
    assert one.read_bytes() == two.read_bytes()


def test_pixels_come_out_square(make_clip: MakeClip, ffmpeg: Path, tmp_path: Path) -> None:
    """A picture with pixels of 4:3 is written as it is seen."""
    clip = make_clip(picture="testsrc2=s=120x90:r=24:d=0.2,setsar=4/3")
    with Image.open(extract_frame(clip, "first", tmp_path / "100% f.png", ffmpeg)) as opened:
        assert opened.size == (160, 90)


def test_a_file_that_is_no_clip_has_no_frames(tmp_path: Path) -> None:
    """Counting refuses what cannot be decoded."""
    (tmp_path / "a.mp4").write_bytes(b"<html></html>" * 20)
    with pytest.raises(NotMedia):
        count_frames(tmp_path / "a.mp4")


def test_a_file_that_is_no_clip_gives_no_frame(ffmpeg: Path, tmp_path: Path) -> None:
    """Taking a frame of what cannot be decoded says that it is no clip, and writes nothing."""
    (tmp_path / "a.mp4").write_bytes(b"<html></html>" * 20)
    with pytest.raises(NotMedia):
        extract_frame(tmp_path / "a.mp4", "first", tmp_path / "out" / "f.png", ffmpeg)
    assert not list((tmp_path / "out").iterdir())
