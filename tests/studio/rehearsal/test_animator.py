from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from onmodel.errors import NotMedia
from onmodel.studio.rehearsal.animator import Shot, animate_still
from onmodel.studio.rehearsal.canvas import Picture
from onmodel.studio.rehearsal.clip import read_planes, read_rate, read_sound, room_tone, to_planes, write_clip
from onmodel.studio.rehearsal.motion import Transfer, animate_motion, measure_motion
from onmodel.studio.rehearsal.restyle import STYLES, read_style, restyle_clip
from onmodel.studio.rehearsal.slate import draw_slate, said_on_slate
from onmodel.units import Size

SIZE = Size(160, 90)


@pytest.fixture
def still() -> Picture:
    """A picture with texture everywhere and no dark pixel."""
    y, x = np.mgrid[0 : SIZE.height, 0 : SIZE.width]
    waves = 150 + 50 * np.sin(x / 5) * np.cos(y / 4)
    return np.stack([waves, waves * 0.9, 240 - waves * 0.4], axis=2).astype(np.uint8)


def decoded(path: Path) -> list[Picture]:
    with av.open(str(path)) as container:
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0)]


def make_reference(
    into: Path, frames: int = 24, rate: Fraction = Fraction(24), *, still: bool = False
) -> None:
    """A bright block that sways over a dark ground, with a tone."""
    pictures = []
    for index in range(frames):
        picture = np.full((96, 54, 3), 40, np.uint8)
        left = 20 if still else 20 + round(10 * np.sin(2 * np.pi * index / 24))
        picture[20:80, left : left + 14] = (230, 180, 120)
        picture[30:40, left + 3 : left + 9] = (30, 60, 200)
        pictures.append(to_planes(picture))
    write_clip(into, Size(54, 96), rate, pictures, room_tone(frames, rate, 1))


@pytest.mark.parametrize("seconds", [Fraction(1), Fraction(1, 2), Fraction(5, 3)])
def test_length_and_bytes(tmp_path: Path, still: Picture, seconds: Fraction) -> None:
    """A clip has exactly its frames, no sound unless asked for, and the same bytes on every run."""
    shot = Shot("Pip waits, dolly in", "s01e01 · s010 · take 1", seconds, 7)
    count = animate_still(still, shot, tmp_path / "a.mp4")
    animate_still(still, shot, tmp_path / "b.mp4")
    assert count == len(decoded(tmp_path / "a.mp4")) == seconds * 24
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    assert read_sound(tmp_path / "a.mp4") is None


def test_room_tone_where_asked(tmp_path: Path, still: Picture) -> None:
    """A clip that asks for sound has a soft one, as long as its picture, and still repeats byte by byte."""
    for name in ("a.mp4", "b.mp4"):
        animate_still(still, Shot("Pip", "label", Fraction(1), 3, sound=True), tmp_path / name)
    sound = read_sound(tmp_path / "a.mp4")
    assert sound is not None
    assert 47_000 <= len(sound) <= 50_200
    assert 0.001 < float(np.abs(sound).max()) < 0.1
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_colours_survive_the_clip(tmp_path: Path) -> None:
    """A still's colours come back from its clip: the planes and the clip's tags agree on bt709."""
    patch = np.zeros((90, 160, 3), np.uint8)
    patch[:, :80], patch[:, 80:] = (59, 120, 216), (250, 204, 54)
    write_clip(tmp_path / "c.mp4", SIZE, Fraction(24), [to_planes(patch)])
    with av.open(str(tmp_path / "c.mp4")) as container:
        assert container.streams.video[0].codec_context.colorspace == 1
        frame = next(container.decode(video=0))
        back = frame.reformat(format="rgb24", src_colorspace="ITU709").to_ndarray()
    assert np.abs(back[45, 30].astype(int) - (59, 120, 216)).max() <= 6
    assert np.abs(back[45, 130].astype(int) - (250, 204, 54)).max() <= 6


def test_slate_is_a_band_at_the_top(still: Picture) -> None:
    """The slate changes the top of a frame only, and its words are there."""
    size = Size(640, 360)
    planes = to_planes(np.full((360, 640, 3), 200, np.uint8))
    before = planes.y.copy()
    draw_slate(size, ("s01e01 · s010", "dolly in", "Pip stands at the bench " * 9)).burn(planes)
    changed = np.flatnonzero((planes.y != before).any(axis=1))
    assert (changed.min(), changed.max() < 360 * 0.12) == (0, True)
    assert (planes.y[:40] > 170).sum() > 100
    assert np.median(planes.y[:36]) < 120


