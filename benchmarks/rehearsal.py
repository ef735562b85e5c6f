"""A whole rehearsal beside bare ffmpeg making and conforming as many frames on the same cores."""

from __future__ import annotations

import json
import shlex
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.measuring import ONMODEL, Figure, run
from onmodel.post.ffmpeg import find_ffmpeg

ROUNDS = 3
EPISODE = "s01e01"
SHOTS = 5
"""Filmed shots of the episode; the sixth is a style pass of the first."""

MOVE = "zoompan=z='1+0.0005*on':d=1:s=1280x720:fps=24:x='iw/2-iw/zoom/2':y='ih/2-ih/zoom/2'"
"""A slow push in, the cheapest that ffmpeg has: it jitters by 0.7 px; its smooth way takes twice the time."""

LOOK = "bilateral=sigmaS=3:sigmaR=0.1,edgedetect=mode=colormix:high=0.1"
"""A drawn look by ffmpeg's own filters: washed colour and lines."""

MADE = "-c:v libx264 -preset ultrafast -tune stillimage -crf 18 -threads 1 -pix_fmt yuv420p"


def measure() -> Iterator[Figure]:
    """Wall against bare ffmpeg, memory of the tree, exactness of the cut, and the server's start apart."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        walls, ratios, peaks, bares = [], [], [], []
        for turn in range(ROUNDS):
            production = folder / f"production-{turn}"
            run([ONMODEL, "init", str(production)], folder)
            took = run(
                [ONMODEL, "produce", EPISODE, "--rehearse", "--prefect", "off"], production, watch=True
            )
            bare = _bare(production, folder / f"bare-{turn}")
            walls.append(took.wall_s)
            peaks.append(took.peak_mb)
            bares.append(bare)
            ratios.append(took.wall_s / bare)
        middle = sorted(range(ROUNDS), key=ratios.__getitem__)[ROUNDS // 2]
        yield Figure(
            f"rehearse {EPISODE}, 6 shots of 5 s at 1280x720, without Prefect",
            f"{walls[middle]:.1f} s",
            f"{bares[middle]:.1f} s, bare ffmpeg making and conforming as many frames, two at a time",
            f"{ratios[middle]:.2f}",
            "at most 1.5",
        )
        yield Figure(
            "memory of the process tree at its peak", f"{max(peaks):.0f} MB", target="at most 1000 MB"
        )
        yield _exact(production)
        yield from _with_server(folder)


def _exact(production: Path) -> Figure:
    manifest = json.loads((production / f"deliverables/rehearsal/{EPISODE}.manifest.json").read_text())
    wanted = sum(shot["frames"] - shot["crossfade_frames"] for shot in manifest["shots"])
    found, samples = manifest["cut"]["frames"], manifest["cut"]["samples"]
    return Figure(
        "the cut: frames and samples decoded",
        f"{found} frames, {samples} samples",
        f"{wanted} frames, {wanted * 2000} samples by the shot list",
        target="equal",
    )


def _with_server(folder: Path) -> Iterator[Figure]:
    production = folder / "production-server"
    run([ONMODEL, "init", str(production)], folder)
    start = run([ONMODEL, "server", "start"], production)
    try:
        took = run([ONMODEL, "produce", EPISODE, "--rehearse", "--prefect", "on"], production)
    finally:
        run([ONMODEL, "server", "stop"], production)
    yield Figure(
        "the same under a Prefect server that runs already",
        f"{took.wall_s:.1f} s",
        f"its start: {start.wall_s:.1f} s",
    )


def _bare(production: Path, folder: Path) -> float:
    """Seconds that bare ffmpeg needs, two processes of one thread each."""
    folder.mkdir()
    ffmpeg = str(find_ffmpeg(None))
    still = _keyframe(production, folder, ffmpeg)
    conform = _conform_filters()
    began = time.perf_counter()

    def make(number: int) -> None:
        clip = folder / f"{number}.mp4"
        if number < SHOTS:
            source = ["-loop", "1", "-framerate", "24", "-i", str(still)]
            _ffmpeg(ffmpeg, [*source, "-vf", MOVE, "-frames:v", "120", *shlex.split(MADE)], clip)
        else:
            _ffmpeg(ffmpeg, ["-i", str(folder / "0.mp4"), "-vf", LOOK, *shlex.split(MADE)], clip)
        _ffmpeg(ffmpeg, ["-i", str(clip), *conform], folder / f"{number}.conformed.mp4")

    with ThreadPoolExecutor(2) as two:
        first, *others = (two.submit(make, number) for number in range(SHOTS))
        first.result()  # the style pass needs it, and is not left to the end
        others.append(two.submit(make, SHOTS))
        for one in others:
            one.result()
    return time.perf_counter() - began


def _keyframe(production: Path, folder: Path, ffmpeg: str) -> Path:
    """A picture of the rehearsal without its camera move: the first frame of its cut."""
    still = folder / "still.png"
    cut = production / f"deliverables/rehearsal/{EPISODE}.mp4"
    _ffmpeg(ffmpeg, ["-i", str(cut), "-frames:v", "1"], still)
    return still


def _conform_filters() -> list[str]:
    """The conform recipe of the post room's findings, as a plain command line."""
    x264 = (
        "keyint=48:min-keyint=24:scenecut=40:open-gop=0:bframes=2:b-pyramid=0:ref=3:rc-lookahead=24:stitchable=1"
        ":colorprim=bt709:transfer=bt709:colormatrix=bt709:range=tv"
    )
    scale = "scale=1280:720:force_original_aspect_ratio=decrease:flags=bicubic+accurate_rnd"
    filters = f"{scale},pad=1280:720:-1:-1,setsar=1,fps=24:start_time=0,format=yuv420p"
    return [
        "-an",
        "-vf",
        filters,
        *shlex.split("-c:v libx264 -preset fast -crf 20 -threads 1"),
        "-x264-params",
        x264,
    ]


def _ffmpeg(ffmpeg: str, arguments: list[str], into: Path) -> None:
    command = [ffmpeg, "-nostdin", "-v", "error", "-y", *arguments, str(into)]
    subprocess.run(command, check=True, capture_output=True)
