from __future__ import annotations

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from onmodel.craft import compose_negative
from onmodel.craft.words import MotionFamily, universal_negatives

PHRASES = st.text(max_size=30)


def terms(text: str) -> list[str]:
    return text.split(", ") if text else []


def test_the_list_goes_from_the_shots_own_words_to_the_looks() -> None:
    """The shot's words, the bible's `never`, the movement's, everyone's, then the look's list."""
    made = compose_negative("a robot", "anime", "identity", ("two eyes",), ("crowd, cars",))
    found = terms(made.text)
    order = [
        found.index(term) for term in ("crowd", "cars", "two eyes", "morphing", "watermark", "bad anatomy")
    ]
    assert order == sorted(order)
    assert made.dropped == ()


def test_a_term_that_is_named_twice_is_there_once() -> None:
    """Lists overlap: `blur` is everyone's and the look's; the first place counts, in any case."""
    found = terms(compose_negative("", "cinematic", "identity", ("Blur",)).text)
    assert [term.casefold() for term in found].count("blur") == 1
    assert found[0] == "Blur"
    assert found.count("morphing") == 1


def test_what_the_prompt_asks_for_is_not_denied() -> None:
    """A logo that the shot wants is not forbidden, and the reason is said."""
    made = compose_negative("A workshop with big logos and motion blur")
    assert not {"logo", "blur"} & set(terms(made.text))
    assert "logo: the prompt asks for it" in made.dropped
    assert "low quality" in terms(made.text)


def test_what_the_prompt_itself_forbids_stays_forbidden() -> None:
    """`no morphing` in the prompt is no wish for morphing."""
    made = compose_negative("A robot, no morphing or distortion. Without watermark", motion_family="identity")
    assert {"morphing", "watermark"} <= set(terms(made.text))


def test_a_budget_cuts_between_terms_and_says_what_went() -> None:
    """At 20 characters only whole terms remain."""
    made = compose_negative("", never=("two eyes", "rust"), limit=20)
    assert made.text == "two eyes, rust, blur"
    assert "blurry: no room" in made.dropped


@given(
    prompt=PHRASES,
    look=PHRASES,
    family=st.none() | st.sampled_from(get_args(MotionFamily)),
    never=st.lists(PHRASES, max_size=4),
    limit=st.integers(0, 900),
)
def test_any_list_is_inside_its_limit_clean_and_without_repeats(
    prompt: str, look: str, family: MotionFamily | None, never: list[str], limit: int
) -> None:
    """Never over the limit, printable, no empty term, none twice."""
    made = compose_negative(prompt, look, family, never, limit=limit)
    found = [term.casefold() for term in terms(made.text)]
    assert len(made.text) <= limit
    assert made.text.isprintable()
    assert all(term.strip() for term in found)
    assert len(found) == len(set(found))


@given(asked=st.sampled_from(universal_negatives()), before=PHRASES)
def test_no_term_of_the_prompt_is_ever_in_the_list(asked: str, before: str) -> None:
    """Whatever else the prompt says, a term that it names in a sentence of its own is not denied."""
    assert asked not in terms(compose_negative(f"{before}. {asked}").text)
