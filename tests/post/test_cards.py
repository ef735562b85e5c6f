from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from onmodel.errors import PostError
from onmodel.post.burning import caption_layout, draw_caption, letters_a_line
from onmodel.post.captions import broken
from onmodel.post.cards import card_layout, draw_card, draw_lower_third, lower_third_layout
from onmodel.post.drawing import Colours, Look, contrast, shape_of, write
from onmodel.post.lettering import Fitted, open_typeface
from onmodel.units import Size

DARK = Colours("#101418", "#f4f1ea", "#e8a33d")
SIZES = [Size(160, 90), Size(90, 160), Size(90, 90), Size(1280, 720), Size(720, 1280), Size(864, 1080)]
TEXT = "The lamps of Harbour Street: 100% 'out' \\ again"
SPECIAL = "a:b'c\\d%e{f}[g];h,i=j\"k"


@pytest.fixture(scope="module")
def look() -> Callable[..., Look]:
    typeface = open_typeface()
    return lambda size, colours=DARK: Look(size, colours, typeface)


def ink(picture: Image.Image, of: str = "#101418") -> tuple[int, int, int, int]:
    """Where a picture is not a plain colour, or not transparent: left, top, right, bottom."""
    if picture.mode == "RGBA":
        there = np.asarray(picture)[..., 3] > 40
    else:
        plain = np.array([int(of[at : at + 2], 16) for at in (1, 3, 5)])
        there = np.abs(np.asarray(picture).astype(int) - plain).max(axis=2) > 40
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_all_that_is_written_is_inside_the_safe_area(
    look: Callable[..., Look], size: Size, tmp_path: Path
) -> None:
    """Cards, lower thirds and captions of any shape and size keep 5 percent from every edge."""
    drawn = [
        draw_card(TEXT, "Полный круг · Τέλος", look(size), tmp_path / "card.png"),
        draw_lower_third("Mina Okafor-Papadopoulou", "Watchmaker", look(size), tmp_path / "third.png"),
        draw_caption(broken(TEXT, letters_a_line(shape_of(size)))[0], look(size), tmp_path / "caption.png"),
    ]
    for path in drawn:
        with Image.open(path) as picture:
            assert picture.size == (size.width, size.height)
            left, top, right, bottom = ink(picture)
        assert left >= 0.05 * size.width - 1, path.name
        assert right <= 0.95 * size.width + 1, path.name
        assert top >= 0.05 * size.height, path.name
        assert bottom <= 0.95 * size.height + 1, path.name


def test_a_standing_picture_keeps_its_lowest_sixth_free(look: Callable[..., Look], tmp_path: Path) -> None:
    """Where phones lay their buttons nothing is written."""
    size = Size(360, 640)
    for path in (
        draw_lower_third("Mina", None, look(size), tmp_path / "third.png"),
        draw_caption(["Hello there"], look(size), tmp_path / "caption.png"),
    ):
        with Image.open(path) as picture:
            assert ink(picture)[3] < 640 * 5 / 6


def test_nothing_over_the_picture_touches_the_slate(look: Callable[..., Look], tmp_path: Path) -> None:
    """Two lines of caption over the highest lower third stay in the lower part: the slate is at the top."""
    for size in SIZES:
        third = lower_third_layout("Mina " * 8, "Watchmaker " * 6, look(size))
        path = draw_caption(["One line of", "two lines"], look(size), tmp_path / "c.png", above=third.top)
        with Image.open(path) as picture:
            _, top, _, bottom = ink(picture)
        assert bottom <= third.top + 1
        assert top > size.height * 0.4


def test_the_same_words_give_the_same_bytes(look: Callable[..., Look], tmp_path: Path) -> None:
    """A card that is drawn twice is the same file."""
    one, two = (draw_card(TEXT, "sub", look(Size(320, 180)), tmp_path / name) for name in ("1.png", "2.png"))
    assert one.read_bytes() == two.read_bytes()


def test_a_card_has_the_productions_colours(look: Callable[..., Look], tmp_path: Path) -> None:
    """Background, letters and the rule have the three colours of the palette."""
    colours = Colours("#203040", "#ffeedd", "#ff2080")
    with Image.open(
        draw_card("Full circle", "one", look(Size(640, 360), colours), tmp_path / "c.png")
    ) as card:
        found = {colour for _, colour in card.getcolors(1 << 20) or []}
        assert card.getpixel((0, 0)) == (0x20, 0x30, 0x40)
    assert {(0xFF, 0xEE, 0xDD), (0xFF, 0x20, 0x80)} <= found


