"""The cut beside a one-shot filter graph and MoviePy 2: `python -m benchmarks.post [PART ...] [--full]`.

The parts are `cuts`, `arrival`, `growth` and `memory`; without any all are measured. `--full` takes shots of
5 s, and 60 and 200 of them at 1080p: an hour or two, and the time of as much again.
Everything counts, for the whole process tree: Python's start, decoding, sound brought to its loudness.
Whether long cuts are exact is `benchmarks.exactness`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.measuring import PYTHON, Figure, Run, run
from benchmarks.post_cut import FPS, Episode
from benchmarks.post_rivals import moviepy, one_shot
from onmodel.post.ffmpeg import find_ffmpeg

ROOT = Path(__file__).resolve().parent.parent
GRAIN = "lum='128+50*sin((X+3*N)/9)*sin((Y-2*N)/13)+30*sin(X*Y/4000+N/5)'"
TINT = "cb='128+30*sin(X/60+N/9)':cr='128+30*cos(Y/50)'"
DEEP = "start_x=-0.7435:start_y=-0.1314:start_scale=0.1:end_scale=0.02"
PICTURES = (
    "testsrc2=s={size}:r=24:d={seconds}",
    "mandelbrot=s={size}:r=24:start_scale=0.5:end_pts=120,trim=duration={seconds}",
    f"nullsrc=s={{size}}:r=24:d={{seconds}},geq={GRAIN}:{TINT}",
    f"mandelbrot=s={{size}}:r=24:{DEEP}:end_pts=120,trim=duration={{seconds}}",
)
"""Plain, curled, grained, detailed: together about as hard to encode as a film, and made in seconds."""
TAGGED = "format=yuv420p,setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"
NOISE = "aevalsrc=0.2*sin(2*PI*{hertz}*t)*(1+sin(2*PI*t/3))|0.1*(2*random(0)-1):s=44100:d={seconds}"


class Sizes(NamedTuple):
    """How much is measured: shots, frames a shot, frames of a crossfade."""

    cut: tuple[int, int, int]
    large: tuple[int, int]
    """Shots of the same length at 1080p: few and many."""


SMALL = Sizes((60, 48, 12), (6, 20))
FULL = Sizes((60, 120, 24), (60, 200))


def measure(*parts: str, full: bool = False) -> Iterator[Figure]:
    """The rows of some parts, or all."""
    sizes = FULL if full else SMALL
    known = {"cuts": _cuts, "arrival": _arrivals, "growth": _growth, "memory": _memory}
    for part in parts or known:
        with tempfile.TemporaryDirectory() as scratch:
            yield from known[part](Path(scratch), sizes)


def _cuts(scratch: Path, sizes: Sizes) -> Iterator[Figure]:
    shots, length, fade = sizes.cut
    episode = make_clips(Episode(scratch / "cuts", shots, "640x360", length, fade))
    one = run(one_shot(episode), scratch, watch=True)
    first, _ = ours("cut", episode)
    changed, told = ours("cut", replace(episode, changed=shots // 2))
    kind = f"{shots} shots of {float(length / FPS):g} s at 360p, crossfades of {float(fade / FPS):g} s"
    graph = f"{one.cpu_s:.1f} CPU s, {one.peak_mb:.0f} MB: one filter graph"
    for what, found, target in (("first cut", first, 1.1), ("one shot changed", changed, 0.08)):
        ratio = f"{found.cpu_s / one.cpu_s:.3f}"
        figure = f"{found.cpu_s:.1f} CPU s, {found.peak_mb:.0f} MB"
        yield Figure(f"{kind}: {what}", figure, graph, ratio, f"at most {target}")
    off = f"{told['frames']} frames, {told['samples']} samples off"
    yield Figure("the same: frames and samples", off, target="0 off")
    if rival := moviepy(episode):
        took = run(rival, scratch, watch=True)
        missed = frames_off(episode, "moviepy.mp4")
        figure = f"{took.cpu_s:.1f} CPU s, {took.peak_mb:.0f} MB, {missed} frames off"
        yield Figure("the same by MoviePy 2", figure, graph, f"{took.cpu_s / one.cpu_s:.2f}")


def _arrivals(scratch: Path, sizes: Sizes) -> Iterator[Figure]:
    shots = sizes.cut[0]
    yield _arrival(Episode(scratch / "large", shots, "1920x1080", 120, 24))
    yield _arrival(Episode(scratch / "small", shots, "640x360", 48, 12))


def _arrival(wanted: Episode) -> Figure:
    """The last clip comes: of the others everything is there. All of those are one clip, made quickly."""
    episode, shots = make_clips(wanted, alike=True), wanted.shots
    ours("cut", episode)
    _, told = ours("arrive", replace(episode, changed=shots - 1))
    bare = told["copy_s"] + told["own_s"]
    return Figure(
        f"from the last clip's arrival to the finished episode, {shots} shots of "
        f"{float(episode.shot_frames / FPS):g} s at {episode.size}",
        f"{told['wall_s']:.1f} s",
        f"{bare:.1f} s, its own conform and a copy of the file",
        f"{told['wall_s'] / bare:.2f}",
        "at most 1.5",
    )


def _growth(scratch: Path, _: Sizes) -> Iterator[Figure]:
    episode = make_clips(Episode(scratch / "growth", 200, "160x90", 24, 6))
    cpu = []
    for shots in (60, 200):
        shutil.rmtree(episode.folder / "cache", ignore_errors=True)
        cpu.append(ours("cut", replace(episode, shots=shots))[0].cpu_s)
    ratio = f"{cpu[1] / cpu[0]:.2f}"
    yield Figure(
        "first cut of 200 shots of 1 s at 90p",
        f"{cpu[1]:.1f} CPU s",
        f"{cpu[0]:.1f} CPU s for 60",
        ratio,
        "at most 3.7",
    )


def _memory(scratch: Path, sizes: Sizes) -> Iterator[Figure]:
    _, length, fade = sizes.cut
    few, many = sizes.large
    episode = make_clips(Episode(scratch / "large", many, "1920x1080", length, fade))
    for shots in (few, many):
        shutil.rmtree(episode.folder / "cache", ignore_errors=True)
        first, _ = ours("cut", replace(episode, shots=shots))
        again, _ = ours("cut", replace(episode, shots=shots))
        yield Figure(
            f"memory of the whole tree, {shots} shots at 1080p: first cut / pieces there",
            f"{first.peak_mb:.0f} MB / {again.peak_mb:.0f} MB",
            target="at most 250 MB",
        )


def ours(what: str, episode: Episode) -> tuple[Run, dict[str, Any]]:
    """The cut by the stages, and what its process told."""
    told = episode.folder / "told.json"
    command = [PYTHON, "-m", "benchmarks.post_cut", what, *episode.arguments]
    with_told = ["/bin/sh", "-c", 'out=$1; shift; exec "$@" > "$out"', "sh", str(told), *command]
    took = run(with_told, ROOT, watch=True)
    found: dict[str, Any] = json.loads(told.read_text(encoding="utf-8"))
    return took, found


def frames_off(episode: Episode, name: str) -> int:
    """By how many frames a rival's file is off."""
    import av  # noqa: PLC0415 - a process that is measured does without

    with av.open(str(episode.folder / name)) as container:
        return sum(1 for packet in container.demux(video=0) if packet.size) - episode.frames


