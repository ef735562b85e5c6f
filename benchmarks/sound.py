"""What an episode's sound costs: mixed and brought to its loudness under its peaks; the encoding apart."""

from __future__ import annotations

import resource
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from benchmarks.measuring import PYTHON, Figure, run
from onmodel.post.cutlist import Cut, CutList, Piece, Transition
from onmodel.post.ffmpeg import find_ffmpeg
from onmodel.post.mastering import render_soundtrack
from onmodel.post.mixing import BLOCK, Mix
from onmodel.post.score import Heard, Score, Span, score_of_clips
from onmodel.units import SAMPLE_RATE

FPS = Fraction(24)
CLIP_S, FADE_FRAMES = 5, 24
ONE = Fraction(1)
_ORDERS = "abcdefgh"


def measure() -> Iterator[Figure]:
    """The figures, beside one encoding of the same sound to AAC."""
    for clips in (60, 200):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            _make_sounds(folder)
            mixed = run([PYTHON, "-m", "benchmarks.sound", "mix", str(clips), scratch], Path.cwd())
            bare = run([PYTHON, "-m", "benchmarks.sound", "nothing", str(clips), scratch], Path.cwd())
            whole = run(
                [PYTHON, "-m", "benchmarks.sound", "render", str(clips), scratch], Path.cwd(), watch=True
            )
            aac = ["-i", str(folder / "o.wav"), "-c:a", "aac", "-b:a", "192k", "-threads", "1", "-y"]
            command = [str(find_ffmpeg()), "-v", "error", "-cpuflags", "0", *aac, str(folder / "o.m4a")]
            encoded = run(command, folder)
        ours = whole.cpu_s - bare.cpu_s
        yield Figure(
            f"sound of {clips} clips, music and speech: mixed / brought to -14 LUFS",
            f"{mixed.cpu_s - bare.cpu_s:.2f} / {ours:.2f} CPU s, {whole.peak_mb:.0f} MB",
            f"{encoded.cpu_s:.2f} CPU s, ffmpeg encodes it to AAC",
            f"{ours / encoded.cpu_s:.2f}",
            "at most 250 MB",
        )


def _make_sounds(folder: Path) -> None:
    """Noises of five seconds, each decoded already, and a voice."""
    import numpy as np  # noqa: PLC0415 - `nothing` is measured without it

    rng = np.random.default_rng(1)
    for name in _ORDERS:
        swell = 1 + 0.8 * np.sin(np.arange(CLIP_S * SAMPLE_RATE) / 30_000 + ord(name))
        noise = rng.normal(0, 1500, (len(swell), 2)) * swell[:, None]
        (folder / name).write_bytes(np.rint(noise).astype("<i2").tobytes())


def _score(clips: int, folder: Path) -> tuple[Score, dict[tuple[str, Fraction], Path]]:
    names = [_ORDERS[index % len(_ORDERS)] for index in range(clips)]
    joins = [Transition(FADE_FRAMES)] * (clips - 1) + [Cut()]
    pieces = (
        Piece(f"s{index}", name, folder / name, CLIP_S * 24, join)
        for index, (name, join) in enumerate(zip(names, joins, strict=True))
    )
    score = score_of_clips(CutList(tuple(pieces)), FPS)
    spans: list[Span] = [(at, at + 3 * SAMPLE_RATE) for at in range(0, score.samples, 20 * SAMPLE_RATE)]
    voices = [Heard("speech", "a", folder / "a", a, b - a, speech=((a, b),)) for a, b in spans]
    music = Heard("music", "b", folder / "b", 0, score.samples, loop=True, level_db=-12.0, ducked_db=12.0)
    whole = replace(score, heard=(*score.heard, *voices, music), target_lufs=-14.0)
    return whole, {(name, ONE): folder / name for name in _ORDERS}


def _work(what: str, clips: int, folder: Path) -> None:
    """One piece of work in a process of its own; prints its own memory at the most."""
    import numpy as np  # noqa: F401, PLC0415 - its import is no part of the work

    score, pcm = _score(clips, folder)
    if what == "mix":
        mix = Mix(score, pcm)
        for begin in range(0, score.samples, BLOCK):
            mix.render(begin, min(begin + BLOCK, score.samples))
    elif what == "render":
        print(render_soundtrack(score, pcm, folder / "o.wav", find_ffmpeg()))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    _work(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