def test_a_lower_third_leaves_the_rest_of_the_picture_alone(
    look: Callable[..., Look], tmp_path: Path
) -> None:
    """Outside its panel everything is transparent, and the panel is not quite opaque."""
    size = Size(640, 360)
    with Image.open(draw_lower_third("Mina", "Watchmaker", look(size), tmp_path / "t.png")) as third:
        alpha = np.asarray(third)[..., 3]
        box = lower_third_layout("Mina", "Watchmaker", look(size))
    assert alpha[: int(box.top) - 1].max() == 0
    assert alpha[:, int(box.right) + 2 :].max() == 0
    assert (
        150
        < int(
            np.median(alpha[int(box.top) + 3 : int(box.bottom) - 3, int(box.left) + 6 : int(box.right) - 3])
        )
        < 255
    )


def test_letters_stand_in_an_edge_of_the_other_colour(look: Callable[..., Look], tmp_path: Path) -> None:
    """Light captions have a dark edge and dark ones a light edge: they are read on every picture."""
    for colours in (DARK, Colours("#ffffff", "#202020", "#e8a33d")):
        with Image.open(draw_caption(["HHHH"], look(Size(640, 360), colours), tmp_path / "c.png")) as caption:
            pixels = np.asarray(caption)
        solid = {tuple(int(v) for v in pixel) for pixel in pixels[pixels[..., 3] == 255][:, :3]}
        for colour in (colours.background, colours.text):
            assert tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5)) in solid


def test_what_ffmpeg_reads_as_a_filter_is_just_text(look: Callable[..., Look], tmp_path: Path) -> None:
    """Colons, quotes, backslashes, percent signs and brackets are drawn like any letter."""
    assert "".join(card_layout(SPECIAL, None, look(Size(1280, 720)))[0].lines) == SPECIAL
    draw_card(SPECIAL, SPECIAL, look(Size(160, 90)), tmp_path / "it's 100%: a\\b.png")


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_three_thousand_letters_are_refused(look: Callable[..., Look], size: Size) -> None:
    """A text that nobody could read on a card is an error that says how much fits."""
    for text in ("x y " * 750, "W" * 3000):
        with pytest.raises(PostError, match=r"(3,000|2,999) letters"):
            card_layout(text, None, look(size))
        with pytest.raises(PostError, match="letters, and about"):
            card_layout("Full circle", text, look(size))
        with pytest.raises(PostError, match="letters, and about"):
            lower_third_layout(text, None, look(size))


def test_what_the_refusal_says_fits_does_fit(look: Callable[..., Look]) -> None:
    """The number of letters that an error names is one that is accepted."""
    for size in SIZES:
        with pytest.raises(PostError) as told:
            card_layout("night and rain " * 200, None, look(size))
        fits = int(told.value.message.split("about ")[1].split(" ")[0].replace(",", ""))
        card_layout(("night and rain " * 200)[: int(fits * 0.9)], None, look(size))


def test_a_layout_is_the_same_at_every_size(look: Callable[..., Look]) -> None:
    """The same words break at the same places at 90 and at 2160 lines."""
    small, large = (card_layout(TEXT * 2, TEXT, look(size)) for size in (Size(160, 90), Size(3840, 2160)))
    assert small[0].lines == large[0].lines
    assert (small[1] and small[1].lines) == (large[1] and large[1].lines)


def test_every_caption_fits_whatever_its_letters(look: Callable[..., Look]) -> None:
    """The widest letters of the font, as many as a line takes, fit by smaller type."""
    for size in SIZES:
        most = letters_a_line(shape_of(size))
        fitted = caption_layout(["W" * most, "W" * most], look(size))
        assert look(size).typeface.bold.width("W" * most) * fitted.size <= 0.9 * size.width


def test_contrast_is_that_of_the_guidelines() -> None:
    """Black on white is 21 to 1, a colour on itself 1 to 1."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21, abs=0.01)
    assert contrast("#808080", "#808080") == 1
    assert contrast("#ffffff", "#777777") == pytest.approx(4.48, abs=0.05)


@pytest.mark.parametrize("part", [0.25, 0.5, 0.75])
def test_letters_stand_where_the_font_has_them(part: float) -> None:
    """A letter is placed finer than on whole pixels: small type is spaced as evenly as large type."""
    face, middles = open_typeface().regular, []
    for x in (10.0, 10.0 + part):
        picture = Image.new("L", (40, 24))
        write(ImageDraw.Draw(picture), Fitted(("m",), 13, 1.3), face, x, 2, 255)
        light = np.asarray(picture, float).sum(axis=0)
        middles.append(float(light @ np.arange(40) / light.sum()))
    assert middles[1] - middles[0] == pytest.approx(part, abs=0.1)
