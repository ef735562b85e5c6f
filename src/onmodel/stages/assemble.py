"""Assemble: pieces and sound become the episode, archived with a manifest that explains it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from onmodel.post.conform import pieces_of
from onmodel.post.cut import assemble as join
from onmodel.post.cutlist import CutList
from onmodel.post.formats import encoder_of
from onmodel.post.sound import render_soundtrack
from onmodel.stages.conform import circled_piece, render_piece, render_sound
from onmodel.stages.crew import Crew, Event
from onmodel.stages.manifest import manifest_of
from onmodel.units import digest_of, sha256_of_file
from onmodel.vault import Cut


class Finished(NamedTuple):
    """A finished episode on this machine."""

    path: Path
    cut: Cut

    @property
    def frames(self) -> int:
        """Frames of the whole episode."""
        facts = self.cut.manifest["cut"]
        return int(facts["frames"]) if isinstance(facts, dict) and isinstance(facts["frames"], int) else 0


async def assemble(crew: Crew) -> Finished:
    """Cut the episode from the circled takes, or find the same cut in the vault.

    Raises:
        PostError: a piece cannot be rendered, or the cut is not exact to frame and sample.
        PlanError: a shot has no circled take.
    """
    cut = crew.cut
    if cut is None:
        cut = await crew.step(f"{crew.scope} · cut", "assemble", partial(_cut, crew))
    path = await asyncio.to_thread(_deliver, crew, cut)
    crew.report(Event(crew.scope, "assemble", "done", str(path)))
    return Finished(path, cut)


async def finished_cut(crew: Crew) -> Cut | None:
    """The cut that the vault has of exactly the circled takes; None where it or a take is missing."""
    if any(not crew.has_clip(shot) for shot in crew.shots()):
        return None
    cutlist = await _cut_list(crew)
    cut = await asyncio.to_thread(crew.vault.cuts.read, crew.scope, digest_of(_recipe(crew, cutlist)))
    if cut is None or not await asyncio.to_thread(crew.vault.media.has, cut.media):
        return None  # a cut whose file went away is made again from the takes, for nothing
    return cut


async def _cut(crew: Crew) -> Cut:
    crew.report(Event(crew.scope, "assemble", "cutting"))
    return await finished_cut(crew) or await _make(crew, await _cut_list(crew))


async def _cut_list(crew: Crew) -> CutList:
    return CutList(tuple([await circled_piece(crew, shot) for shot in crew.shots()]))


def _recipe(crew: Crew, cutlist: CutList) -> dict[str, Any]:
    """Everything that the bytes of the cut depend on."""
    pieces = pieces_of(cutlist, crew.cut_format, encoder_of(crew.ffmpeg))
    return {
        "pieces": [piece.key for piece in pieces],
        "sound": [[piece.sha256, piece.frames, piece.join.overlap_frames] for piece in cutlist.pieces],
        "title": crew.plan.title,
    }


async def _make(crew: Crew, cutlist: CutList) -> Cut:
    form = crew.cut_format
    jobs = pieces_of(cutlist, form, encoder_of(crew.ffmpeg))
    paths = await asyncio.gather(*(render_piece(crew, job) for job in jobs))
    sounds = await asyncio.gather(*(render_sound(crew, piece) for piece in cutlist.pieces))
    pcm = {piece.sha256: sound for piece, sound in zip(cutlist.pieces, sounds, strict=True)}
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="cut-", dir=crew.folders.cache))
    try:
        soundtrack = await crew.cores.run(render_soundtrack, cutlist, form.fps, pcm, folder / "sound.wav")
        facts = await crew.cores.run(
            join,
            cutlist,
            list(paths),
            soundtrack,
            folder / "cut.mp4",
            fps=form.fps,
            title=crew.plan.title,
            ffmpeg=crew.ffmpeg,
        )
        media = await asyncio.to_thread(crew.vault.media.keep, folder / "cut.mp4", suffix=".mp4")
    finally:
        await asyncio.to_thread(shutil.rmtree, folder)
    cut = Cut(media=media, manifest=manifest_of(crew, cutlist, media, facts), at=datetime.now(UTC))
    return await asyncio.to_thread(crew.vault.cuts.keep, crew.scope, digest_of(_recipe(crew, cutlist)), cut)


def _deliver(crew: Crew, cut: Cut) -> Path:
    """Put the episode and its manifest where people look for them; what is there and right stays."""
    folder = crew.folders.deliverables
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{crew.scope}.mp4"
    if not path.is_file() or sha256_of_file(path) != cut.media.sha256:
        _replace(path, crew.vault.media.verify(cut.media))
    manifest = folder / f"{crew.scope}.manifest.json"
    text = json.dumps(cut.manifest, indent=1, ensure_ascii=False) + "\n"
    if not manifest.is_file() or manifest.read_text(encoding="utf-8") != text:
        part = manifest.with_name(f".{manifest.name}.{os.getpid()}")
        part.write_text(text, encoding="utf-8")
        part.replace(manifest)
    return path


def _replace(path: Path, source: Path) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        shutil.copyfile(source, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
