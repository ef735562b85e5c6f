from __future__ import annotations

import asyncio
import io
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import agreeable
from onmodel.endpoints import Catalogue
from onmodel.post.ffmpeg import find_ffmpeg
from onmodel.settings import Folders, Settings
from onmodel.stages import opening
from onmodel.stages.conform import conform
from onmodel.stages.cores import Cores
from onmodel.stages.crew import Crew, Event
from onmodel.stages.opening import open_crew
from onmodel.stages.script import Call, Script, open_archive
from onmodel.stages.settling import settle
from onmodel.stages.shooting import keyframe, model_sheet, restyle, shoot
from onmodel.stages.together import EpisodeResult, side_by_side, wrap_up
from onmodel.story import read_story
from onmodel.studio.desk import Desk
from onmodel.studio.rehearsal.double import REHEARSAL_KEY, FalDouble
from onmodel.studio.rehearsal.orders import ArtOrder, Made
from onmodel.studio.rehearsal.trouble import Trouble
from onmodel.studio.wire import Wire
from onmodel.vault import Job

PRODUCTION = """\
production: 1
name: reel
title: Reel
format: {ratio: "16:9", resolution: 90p, fps: 24}
budget_usd: 50
retakes: 1
"""

PIP = """\
bible: 1
name: Pip
kind: stylised
looks: a friendly small robot
always: [round blue head]
sheet: {views: [front]}
"""

EPISODE = """\
episode: 1
title: Pilot
defaults: {cast: pip, seconds: 1}
shots:
  s010:
    setting: a workshop
    start: Pip stands at the bench
    action: it blinks
    join: {crossfade: 0.25}
  s020:
    start: Pip stands at the bench
    action: it walks away
    first_frame: previous
  s030:
    restyle: {shot: s010, look: pencil, keep: [its movement]}
"""

ALL = (
    "pip.default.front.sheet",
    "s010.keyframe",
    "s010.shoot",
    "s020.shoot",
    "pip.default.in-pencil-679f.front.sheet",
    "s030.restyle",
)


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Clips made once: small ones, good and black, and one of the size and rate that fal restyles."""
    folder = tmp_path_factory.mktemp("films")
    sources = {
        "good": "testsrc2=s=320x180:r=8:d=5",
        "restylable": "testsrc2=s=1280x720:r=24:d=5",
        "long": "testsrc2=s=1280x720:r=24:d=10",
        "black": "color=black:s=320x180:r=8:d=5",
        "stranger": "testsrc2=s=1280x720:r=24:d=5,colorchannelmixer=gg=0.1:bb=0.1",
    }
    for name, source in sources.items():
        argv = [str(find_ffmpeg(None)), "-v", "error", "-f", "lavfi", "-i", source, "-preset", "ultrafast"]
        subprocess.run([*argv, "-pix_fmt", "yuv420p", str(folder / f"{name}.mp4")], check=True)
    return {name: (folder / f"{name}.mp4").read_bytes() for name in sources}


@dataclass
class Artist:
    """Answers with ready-made pictures and clips, each with bytes of its own; some come out black."""

    films: dict[str, bytes]
    black: set[str] = field(default_factory=set)
    """Labels of takes that come out black, without the episode: `s010 · take 1 · image-to-video`."""
    strangers: set[str] = field(default_factory=set)
    """Labels of takes that show somebody else: they come out red."""

    async def make(self, order: ArtOrder) -> list[Made]:
        """Hand it out."""
        label = f"{order.label} {order.seed}".encode()
        is_black = order.label.partition(" · ")[2] in self.black
        is_stranger = order.label.partition(" · ")[2] in self.strangers
        if order.kind in {"text-to-image", "image-edit"}:
            size = order.size.width, order.size.height
            picture = Image.new("RGB", size, "black")
            if not is_black:
                picture.paste(Image.linear_gradient("L").resize(size))
                if is_stranger:
                    picture = Image.merge("RGB", (picture.getchannel(0), *[Image.new("L", size)] * 2))
                picture.putpixel((0, 0), (order.seed % 256, order.seed // 256 % 256, 77))
            made = io.BytesIO()
            picture.save(made, "PNG", compress_level=1)
            path = order.folder / "picture.png"
            path.write_bytes(made.getvalue())
            return [Made(path, "image/png", *size, None)]
        path = order.folder / "clip.mp4"
        free = (len(label) + 8).to_bytes(4, "big") + b"free" + label
        good = "restylable" if " · s010 · " in order.label else "good"
        given = order.files.get("video_url")
        if order.arguments.get("duration") == "10" or (
            given and given.stat().st_size > len(self.films["restylable"]) * 3 // 2
        ):
            good = "long"  # as long as what was asked for, or as the clip that is restyled
        film = "black" if is_black else "stranger" if is_stranger else good
        path.write_bytes(self.films[film] + free)
        return [Made(path, "video/mp4", 320, 180, None)]


class OneCore(Cores):
    """Works in a thread: starting processes takes longer than the work of these tests."""

    async def run(self, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Do the work."""
        return await asyncio.to_thread(work, *args, **kwargs)


