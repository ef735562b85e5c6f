from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
import pytest
import uvicorn
from PIL import Image

from onmodel.dailies import Written, write_dailies
from onmodel.dailies.server import Review
from onmodel.planning import Plan
from onmodel.qc.calibration import write_vector
from onmodel.settings import Folders
from onmodel.stages.script import Call, open_archive, plan_in, read_script
from onmodel.vault import (
    Decision,
    Delivery,
    Intent,
    Likeness,
    MediaRef,
    Outcome,
    Result,
    Slot,
    Vault,
    Verdict,
)

PRODUCTION = """\
production: 1
name: reel
title: Reel
format: {ratio: "16:9", resolution: 180p, fps: 24}
"""

PIP = """\
bible: 1
name: Pip
kind: stylised
looks: a friendly small robot
always: [round blue head, one glowing yellow eye]
wardrobe: {default: bare chrome, rain: a yellow raincoat}
sheet: {views: [front, profile]}
"""

EPISODE = """\
episode: 1
title: Pilot
defaults: {cast: pip, mood: warm light}
shots:
  s010: {setting: a workshop, start: Pip stands at the bench, action: it blinks}
  s020: {setting: a street, start: Pip sits on a kerb, action: its antenna droops}
  s030: {cast: {pip: rain}, setting: a park, start: Pip stands in the rain, action: it looks up}
"""


def now() -> datetime:
    return datetime.now(UTC)


def picture(path: Path, level: int) -> Path:
    """A grey picture; its level makes it another file."""
    Image.fromarray(np.full((90, 160, 3), level, np.uint8)).save(path)
    return path


