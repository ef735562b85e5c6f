"""What the cut is held against: one filter graph over all clips, and MoviePy 2 in a venv of its own."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

from benchmarks.post_cut import FPS, Episode
from onmodel.post.ffmpeg import find_ffmpeg

VENV = Path(__file__).resolve().parent.parent / ".venv-bench"
"""MoviePy 2 wants a Pillow older than ours."""
LIST = Path(__file__).with_name("moviepy.txt")
SCRIPT = Path(__file__).with_name("post_moviepy.py")
ENCODED = ["-c:v", "libx264", "-preset", "fast", "-crf", "20", "-c:a", "aac", "-b:a", "192k"]


def one_shot(episode: Episode) -> list[str]:
    """The command that decodes all clips, fades each into the next and encodes the whole, in one graph."""
    wide, _, high = episode.size.partition("x")
    length, fade = episode.shot_frames / FPS, episode.fade_frames / FPS
    shape = f"scale={wide}:{high}:force_original_aspect_ratio=decrease,pad={wide}:{high}:-1:-1,setsar=1"
    graph = []
    for number in range(episode.shots):
        picture = f"fps={FPS},{shape},format=yuv420p,trim=duration={float(length)},settb=1/{FPS}"
        sound = f"aresample=48000,aformat=channel_layouts=stereo,apad,atrim=duration={float(length)}"
        graph += [f"[{number}:v]{picture}[v{number}]", f"[{number}:a]{sound}[a{number}]"]
    picture, sound = "v0", "a0"
    for number in range(1, episode.shots):
        offset = float(number * (length - fade))
        graph.append(
            f"[{picture}][v{number}]xfade=transition=fade:duration={float(fade)}:offset={offset}[p{number}]"
        )
        graph.append(f"[{sound}][a{number}]acrossfade=d={float(fade)}[s{number}]")
        picture, sound = f"p{number}", f"s{number}"
    inputs = [word for clip in episode.clips for word in ("-i", str(clip))]
    into = str(episode.folder / "one-shot.mp4")
    mapped = ["-filter_complex", ";".join(graph), "-map", f"[{picture}]", "-map", f"[{sound}]"]
    return [str(find_ffmpeg()), "-nostdin", "-v", "error", "-y", *inputs, *mapped, *ENCODED, into]


def moviepy(episode: Episode) -> list[str] | None:
    """The same by MoviePy 2; None where it cannot be installed, which is said."""
    python = VENV / "bin" / "python"
    if not (VENV / ".ready").exists():
        venv.create(VENV, with_pip=True, clear=True)
        install = [
            str(python),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
            str(LIST),
        ]
        done = subprocess.run(install, check=False, capture_output=True, text=True)
        if done.returncode:
            print(f"MoviePy 2 cannot be installed: {done.stderr.strip()[-300:]}", file=sys.stderr)
            return None
        (VENV / ".ready").touch()
    clips = [str(clip) for clip in episode.clips]
    length, fade = (str(float(frames / FPS)) for frames in (episode.shot_frames, episode.fade_frames))
    return [str(python), str(SCRIPT), str(episode.folder / "moviepy.mp4"), str(FPS), length, fade, *clips]
