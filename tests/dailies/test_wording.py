from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from onmodel.dailies.wording import Changed, request_changes, word_changes
from onmodel.planning.requests import prompt_of


@given(st.text(), st.text())
def test_both_prompts_can_be_read_out_of_their_difference(before: str, now: str) -> None:
    """What is not gone is the new prompt, to the letter; what is not new is the old one."""
    found = word_changes(before, now)
    assert "".join(part.text for part in found if part.kind != "gone") == now
    assert "".join(part.text for part in found if part.kind != "new") == before
    assert all(part.text for part in found)


def test_only_the_words_that_changed_are_marked() -> None:
    """One word replaced, one added."""
    found = word_changes("Pip blinks slowly.", "Pip nods slowly. Same face.")
    assert [part for part in found if part.kind != "same"] == [
        ("gone", "blinks"),
        ("new", "nods"),
        ("new", " Same face."),
    ]


def test_fields_that_differ_are_named_and_the_prompt_is_not() -> None:
    """A field that is new, one that is gone, one that is other; media by the beginning of their digest."""
    before = {"prompt": "a", "cfg_scale": 0.5, "seed": 7, "url": {"$media": "ab" * 32, "suffix": ".png"}}
    now = {"prompt": "b", "cfg_scale": 0.7, "duration": "5", "url": {"$media": "cd" * 32, "suffix": ".png"}}
    assert request_changes(before, now) == [
        Changed("cfg_scale", "0.5", "0.7"),
        Changed("duration", "", "5"),
        Changed("seed", "7", ""),
        Changed("url", "abababababab….png", "cdcdcdcdcdcd….png"),
    ]


def test_a_request_may_have_several_prompts() -> None:
    """They are read from wherever they stand in it."""
    assert prompt_of({"shots": [{"prompt": "one"}, {"prompt": "two"}], "seed": 1}) == "one\ntwo"
