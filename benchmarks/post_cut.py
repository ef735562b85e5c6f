"""One piece of post work in a process of its own, through the stages as a production has them.

`python -m benchmarks.post_cut WORK FOLDER SHOTS SIZE SHOT_FRAMES FADE_FRAMES [CHANGED]`: `cut` makes the
episode, `arrive` conforms all clips but the last and ends, `conform` conforms the last one alone. CHANGED is
the number of a shot that has another clip. What was reached is printed as JSON.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import sys
import time
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

FPS = Fraction(24)
SPARE = "spare"
"""The clip that a changed shot gets."""


@dataclass(frozen=True)
class Episode:
    """What is cut: shots of one length with a crossfade between each two."""

    folder: Path
    """With `clips`, and what was made of them."""
    shots: int
    size: str
    shot_frames: int
    fade_frames: int
    changed: int | None = None

    @property
    def clips(self) -> list[Path]:
        """The clip of each shot."""
        names = [f"{number:03d}" for number in range(self.shots)]
        if self.changed is not None:
            names[self.changed] = SPARE
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


def cut_list(episode: Episode) -> Any:
    """The cut as the post room has it."""
    from onmodel.post.cutlist import Cut, CutList, Piece, Transition  # noqa: PLC0415 - rivals do without

    join = Transition(episode.fade_frames) if episode.fade_frames else Cut()
    pieces = []
    for number, clip in enumerate(episode.clips):
        sha256 = hashlib.sha256(clip.read_bytes()).hexdigest()
        last = number == episode.shots - 1
        pieces.append(Piece(f"s{number:03d}", sha256, clip, episode.shot_frames, Cut() if last else join))
    return CutList(tuple(pieces))


async def work(what: str, episode: Episode) -> dict[str, Any]:
    """Do it, and tell seconds and what came out."""
    from onmodel.post.ffmpeg import find_ffmpeg  # noqa: PLC0415 - same
    from onmodel.post.formats import Format  # noqa: PLC0415 - same
    from onmodel.stages.cores import Cores  # noqa: PLC0415 - same
    from onmodel.stages.joining import Bench  # noqa: PLC0415 - same
    from onmodel.units import Size  # noqa: PLC0415 - same

    cutlist = cut_list(episode)
    form = Format(Size(*map(int, episode.size.split("x"))), FPS)
    cache = episode.folder / "cache"
    cache.mkdir(exist_ok=True)
    with Cores() as cores:
        bench = Bench(cores, cache, find_ffmpeg())
        began = time.perf_counter()
        return await _cut(bench, cutlist, form, episode.folder / "ours.mp4", began)


async def _cut(bench: Any, cutlist: Any, form: Any, into: Path, began: float) -> dict[str, Any]:
    from dataclasses import replace  # noqa: PLC0415

    from onmodel.post.chapters import Labels  # noqa: PLC0415
    from onmodel.post.score import score_of_clips  # noqa: PLC0415
    from onmodel.stages.joining import joined  # noqa: PLC0415

    score = replace(score_of_clips(cutlist, form.fps), target_lufs=-14.0)
    async with joined(bench, cutlist, form, Labels("benchmark"), score) as made:
        took = time.perf_counter() - began
        shutil.copyfile(made.path, into)
        return {"wall_s": took, "frames": made.facts.frames, "samples": made.facts.samples, **asdict(made.loudness)}


if __name__ == "__main__":
    what, folder, shots, size, *frames = sys.argv[1:]
    episode = Episode(Path(folder), int(shots), size, *map(int, frames))
    print(json.dumps(asyncio.run(work(what, episode))))