def test_nothing_shows_through_a_slate() -> None:
    """A slate over another, as where a clip begins with the last frame of one: only the new one is read."""
    slate = draw_slate(Size(640, 360), ("s01e01 · s020", "static", "It waits"))
    bright, dark = (slate.burn(to_planes(np.full((360, 640, 3), tone, np.uint8))) for tone in (250, 5))
    assert (bright.y[:36] == dark.y[:36]).all()
    assert (bright.u[:18] == dark.u[:18]).all()


def test_slate_says_what_happens() -> None:
    """The slate leaves out looks and camera, says the doings before the place, and never falls silent."""
    prompt = (
        "Pip, a robot. It stands. Setting: a workshop. Medium shot, camera dolly in. It blinks. Warm light."
    )
    assert said_on_slate(prompt) == "It stands. It blinks. Setting: a workshop. Warm light."
    assert said_on_slate("Pip waits") == "Pip waits"


def test_motion_is_measured(tmp_path: Path) -> None:
    """A sway to the right is measured as one, and a reference that stands still moves nothing."""
    for still in (False, True):
        make_reference(tmp_path / f"{still}.mp4", still=still)
    swaying = measure_motion([planes.y for planes in read_planes(tmp_path / "False.mp4")])
    standing = measure_motion([planes.y for planes in read_planes(tmp_path / "True.mp4")])
    assert swaying.sway[6] - swaying.sway[18] > 0.1
    assert float(np.abs(standing.sway).max()) < 0.01


@pytest.mark.parametrize(("rate", "frames", "out"), [(Fraction(24), 24, 24), (Fraction(60), 30, 15)])
def test_motion_follows_its_reference(
    tmp_path: Path, still: Picture, rate: Fraction, frames: int, out: int
) -> None:
    """Length follows the reference, rate too up to 30 a second, and the sound is kept only where asked."""
    make_reference(tmp_path / "ref.mp4", frames, rate)
    transfer = Transfer("label", "Mina on a stage", keep_sound=True)
    assert animate_motion(still, tmp_path / "ref.mp4", transfer, tmp_path / "out.mp4") == out
    assert out / read_rate(tmp_path / "out.mp4") == frames / rate
    assert read_sound(tmp_path / "out.mp4") is not None
    animate_motion(
        still, tmp_path / "ref.mp4", Transfer("label", "Mina", keep_sound=False), tmp_path / "mute.mp4"
    )
    assert read_sound(tmp_path / "mute.mp4") is None
    pictures = decoded(tmp_path / "out.mp4")
    assert np.abs(pictures[0].astype(int) - pictures[out // 4].astype(int))[20:70, 40:110].mean() > 4


@pytest.mark.parametrize("name", [*sorted(STYLES), "painted"])
def test_style_pass_keeps_the_frames(tmp_path: Path, still: Picture, name: str) -> None:
    """Each look redraws the picture, keeps count, size and rate, and gives the same bytes on every run."""
    animate_still(still, Shot("Pip, zoom in", "label", Fraction(1, 2), 1, sound=True), tmp_path / "src.mp4")
    words = STYLES[name][0][0] if name in STYLES else "as an oil painting"
    assert read_style(words) == name
    for out, keep in (("a.mp4", False), ("b.mp4", False), ("c.mp4", True)):
        made = restyle_clip(tmp_path / "src.mp4", words, "label", tmp_path / out, seed=2, keep_sound=keep)
        assert made == (12, SIZE)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    assert read_sound(tmp_path / "a.mp4") is None
    assert read_sound(tmp_path / "c.mp4") is not None
    source, redrawn = decoded(tmp_path / "src.mp4")[6], decoded(tmp_path / "a.mp4")[6]
    assert np.abs(source.astype(int) - redrawn.astype(int))[12:].mean() > 4


def test_paper_stands_still(tmp_path: Path, still: Picture) -> None:
    """In a drawn look a picture that stands still stays still: paper and lines do not boil."""
    write_clip(tmp_path / "src.mp4", SIZE, Fraction(24), [to_planes(still)] * 12)
    restyle_clip(tmp_path / "src.mp4", "pencil", "label", tmp_path / "out.mp4", seed=2, keep_sound=False)
    frames = decoded(tmp_path / "out.mp4")
    assert np.abs(frames[3].astype(int) - frames[9].astype(int)).mean() < 2


def test_sound_only_is_no_clip(tmp_path: Path, still: Picture) -> None:
    """A file without a picture in it is refused by name."""
    (tmp_path / "empty.mp4").write_bytes(b"<html>not found</html>")
    with pytest.raises(NotMedia, match=r"empty\.mp4"):
        restyle_clip(tmp_path / "empty.mp4", "pencil", "l", tmp_path / "o.mp4", seed=1, keep_sound=False)
    with pytest.raises(NotMedia, match=r"empty\.mp4"):
        animate_motion(
            still, tmp_path / "empty.mp4", Transfer("l", "p", keep_sound=False), tmp_path / "o.mp4"
        )
