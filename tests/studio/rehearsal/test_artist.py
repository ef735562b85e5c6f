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
from onmodel.studio.rehearsal.clip import read_planes, read_sound, to_picture
from onmodel.studio.rehearsal.looks import CharacterLook
from onmodel.studio.rehearsal.orders import ArtOrder, Made
from onmodel.studio.rehearsal.slate import without_slate
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


@pytest.fixture
def cut_frame(tmp_path: Path) -> Path:
    """The last frame of a clip, as a link of a long shot gets it: with a slate, and with no origin."""
    (still,) = make(tmp_path / "s", "text-to-image", {"prompt": "Pip in a garden"}, size=Size(320, 180))
    arguments = {"prompt": "Pip nods. dolly in", "duration": "1"}
    size = Size(320, 180)
    (clip,) = make(tmp_path / "c", "image-to-video", arguments, {"image_url": still.path}, size)
    *_, last = read_planes(clip.path)
    Image.fromarray(to_picture(last)).save(tmp_path / "frame.png")
    return tmp_path / "frame.png"


def below_slate(path: Path, index: int) -> Any:
    return list(read_planes(path))[index].y[22:].astype(int)


def test_a_link_goes_on_where_the_one_before_ended(tmp_path: Path, cut_frame: Path) -> None:
    """Its first frame is the last one before; the target is that frame too, and the clip ends on it."""
    size = Size(320, 180)
    words = "Pip. The same place, pose, framing and light as in the first reference picture"
    files = {"image_urls.0": cut_frame, "image_urls.1": tmp_path / "s" / "image-1.png"}
    (target,) = make(tmp_path / "t", "image-edit", {"prompt": words}, files, size)
    given = np.asarray(Image.open(cut_frame).convert("L"), int)
    drawn = np.asarray(Image.open(target.path).convert("L"), int)
    assert np.array_equal(drawn[24:], given[24:])
    assert np.median(drawn[:16]) > np.median(given[:16]) + 20
    for field in ("tail_image_url", "end_image_url"):
        arguments = {"prompt": "Pip nods. pan left", "duration": "1"}
        links = {"image_url": cut_frame, field: target.path}
        (link,) = make(tmp_path / field, "image-to-video", arguments, links, size)
        first, middle, last = (below_slate(link.path, index) for index in (0, 12, -1))
        before = below_slate(tmp_path / "c" / "clip.mp4", -1)
        assert np.abs(first - before).mean() < 2
        assert np.abs(last - before).mean() < 2
        assert np.abs(middle - before).mean() > 4


def test_a_frame_without_a_slate_is_left_alone(tmp_path: Path) -> None:
    """Only a band in the slate's ink is filled in: a dark sky stays."""
    night = np.zeros((180, 320, 3), np.uint8)
    night[..., 2] = np.linspace(20, 90, 320, dtype=np.uint8)
    assert np.array_equal(without_slate(night), night)


def test_html_for_a_picture(tmp_path: Path) -> None:
    """A first frame that is no picture is refused by name."""
    page = tmp_path / "page.png"
    page.write_text("<html>404</html>")
    with pytest.raises(NotMedia, match=r"page\.png"):
        make(tmp_path, "image-to-video", {"prompt": "Pip"}, {"image_url": page})
