"""The one format that every clip of a production is brought to, and who encodes it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from onmodel.errors import PostError
from onmodel.post.ffmpeg import version
from onmodel.units import Size

Preset = Literal[
    "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"
]

Conform = Literal[1, 2, 3]
"""Ways of bringing clips to a format; a cut is made again in the way in which it was made.

The first took the colours of a clip that says nothing about them for those of standard television, and lost
two levels in turning them. Up to the second, what is written over a picture went with it in a transition,
and x264 looked 24 frames ahead, with three references.
"""


@dataclass(frozen=True)
class Format:
    """Size, rate and quality of the picture in the cut."""

    size: Size
    """Even in both directions: the picture is 4:2:0."""
    fps: Fraction
    """Frames a second, constant: 24, 25, 30000/1001."""
    crf: int = 20
    """x264's constant quality: 0 lossless, 51 worst."""
    preset: Preset = "fast"
    """x264's effort."""
    conform: Conform = 3
    """How clips are brought to it."""

    def __post_init__(self) -> None:
        """Refuse what x264 could not encode.

        Raises:
            PostError: an odd or empty size, or a rate that is not above 0.
        """
        if self.size.width < 2 or self.size.height < 2 or self.size.width % 2 or self.size.height % 2:  # noqa: PLR2004 - two lines share one chroma sample
            raise PostError(
                f"format: size {self.size} is not allowed; width and height are even and at least 2"
            )
        if self.fps <= 0:
            raise PostError(f"format: {self.fps} frames a second is not allowed; it is above 0, such as 24")

    @property
    def identity(self) -> dict[str, str | int]:
        """The format as plain values, for the keys of rendered pieces and for manifests."""
        plain: dict[str, str | int] = {
            "size": str(self.size),
            "fps": str(self.fps),
            "crf": self.crf,
            "preset": self.preset,
        }
        # Without a further key for the first way: what was made by it keeps its name.
        return plain if self.conform == 1 else {**plain, "conform": self.conform}


def encoder_of(ffmpeg: Path) -> str:
    """Who encodes: the ffmpeg's own version, so that pieces of two encoders are never mixed in the cache.

    Raises:
        SetupError: the program cannot be run.
    """
    return f"ffmpeg {version(ffmpeg)} libx264"
