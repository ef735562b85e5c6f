from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.craft.sentences import Piece, clean, fit, sentence

TEXTS = st.text(max_size=60) | st.text(alphabet="ab .,;:!?\n\t", max_size=30)
PIECES = st.lists(st.builds(Piece, TEXTS, st.integers(0, 4), st.integers(0, 5)), max_size=12)


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("it blinks.", "it blinks"),
        ("  a\n b\t c ", "a b c"),
        ("one.. two , three", "one. two, three"),
        ("a,, b", "a, b"),
        ("f/1.8 lens", "f/1.8 lens"),
        ("zero\x00byte\u200b", "zero byte"),
        ("...", ""),
    ],
)
def test_clean_text_has_single_spaces_and_stops(raw: str, cleaned: str) -> None:
    """What a user typed becomes one tidy line."""
    assert clean(raw) == cleaned


@given(TEXTS)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    """Cleaning is idempotent, and so is making a sentence."""
    assert clean(clean(text)) == clean(text)
    assert sentence(sentence(text)) == sentence(text)


@given(TEXTS)
def test_clean_text_has_no_control_characters(text: str) -> None:
    """Nothing invisible reaches a prompt, and no stop is doubled."""
    cleaned = clean(text)
    assert not any(unicodedata.category(char).startswith("C") for char in cleaned)
    assert ".." not in cleaned
    assert "  " not in cleaned


@given(PIECES, st.integers(1, 200))
def test_a_prompt_is_never_over_its_limit(pieces: list[Piece], limit: int) -> None:
    """Whatever goes in, at most `limit` characters come out, in whole non-empty sentences."""
    prompt = fit(pieces, limit)
    assert len(prompt.text) <= limit
    assert prompt.text == prompt.text.strip()
    assert not prompt.text or prompt.text[-1] in ".!?"
    assert ". ." not in prompt.text
    assert ".." not in prompt.text


@given(PIECES)
def test_with_room_nothing_is_left_out_and_the_order_is_kept(pieces: list[Piece]) -> None:
    """Every piece is there, sentence after sentence, in the order given."""
    prompt = fit(pieces, 100_000)
    assert prompt.left_out == ()
    place = 0
    for piece in sorted(pieces, key=lambda one: one.sentence):
        words = clean(piece.text)
        # A sentence's first letter becomes a capital, so the search starts at the second.
        place = prompt.text.index(words[1:], place) + len(words[1:])


@given(
    st.lists(st.text("abcdef", min_size=1, max_size=8), min_size=1, max_size=8, unique=True),
    st.integers(1, 60),
)
def test_the_least_important_goes_first_and_is_said(traits: list[str], limit: int) -> None:
    """What is left out is a tail of the ranking, last one first, and kept plus left out is everything."""
    prompt = fit([Piece("x", 0), *(Piece(trait, 1, 1 + rank) for rank, trait in enumerate(traits))], limit)
    gone = len(prompt.left_out)
    if limit >= 2:
        assert list(prompt.left_out) == traits[::-1][:gone]


def test_what_must_stay_is_shortened_at_its_longest_part() -> None:
    """Of a short and a long part that both stay, the long one loses its last words, and they are said."""
    prompt = fit([Piece("a very long beginning of a scene", 0), Piece("dusk", 1)], 20)
    assert prompt.text == "A very long. Dusk."
    assert " ".join(reversed(prompt.left_out)) == "beginning of a scene"
