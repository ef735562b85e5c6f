"""A fal account on this machine: jobs of some seconds, so many at once, over fal's own host names and TLS.

It answers with clips of one second at 284x160, no two of them alike, so that what is measured is the way to
fal and back, and not x264. Run as a process of its own, it costs those who are measured nothing of theirs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "parts"))

import trustme

from fal_loopback import Loopback, serving
from onmodel.endpoints import Catalogue
from onmodel.post.ffmpeg import find_ffmpeg
from onmodel.studio.rehearsal.orders import ArtOrder, Made

KEY = "rehearsal-bench"
"""The double takes no other key than one that begins so."""

ENDPOINTS = """\
catalogue: 1
endpoints:
  bench/film/image-to-video:
    kind: image-to-video
    output: video
    fields:
      prompt: {type: string, required: true}
      image_url: {type: string, format: file-url, required: true}
      duration: {type: string, enum: ["1", "5"]}
    roles: {prompt: prompt, first_frame: image_url, seconds: duration}
    price: {usd: 0.01, unit: second, source: "a benchmark, 2026-11"}
  bench/film/video-edit:
    kind: video-edit
    output: video
    fields:
      prompt: {type: string, required: true}
      video_url: {type: string, format: file-url, required: true}
    roles: {prompt: prompt, source_video: video_url}
    limits: {video_url: {min_width_px: 100, min_height_px: 100, min_s: 0.5, max_s: 10}}
    price: {usd: 0.01, unit: second, source: "a benchmark, 2026-11"}
"""
"""What the account sells: clips of a second."""


@dataclass(frozen=True)
class Waiting:
    """Lets each job take its seconds, and answers with the clip."""

    clip: bytes
    seconds: float

    async def make(self, order: ArtOrder) -> list[Made]:
        """Wait, and answer; a box that players skip makes every clip another one."""
        await asyncio.sleep(self.seconds)
        own = order.folder.name.encode()
        path = order.folder / "clip.mp4"
        path.write_bytes(self.clip + struct.pack(">I4s", 8 + len(own), b"free") + own)
        return [Made(path, "video/mp4", 284, 160, Fraction(1))]


@dataclass(frozen=True)
class Account:
    """A running account, as those who buy from it see it."""

    environment: dict[str, str]
    """With what a process takes it for fal."""
    folder: Path
    pid: int

    @property
    def requests(self) -> int:
        """Jobs that were ever accepted."""
        jobs = (self.folder / "fal" / "jobs").glob("*.json")
        return sum(not path.name.endswith(".answer.json") for path in jobs)


@contextmanager
def account(folder: Path, *, seconds: float, at_once: int) -> Iterator[Account]:
    """An account whose jobs take so many seconds, so many of them at a time; until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "benchmarks.account", str(folder), str(seconds), str(at_once)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline() if process.stdout else ""
        address: dict[str, str] = json.loads(line)
        environment = {**os.environ, **address, "FAL_KEY": KEY, "NO_PROXY": "127.0.0.1,localhost"}
        yield Account(environment, folder, process.pid)
        if process.stdin:
            process.stdin.close()  # that is its sign to end


def make_inputs(folder: Path) -> None:
    """Write what shots begin with, and what the account answers with: `first.png` and `clip.mp4`."""
    folder.mkdir(parents=True, exist_ok=True)
    ffmpeg, source = str(find_ffmpeg(None)), ["-f", "lavfi", "-i", "testsrc2=size=640x360:rate=24:duration=1"]
    small = ["-vf", "scale=284:160", "-pix_fmt", "yuv420p"]
    made = [[*source, "-frames:v", "1", "first.png"], [*source, *small, "clip.mp4"]]
    for arguments in made:
        command = [ffmpeg, "-nostdin", "-v", "error", "-y", *arguments]
        subprocess.run(command, check=True, cwd=folder)


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("seconds", type=float)
    parser.add_argument("at_once", type=int)
    asked = parser.parse_args()
    make_inputs(asked.folder)
    own = asked.folder / "endpoints"
    own.mkdir(exist_ok=True)
    (own / "bench.yaml").write_text(ENDPOINTS, encoding="utf-8")
    ca = trustme.CA(key_type=trustme.KeyType.ECDSA)
    ca.cert_pem.write_to_path(asked.folder / "ca.pem")
    loopback = Loopback(
        asked.folder / "fal",
        ca,
        artist=Waiting((asked.folder / "clip.mp4").read_bytes(), asked.seconds),
        endpoints=Catalogue.load(own),
        at_once=asked.at_once,
    )
    with serving(loopback):
        proxy = loopback.proxy
        found = {"SSL_CERT_FILE": str(asked.folder / "ca.pem"), "HTTPS_PROXY": proxy, "https_proxy": proxy}
        print(json.dumps(found), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
