"""The season that the cluster films, and who draws it: one sheet, one keyframe and one clip for everybody."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Final

from onmodel.scaffold import write_starter
from onmodel.studio.rehearsal.artist import carry_out
from onmodel.studio.rehearsal.looks import CharacterLook
from onmodel.studio.rehearsal.orders import ArtOrder, Made
from onmodel.units import Size
from reel import PIP

EPISODES: Final = tuple(f"s01e{number:02}" for number in range(1, 9))
JOBS: Final = 1 + 2 * len(EPISODES)
"""One view of the model sheet; for each episode a keyframe and a clip."""

PRODUCTION: Final = """\
production: 1
name: reel
title: Reel
format: {ratio: "16:9", resolution: 90p, fps: 24}
archive: s3://reels/season
budget_usd: 100
"""

EPISODE: Final = """\
episode: 1
title: Part NUMBER
shots:
  s010:
    cast: pip
    seconds: 1
    setting: workshop number NUMBER
    start: Pip stands at the bench
    action: it blinks
"""

PULL: Final = 'pull:\n  - onmodel.flowkit.place.go_to_production: {directory: "{{ $ONMODEL_PRODUCTION }}"}\n'


def write_season(root: Path) -> None:
    """Write a production with eight episodes of one shot, deployed to whatever folder a worker stands in."""
    write_starter(root)
    for path in [*(root / "episodes").iterdir(), *(root / "characters").iterdir()]:
        path.unlink()
    (root / "production.yaml").write_text(PRODUCTION, encoding="utf-8")
    (root / "characters" / "pip.yaml").write_text(PIP, encoding="utf-8")
    for number, name in enumerate(EPISODES, start=1):
        text = EPISODE.replace("NUMBER", str(number))
        (root / "episodes" / f"{name}.yaml").write_text(text, encoding="utf-8")
    season = f"season: 1\ntitle: One\nepisodes: [{', '.join(EPISODES)}]\n"
    (root / "episodes" / "season-1.yaml").write_text(season, encoding="utf-8")
    deploy = root / "deploy" / "prefect.yaml"
    deploy.write_text(deploy.read_text(encoding="utf-8") + PULL, encoding="utf-8")


class SlowArtist:
    """Answers after some seconds, with what it drew the first time: the workers are measured, not it."""

    def __init__(self, gallery: Path, seconds: float) -> None:
        self._gallery = gallery
        self._seconds = seconds
        self._turn = asyncio.Lock()

    async def make(self, order: ArtOrder) -> list[Made]:
        """Make what was ordered; raises as the rehearsal's artist does."""
        await asyncio.sleep(self._seconds)
        shelf = self._gallery / f"{order.kind}-{len(order.files)}"
        async with self._turn:
            if not shelf.exists():
                await asyncio.to_thread(self._draw, order, shelf)
        made = []
        for path in sorted(shelf.iterdir()):
            shutil.copyfile(path, order.folder / path.name)
            kind = "image/png" if path.suffix == ".png" else "video/mp4"
            made.append(Made(order.folder / path.name, kind, order.size.width, order.size.height, None))
        return made

    def _draw(self, order: ArtOrder, shelf: Path) -> None:
        shelf.mkdir(parents=True)
        # As inputs of the next step pictures may have no side under 300 px.
        size = Size(order.size.width // 2, order.size.height // 2)
        pip = CharacterLook(
            "pip",
            "Pip",
            "stylised",
            "a friendly small robot",
            ("round blue head", "one glowing yellow eye"),
            {"head": "#3b78d8", "eye": "#ffd23f", "body": "#c9ced6"},
            {},
        )
        carry_out(replace(order, folder=shelf, size=size, seed=7, label="cluster"), (pip,))
