"""One cut in a process of its own, through the stages as a production has them.

`python -m benchmarks.post_cut WORK FOLDER SHOTS SIZE SHOT_FRAMES FADE_FRAMES [CHANGED]`: `cut` makes the
episode, `arrive` makes it when all but the changed clip were conformed, and tells what that one's own conform
and a copy of the file take. CHANGED is the number of a shot that has another clip. The result is JSON.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import time
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from onmodel.post.chapters import Labels
from onmodel.post.conform import body_of
from onmodel.post.cutlist import Cut, CutList, Piece, Transition
from onmodel.post.ffmpeg import find_ffmpeg
from onmodel.post.formats import Format, encoder_of
from onmodel.post.score import score_of_clips
from onmodel.stages.cores import Cores
from onmodel.stages.joining import Bench, joined, render_piece, render_sound
from onmodel.units import Size, sha256_of_file

FPS = Fraction(24)
TARGET_LUFS = -14.0
"""As a production has it that says nothing of loudness."""


@dataclass(frozen=True)
class Episode:
    """What is cut: shots of one length, each faded into the next."""

    folder: Path
    """With `clips`, and what is made of them."""
    shots: int
    size: str
    shot_frames: int
    fade_frames: int
    changed: int | None = None
    """A shot that has another clip, `spare.mp4`."""

    @property
    def clips(self) -> list[Path]:
        """The clip of each shot."""
        names = [f"{number:03d}" for number in range(self.shots)]
        if self.changed is not None:
            names[self.changed] = "spare"
        return [self.folder / "clips" / f"{name}.mp4" for name in names]

    @property
    def frames(self) -> int:
        """Of the whole cut."""
        return self.shots * self.shot_frames - (self.shots - 1) * self.fade_frames

    @property
    def arguments(self) -> list[str]:
        """The same on a command line."""
        sizes = (self.shots, self.size, self.shot_frames, self.fade_frames)
        changed = [] if self.changed is None else [self.changed]
        return [str(word) for word in (self.folder, *sizes, *changed)]


def _pieces(episode: Episode) -> list[Piece]:
    return [
        Piece(
            f"s{number:03d}",
            sha256_of_file(clip),
            clip,
            episode.shot_frames,
            Transition(episode.fade_frames) if number + 1 < episode.shots else Cut(),
        )
        for number, clip in enumerate(episode.clips)
    ]


async def _work(what: str, episode: Episode) -> dict[str, Any]:
    form, pieces = Format(Size(*map(int, episode.size.split("x"))), FPS), _pieces(episode)
    cutlist = CutList(tuple(pieces))
    score = replace(score_of_clips(cutlist, FPS), target_lufs=TARGET_LUFS)
    cache = episode.folder / "cache"
    cache.mkdir(exist_ok=True)
    with Cores() as cores:
        bench = Bench(cores, cache, find_ffmpeg())
        own_s = await _own_conform(bench, form, episode, pieces[0]) if what == "arrive" else 0.0
        began = time.perf_counter()
        async with joined(bench, cutlist, form, Labels("benchmark"), score) as made:
            took_s, copied = time.perf_counter() - began, time.perf_counter()
            shutil.copyfile(made.path, episode.folder / "ours.mp4")
            copy_s = time.perf_counter() - copied
            return {
                "wall_s": took_s,
                "copy_s": copy_s,
                "own_s": own_s,
                "frames": made.facts.frames - episode.frames,
                "samples": made.facts.samples - cutlist.samples(FPS),
            }


async def _own_conform(bench: Bench, form: Format, episode: Episode, like: Piece) -> float:
    """Seconds that one more clip takes alone, by workers that have begun: another one than the changed."""
    other = episode.folder / "clips" / "other.mp4"
    piece = replace(like, path=other, sha256=sha256_of_file(other))
    await asyncio.gather(*(bench.cores.run(encoder_of, bench.ffmpeg) for _ in range(8)))
    body = body_of(piece, episode.fade_frames, form, encoder_of(bench.ffmpeg))
    assert body is not None
    began = time.perf_counter()
    await asyncio.gather(render_piece(bench, body), render_sound(bench, piece))
    return time.perf_counter() - began


if __name__ == "__main__":
    what, folder, shots, size, *frames = sys.argv[1:]
    numbers = [int(word) for word in frames]
    print(json.dumps(asyncio.run(_work(what, Episode(Path(folder), int(shots), size, *numbers)))))
