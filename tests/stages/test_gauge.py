from __future__ import annotations

import asyncio
import os
import pickle
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from onmodel.post.compositing import Span
from onmodel.post.conform import PieceJob
from onmodel.post.ffmpeg import find_ffmpeg, run
from onmodel.post.formats import Format
from onmodel.stages import gauge
from onmodel.stages.cores import Cores
from onmodel.stages.gauge import Gauge, Telling, listening
from onmodel.stages.joining import Bench, render_piece
from onmodel.units import Size


def test_a_worker_tells_how_far_it_is() -> None:
    """What ffmpeg tells in another process is heard here in its order, while the work still goes on."""
    heard: list[float] = []
    endless = ["-re", "-f", "lavfi", "-i", "testsrc2=s=64x36:r=24:d=1.5", "-f", "null", "-"]

    async def scene() -> None:
        with Cores(1) as cores, listening(heard.append) as tell:
            await cores.run(run, find_ffmpeg(), endless, tell=tell)

    asyncio.run(scene())
    assert heard == sorted(heard)
    assert len(heard) >= 3
    assert heard[-1] > 1


def test_nothing_is_left_and_nobody_waits(tmp_path: Path) -> None:
    """After the block the pipe is gone, and whoever still tells is not kept."""
    before = len(list(Path("/dev/fd").iterdir()))

    async def scene() -> Telling:
        with listening(lambda _: None) as tell:
            again: Telling = pickle.loads(pickle.dumps(tell))  # noqa: S301 - as a pool sends it
            again(0.5)
        return tell

    tell = asyncio.run(scene())
    tell(0.9)
    Telling(tmp_path / "never")(0.1)
    assert not tell.ear.parent.exists()
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_a_flood_is_dropped(tmp_path: Path) -> None:
    """A listener that does not read keeps no work waiting: what does not fit is lost."""
    os.mkfifo(tmp_path / "ear")
    pipe = os.open(tmp_path / "ear", os.O_RDWR | os.O_NONBLOCK)
    begin = time.monotonic()
    for _ in range(20_000):
        Telling(tmp_path / "ear")(0.5)
    os.close(pipe)
    assert time.monotonic() - begin < 5


def test_parts_make_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts count by their weight; shares never fall, and what weighs nothing says nothing."""
    monkeypatch.setattr(gauge, "TOLD_EVERY_S", 0.0)
    heard: list[float] = []
    whole = Gauge(heard.append)
    one, two, none = whole.part(30), whole.part(10), whole.part(0)
    none(1.0)
    one(0.5)
    one(0.2)
    two(1.0)
    one(7.0)
    assert heard == [0.37, 0.62, 1.0]


def test_it_is_not_told_too_often() -> None:
    """A thousand shares within a moment are one telling."""
    heard: list[float] = []
    part = Gauge(heard.append).part(1)
    for number in range(1, 1001):
        part(number / 1000)
    assert len(heard) <= 2


def test_many_pieces_open_few_pipes(tmp_path: Path) -> None:
    """However many pieces a cut has, only some can be told of at once: files that are open are few."""
    before, most = len(list(Path("/dev/fd").iterdir())), list[int]()

    def made(piece: PieceJob, folder: Path) -> Path:
        most.append(len(list(Path("/dev/fd").iterdir())))
        into = folder / f"{piece.key}.mp4"
        into.touch()
        return into

    class Quick(Cores):
        async def run(self, work: Any, *args: Any, **more: Any) -> Any:
            await asyncio.sleep(0.001)
            return made(*args[:2])

    form, clip = Format(Size(64, 36), Fraction(24)), tmp_path / "clip.mp4"
    pieces = [PieceJob((Span("s", "a" * 64, clip, n, 1),), form, "e") for n in range(200)]

    async def scene() -> list[Path]:
        bench = Bench(Quick(2), tmp_path, tmp_path / "ffmpeg")
        return await asyncio.gather(*(render_piece(bench, piece) for piece in pieces))

    assert len(set(asyncio.run(scene()))) == 200
    assert max(most) < before + 20
