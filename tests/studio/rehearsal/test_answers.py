from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from onmodel.errors import SetupError
from onmodel.studio.rehearsal.answers import AnsweringArtist, check_folder
from onmodel.studio.rehearsal.clip import FPS, to_planes, write_clip
from onmodel.studio.rehearsal.orders import ArtOrder, Made
from onmodel.units import Size

MADE = ("s010.keyframe", "s010.shoot", "pip.default.front.sheet")
CLIP, STILL = "image-to-video", "keyframe"


class Painter:
    """Paints what no file answers."""

    async def make(self, order: ArtOrder) -> list[Made]:
        """Paint."""
        return [Made(order.folder / "painted.png", "image/png", 4, 4, None)]


def picture(path: Path, shade: int = 0) -> Path:
    Image.new("RGB", (64, 36), (shade, 0, 0)).save(path)
    return path


def clip(path: Path) -> Path:
    with Image.open(picture(path.with_suffix(".tmp.png"))) as still:
        planes = to_planes(np.asarray(still.convert("RGB"), np.uint8))
    path.with_suffix(".tmp.png").unlink()
    write_clip(path, Size(64, 36), FPS, [planes] * 12)
    return path


def ask(folder: Path, mode: str, take: int = 1, told: list[tuple[str, str, str]] | None = None) -> Made:
    """Order a picture or clip of s010."""
    into = folder / "made"
    into.mkdir(exist_ok=True)
    kind = "image-edit" if mode == STILL else CLIP
    order = ArtOrder(kind, "e", {}, {}, 1, f"s01e01 · s010 · take {take} · {mode}", into, Size(64, 36))
    tell = (lambda *words: told.append(words)) if told is not None else (lambda *_: None)
    (made,) = asyncio.run(AnsweringArtist(folder, Painter(), tell).make(order))
    return made


def test_a_clip_is_answered_as_it_is(tmp_path: Path) -> None:
    """The bytes are the file's own, and its size, length and type are what the answer says."""
    own = clip(tmp_path / "s010.mp4")
    made = ask(tmp_path, CLIP)
    assert made.path.read_bytes() == own.read_bytes()
    assert (made.content_type, made.width, made.height, made.seconds) == ("video/mp4", 64, 36, 0.5)


def test_the_most_particular_name_counts(tmp_path: Path) -> None:
    """A take's own file goes before the stage's, and that before the shot's; pictures are no clips."""
    for shade, name in enumerate(("s010.png", "s010.keyframe.png", "s010.2.png", "s010.keyframe.3.png")):
        picture(tmp_path / name, shade * 50)

    def shade_of(take: int) -> int:
        with Image.open(ask(tmp_path, STILL, take).path) as one:
            return int(one.convert("RGB").tobytes()[0])

    assert [shade_of(take) for take in (1, 2, 3)] == [50, 100, 150]
    assert ask(tmp_path, CLIP).path.name == "painted.png"


def test_what_has_no_file_is_painted_and_told(tmp_path: Path) -> None:
    """A missing file is a line that names it, not a failure."""
    told: list[tuple[str, str, str]] = []
    picture(tmp_path / "s010.png")
    assert ask(tmp_path, CLIP, told=told).path.name == "painted.png"
    assert told == [("s010", "shoot", f"there is no s010.mp4 in {tmp_path}")]


def test_a_file_that_is_no_clip_is_named(tmp_path: Path) -> None:
    """A broken file ends the shot with its name, and is not taken for fal's fault."""
    (tmp_path / "s010.mp4").write_text("no clip")
    with pytest.raises(SetupError, match=r"s010\.mp4 is no video"):
        ask(tmp_path, CLIP)


@pytest.mark.parametrize("name", ["s010.mp4", "s010.2.mp4", "s010.shoot.png", "pip.default.front.webp"])
def test_one_fitting_file_is_enough(tmp_path: Path, name: str) -> None:
    """A folder is right as soon as one file in it is named as something that is made."""
    (tmp_path / name).touch()
    (tmp_path / "notes.txt").touch()
    check_folder(tmp_path, MADE)


@pytest.mark.parametrize("name", ["s011.mp4", "s010.shot.mp4", "s010.txt", "clip.mp4"])
def test_a_folder_where_nothing_fits_is_refused(tmp_path: Path, name: str) -> None:
    """A folder whose files would all be passed over is a mistake, told with how files are named."""
    (tmp_path / name).touch()
    with pytest.raises(SetupError, match=r"no file in .* is named as anything"):
        check_folder(tmp_path, MADE)


def test_no_folder_is_refused(tmp_path: Path) -> None:
    """A path that is no folder is told at once."""
    with pytest.raises(SetupError, match="is not a folder"):
        check_folder(tmp_path / "nowhere", MADE)
