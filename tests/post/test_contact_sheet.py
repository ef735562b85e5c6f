"""Contact sheets: every picture in its place, whatever it is."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from onmodel.post.contact_sheet import MARGIN_PX, WIDTH_PX, Tile, columns_for, contact_sheet, shortened
from onmodel.post.lettering import Face, open_typeface, set_text

RED, GREEN = (200, 20, 20), (20, 160, 20)


def opened(jpeg: bytes) -> Image.Image:
    return Image.open(io.BytesIO(jpeg)).convert("RGB")


def middle_of(sheet: Image.Image, column: int, columns: int) -> tuple[int, ...]:
    """The colour in the middle of a tile of the first row."""
    wide = (WIDTH_PX - MARGIN_PX) // columns
    found = sheet.getpixel((MARGIN_PX + column * wide + wide // 2, MARGIN_PX + wide // 4))
    assert isinstance(found, tuple)
    return found


def near(found: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return all(abs(one - other) < 25 for one, other in zip(found, wanted, strict=True))


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """One second that begins red and is green from a fifth of it on."""
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for number in range(10):
            colour = RED if number < 2 else GREEN
            frame = av.VideoFrame.from_ndarray(np.full((90, 160, 3), colour, np.uint8), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def test_pictures_and_clips_lie_in_their_order(tmp_path: Path, clip: Path) -> None:
    """A picture is shown whole, a clip by its middle frame; what does not decode leaves its box empty."""
    Image.new("RGB", (90, 160), RED).save(tmp_path / "a.png")
    (tmp_path / "b.mp4").write_bytes(b"no clip")
    tiles = [Tile(tmp_path / "a.png", "s010"), Tile(clip, "s020", "take 2"), Tile(tmp_path / "b.mp4", "s030")]
    sheet = opened(contact_sheet([*tiles, Tile(tmp_path / "gone.png", "s040")]))
    columns = columns_for(4)
    assert sheet.width == WIDTH_PX
    assert near(middle_of(sheet, 0, columns), RED)
    assert near(middle_of(sheet, 1, columns), GREEN)
    assert not near(middle_of(sheet, 2, columns), RED)


def test_standing_pictures_fill_their_tiles(tmp_path: Path) -> None:
    """A series for phones has a sheet of standing tiles, with next to nothing between the pictures."""
    Image.new("RGB", (360, 640), RED).save(tmp_path / "a.png")
    sheet = np.asarray(opened(contact_sheet([Tile(tmp_path / "a.png", "s010")] * 20)), int)
    row = sheet[MARGIN_PX + 40]
    assert (np.abs(row - RED).max(axis=1) < 25).mean() > 0.9


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_sheet_of_few_pictures_is_no_wider_than_they_are(tmp_path: Path, count: int) -> None:
    """One shot, or a few standing ones: there is no empty ground at their side."""
    Image.new("RGB", (360, 640), RED).save(tmp_path / "a.png")
    sheet = np.asarray(opened(contact_sheet([Tile(tmp_path / "a.png", "s010")] * count)), int)
    red = np.abs(sheet[MARGIN_PX + 40] - RED).max(axis=1) < 25
    assert np.flatnonzero(red)[-1] == pytest.approx(len(red) - MARGIN_PX, abs=3)


def test_a_long_episode_fits_on_a_sheet(tmp_path: Path) -> None:
    """300 shots are still one picture that a browser opens at once."""
    Image.new("RGB", (160, 90), RED).save(tmp_path / "a.png")
    jpeg = contact_sheet([Tile(tmp_path / "a.png", "s010", "take 1 · on-model")] * 300)
    assert opened(jpeg).height < 3000
    assert len(jpeg) < 2_000_000


@pytest.mark.parametrize(("one", "other"), [("Ж", "Щ"), ("Ψ", "Ω"), ("é", "e")])
def test_names_are_written_in_their_own_letters(one: str, other: str) -> None:
    """Cyrillic, Greek and accents are drawn, not boxes that all look alike."""
    sheets = [opened(contact_sheet([Tile(Path("gone.png"), letter * 9)])) for letter in (one, other)]
    assert np.abs(np.asarray(sheets[0], int) - np.asarray(sheets[1], int)).max() > 60


@pytest.fixture(scope="module")
def face() -> Face:
    return open_typeface().regular


@given(text=st.text(max_size=60), most_em=st.floats(1.5, 30))
def test_a_name_ends_in_an_ellipsis_where_it_is_cut(face: Face, text: str, most_em: float) -> None:
    """What is written fits its tile, and says when it is not all of the name."""
    found = shortened(text, face, most_em)
    assert face.width(found) <= most_em
    assert found == set_text(text) or (found.endswith("…") and set_text(text).startswith(found[:-1]))
