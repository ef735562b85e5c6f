"""What an uploaded file is, as far as the contract's limits ask."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
from PIL import Image, UnidentifiedImageError

Facts = dict[str, float]
"""`width_px`, `height_px`, `aspect`, `file_mb`, and of a clip `s` and `fps`; keys are those of the limits."""


def read_facts(path: Path, *, wants: str) -> Facts | None:
    """Measure a picture, clip or sound; None where the file is not what is wanted.

    Args:
        path: the uploaded file.
        wants: image, video or audio.
    """
    weight = {"file_mb": path.stat().st_size / 1_000_000}
    if wants == "image":
        size = _picture_size(path)
        return None if size is None else {**_shape(*size), **weight}
    try:
        with av.open(str(path)) as clip:
            length_s = float(Fraction(clip.duration, av.time_base)) if clip.duration else 0.0
            if wants == "audio":
                return {"s": length_s, **weight} if clip.streams.audio else None
            if not clip.streams.video:
                return None
            video = clip.streams.video[0]
            if video.duration is not None and video.time_base is not None:
                length_s = float(video.duration * video.time_base)
            fps = float(video.average_rate or 0)
            return {**_shape(video.width, video.height), "s": length_s, "fps": fps, **weight}
    except av.FFmpegError:
        return None


def picture_shape(path: Path) -> tuple[int, int] | None:
    """Width and height in pixels of a picture or clip; None where it is neither."""
    for wants in ("image", "video"):
        facts = read_facts(path, wants=wants)
        if facts is not None:
            return int(facts["width_px"]), int(facts["height_px"])
    return None


def _picture_size(path: Path) -> tuple[int, int] | None:
    try:
        with Image.open(path) as picture:
            return picture.size
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return None


def _shape(width: int, height: int) -> Facts:
    return {"width_px": width, "height_px": height, "aspect": width / max(height, 1)}