@dataclass
class Set:
    """A small production, and what a run of it needs."""

    root: Path
    artist: Artist
    trouble: list[dict[str, Any]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    history: bool = True
    proof: bool = True

    def change(self, name: str, old: str, new: str) -> None:
        """Change words of a story file."""
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    @property
    def call(self) -> Call:
        """A rehearsal of the episode."""
        return Call(self.root, "s01e01", rehearse=True)

    @property
    def live_call(self) -> Call:
        """The episode for money."""
        return Call(self.root, "s01e01")

    @property
    def folders(self) -> Folders:
        """The rehearsal's folders."""
        return Folders(self.root, rehearsal=True)

    def open_wire(self, script: Script, folders: Folders, cores: Cores, *_: object) -> Wire:
        """A double with this set's artist and trouble."""
        double = FalDouble(
            folders.fal_double,
            endpoints=Catalogue.load(),
            artist=self.artist,
            trouble=Trouble.read(self.trouble),
            history=self.history,
        )
        return Wire(key=REHEARSAL_KEY, transport=double, absence_is_proof=self.proof)

    def run(self, scene: Callable[[Crew], Any], max_usd: str | None = None, scope: str = "s01e01") -> Any:
        """Play a scene with a crew, as one process would."""

        async def whole() -> Any:
            call = Call(
                self.root, scope, rehearse=True, max_usd=None if max_usd is None else Decimal(max_usd)
            )
            async with open_crew(call, Settings(), self.events.append) as crew:
                return await scene(crew)

        self.events.clear()
        return asyncio.run(whole())

    def produce(self, shots: Sequence[str] | None = None, max_usd: str | None = None) -> EpisodeResult:
        """Produce the episode as the production's flow does."""

        async def film(crew: Crew, shot: str) -> None:
            if crew.asks_for(shot, "keyframe"):
                await keyframe(crew, shot)
            await (restyle if crew.asks_for(shot, "restyle") else shoot)(crew, shot)
            await conform(crew, shot)

        async def scene(crew: Crew) -> EpisodeResult:
            await settle(crew)
            wanted = crew.wanted(shots)
            sheets = {f"{who}.{worn}": model_sheet(crew, who, worn) for who, worn in crew.cast_of(wanted)}
            await side_by_side(crew, {**sheets, **{shot: film(crew, shot) for shot in wanted}})
            return await wrap_up(crew)

        found: EpisodeResult = self.run(scene, max_usd)
        return found

    def accepted(self) -> list[str]:
        """The labels of all jobs that fal would bill, without the episode, sorted."""
        double = FalDouble(self.folders.fal_double, endpoints=Catalogue.load(), artist=self.artist)
        return sorted(job.label.partition(" · ")[2] for job in double.accepted())

    def jobs(self) -> list[Job]:
        """Every job in the rehearsal's archive."""
        with open_archive(read_story(self.root).production, self.folders) as vault:
            return [job for job in vault.journal.jobs() if job.intent and job.state]

    def told(self, subject: str, state: str) -> list[str]:
        """The details of what was reported of a subject in a state."""
        return [one.detail for one in self.events if (one.subject, one.state) == (subject, state)]

    def rendered(self) -> dict[str, int]:
        """Every file in the cache with its time of change."""
        files = (path for path in self.folders.cache.rglob("*") if path.is_file())
        return {path.name: path.stat().st_mtime_ns for path in files if path.name != "inputs.json"}


@pytest.fixture
def stage(tmp_path: Path, films: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Set:
    """The small production, with nothing made yet."""
    for name, text in (
        ("production.yaml", PRODUCTION),
        ("characters/pip.yaml", PIP),
        ("episodes/s01e01.yaml", EPISODE),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    agreeable.name_in(tmp_path)
    found = Set(tmp_path, Artist(films))
    monkeypatch.setattr("os.fsync", lambda _: None)
    monkeypatch.setattr(opening, "open_rehearsal", found.open_wire)
    monkeypatch.setattr(opening, "Cores", OneCore)
    monkeypatch.setattr(opening, "Desk", partial(Desk, pause_s=0.02))
    return found
