from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image, ImageDraw, ImageFilter

from onmodel.planning.input_checks import UNSHARP
from onmodel.planning.inputs import RememberedFacts, read_facts
from onmodel.planning.looking import look_at_clip, look_at_picture

FPS = Fraction(12)


def scene(width: int = 400, height: int = 300) -> Image.Image:
    """A drawn picture with detail everywhere, the same each time."""
    dice = random.Random(4)  # noqa: S311 (a picture, no secret)
    picture = Image.new("RGB", (width, height), "#8090a0")
    pen = ImageDraw.Draw(picture)
    for _ in range(250):
        x, y, side = dice.randrange(width), dice.randrange(height), dice.randrange(6, 30)
        pen.rectangle((x, y, x + side, y + side), fill=tuple(dice.randrange(256) for _ in range(3)))
    return picture


def clip(path: Path, offset: Callable[[int], tuple[float, float]]) -> Path:
    """One second of a camera over the scene, at the offsets that it is told."""
    picture = scene()
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for number in range(24):
            x, y = offset(number)
            box = (120 + round(x), 100 + round(y), 280 + round(x), 190 + round(y))
            container.mux(stream.encode(av.VideoFrame.from_image(picture.crop(box))))
        container.mux(stream.encode())
    return path


def test_a_blurred_picture_is_told_from_a_sharp_one(tmp_path: Path) -> None:
    """Sharp detail somewhere is enough; none anywhere is blurred."""
    sharp, soft, portrait = (tmp_path / name for name in ("a.png", "b.png", "c.png"))
    scene().save(sharp)
    scene().filter(ImageFilter.GaussianBlur(8)).save(soft)
    half = scene().filter(ImageFilter.GaussianBlur(8))
    half.paste(scene().crop((150, 100, 250, 200)), (150, 100))
    half.save(portrait)
    values = [seen.sharpness for path in (sharp, soft, portrait) if (seen := look_at_picture(path))]
    assert values[0] > 100
    assert values[1] < UNSHARP
    assert values[2] > 100


@pytest.mark.parametrize(("side", "share"), [(40, 0.03), (120, 0.24), (0, 0.0)])
def test_the_subjects_share_is_measured_before_a_plain_ground(
    tmp_path: Path, side: int, share: float
) -> None:
    """What differs from the border counts, within a percent of the frame."""
    picture = Image.new("RGB", (300, 200), "#f0f0f0")
    if side:
        ImageDraw.Draw(picture).rectangle((100, 30, 99 + side, 29 + side), fill="#204080")
    picture.save(tmp_path / "a.png")
    seen = look_at_picture(tmp_path / "a.png")
    assert seen is not None
    assert seen.subject == pytest.approx(share, abs=0.01)


def test_before_a_busy_ground_no_share_is_made_up(tmp_path: Path) -> None:
    """What cannot be measured is None, not a guess."""
    scene().save(tmp_path / "a.png")
    seen = look_at_picture(tmp_path / "a.png")
    assert seen is not None
    assert seen.subject is None


@pytest.mark.parametrize(("grey", "brightness"), [(5, 0.02), (128, 0.5), (250, 0.98)])
def test_light_is_the_mean_of_the_greys(tmp_path: Path, grey: int, brightness: float) -> None:
    """Black is 0, white is 1."""
    Image.new("L", (300, 200), grey).save(tmp_path / "a.png")
    seen = look_at_picture(tmp_path / "a.png")
    assert seen is not None
    assert seen.brightness == pytest.approx(brightness, abs=0.01)


def test_a_hand_is_told_from_a_tripod_and_from_a_pan(tmp_path: Path) -> None:
    """Jerks are shake; an even movement is travel and no shake."""
    dice = random.Random(1)  # noqa: S311 (a shaking hand, no secret)
    ways: dict[str, Callable[[int], tuple[float, float]]] = {
        "tripod": lambda _: (0, 0),
        "pan": lambda number: (3 * number - 36, 0),
        "hand": lambda _: (dice.uniform(-5, 5), dice.uniform(-5, 5)),
    }
    seen = {
        name: look_at_clip(clip(tmp_path / f"{name}.mp4", way), Fraction(2), FPS)
        for name, way in ways.items()
    }
    shakes = {name: one.shake for name, one in seen.items() if one and one.shake is not None}
    travels = {name: one.travel for name, one in seen.items() if one and one.travel is not None}
    assert shakes["tripod"] < 0.002
    assert shakes["pan"] < 0.004
    assert shakes["hand"] > 0.01
    assert travels["tripod"] < 0.02
    assert travels["pan"] == pytest.approx(3 / 160 * 12, rel=0.15)


def test_nobody_is_seen_where_nobody_is(tmp_path: Path) -> None:
    """A drawn scene without people has no faces and nobody standing."""
    scene().save(tmp_path / "a.png")
    seen = look_at_picture(tmp_path / "a.png")
    assert seen is not None
    assert (seen.faces, seen.face_height, seen.people) == (0, None, 0)


@pytest.mark.parametrize("name", ["a.png", "a.mp4"])
def test_what_does_not_decode_has_no_sight(tmp_path: Path, name: str) -> None:
    """Junk is None, no exception."""
    (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n junk")
    assert look_at_picture(tmp_path / name) is None
    assert look_at_clip(tmp_path / name, Fraction(1), FPS) is None


def test_a_clip_is_looked_at_once_and_what_was_seen_is_remembered(tmp_path: Path) -> None:
    """Everything measured comes back from memory exactly, and nobody looks again."""
    path = clip(tmp_path / "a.mp4", lambda number: (number, 0))
    first = RememberedFacts(tmp_path / "cache.json")
    seen = first(path)
    first.save()

    def never(_: Path) -> None:
        raise AssertionError

    assert RememberedFacts(tmp_path / "cache.json", never)(path) == seen  # type: ignore[arg-type]
    assert seen == read_facts(path)
    assert seen.fps == FPS
    assert seen.bytes == path.stat().st_size
    assert seen.sight is not None
    assert seen.sight.travel is not None
