"""The finished cut as the page plays it: the file, and where in it each shot begins."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from onmodel.dailies.clips import Clip
from onmodel.planning import Plan
from onmodel.planning.chains import shot_of
from onmodel.stages.cut_gate import REVIEW
from onmodel.vault import MARK


@dataclass(frozen=True)
class CutRow:
    """One clip of the cut list."""

    shot: str
    take: int | None
    starts_s: float
    """When it is first seen, in seconds from the beginning of the cut."""
    seconds: float
    """How long, what it shares with its neighbours included."""
    frames: int
    crossfade_frames: int
    """Shared with the next one; 0 for a hard cut."""
    sha256: str
    is_current: bool
    """Whether the same take is still circled."""


@dataclass(frozen=True)
class Programme:
    """A finished episode on this machine."""

    clip: Clip
    sha256: str
    """Of the archived cut; empty where no manifest says it."""
    rows: tuple[CutRow, ...]
    """Empty where no manifest lies beside it."""
    fps: float
    is_review: bool
    """Whether it has the name of a cut that nobody has approved yet."""

    @property
    def starts(self) -> Mapping[str, float]:
        """Where each shot begins, in seconds."""
        found: dict[str, float] = {}
        for row in self.rows:
            found.setdefault(row.shot, row.starts_s)
        return found

    @property
    def is_current(self) -> bool:
        """Whether all of it is what is circled now."""
        return all(row.is_current for row in self.rows)


def find_programme(folder: Path, plan: Plan) -> Programme | None:
    """The finished episode in the deliverables, with what its manifest says; None where it was not cut yet.

    Args:
        folder: the deliverables.
        plan: says which takes are circled by now.
    """
    films = [path for end in ("", REVIEW) if (path := folder / f"{plan.scope}{end}.mp4").is_file()]
    if not films:
        return None
    film = max(films, key=lambda path: path.stat().st_mtime_ns)  # a review cut, or the one before it
    facts = film.stat()
    manifest = _read(film.with_suffix(".manifest.json"))
    fps = _rate(manifest)
    circled = {line.take.media.sha256 for line in plan.lines.values() if line.take}
    tag = f"cut-{facts.st_mtime_ns:x}-{facts.st_size:x}"
    sha256 = str((manifest.get("cut") or {}).get("sha256", ""))
    return Programme(
        Clip(film, tag), sha256, tuple(_rows(manifest, fps, circled)), float(fps), film.stem.endswith(REVIEW)
    )


def _read(path: Path) -> Mapping[str, Any]:
    """The manifest; an empty one where it is gone or damaged: the film plays without it."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _rate(manifest: Mapping[str, Any]) -> Fraction:
    try:
        return Fraction(manifest["cut"]["fps"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return Fraction(24)


def _rows(manifest: Mapping[str, Any], fps: Fraction, circled: set[str]) -> Iterator[CutRow]:
    for one in manifest.get("shots", ()):
        clip = one.get("clip")
        sha256 = str(clip.get(MARK, "")) if isinstance(clip, dict) else str(clip or "")
        yield CutRow(
            shot=shot_of(str(one.get("shot", ""))),
            take=one.get("take"),
            starts_s=float(one["starts_at_frame"] / fps),
            seconds=float(one["frames"] / fps),
            frames=int(one["frames"]),
            crossfade_frames=int(one.get("crossfade_frames", 0)),
            sha256=sha256,
            is_current=sha256 in circled,
        )
