"""Small pictures and clips that stand in for supplied ones."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from onmodel.post.ffmpeg import find_ffmpeg, run
from onmodel.units import Size

SMALL: Final = Size(400, 400)
"""Large enough for every endpoint, whose limits begin at 300 px.
Source: fal's model pages of the Kling endpoints, 2026-11."""


def small_picture(into: Path, size: Size = SMALL, colour: str = "steelblue") -> Path:
    """Make a picture of one colour, to stand in for a first frame or a reference.

    Args:
        into: the file, `.png` or `.jpg`; its folder is made.
        size: in pixels.
        colour: as CSS names it, or `#rrggbb`.

    Raises:
        PostError: it could not be made.
    """
    from PIL import Image  # noqa: PLC0415 (not every test makes a picture)

    into.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (size.width, size.height), colour).save(into)
    return into


def small_clip(into: Path, seconds: int = 4, size: Size = SMALL, fps: int = 24) -> Path:
    """Make a clip in which something moves, with a tone, to stand in for a motion reference.

    Args:
        into: the file, `.mp4`; its folder is made.
        seconds: its length.
        size: in pixels, even numbers.
        fps: frames a second.

    Raises:
        PostError: it could not be made.
    """
    into.parent.mkdir(parents=True, exist_ok=True)
    picture = f"testsrc2=size={size}:rate={fps}:duration={seconds}"
    sound = f"sine=frequency=440:sample_rate=48000:duration={seconds}"
    sources = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound]
    encoded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest"]
    run(find_ffmpeg(), ["-y", *sources, *encoded, str(into.absolute())], about=into.name)
    return into
