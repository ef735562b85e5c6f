"""How long composing, linting and pricing a season takes, and whether it grows in step with its shots."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import PYTHON, Figure
from onmodel.planning import prepare_episode
from onmodel.planning.market import open_market
from onmodel.story import read_story

EPISODES = 20
SHOTS = 50
ROUNDS = 3

PRODUCTION = "production: 1\nname: season\ntitle: Season\n"
BIBLE = """\
bible: 1
name: Pip
kind: stylised
looks: a friendly small robot
always: [round blue head, one glowing yellow eye, chrome body with visible joints, small antenna on top]
never: [two eyes, rust]
style: warm 3D animation
wardrobe: {default: bare chrome, rain: a yellow raincoat}
"""
SHOT = """\
  s{number:04d}:
    setting: workshop number {number} with a wooden bench and tools on the wall
    start: Pip stands at bench number {number}
    action: it blinks, then slowly tilts its head towards window {number}
    camera: {{size: medium, move: dolly in, angle: low, lens: 50mm}}
"""


def measure() -> Iterator[Figure]:
    """The figures of a whole season beside those of half of it."""
    whole, half = _best(EPISODES), _best(EPISODES // 2)
    yield Figure(
        f"compose, lint and price {EPISODES * SHOTS} shots",
        f"{whole['cpu_s']:.2f} s, {whole['peak_mb']:.0f} MB",
        f"{half['cpu_s']:.2f} s for half of them",
        f"{whole['cpu_s'] / half['cpu_s']:.2f}",
        "at most 2 s and 200 MB; ratio about 2",
    )


def _best(episodes: int) -> dict[str, float]:
    """The quickest of several processes, each of which does all of it anew."""
    with tempfile.TemporaryDirectory() as scratch:
        write_season(Path(scratch), episodes)
        command = [PYTHON, "-m", "benchmarks.season", scratch]
        outputs = [subprocess.run(command, capture_output=True, check=True).stdout for _ in range(ROUNDS)]
    found: list[dict[str, float]] = [json.loads(output) for output in outputs]
    return min(found, key=lambda one: one["cpu_s"])


def write_season(root: Path, episodes: int) -> None:
    """Write a production with episodes of `SHOTS` shots, no two of which say the same."""
    (root / "characters").mkdir()
    (root / "episodes").mkdir()
    (root / "production.yaml").write_text(PRODUCTION, encoding="utf-8")
    (root / "characters" / "pip.yaml").write_text(BIBLE, encoding="utf-8")
    for episode in range(episodes):
        shots = "".join(SHOT.format(number=episode * SHOTS + shot) for shot in range(SHOTS))
        text = f"episode: 1\ntitle: T\ndefaults: {{cast: pip, mood: warm lamp light}}\nshots:\n{shots}"
        (root / "episodes" / f"s01e{episode:02d}.yaml").write_text(text, encoding="utf-8")


def prepare(root: Path) -> dict[str, float]:
    """Look every episode over, and say what that took; reading the files is not counted."""
    story = read_story(root)
    with open_market(story) as market:
        began = time.process_time()
        for episode in story.episodes:
            prepare_episode(story, episode, market)
        cpu_s = time.process_time() - began
    return {"cpu_s": cpu_s, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6}


if __name__ == "__main__":
    print(json.dumps(prepare(Path(sys.argv[1]))))
