from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.craft.lint.movement import acts
from onmodel.craft.lint.text import Text
from onmodel.craft.lint.verbs import forms, movements

CASES = json.loads(Path(__file__).with_name("movements.json").read_text("utf-8"))
MOVES: list[str] = CASES["moves"]
"""Somebody moves."""

STILL: list[str] = CASES["still"]
"""Nobody moves: nouns, things that move by themselves, what is worn, other words of the same letters."""


def found(text: str, *names: str) -> list[str]:
    read = Text(text)
    return [text[slice(*read.span(act.first, act.last))] for act in acts(read, frozenset(names))]


@pytest.mark.parametrize("text", MOVES)
def test_a_movement_of_somebody_is_found(text: str) -> None:
    """In every form of the verb, with and without a subject, alone or with what belongs to it."""
    assert found(text)


@pytest.mark.parametrize("text", STILL)
def test_what_is_no_movement_of_somebody_is_left_alone(text: str) -> None:
    """A false alarm costs more trust than a miss."""
    assert found(text) == []


def test_the_words_that_belong_to_a_movement_are_found_with_it() -> None:
    """The span is what has to go: verb, object and direction."""
    assert found("A woman waves her arms") == ["waves her arms"]
    assert found("Walking forward then turning to face camera") == [
        "Walking forward",
        "turning to face camera",
    ]
    assert found("Character waves their arms and spins around") == ["waves their arms", "spins around"]


def test_a_name_is_somebody_wherever_it_stands() -> None:
    """Names of characters are known from the bibles."""
    text = "Mina with long hair, spinning on a stage"
    assert found(text) == []
    assert found(text, "mina") == ["spinning"]
    assert found("Mina walked to the door", "mina") == ["walked"]


def test_verbs_are_known_in_every_form() -> None:
    """Regular endings, doubled letters, -ie, -y and irregular pasts."""
    known = forms(["wave", "run", "spin", "lie", "carry", "kiss", "flee"])
    words = [
        "waves",
        "waving",
        "waved",
        "runs",
        "running",
        "ran",
        "spun",
        "spinning",
        "lying",
        "carries",
        "carried",
        "kisses",
        "fled",
        "fleeing",
    ]
    assert {word: known[word].lemma for word in words} == {
        "waves": "wave",
        "waving": "wave",
        "waved": "wave",
        "runs": "run",
        "running": "run",
        "ran": "run",
        "spun": "spin",
        "spinning": "spin",
        "lying": "lie",
        "carries": "carry",
        "carried": "carry",
        "kisses": "kiss",
        "fled": "flee",
        "fleeing": "flee",
    }


@given(
    st.sampled_from(sorted(movements())),
    st.sampled_from(["the {}", "waves of {}", "no {}", "a {} lamp", "{}"]),
)
def test_no_form_of_any_verb_breaks_the_reading(word: str, form: str) -> None:
    """Whatever stands around it; after `no` there is never an alarm."""
    text = form.format(word)
    assert form != "no {}" or found(text) == []
    for one in found(text):
        assert one in text
