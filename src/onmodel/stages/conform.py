"""Conform: each circled clip is brought to the cut's format as soon as it is there."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from itertools import pairwise

from onmodel.errors import PlanError
from onmodel.planning import Take
from onmodel.planning.cutting import Clip, join_of, pieces_of_shot
from onmodel.post.conform import body_of, window_of
from onmodel.post.cutlist import Piece
from onmodel.post.formats import encoder_of
from onmodel.stages.crew import Crew, Event
from onmodel.stages.gauge import Gauge
from onmodel.stages.joining import Bench, render_piece, render_sound
from onmodel.stages.lettering import letter
from onmodel.story.shots import shot_before


async def conform(crew: Crew, shot: str) -> None:
    """Bring the part of a shot that it has to itself into the cut's format, and its sound to samples.

    What was conformed before is found in the cache. The window of a transition needs two clips: it is made
    with the later one, so that nothing of the picture is left for the cut to encode.

    Raises:
        PostError: a clip does not decode.
    """
    links = [conform_link(crew, shot, link) for link in crew.links(shot)]
    await asyncio.gather(*links, *(_conform_window(crew, *two) for two in _meetings(crew, shot)))


def _meetings(crew: Crew, shot: str) -> list[tuple[str, str]]:
    """The shot with the one before and the one after it, where that has its clips."""
    order = list(crew.shots())
    return [two for two in pairwise(order) if shot in two and all(map(crew.has_clip, two))]


async def _conform_window(crew: Crew, left: str, right: str) -> None:
    if crew.cut is not None:
        return
    name = f"{left} into {right}"
    task = crew.conforming.get(name)
    if task is None:  # else both shots came at the same time
        task = crew.conforming[name] = asyncio.create_task(_window(crew, left, right), name=f"{name}.conform")
    await task


async def _window(crew: Crew, left: str, right: str) -> None:
    going, coming = (await circled_pieces(crew, left))[-1], (await circled_pieces(crew, right))[0]
    window = window_of(going, coming, crew.cut_format, encoder_of(crew.ffmpeg))
    if window is not None:
        await render_piece(bench_of(crew), window)


async def conform_link(crew: Crew, shot: str, link: str) -> None:
    """The same with one clip of a shot, as soon as that one is circled; asked for twice, it is done once.

    Raises:
        PostError: the clip does not decode.
    """
    if crew.cut is not None:
        return
    task = crew.conforming.get(link)
    if task is None:
        work = _conform_in_turn(crew, shot, link)
        task = crew.conforming[link] = asyncio.create_task(work, name=f"{link}.conform")
    await task


async def _conform_in_turn(crew: Crew, shot: str, link: str) -> None:
    async with crew.cores.places:
        name = f"{crew.scope} · {link} · conform"
        await crew.step(name, "conform", partial(_conform, crew, shot, link))


async def _conform(crew: Crew, shot: str, link: str) -> None:
    crew.report(Event(link, "conform", "conforming"))
    clip = await _clip(crew, link)
    alike = await _pieces(crew, shot, [clip] * len(crew.links(shot)))  # of the others nothing is known yet
    for piece in alike:
        if piece.shot != link:
            continue  # of a long shot that is trimmed, a clip may not be seen at all
        before = shot_before(shot, crew.shots()) if piece == alike[0] else None
        join = crew.shots()[before].join if before else None
        head = join_of(join, crew.cut_format.fps).overlap_frames
        body = body_of(piece, head, crew.cut_format, encoder_of(crew.ffmpeg))
        hear = Gauge(partial(crew.report_share, link, "conform", "conforming")).part(1)
        renders = [render_piece(bench_of(crew), body, hear)] if body else []
        await asyncio.gather(*renders, render_sound(bench_of(crew), piece))
    crew.report(Event(link, "conform", "done"))


async def circled_pieces(crew: Crew, shot: str) -> tuple[Piece, ...]:
    """A shot's circled clips as pieces of the cut.

    Raises:
        PlanError: one is not circled.
    """
    return await _pieces(crew, shot, [await _clip(crew, link) for link in crew.links(shot)])


async def _pieces(crew: Crew, shot: str, clips: list[Clip]) -> tuple[Piece, ...]:
    overlays = (await letter(crew)).overlays
    pieces = pieces_of_shot(shot, crew.shots()[shot], clips, crew.plan.trims[shot], crew.cut_format.fps)
    return tuple(replace(piece, overlays=overlays.get(piece.shot, ())) for piece in pieces)


async def _clip(crew: Crew, link: str) -> Clip:
    take = circled_clip(crew, link)
    return Clip(take.media.sha256, await asyncio.to_thread(crew.vault.media.path, take.media))


def circled_clip(crew: Crew, link: str) -> Take:
    """The take that goes into the cut for a shot, or for one link of a long shot.

    Raises:
        PlanError: none is circled.
    """
    take = crew.circled.get(f"{link}.restyle") or crew.circled.get(f"{link}.shoot")
    if take is None:
        hint = f"onmodel produce {crew.scope}{crew.again}"
        raise PlanError(f"{crew.scope} · {link}: no take is circled", hint=hint)
    return take


def bench_of(crew: Crew) -> Bench:
    """What a crew joins with."""
    return Bench(crew.cores, crew.folders.cache, crew.ffmpeg)
