"""Assemble: pieces and sound become the episode, archived with a manifest that explains it."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from onmodel.errors import MediaAltered
from onmodel.planning.programme import with_cards
from onmodel.planning.wishes import wishes_of
from onmodel.post.cutlist import CutList
from onmodel.post.ffmpeg import written_whole
from onmodel.post.formats import encoder_of
from onmodel.post.score import Score
from onmodel.stages.conform import bench_of, circled_pieces
from onmodel.stages.crew import Crew, Event
from onmodel.stages.cut_gate import REVIEW, decisions_in, is_approved
from onmodel.stages.joining import joined
from onmodel.stages.labelling import labels_of
from onmodel.stages.lettering import letter
from onmodel.stages.manifest import manifest_of
from onmodel.stages.recipe import recipe_digest
from onmodel.stages.scoring import keep_sounds, score_of_cut
from onmodel.stages.sidecars import WRITTEN, deliver_captions
from onmodel.units import sha256_of_file
from onmodel.vault import Cut, Decision, MediaRef, ObjectMissing


class Finished(NamedTuple):
    """A finished episode on this machine."""

    path: Path
    cut: Cut
    is_review: bool = False
    """Whether a person has to approve it first: until then it is delivered under a name that says so."""

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
    return Finished(path, cut, is_review=path.stem.endswith(REVIEW))


async def finished_cut(crew: Crew) -> Cut | None:
    """The cut that the vault has of exactly the circled takes; None where it or a take is missing."""
    if any(not crew.has_clip(shot) for shot in crew.shots()):
        return None
    cutlist = await _cut_list(crew)
    score = await score_of_cut(crew, cutlist)
    cut = await asyncio.to_thread(crew.vault.cuts.read, crew.scope, await _digest(crew, cutlist, score))
    if cut is None or not await asyncio.to_thread(crew.vault.media.has, cut.media):
        return None  # a cut whose file went away is made again from the takes, for nothing
    return cut


async def _cut(crew: Crew) -> Cut:
    crew.report(Event(crew.scope, "assemble", "cutting"))
    return await finished_cut(crew) or await _make(crew, await _cut_list(crew))


async def _cut_list(crew: Crew) -> CutList:
    shots = [piece for shot in crew.shots() for piece in await circled_pieces(crew, shot)]
    lettering = await letter(crew)
    whole = with_cards(shots, crew.story, crew.scope, lettering.cards)
    return CutList(tuple(replace(piece, overlays=lettering.overlays.get(piece.shot, ())) for piece in whole))


async def _digest(crew: Crew, cutlist: CutList, score: Score) -> str:
    captions, labels = (await letter(crew)).captions, labels_of(crew, cutlist)
    wishes = await asyncio.to_thread(wishes_of, crew.story, crew.scope)
    encoder = encoder_of(crew.ffmpeg)
    return recipe_digest(cutlist, crew.cut_format, encoder, labels, score, captions, wishes)


async def _make(crew: Crew, cutlist: CutList) -> Cut:
    scored = await keep_sounds(crew, cutlist, await score_of_cut(crew, cutlist))
    pictures = await asyncio.to_thread(_keep_pictures, crew, cutlist)
    hear = partial(crew.report_share, crew.scope, "assemble", "cutting")
    bench, labels = bench_of(crew), labels_of(crew, cutlist)
    async with joined(bench, cutlist, crew.cut_format, labels, scored.score, hear) as made:
        media = await asyncio.to_thread(crew.vault.media.keep, made.path, suffix=".mp4")
    sound, captions = scored.as_record() | made.told_sound(), (await letter(crew)).captions
    manifest = manifest_of(crew, cutlist, labels, media, made.facts, sound, pictures, captions)
    cut = Cut(media=media, manifest=manifest, at=datetime.now(UTC))
    digest = await _digest(crew, cutlist, scored.score)
    return await asyncio.to_thread(crew.vault.cuts.keep, crew.scope, digest, cut)


def _keep_pictures(crew: Crew, cutlist: CutList) -> dict[str, MediaRef]:
    """Archive what was drawn for a cut, so that it can be made again from the archive alone."""
    drawn = {piece.sha256: piece.path for piece in cutlist.pieces if piece.still}
    drawn |= {over.sha256: over.path for piece in cutlist.pieces for over in piece.overlays}
    return {sha256: crew.vault.media.keep(path, suffix=".png") for sha256, path in drawn.items()}


def _deliver(crew: Crew, cut: Cut) -> Path:
    """Deliver the cut; one that nobody has approved yet under a name of its own, for the time being."""
    source = partial(crew.vault.media.verify, cut.media)
    folder, decisions = crew.folders.deliverables, crew.records.decisions
    if "cut" in crew.plan.gates and not is_approved(cut, decisions):
        return deliver(cut, source, folder, f"{crew.scope}{REVIEW}", decisions)
    path = deliver(cut, source, folder, crew.scope, decisions)
    for ending in (".mp4", ".manifest.json", *WRITTEN):
        (folder / f"{crew.scope}{REVIEW}{ending}").unlink(missing_ok=True)
    return path


def deliver(
    cut: Cut, source: Callable[[], Path], folder: Path, name: str, decisions: Sequence[Decision]
) -> Path:
    """Put an episode and its manifest where people look for them; what is there and right stays.

    Args:
        cut: the cut.
        source: brings a file with its bytes; asked only where the episode is not there already.
        folder: for finished episodes; made when it is not there.
        name: of the files, without what they end with: the episode's id.
        decisions: what people said about the episode and the cast; the manifest has what went into the cut.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.mp4"
    if not path.is_file() or sha256_of_file(path) != cut.media.sha256:
        with written_whole(path) as part:
            shutil.copyfile(source(), part)
    manifest = folder / f"{name}.manifest.json"
    told = decisions_in(cut.manifest, decisions)
    text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
    earlier = manifest.read_text(encoding="utf-8") if manifest.is_file() else ""
    deliver_captions(cut.manifest, folder, name, earlier)
    if earlier != text:
        with written_whole(manifest) as part:
            part.write_text(text, encoding="utf-8")
    return path
