"""Conform: each circled clip is brought to the cut's format as soon as it is there."""

from __future__ import annotations

import asyncio
from fractions import Fraction
from functools import partial

from onmodel.errors import PlanError
from onmodel.planning import Take
from onmodel.planning.cutting import Clip, join_of, piece_of
from onmodel.post.conform import body_of
from onmodel.post.cutlist import Piece
from onmodel.post.formats import encoder_of
from onmodel.stages.crew import Crew, Event
from onmodel.stages.joining import Bench, render_piece, render_sound
from onmodel.story.shots import shot_before


async def conform(crew: Crew, shot: str) -> None:
    """Bring the part of a shot that it has to itself into the cut's format, and its sound to samples.

    What was conformed before is found in the cache. The windows of crossfades need two clips, so the assembly
    makes them.

    Raises:
        PostError: the clip does not decode.
    """
    if crew.cut is not None:
        return
    await crew.step(f"{crew.scope} · {shot} · conform", "conform", partial(_conform, crew, shot))


async def _conform(crew: Crew, shot: str) -> None:
    crew.report(Event(shot, "conform", "conforming"))
    piece = await circled_piece(crew, shot)
    fps = crew.cut_format.fps
    before = shot_before(shot, crew.shots())
    head = join_of(crew.shots()[before].join, fps).overlap_frames if before else 0
    body = body_of(piece, head, crew.cut_format, encoder_of(crew.ffmpeg))
    pieces = [render_piece(bench_of(crew), body)] if body else []
    await asyncio.gather(*pieces, render_sound(bench_of(crew), piece))
    crew.report(Event(shot, "conform", "done"))


async def circled_piece(crew: Crew, shot: str) -> Piece:
    """A shot's circled clip as a piece of the cut."""
    take = circled_clip(crew, shot)
    path = await asyncio.to_thread(crew.vault.media.path, take.media)
    used_s: Fraction = crew.plan.used_s[shot]
    return piece_of(shot, crew.shots()[shot], Clip(take.media.sha256, path), used_s, crew.cut_format.fps)


def circled_clip(crew: Crew, shot: str) -> Take:
    """The take of a shot that goes into the cut.

    Raises:
        PlanError: none is circled.
    """
    take = crew.circled.get(crew.clip_of(shot))
    if take is None:
        hint = f"onmodel produce {crew.scope}"
        raise PlanError(f"{crew.scope} · {shot}: no take is circled", hint=hint)
    return take


def bench_of(crew: Crew) -> Bench:
    """What a crew joins with."""
    return Bench(crew.cores, crew.folders.cache, crew.ffmpeg)
