from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from onmodel.dailies.stills import LARGE_PX, SMALL_PX, Still, Stills
from onmodel.units import sha256_of_file
from onmodel.vault import MediaRef


def silent(_: str) -> None:
    """Nobody listens."""


def opened(address: str) -> Image.Image:
    kind, _, text = address.partition(",")
    assert kind == "data:image/jpeg;base64"
    return Image.open(io.BytesIO(base64.b64decode(text)))


@pytest.fixture
def stills(film_set: Any, tmp_path: Path) -> Stills:
    return Stills(film_set.vault.media, tmp_path / "cache")


def test_a_clips_still_is_what_it_begins_with(film_set: Any, stills: Stills) -> None:
    """Levels rise from frame to frame: it is the first, whatever size is asked for."""
    film_set.shoot_sheets()
    ref = film_set.shoot("s010.shoot")
    asked = [Still(ref.sha256, ref, is_clip=True, longest_px=size) for size in (LARGE_PX, SMALL_PX)]
    found = stills.read(asked, silent)
    with av.open(film_set.vault.media.address(ref)) as container:
        frame = next(container.decode(container.streams.video[0]))
        first = int(frame.to_ndarray(format="gray")[45, 80])
    for one in asked:
        level = opened(found[one]).convert("L").getpixel((80, 45))
        assert int(str(level)) == pytest.approx(first, abs=4)


def test_a_still_is_made_once(film_set: Any, stills: Stills, tmp_path: Path) -> None:
    """What is in the cache is shown though its source is gone; the sizes are told apart."""
    path = tmp_path / "one.png"
    Image.new("RGB", (800, 400), "red").save(path)
    small = Still(sha256_of_file(path), path, longest_px=SMALL_PX)
    before = stills.read([small], silent)
    assert opened(before[small]).size == (SMALL_PX, SMALL_PX // 2)
    path.unlink()
    assert stills.read([small], silent) == before
    assert stills.read([Still(small.sha256, path)], silent) == {}


def test_what_is_gone_or_no_picture_is_left_out(film_set: Any, stills: Stills, tmp_path: Path) -> None:
    """The others are there; a file that is neither picture nor clip does not end it."""
    noise = tmp_path / "noise.png"
    noise.write_bytes(b"\x89PNG no")
    good = tmp_path / "good.png"
    Image.new("RGB", (8, 8)).save(good)
    lost = MediaRef("0" * 64, 9, ".mp4")
    empty = tmp_path / "empty.png"
    empty.touch()
    asked = [
        Still("4" * 64, empty),
        Still("1" * 64, noise),
        Still("2" * 64, noise, is_clip=True),
        Still(lost.sha256, lost, is_clip=True),
        Still("3" * 64, good),
    ]
    assert list(stills.read(asked, silent)) == asked[-1:]


def test_many_stills_are_announced(stills: Stills, tmp_path: Path) -> None:
    """Whoever waits is told for what; the second time there is nothing to wait for."""
    path = tmp_path / "one.png"
    Image.new("RGB", (8, 8)).save(path)
    asked = [Still(f"{n:064}", path) for n in range(200)]
    told: list[str] = []
    stills.read(asked, told.append)
    stills.read(asked, told.append)
    assert told == ["Taking 200 stills; they are kept for the next time."]
