"""Joining: clips become pieces and sound, and those one file, on this machine; nothing is archived."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from onmodel.post.conform import PieceJob, pieces_of, render
from onmodel.post.cut import CutFacts, assemble
from onmodel.post.cutlist import CutList, Piece
from onmodel.post.formats import Format, encoder_of
from onmodel.post.sound import render_pcm, render_soundtrack
from onmodel.stages.cores import Cores


@dataclass(frozen=True)
class Bench:
    """What joining works with."""

    cores: Cores
    cache: Path
    """Where finished pieces and sound lie; may be deleted at any time."""
    ffmpeg: Path


async def render_piece(bench: Bench, piece: PieceJob) -> Path:
    """Encode one piece of the cut, or find it in the cache."""
    return await bench.cores.run(render, piece, _folder(bench, "conform"), bench.ffmpeg)


async def render_sound(bench: Bench, piece: Piece) -> Path:
    """Decode one clip's sound, or find it in the cache."""
    return await bench.cores.run(render_pcm, piece.path, piece.sha256, _folder(bench, "sound"), bench.ffmpeg)


@asynccontextmanager
async def joined(
    bench: Bench, cutlist: CutList, form: Format, title: str
) -> AsyncIterator[tuple[Path, CutFacts]]:
    """Make the episode's file, which is gone when the block ends; the same input gives the same bytes.

    Raises:
        PostError: a piece cannot be rendered, or the cut is not exact to frame and sample.
    """
    jobs = pieces_of(cutlist, form, encoder_of(bench.ffmpeg))
    paths = await asyncio.gather(*(render_piece(bench, job) for job in jobs))
    sounds = await asyncio.gather(*(render_sound(bench, piece) for piece in cutlist.pieces))
    pcm = {piece.sha256: sound for piece, sound in zip(cutlist.pieces, sounds, strict=True)}
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="cut-", dir=bench.cache))
    try:
        soundtrack = await bench.cores.run(render_soundtrack, cutlist, form.fps, pcm, folder / "sound.wav")
        facts = await bench.cores.run(
            assemble,
            cutlist,
            list(paths),
            soundtrack,
            folder / "cut.mp4",
            fps=form.fps,
            title=title,
            ffmpeg=bench.ffmpeg,
        )
        yield folder / "cut.mp4", facts
    finally:
        await asyncio.to_thread(shutil.rmtree, folder)


def _folder(bench: Bench, name: str) -> Path:
    folder = bench.cache / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
