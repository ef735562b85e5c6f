from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.craft import compose_negative
from onmodel.craft.denial import Asked


@pytest.mark.parametrize(
    ("prompt", "term"),
    [
        ("dramatic shadows on the wall", "shadows"),
        ("dramatic shadows on the wall", "harsh shadows"),
        ("deep shadows", "harsh shadow"),
        ("vivid colors", "bright colors"),
        ("a crowded background", "busy background"),
        ("motion blur on the limbs", "blur"),
        ("petals float by", "floating"),
        ("two big logos", "logo"),
        ("a handheld camera", "shaky camera"),
    ],
)
def test_what_the_prompt_asks_for_is_denied_by(prompt: str, term: str) -> None:
    """The same noun, in any form, alone or with a modifier of the same kind."""
    assert Asked(prompt).has(term)


@pytest.mark.parametrize(
    ("prompt", "term"),
    [
        ("soft shadows on the wall", "harsh shadows"),
        ("dramatic lighting", "flat lighting"),
        ("4K cinematic quality", "low quality"),
        ("a headshot framing", "bad framing"),
        ("visible limbs", "extra limbs"),
        ("a freckled face", "deformed face"),
        ("no blur at all", "blur"),
        ("never any harsh shadows", "harsh shadows"),
        ("a flat roof, gentle movement", "flat movement"),
        ("a robot", ""),
    ],
)
def test_what_the_prompt_does_not_ask_for_stays_denied(prompt: str, term: str) -> None:
    """Another modifier, another clause, or a denial of the prompt's own."""
    assert not Asked(prompt).has(term)


def test_the_plan_says_which_terms_went_and_why() -> None:
    """Dramatic shadows take the harsh ones out of the look's list."""
    made = compose_negative("a knight, dramatic shadows", "cinematic")
    assert "harsh shadows" not in made.text
    assert "flat lighting" in made.text
    assert "harsh shadows: the prompt asks for it" in made.dropped


@given(prompt=st.text(max_size=80), term=st.text(max_size=30))
def test_any_texts_can_be_compared(prompt: str, term: str) -> None:
    """No text of a user breaks it."""
    assert Asked(prompt).has(term) in (True, False)
