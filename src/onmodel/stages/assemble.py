"""Assemble: pieces and sound become the episode, archived with a manifest that explains it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from onmodel.errors import MediaAltered
from onmodel.post.cutlist import CutList
from onmodel.post.formats import encoder_of
from onmodel.stages.conform import bench_of, circled_pieces
from onmodel.stages.crew import Crew, Event
from onmodel.stages.joining import joined
from onmodel.stages.manifest import manifest_of
from onmodel.stages.recipe import recipe_digest
from onmodel.units import sha256_of_file
from onmodel.vault import Cut, ObjectMissing


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
    try:
        path = await asyncio.to_thread(_deliver, crew, cut)
    except (
        ObjectMissing,
        MediaAltered,
    ):  # the archived file is not what it was: it is made again, for nothing
        cut = await _make(crew, await _cut_list(crew))
        path = await asyncio.to_thread(_deliver, crew, cut)
    crew.report(Event(crew.scope, "assemble", "done", str(path)))
    return Finished(path, cut)


async def finished_cut(crew: Crew) -> Cut | None:
    """The cut that the vault has of exactly the circled takes; None where it or a take is missing."""
    if any(not crew.has_clip(shot) for shot in crew.shots()):
        return None
    cutlist = await _cut_list(crew)
    cut = await asyncio.to_thread(crew.vault.cuts.read, crew.scope, _digest(crew, cutlist))
    if cut is None or not await asyncio.to_thread(crew.vault.media.has, cut.media):
        return None  # a cut whose file went away is made again from the takes, for nothing
    return cut


async def _cut(crew: Crew) -> Cut:
    crew.report(Event(crew.scope, "assemble", "cutting"))
    return await finished_cut(crew) or await _make(crew, await _cut_list(crew))


async def _cut_list(crew: Crew) -> CutList:
    return CutList(tuple([piece for shot in crew.shots() for piece in await circled_pieces(crew, shot)]))


def _digest(crew: Crew, cutlist: CutList) -> str:
    return recipe_digest(cutlist, crew.cut_format, encoder_of(crew.ffmpeg), crew.plan.title)


async def _make(crew: Crew, cutlist: CutList) -> Cut:
    async with joined(bench_of(crew), cutlist, crew.cut_format, crew.plan.title) as (path, facts):
        media = await asyncio.to_thread(crew.vault.media.keep, path, suffix=".mp4")
    cut = Cut(media=media, manifest=manifest_of(crew, cutlist, media, facts), at=datetime.now(UTC))
    return await asyncio.to_thread(crew.vault.cuts.keep, crew.scope, _digest(crew, cutlist), cut)


def _deliver(crew: Crew, cut: Cut) -> Path:
    source = partial(crew.vault.media.verify, cut.media)
    return deliver(cut, source, crew.folders.deliverables, crew.scope)


def deliver(cut: Cut, source: Callable[[], Path], folder: Path, scope: str) -> Path:
    """Put an episode and its manifest where people look for them; what is there and right stays.

    Args:
        cut: the cut.
        source: brings a file with its bytes; asked only where the episode is not there already.
        folder: for finished episodes; made when it is not there.
        scope: the episode.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{scope}.mp4"
    if not path.is_file() or sha256_of_file(path) != cut.media.sha256:
        _replace(path, source())
    manifest = folder / f"{scope}.manifest.json"
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
