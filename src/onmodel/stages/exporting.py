"""Exporting: a finished cut handed over to editors, as a timeline beside a folder with all its media.

Like restoring, it needs the archive alone. The media are copies, never links: editing programs write into the
files that they are given, and what is archived must stay what it is.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from onmodel.errors import MediaAltered, NotMedia, VaultError
from onmodel.planning.chains import subject_of
from onmodel.planning.versions import Version, remarks_of, versions_of
from onmodel.post import handoff
from onmodel.post.captions import as_srt
from onmodel.post.cutlist import CutList
from onmodel.post.ffmpeg import written_whole
from onmodel.post.handoff import Handoff, Medium
from onmodel.post.lanes import overlays_of, pictures_of, sounds_of
from onmodel.post.probe import probe
from onmodel.post.score import score_of_clips
from onmodel.stages.cut_gate import REVIEW
from onmodel.stages.recipe import Recipe, read_recipe
from onmodel.units import SAMPLE_RATE, round_half_up, sha256_of_file
from onmodel.vault import Cut, MediaRef, ObjectMissing
from onmodel.vault.archive import Archive

Say = Callable[[str], None]


@dataclass(frozen=True)
class Exported:
    """A timeline on this machine."""

    path: Path
    media: Path
    """The folder of its media."""
    files: int
    """In that folder."""
    frames: int
    fps: Fraction


def delivered_cut(folder: Path, scope: str, cuts: Sequence[Cut]) -> Cut | None:
    """The cut that lies in the deliverables, approved or for review; None where none does, or another.

    Args:
        folder: of the deliverables.
        scope: the episode.
        cuts: that are archived.
    """
    for name in (scope, f"{scope}{REVIEW}"):
        with suppress(OSError, ValueError, KeyError, TypeError):
            manifest = json.loads((folder / f"{name}.manifest.json").read_text(encoding="utf-8"))
            return next((cut for cut in cuts if cut.media.sha256 == manifest["cut"]["sha256"]), None)
    return None


def export(archive: Archive, scope: str, cut: Cut, into: Path, wanted: str, say: Say) -> Exported:
    """Write a cut as a timeline, and all media that it names into a folder beside it.

    Args:
        archive: where everything is.
        scope: the episode.
        cut: which of its cuts.
        into: the timeline's file; its media are in the folder `NAME.media`.
        wanted: the format, as `adapter_of` takes it.
        say: is told which takes could not be brought along.

    Raises:
        SetupError: no adapter for the format is installed.
        RecordBroken: the cut's manifest does not say all that it is made of.
        VaultError: something of the cut is gone or altered.
        PostError: the timeline or its media cannot be written.
    """
    from onmodel.post.timeline import NATIVE, adapter_of, timeline_of, write_timeline  # noqa: PLC0415 (only here)

    adapter, _ = adapter_of(wanted)
    shelf = _Shelf(archive, into.with_name(f"{into.stem}.media"), is_beside=adapter == NATIVE)
    recipe = read_recipe(cut.manifest, f"the manifest of {scope} of {cut.at:%Y-%m-%d %H:%M} UTC")
    all_of_it = _handed(shelf, scope, cut, recipe, say)
    write_timeline(timeline_of(all_of_it), adapter, into)
    return Exported(into, shelf.folder, len(shelf.names), int(all_of_it.told["frames"]), recipe.format.fps)


@dataclass
class _Shelf:
    """The folder of the media, and what is in it."""

    archive: Archive
    folder: Path
    is_beside: bool
    """Whether the timeline names its media relative to itself."""
    names: dict[str, str] = field(default_factory=dict)
    """By sha256."""
    lengths: dict[str, Fraction] = field(default_factory=dict)
    """Seconds of sound in each, by sha256."""

    def bring(self, ref: MediaRef, called: str) -> Path:
        """Copy a medium there under a name that people can read, unless it is there."""
        if ref.sha256 not in self.names:
            self.names[ref.sha256] = self._free_name(called, ref.suffix)
            path, source = self.folder / self.names[ref.sha256], self.archive.media.verify(ref)
            if not path.is_file() or sha256_of_file(path) != ref.sha256:
                with written_whole(path) as part:
                    shutil.copyfile(source, part)
        return self.folder / self.names[ref.sha256]

    def _free_name(self, called: str, suffix: str) -> str:
        # Without anything that an address would have to spell otherwise: programs differ in reading that.
        plain = re.sub(r"[^A-Za-z0-9_-]+", "-", called).strip("-") or "medium"
        names = (f"{plain}{'' if number == 1 else f'-{number}'}{suffix}" for number in range(1, 10**6))
        return next(name for name in names if name not in self.names.values())

    def url(self, path: Path) -> str:
        """How the timeline names it."""
        return f"{self.folder.name}/{path.name}" if self.is_beside else path.absolute().as_uri()

    def clip(self, ref: MediaRef, called: str) -> Medium:
        """A clip."""
        path = self.bring(ref, called)
        facts = probe(path)
        self.lengths[ref.sha256] = facts.audio_seconds
        rate = facts.fps or Fraction(1)
        frames = facts.frames or round_half_up(facts.seconds * rate)
        return Medium(self.url(path), path.name, frames, rate)

    def still(self, ref: MediaRef, called: str, frames: int, fps: Fraction) -> Medium:
        """A picture, which is as long as it is shown."""
        path = self.bring(ref, called)
        return Medium(self.url(path), path.name, frames, fps)

    def sound(self, ref: MediaRef, called: str, seconds: Fraction) -> Medium:
        """A file of sound."""
        path = self.bring(ref, called)
        self.lengths[ref.sha256] = seconds
        return Medium(self.url(path), path.name, round_half_up(seconds * SAMPLE_RATE), Fraction(SAMPLE_RATE))
