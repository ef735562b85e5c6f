from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.errors import PostError
from onmodel.post.lettering import (
    BOLD,
    FONTS,
    REGULAR,
    Room,
    Typeface,
    break_lines,
    fit,
    letter_fault,
    missing_letters,
    named,
    open_typeface,
    unset_letters,
)

ALPHABETS = ((0x20, 0x7E), (0xA0, 0x24F), (0x386, 0x3CE), (0x400, 0x52F), (0x1E00, 0x1EFF), (0x1F00, 0x1FFE))


@pytest.fixture(scope="module")
def shipped() -> Typeface:
    return open_typeface()


def test_the_shipped_fonts_have_latin_greek_and_cyrillic(shipped: Typeface) -> None:
    """Every letter of the Latin, Greek and Cyrillic blocks of Unicode can be written, in both weights."""
    letters = [chr(code) for first, last in ALPHABETS for code in range(first, last + 1)]
    text = "".join(one for one in letters if unicodedata.category(one)[0] in "LNPS")
    assert missing_letters(text, shipped.regular) == ()
    assert missing_letters(text, shipped.bold) == ()


@pytest.mark.parametrize("text", ["„Na?“ — «Oui…»", "♪ la la ♫", "−5 °C → 12 €", "№ 7 ™", "Ə Ș ț ơ"])
def test_the_shipped_fonts_have_the_signs_of_captions(shipped: Typeface, text: str) -> None:
    """Quotation marks, dashes, music notes, arrows and currencies can be written."""
    assert letter_fault(text, shipped) is None


def test_the_fonts_are_the_ones_that_their_readme_names() -> None:
    """Beside the fonts stands where they come from, their licence, and the sha256 of each."""
    said = (FONTS / "README.md").read_text(encoding="utf-8")
    for path in (REGULAR, BOLD):
        assert hashlib.sha256(path.read_bytes()).hexdigest() in said
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FONTS / "OFL.txt").read_text(encoding="utf-8")
    assert REGULAR.stat().st_size + BOLD.stat().st_size < 1_500_000


def test_the_shipped_fonts_kern(shipped: Typeface) -> None:
    """A and V stand closer together than their own widths say, in every alphabet."""
    for pair in ("AV", "To", "Ту", "ΑΥ"):
        alone = sum(map(shipped.bold.width, pair))
        assert shipped.bold.width(pair) < alone - 0.01, pair


def test_missing_letters_are_named_with_their_numbers(shipped: Typeface) -> None:
    """What the font lacks is told letter by letter, each once, with what to do."""
    fault = letter_fault("Hi 日本 日 🤖", shipped)
    assert fault is not None
    assert fault[0] == "the font onmodel-sans-regular.ttf lacks '日' (U+65E5), '本' (U+672C), '🤖' (U+1F916)."
    assert "font" in fault[1]
    assert named("abcdefghij").endswith("and 2 more")


@pytest.mark.parametrize("text", ["שלום", "سلام", "नमस्ते", "x̄", "❤️"])
def test_writing_that_needs_more_than_letters_in_a_row_is_refused(shipped: Typeface, text: str) -> None:
    """From right to left, joined, or with marks over letters: no picture shows it wrongly."""
    fault = letter_fault(text, shipped)
    assert fault is not None
    assert "cannot be written into the picture" in fault[0]


def test_letters_and_their_accents_are_one(shipped: Typeface) -> None:
    """A letter that was typed with its accent apart is written as one."""
    assert unset_letters("e\u0301") == ()
    assert letter_fault("Cafe\u0301 so\u00adft", shipped) is None


def test_a_font_of_ones_own_serves_for_both_weights(tmp_path: Path) -> None:
    """A production's own font is taken for everything, under whatever name."""
    own = tmp_path / "it's my: font\n100%.ttf"
    own.write_bytes(REGULAR.read_bytes())
    typeface = open_typeface(own)
    assert typeface.regular is typeface.bold
    assert typeface.regular.width("A") == pytest.approx(open_typeface().regular.width("A"))


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.4 no font", REGULAR.read_bytes()[:4000], b"\0\1\0\0" + b"\xff" * 400]
)
def test_a_file_that_is_no_font_is_told(tmp_path: Path, content: bytes) -> None:
    """An empty, foreign or broken file is an error that names it."""
    path = tmp_path / "font.ttf"
    path.write_bytes(content)
    with pytest.raises(PostError, match=re.escape(str(path))):
        open_typeface(path)
    with pytest.raises(PostError, match="cannot be read"):
        open_typeface(tmp_path / "none.ttf")


@given(text=st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=300))
def test_every_text_fits_or_is_refused(shipped: Typeface, text: str) -> None:
    """What fits is whole and inside its room; what does not is refused with how much does."""
    face = shipped.bold
    room = Room(width=600, height=200, largest=60, smallest=20, most_lines=4)
    try:
        fitted = fit(text, face, room)
    except PostError as error:
        assert "letters, and about" in error.message  # noqa: PT017 (either end is right)
        return
    wanted = unicodedata.normalize("NFC", text).replace("\u00ad", "").replace("\u200b", "")
    assert "".join("".join(fitted.lines).split()) == "".join(wanted.split())
    assert len(fitted.lines) <= 4
    assert 20 <= fitted.size <= 60
    assert fitted.height <= 200 + 60 * 1.25
    assert all(face.width(line) * fitted.size <= 600 for line in fitted.lines)


def test_short_texts_are_large_and_long_ones_small(shipped: Typeface) -> None:
    """The largest type in which a text fits is taken, and lines come out even."""
    face = shipped.bold
    room = Room(width=600, height=200, largest=60, smallest=20, most_lines=4)
    assert fit("Rain", face, room).size == 60
    assert fit("Rain on the roof " * 6, face, room).size < 40
    lines = break_lines("the rain came down on all of the roofs", face, 12.0, is_hard=False)
    assert lines is not None
    assert max(map(face.width, lines)) < 1.25 * min(map(face.width, lines))


def test_a_word_longer_than_its_room_is_broken_only_in_the_smallest_type(shipped: Typeface) -> None:
    """A long word makes the type smaller; only where nothing else helps it is broken."""
    face = shipped.bold
    room = Room(width=600, height=200, largest=60, smallest=20, most_lines=4)
    assert fit("Donaudampfschifffahrt", face, room).lines == ("Donaudampfschifffahrt",)
    assert len(fit("W" * 60, face, room).lines) > 1


def test_fewer_lines_are_better_than_the_largest_letters(shipped: Typeface) -> None:
    """With a number of good lines, type down to two thirds is tried before there are more."""
    face = shipped.bold
    text = "the night the lamps of the harbour went out one by one"
    tall = Room(width=500, height=900, largest=90, smallest=20, most_lines=8)
    good = Room(width=500, height=900, largest=90, smallest=20, most_lines=8, good_lines=4)
    assert len(fit(text, face, tall).lines) > 4
    assert len(fit(text, face, good).lines) <= 4
    assert fit(text, face, good).size >= 90 * 2 / 3 * 0.9
