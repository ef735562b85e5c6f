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

from onmodel.errors import MediaAltered, NotMedia, PostError
from onmodel.planning.chains import subject_of
from onmodel.planning.versions import Version, remarks_of, versions_of
from onmodel.post import handoff
from onmodel.post.captions import as_srt
from onmodel.post.cutlist import CutList
from onmodel.post.ffmpeg import written_whole
from onmodel.post.handoff import Handoff, Medium
from onmodel.post.hearing import probe_sound
from onmodel.post.lanes import overlays_of, pictures_of, sounds_of
from onmodel.post.probe import probe
from onmodel.post.score import Score, score_of_clips
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
    if into.is_dir():
        raise PostError(f"{into}: there is a folder of this name", hint="Name a file with --into.")
    shelf = _Shelf(archive, into.with_name(f"{into.stem}.media"), is_beside=adapter == NATIVE)
    recipe = read_recipe(cut.manifest, f"the manifest of {scope} of {cut.at:%Y-%m-%d %H:%M} UTC")
    all_of_it = _handed(shelf, scope, cut, recipe, say)
    if not write_timeline(timeline_of(all_of_it), adapter, into):
        say(f"{wanted} has no place for several tracks: it has the shots alone; --to otio has everything.")
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

    def sound(self, ref: MediaRef, called: str) -> Medium:
        """A file of sound."""
        path = self.bring(ref, called)
        seconds = probe_sound(path).seconds
        self.lengths[ref.sha256] = seconds
        return Medium(self.url(path), path.name, round_half_up(seconds * SAMPLE_RATE), Fraction(SAMPLE_RATE))


def _handed(shelf: _Shelf, scope: str, cut: Cut, recipe: Recipe, say: Say) -> Handoff:
    """All that the timeline is made of, with its media brought."""
    fps = recipe.format.fps
    numbers = _takes_in(cut.manifest)
    paths = {sha256: Path(ref.name) for sha256, ref in recipe.media.items()}
    cutlist = _named(recipe.cutlist(paths), cut.manifest)
    score = recipe.score(paths) if recipe.sound else score_of_clips(cutlist, fps)
    jobs, decisions = shelf.archive.jobs(scope), shelf.archive.decisions.of(scope)
    takes = {
        piece.shot: versions_of(piece.shot, recipe.media[piece.sha256], numbers.get(piece.shot, 1), jobs)
        for piece in cutlist.pieces
        if not piece.still
    }
    media = _media_of(shelf, recipe, cutlist, score, takes)
    captions = [one.caption for one in recipe.captions]
    if captions:
        with written_whole(shelf.folder / "captions.srt") as part:
            part.write_text(as_srt(captions, fps), encoding="utf-8", newline="\n")
    return Handoff(
        title=str(cut.manifest["title"]),
        fps=fps,
        lanes=(pictures_of(cutlist), *overlays_of(cutlist), *sounds_of(cutlist, score, fps, shelf.lengths)),
        media=media,
        versions={name: _others(shelf, name, ones, say) for name, ones in takes.items()},
        remarks={name: remarks_of(name, ones[0], decisions) for name, ones in takes.items()},
        facts={name: ones[0].told for name, ones in takes.items()},
        captions=captions,
        told=_told(cut.manifest, cutlist.frames),
    )


def _media_of(
    shelf: _Shelf, recipe: Recipe, cutlist: CutList, score: Score, takes: Mapping[str, Sequence[Version]]
) -> dict[str, Medium]:
    """Every file of the cut, brought to the shelf, by sha256."""
    fps, media = recipe.format.fps, dict[str, Medium]()
    for piece in cutlist.pieces:
        ref = recipe.media[piece.sha256]
        if piece.still:
            longest = max(one.frames for one in cutlist.pieces if one.sha256 == piece.sha256)
            media[ref.sha256] = shelf.still(ref, piece.shot, longest, fps)
        else:
            media[ref.sha256] = shelf.clip(ref, _called(piece.shot, takes[piece.shot][0]))
        for over in piece.overlays:
            picture = recipe.media[over.sha256]
            media[over.sha256] = shelf.still(picture, f"{piece.shot} overlay", over.frames, fps)
    for heard in score.heard:
        if heard.sha256 not in media:
            media[heard.sha256] = shelf.sound(recipe.media[heard.sha256], heard.name)
    return media


def _takes_in(manifest: Mapping[str, Any]) -> dict[str, int]:
    """The number of each clip's take, by its piece."""
    return {_piece_name(one): one["take"] for one in manifest["shots"] if "take" in one}


def _named(cutlist: CutList, manifest: Mapping[str, Any]) -> CutList:
    """The cut with each clip of a long shot under a name of its own, as its sound has it."""
    names = iter([_piece_name(one) for one in manifest["shots"]])
    pieces = (piece if piece.still else replace(piece, shot=next(names)) for piece in cutlist.pieces)
    return CutList(tuple(pieces))


def _piece_name(entry: Mapping[str, Any]) -> str:
    return subject_of(entry["shot"], entry.get("link", 1))


def _called(piece: str, version: Version) -> str:
    """`s010_take2`."""
    return f"{piece}_{version.key.replace(' ', '')}"


def _others(shelf: _Shelf, piece: str, versions: Sequence[Version], say: Say) -> tuple[handoff.Version, ...]:
    """The takes that are not in the cut, as far as they can be had."""
    found = []
    for one in versions[1:]:
        try:
            medium = shelf.clip(one.media, _called(piece, one))
        except (ObjectMissing, MediaAltered, NotMedia) as error:
            say(f"{piece}: {one.key} is left out: {error.message}")
            continue
        found.append(handoff.Version(one.key, medium, one.told))
    return tuple(found)


def _told(manifest: Mapping[str, Any], frames: int) -> dict[str, Any]:
    facts = manifest["cut"]
    return {
        "schema": "onmodel.handoff/1",
        "production": manifest["production"],
        "episode": manifest["episode"],
        "rehearsal": manifest["rehearsal"],
        "ai_generated": True,
        "cut": facts["sha256"],
        "frames": frames,
        "fps": facts["fps"],
    }