def make_clips(episode: Episode, *, alike: bool = False) -> Episode:
    """A clip for each shot, and two to spare: a few encoded ones, copied under as many titles.

    Args:
        episode: whose clips.
        alike: whether all shots have the same clip, so that each of its pieces is encoded once.
    """
    ffmpeg, folder = str(find_ffmpeg()), episode.folder / "clips"
    folder.mkdir(parents=True)
    seconds = float(episode.shot_frames / FPS)
    plain = [ffmpeg, "-nostdin", "-v", "error", "-y"]
    for number, source in enumerate(PICTURES):
        picture = f"{source},{TAGGED}".format(size=episode.size, seconds=seconds)
        sound = NOISE.format(hertz=200 + 40 * number, seconds=seconds)
        encoded = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-c:a", "aac", "-b:a", "128k"]
        made = [*plain, "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, *encoded]
        subprocess.run([*made, str(episode.folder / f"{number}.mp4")], check=True)
    for number, name in enumerate([*(f"{shot:03d}" for shot in range(episode.shots)), "spare", "other"]):
        source = str(episode.folder / f"{number % len(PICTURES)}.mp4")
        title = "alike" if alike and name.isdigit() else name
        source = str(episode.folder / "0.mp4") if alike else source
        titled = ["-c", "copy", "-metadata", f"title={title}", str(folder / f"{name}.mp4")]
        subprocess.run([*plain, "-i", source, *titled], check=True)
    return episode


if __name__ == "__main__":
    for line in measure(*(word for word in sys.argv[1:] if word != "--full"), full="--full" in sys.argv[1:]):
        print(f"{line.what}: {line.figure} ({line.baseline}) {line.ratio} [{line.target}]", flush=True)
