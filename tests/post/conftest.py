from __future__ import annotations

import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from onmodel.post.ffmpeg import find_ffmpeg
from onmodel.post.formats import Format
from onmodel.units import Size

MakeClip = Callable[..., Path]


@pytest.fixture(scope="session")
def ffmpeg() -> Path:
    return find_ffmpeg()


@pytest.fixture(scope="session")
def form() -> Format:
    return Format(Size(160, 90), Fraction(24), preset="ultrafast")


@pytest.fixture
def make_clip(ffmpeg: Path, tmp_path: Path) -> MakeClip:
    """Make a clip with lavfi: `picture` and `sound` are sources, the rest are output options."""

    def make(
        name: str = "clip.mp4",
        picture: str = "testsrc2=s=160x90:r=24:d=1",
        sound: str | None = "sine=f=440:r=48000:d=1",
        options: tuple[str, ...] = (),
    ) -> Path:
        into = tmp_path / name
        into.parent.mkdir(parents=True, exist_ok=True)
        sources = ["-f", "lavfi", "-i", picture]
        if sound:
            sources += ["-f", "lavfi", "-i", sound]
        encode = ["-c:v", "libx264", "-preset", "ultrafast", "-threads", "1", *options]
        subprocess.run([ffmpeg, "-v", "error", "-y", *sources, *encode, str(into)], check=True)
        return into

    return make


@pytest.fixture
def counting_clip(make_clip: MakeClip) -> Path:
    """24 flat frames without sound; frame n has luma 16 + 8 n, so that a frame's level says its number."""
    level = "color=black:s=160x90:r=24:d=1,geq=lum='16+8*N':cb=128:cr=128"
    return make_clip("counting.mp4", level, None, ("-crf", "5"))
