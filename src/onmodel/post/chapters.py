"""What a finished file says about itself: title, series, how it was made, chapters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NamedTuple

DISCLOSURE: Final = "AI-generated video."
"""What every comment begins with."""


class Chapter(NamedTuple):
    """A part of the episode that a player can jump to."""

    frame: int
    """At which it begins."""
    title: str


@dataclass(frozen=True)
class Labels:
    """What a file says about itself."""

    title: str
    series: str = ""
    """The production's title; empty where nothing is said of it."""
    episode: str = ""
    """The episode's id."""
    made_with: tuple[str, ...] = ()
    """The endpoints whose pictures and clips are in it."""
    is_rehearsal: bool = False
    """Whether it only stands for such: every picture was made on the production's own machine."""
    chapters: tuple[Chapter, ...] = ()
    """In order; the first begins with the episode."""

    @property
    def comment(self) -> str:
        """That it is AI-generated, and by which models."""
        said = [DISCLOSURE]
        if self.is_rehearsal:
            said.append("Rehearsal: drawn without any model.")
        if self.made_with:
            verb = "Planned with" if self.is_rehearsal else "Made with"
            said.append(f"{verb} {', '.join(self.made_with)}.")
        return " ".join(said)

    @property
    def tags(self) -> tuple[str, ...]:
        """The file's tags, each as `name=value`."""
        own = {"show": self.series, "episode_id": self.episode}
        said = {"title": self.title, "comment": self.comment}
        said |= {name: value for name, value in own.items() if value}
        return tuple(f"{name}={value}" for name, value in said.items())


def as_ffmetadata(chapters: Sequence[Chapter], frames: int, fps: Fraction) -> str:
    """When the chapters begin and end, as ffmpeg reads it from a file; their titles go another way.

    Args:
        chapters: in order.
        frames: of the whole programme.
        fps: its rate.
    """
    lines = [";FFMETADATA1"]
    ends = [chapter.frame for chapter in chapters[1:]] + [frames]
    for chapter, end in zip(chapters, ends, strict=True):
        lines += [
            "[CHAPTER]",
            f"TIMEBASE={fps.denominator}/{fps.numerator}",
            f"START={chapter.frame}",
            f"END={end}",
        ]
    return "\n".join(lines) + "\n"