def clip(path: Path, levels: list[int]) -> Path:
    """A clip of one frame a tenth of a second, each of another grey."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)  # browsers play it
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for level in levels:
            frame = av.VideoFrame.from_ndarray(np.full((90, 160, 3), level, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


class FilmSet:
    """A small production with an archive that a test fills by hand, with real pictures and clips."""

    def __init__(self, root: Path, scratch: Path) -> None:
        self.root = root
        self.scratch = scratch
        self.write("production.yaml", PRODUCTION)
        self.write("characters/pip.yaml", PIP)
        self.write("episodes/s01e01.yaml", EPISODE)

    def write(self, name: str, text: str) -> None:
        """Write a story file."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def open(self) -> None:
        """Open the archive, once the story is as the test wants it."""
        self.call = Call(self.root, "s01e01")
        self.script = read_script(self.call)
        self._archive = open_archive(self.script.story.production, Folders(self.root, rehearsal=False))
        self.vault: Vault = self._archive.__enter__()

    def plan(self) -> Plan:
        """Hold the story against the archive."""
        return plan_in(self.vault, self.call, self.script)

    def shoot(
        self, name: str, n: int = 1, *, looks: Any = "on-model", score: float = 0.8, **said: Any
    ) -> MediaRef:
        """Bring a take home and judge it; `said` goes into its intent or its likeness."""
        lines = self.plan().lines
        commission = lines[name].commission
        takes = {one.commission: lines[one.commission].take for one in commission.sources}
        made = {name: take.media.sha256 for name, take in takes.items() if take}
        slot = Slot(
            "reel", commission.scope, commission.subject, commission.stage, commission.digest(made), n
        )
        vector = said.pop("vector", None)
        prompt = said.pop("prompt", commission.parts.prompt)
        broken = said.pop("broken", "")
        note = said.pop("note", "")
        job = self.vault.journal.open(
            Intent(
                slot=slot,
                label=commission.label(n),
                endpoint=commission.choice.endpoint.name,
                arguments={"prompt": prompt, "duration": "5"},
                price_usd=commission.price.usd,
                seconds=commission.choice.seconds_bought,
                basis_content=commission.basis(made),
                made_at=now(),
                onmodel="0",
                **said,
            )
        )
        assert self.vault.journal.claim(job, 300, job.intent.arguments)
        submitted = Outcome(attempt=1, kind="submitted", request_id=f"r-{slot.key[:8]}", at=now())
        self.vault.journal.record_outcome(job, submitted)
        self.vault.journal.record_result(job, Result(kind="ok", billed="yes", at=now()))
        ref = self._film(name, n, is_clip=commission.is_clip)
        self.vault.journal.record_media(job, Delivery(media=(ref,), at=now()))
        pip = Likeness(
            standing=looks,
            reason=f"it scores {score}",
            score=score,
            threshold=0.5,
            curve=((0.0, score), (0.2, score - 0.1), (0.4, None), (0.6, score)),
            worst_s=0.2,
            signature=write_vector(np.asarray(vector, np.float32)) if vector else "",
            scorer="test 1",
            colour=0.7 if note else None,
            colour_note=note,
        )
        verdict = Verdict(
            ok=not broken,
            reasons=(broken,) if broken else (),
            readings={"frames": 10},
            identity={} if broken else {"pip": pip},
            at=now(),
        )
        self.vault.journal.record_verdict(job, verdict)
        return ref

    def _film(self, name: str, n: int, *, is_clip: bool) -> MediaRef:
        level = 40 + (sum(name.encode()) * 7 + n * 31) % 160
        path = self.scratch / f"{name}-{n}{'.mp4' if is_clip else '.png'}"
        made = clip(path, list(range(level // 3, level // 3 + 160, 20))) if is_clip else picture(path, level)
        return self.vault.media.keep(made, suffix=path.suffix)

    def shoot_sheets(self) -> None:
        """Make the model sheets and the keyframes."""
        for name, line in self.plan().lines.items():
            if not line.commission.is_clip:
                self.shoot(name)

    def decide(self, kind: Any, name: str, n: int, **said: Any) -> None:
        """Have Ada decide about the takes of a line."""
        holding = self.plan().lines[name].holding
        assert holding is not None
        slot = holding.jobs[-1].slot
        self.vault.decisions.keep(
            slot.scope,
            Decision(
                kind=kind,
                subject=slot.subject,
                stage=slot.stage,
                basis=slot.basis,
                n=n,
                by="ada",
                at=now(),
                **said,
            ),
        )

    def page(self, into: Path | None = None) -> tuple[Written, str]:
        """Write the page, and read it."""
        written = write_dailies(self.call, into, lambda _: None)
        return written, written.path.read_text(encoding="utf-8")

    def close(self) -> None:
        """Close the archive."""
        self._archive.__exit__(None, None, None)


class Served:
    """A review server in this process, and somebody who has its address."""

    def __init__(self, film_set: FilmSet, go_on: Any = lambda: None, *, rehearse: bool = False) -> None:
        self.film_set = film_set
        self.call = Call(film_set.root, "s01e01", rehearse=rehearse)
        self.review = Review(self.call, "ada", go_on)
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.base = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        self.url = f"{self.base}/?token={self.review.secrets.address}"
        config = uvicorn.Config(
            self.review.app(), log_level="warning", lifespan="off", timeout_graceful_shutdown=1, ws="none"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=asyncio.run, args=(self._serve(),))
        self._thread.start()
        self.client = httpx.Client(base_url=self.base, timeout=30)

    async def _serve(self) -> None:
        try:
            await self._server.serve(sockets=[self.listening])
        finally:
            await self.review.close()

    def visit(self) -> str:
        """Open the page as a browser does, which keeps the cookie."""
        answer = self.client.get(self.url)
        assert answer.status_code == 200
        return answer.text

    def post(self, what: str, body: Any, **headers: str) -> httpx.Response:
        """Decide, as the page does."""
        told = {"x-onmodel-token": self.review.secrets.deciding, "origin": self.base, **headers}
        return self.client.post(f"/api/{what}", json=body, headers=told)

    def meant(self, name: str, n: int) -> dict[str, Any]:
        """A take as the page names it."""
        line = self.film_set.plan().lines[name]
        assert line.holding is not None
        take = next(one for one in line.holding.takes if one.n == n)
        return {
            "by": "Ada",
            "scope": take.job.slot.scope,
            "subject": take.job.slot.subject,
            "stage": take.job.slot.stage,
            "basis": take.job.slot.basis,
            "n": n,
            "media": take.media.sha256,
        }

    def close(self) -> None:
        """End it."""
        self.client.close()
        self._server.should_exit = True
        self._thread.join()


@pytest.fixture
def serving() -> Iterator[Any]:
    """Serves film sets; the servers end with the test."""
    begun: list[Served] = []

    def serve(film_set: FilmSet, **said: Any) -> Served:
        begun.append(Served(film_set, **said))
        return begun[-1]

    yield serve
    for one in begun:
        one.close()


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """No power cut is tested here, and a page needs dozens of records."""
    monkeypatch.setattr("os.fsync", lambda _: None)


@pytest.fixture
def unopened(tmp_path: Path) -> FilmSet:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return FilmSet(tmp_path / "reel", scratch)


@pytest.fixture
def film_set(unopened: FilmSet) -> Iterator[FilmSet]:
    unopened.open()
    yield unopened
    unopened.close()


@pytest.fixture
def shot(film_set: FilmSet) -> FilmSet:
    """Shot s010 taken twice: off-model, then on-model; s020 broken; s030 not at all."""
    film_set.shoot_sheets()
    film_set.shoot("s010.shoot", 1, looks="drifting", score=0.4, prompt="Pip blinks slowly.")
    film_set.shoot(
        "s010.shoot",
        2,
        prompt="Pip blinks once.",
        change="asks for less, since take 1 is drifting",
        remedy="x.y",
    )
    film_set.shoot("s020.shoot", 1, broken="it is black from 0.1 s on")
    return film_set
