from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from onmodel.errors import NotMedia
from onmodel.studio.rehearsal.artist import RehearsalArtist, read_view
from onmodel.studio.rehearsal.clip import read_planes, read_sound
from onmodel.studio.rehearsal.looks import CharacterLook
from onmodel.studio.rehearsal.orders import ArtOrder, Made
from onmodel.units import Size, sha256_of_file

PIP = CharacterLook("pip", "Pip", "stylised", "a small robot", ("one eye",), {"head": "#3b78d8"}, {})
SIZE = Size(160, 90)


async def run_here(function: Callable[..., list[Made]], *arguments: Any) -> list[Made]:
    """What a pool does: everything crosses as a pickle."""
    function, given = pickle.loads(pickle.dumps((function, arguments)))  # noqa: S301 - our own bytes
    return function(*given)


def make(
    folder: Path,
    kind: str,
    arguments: dict[str, Any],
    files: dict[str, Path] | None = None,
    size: Size = SIZE,
) -> list[Made]:
    folder.mkdir(parents=True, exist_ok=True)
    order = ArtOrder(kind, "endpoint", arguments, files or {}, 5, f"s01e01 · s010 · {kind}", folder, size)
    return asyncio.run(RehearsalArtist([PIP], run_here).make(order))


def opened(path: Path) -> tuple[str | None, tuple[int, int]]:
    with Image.open(path) as picture:
        return picture.format, picture.size


def darkest_corner(path: Path) -> float:
    with Image.open(path) as picture:
        return float(np.asarray(picture.convert("RGB"))[:8, :8].min())


def test_pictures(tmp_path: Path) -> None:
    """As many pictures as asked for, of the order's size and format, each another take of the same prompt."""
    made = make(tmp_path, "text-to-image", {"prompt": "Pip in rain on a street", "num_images": 2})
    assert [(one.width, one.height, one.content_type, one.seconds) for one in made] == [
        (160, 90, "image/png", None)
    ] * 2
    assert opened(made[0].path) == ("PNG", (160, 90))
    assert made[0].path.read_bytes() != made[1].path.read_bytes()
    (jpeg,) = make(tmp_path, "image-edit", {"prompt": "Pip", "output_format": "jpeg"})
    assert (jpeg.content_type, opened(jpeg.path)) == ("image/jpeg", ("JPEG", (160, 90)))


def test_sheet_or_scene(tmp_path: Path) -> None:
    """Sheet words on a plain ground give a model sheet; the same words in a setting give the setting."""
    sheet = make(tmp_path / "a", "image-edit", {"prompt": "Pip, model sheet, profile view, plain background"})
    scene = make(tmp_path / "b", "image-edit", {"prompt": "Pip as on the model sheet, in a workshop"})
    assert darkest_corner(sheet[0].path) > 200 > darkest_corner(scene[0].path)


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("front view", "front"),
        ("a three-quarter view", "three-quarter"),
        ("side view", "profile"),
        ("full-body, front", "full-body"),
        ("happy expression, front view", "happy"),
        ("nothing said", "front"),
    ],
)
def test_views_by_words(text: str, view: str) -> None:
    """The view of a model sheet is read from the prompt."""
    assert read_view(text) == view


@pytest.mark.parametrize("field", ["image_url", "start_image_url"])
def test_clip_from_a_still(tmp_path: Path, field: str) -> None:
    """A clip starts from the picture it was given, for the seconds that were ordered."""
    red = tmp_path / "red.png"
    Image.new("RGB", (320, 180), (220, 30, 30)).save(red)
    (clip,) = make(tmp_path, "image-to-video", {"prompt": "Pip", "duration": "2"}, {field: red})
    assert (clip.seconds, clip.content_type, clip.width) == (Fraction(2), "video/mp4", 160)
    frames = list(read_planes(clip.path))
    assert len(frames) == 48
    assert int(frames[0].v[30:].min()) > 190
    assert read_sound(clip.path) is None


def test_clip_from_words(tmp_path: Path) -> None:
    """Without a picture the scene is painted; 9:16 is 9:16; sound is there where it was asked for."""
    arguments = {"prompt": "Pip in a garden", "duration": 1, "generate_audio": True}
    (clip,) = make(tmp_path, "text-to-video", arguments, size=Size(90, 160))
    assert (clip.width, clip.height, clip.seconds) == (90, 160, Fraction(1))
    assert read_sound(clip.path) is not None


def test_style_pass_and_motion(tmp_path: Path) -> None:
    """An edit answers with the clip redrawn, motion control with the still moved as long as asked."""
    (still,) = make(tmp_path / "still", "text-to-image", {"prompt": "Pip on a stage"})
    (clip,) = make(
        tmp_path / "clip", "image-to-video", {"prompt": "Pip", "duration": "1"}, {"image_url": still.path}
    )
    (drawn,) = make(tmp_path / "drawn", "video-edit", {"prompt": "pencil"}, {"video_url": clip.path})
    assert (drawn.seconds, drawn.width, drawn.height) == (Fraction(1), 160, 90)
    files = {"image_url": still.path, "video_url": clip.path}
    (moved,) = make(tmp_path / "moved", "motion-control", {"prompt": "Pip"}, files, Size(90, 160))
    assert (moved.seconds, moved.width, moved.height) == (Fraction(1), 90, 160)


def test_same_order_same_bytes(tmp_path: Path) -> None:
    """The same order gives the same bytes, whatever folder they go to."""
    for kind, arguments in (
        ("text-to-image", {"prompt": "Pip in falling snow on a mountain"}),
        ("text-to-video", {"prompt": "Pip in falling snow on a mountain, handheld", "duration": "1"}),
    ):
        digests = {sha256_of_file(make(tmp_path / name, kind, arguments)[0].path) for name in ("a", "b")}
        assert len(digests) == 1


def test_html_for_a_picture(tmp_path: Path) -> None:
    """A first frame that is no picture is refused by name."""
    page = tmp_path / "page.png"
    page.write_text("<html>404</html>")
    with pytest.raises(NotMedia, match=r"page\.png"):
        make(tmp_path, "image-to-video", {"prompt": "Pip"}, {"image_url": page})
