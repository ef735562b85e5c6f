"""Frames to look at: a few of a clip, evenly spread, in colour and small, taken along with another decode."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from onmodel.post.probe import Facts
from onmodel.units import Size

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LONG_SIDE_PX = 640
"""Longest side of a look: large enough for faces of a medium shot, small enough to be judged in time.
Source: the identity findings, 2026-11: faces were measured at 640x360."""


@dataclass(frozen=True, eq=False)
class Looks:
    """Frames of one clip, or one picture, as a scorer wants them."""

    frames: NDArray[np.uint8]
    """(N, H, W, 3) uint8 RGB, full range."""
    at_s: tuple[float, ...]
    """When each frame is shown, in seconds from the clip's start."""


def look_size(size: Size) -> Size:
    """A picture's size with its longest side at `LONG_SIDE_PX`; smaller ones stay as they are."""
    share = min(Fraction(1), Fraction(LONG_SIDE_PX, max(size.width, size.height)))
    return Size(max(2, round(size.width * share)), max(2, round(size.height * share)))


def look_numbers(frames: int, looks: int) -> tuple[int, ...]:
    """The frames to look at, from 0: evenly spread, the first and the last among them, none twice."""
    if frames <= looks:
        return tuple(range(frames))
    return tuple(round(Fraction(index * (frames - 1), looks - 1)) for index in range(looks))


def frames_expected(facts: Facts) -> int:
    """How many frames a clip should have: what its container says, else its length at its rate."""
    if facts.frames:
        return facts.frames
    return max(1, round((facts.seconds or Fraction(0)) * (facts.fps or Fraction(0))))


def looks_output(video: Any, facts: Facts, numbers: tuple[int, ...], into: Path) -> Any:
    """An ffmpeg output that writes the frames of these numbers into a raw file, as RGB."""
    size = look_size(facts.size)
    wanted = "+".join(f"eq(n,{number})" for number in numbers)
    small = (
        video.filter("select", wanted)
        .filter("scale", size.width, size.height, flags="area", out_range="pc")
        .filter("format", "rgb24")
    )
    return small.output(str(into.absolute()), f="rawvideo", fps_mode="passthrough")


def read_looks(raw: Path, facts: Facts, numbers: tuple[int, ...]) -> Looks:
    """The frames that `looks_output` wrote; fewer than asked for where the clip broke off."""
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    size = look_size(facts.size)
    frames = np.fromfile(raw, np.uint8).reshape(-1, size.height, size.width, 3)
    rate = facts.fps or Fraction(1)
    return Looks(frames, tuple(float(number / rate) for number in numbers[: len(frames)]))


def look_at(picture: Path) -> Looks:
    """One picture as a look.

    Raises:
        OSError: it does not decode; the gates tell of that in a producer's words.
    """
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick
    from PIL import Image  # noqa: PLC0415 - keeps `check` and `plan` quick

    with Image.open(picture) as opened:
        size = look_size(Size(*opened.size))
        small = opened.convert("RGB").resize((size.width, size.height), Image.Resampling.BOX)
    return Looks(np.asarray(small)[np.newaxis], (0.0,))
