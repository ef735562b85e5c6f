"""Joining: clips become pieces and sound, and those one file, on this machine; nothing is archived."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from functools import partial
from math import isinf
from pathlib import Path
from typing import Any, Final

from onmodel.post.chapters import Labels
from onmodel.post.conform import PieceJob, pieces_of, render
from onmodel.post.cut import CutFacts, assemble
from onmodel.post.cutlist import CutList, Piece
from onmodel.post.encoded import PEAK_DBTP, encode_sound
from onmodel.post.formats import Format, encoder_of
from onmodel.post.mastering import CEILING_DBTP, LOWEST_CEILING_DBTP, Loudness, render_soundtrack
from onmodel.post.mixing import Source
from onmodel.post.score import Heard, Score
from onmodel.post.sections import render_sections
from onmodel.post.sound import pcm_place, render_pcm
from onmodel.stages.cores import Cores
from onmodel.stages.gauge import Gauge, Hear, listening, unheard

_JOIN_WEIGHT: Final = 0.1
"""What joining a frame takes against encoding one, as far as it is shown how far a cut is."""


@dataclass(frozen=True)
class Bench:
    """What joining works with."""

    cores: Cores
    cache: Path
    """Where finished pieces and sound lie; may be deleted at any time."""
    ffmpeg: Path


async def render_piece(bench: Bench, piece: PieceJob, hear: Hear = unheard) -> Path:
    """Encode one piece of the cut, or find it in the cache; how far that is, is heard."""
    made = _place(bench, piece)
    if not made.exists():  # else no worker is asked: of a cut that is made again, nearly all is there
        async with bench.cores.heard:
            with listening(hear) as tell:
                made = await bench.cores.run(render, piece, made.parent, bench.ffmpeg, tell)
    return _used(made)


async def render_sound(bench: Bench, heard: Piece | Heard) -> Path:
    """Decode the sound of one clip or file, at the speed at which it runs, or find it in the cache."""
    folder = _folder(bench, "sound")
    made = pcm_place(heard.sha256, folder, heard.speed)
    if not made.exists():
        render = partial(render_pcm, speed=heard.speed)
        await bench.cores.run(render, heard.path, heard.sha256, folder, bench.ffmpeg)
    return _used(made)


def _used(made: Path) -> Path:
    """Note that something of the cache was used: what was used longest ago is swept first."""
    os.utime(made)
    return made


@dataclass(frozen=True)
class Joined:
    """An episode's file, as long as the block that it was made in."""

    path: Path
    facts: CutFacts
    loudness: Loudness
    peak_dbtp: float | None
    """The true peak of its sound as it decodes, to a hundredth; None for silence."""

    def told_sound(self) -> dict[str, Any]:
        """How loud it came out, as JSON values for the manifest."""
        return {**asdict(self.loudness), "true_peak_dbtp": self.peak_dbtp}


@asynccontextmanager
async def joined(
    bench: Bench, cutlist: CutList, form: Format, labels: Labels, score: Score, hear: Hear = unheard
) -> AsyncIterator[Joined]:
    """Make the episode's file, which is gone when the block ends; the same input gives the same bytes.

    Args:
        bench: what is worked with.
        cutlist: the cut.
        form: its format.
        labels: what the file says about itself.
        score: what is heard in it.
        hear: told of the share that is done, 0 to 1.

    Raises:
        PostError: a piece cannot be rendered, or the cut is not exact to frame and sample.
    """
    jobs = pieces_of(cutlist, form, encoder_of(bench.ffmpeg))
    gauge = Gauge(hear)
    parts = [gauge.part(_frames_to_encode(bench, job)) for job in jobs]
    to_join = gauge.part(cutlist.frames * _JOIN_WEIGHT)
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="cut-", dir=bench.cache))
    try:
        sounding = asyncio.create_task(_encoded_sound(bench, score, folder))
        try:
            pieces = await asyncio.gather(*map(partial(render_piece, bench), jobs, parts))
            sound = await sounding
        finally:
            sounding.cancel()
        into = folder / "cut.mp4"
        with listening(to_join) as tell:
            join = partial(assemble, fps=form.fps, labels=labels, ffmpeg=bench.ffmpeg, tell=tell)
            joining = partial(join, conform=form.conform, synced=False)  # whoever keeps the file copies it
            facts = await bench.cores.run(joining, cutlist, list(pieces), sound.path, into)
        peak = None if isinf(sound.peak_dbtp) else round(sound.peak_dbtp, 2)
        yield Joined(into, facts, sound.loudness, peak)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder)


@dataclass(frozen=True)
class _Sound:
    path: Path
    loudness: Loudness
    peak_dbtp: float


async def _encoded_sound(bench: Bench, score: Score, folder: Path) -> _Sound:
    """The programme's sound, mixed and encoded; it needs no picture, so it is made beside the pieces."""
    sources = {(one.sha256, one.speed): one for one in score.heard}
    sounds = await asyncio.gather(*(render_sound(bench, one) for one in sources.values()))
    pcm = dict(zip(sources, sounds, strict=True))
    into, ceiling = folder / "sound.m4a", CEILING_DBTP
    while True:
        loudness, peak = await _made_sound(bench, score, pcm, into, ceiling)
        over = peak - PEAK_DBTP
        if over <= 0 or not loudness.is_brought or ceiling < LOWEST_CEILING_DBTP:
            return _Sound(into, loudness, peak)
        ceiling = round(ceiling - over - 0.1, 2)  # its encoding moved a peak too far


async def _made_sound(
    bench: Bench, score: Score, pcm: Mapping[Source, Path], into: Path, ceiling_dbtp: float
) -> tuple[Loudness, float]:
    run, ffmpeg = bench.cores.run, bench.ffmpeg
    if score.coder == "sections":
        shelf = _folder(bench, "sound")
        return await run(render_sections, score, pcm, into, shelf, ffmpeg, ceiling_dbtp=ceiling_dbtp)
    track = into.with_suffix(".wav")
    loudness = await run(render_soundtrack, score, pcm, track, ffmpeg, ceiling_dbtp=ceiling_dbtp)
    peak = await run(encode_sound, track, into, ffmpeg, samples=score.samples, coder=score.coder)
    return loudness, peak


def _frames_to_encode(bench: Bench, job: PieceJob) -> int:
    return 0 if _place(bench, job).exists() else job.frames


def _place(bench: Bench, job: PieceJob) -> Path:
    return _folder(bench, "conform") / f"{job.key}.mp4"


def _folder(bench: Bench, name: str) -> Path:
    folder = bench.cache / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
