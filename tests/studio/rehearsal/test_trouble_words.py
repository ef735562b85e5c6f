from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.errors import SetupError
from onmodel.studio.rehearsal.trouble import FAULTS, Rule
from onmodel.studio.rehearsal.trouble_words import check_whom, read_trouble, trouble_list, trouble_words

MADE = ("s010.keyframe", "s010.shoot", "s020.keyframe", "s020.shoot", "pip.default.front.sheet")
PAGE = Path(__file__).parents[3] / "docs" / "rehearsal.md"


@pytest.mark.parametrize("name", sorted(trouble_words()))
def test_every_word_can_be_typed_as_its_example_says(name: str) -> None:
    """What the list shows can be typed: the bare word, and the example with its amount."""
    word = trouble_words()[name]
    (bare,) = read_trouble([name]).rules
    (example,) = read_trouble([word.example.replace("=N", "=2")]).rules
    assert (bare.on, bare.fault) == (example.on, example.fault) == (word.on, word.fault)
    assert word.fault in FAULTS[word.on]


def test_words_are_read_with_how_much_and_whom() -> None:
    """Counts, shares, seconds and a beginning are read, and whom they hit."""
    typed = ["429=3", "drift=0.3", "slow-queue=20s", "s3-denied-after=7", "5xx@s020.keyframe.2", "no-history"]
    assert read_trouble(typed).rules == (
        Rule("submit", "429", times=3),
        Rule("result", "drift", share=0.3),
        Rule("queue", "slow", seconds=20.0),
        Rule("store", "denied", after=7),
        Rule("result", "5xx", where="s020.keyframe.2"),
        Rule("history", "off"),
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("moderat-prompt", r"Did you mean 'moderate-prompt'"),
        ("earthquake", r"nobody knows 'earthquake'; allowed:\n  429=N"),
        ("", "nobody knows ''"),
        ("429=0", "429 takes how often: 429=3; found '0'"),
        ("429=", "found ''"),
        ("drift=1.5", "a share of the clips, 0 to 1: drift=0.3; found '1.5'"),
        ("drift=much", "found 'much'"),
        ("slow-queue=20h", "seconds, 3600 at most"),
        ("slow-queue=9999999s", "seconds, 3600 at most"),
        ("no-history=2", "nothing behind it"),
        ("s3-bit-flip@s010", "no '@'; found '@s010'"),
        ("5xx@", "takes a name, like @s020"),
        ("5xx@s0 10", "takes a name"),
    ],
)
def test_what_cannot_be_is_said_with_what_can(typed: str, said: str) -> None:
    """A word, amount or name that cannot be is refused with what is allowed, not passed over."""
    with pytest.raises(SetupError, match="--trouble") as caught:
        read_trouble([typed])
    assert caught.match(said)


@given(st.text(max_size=30))
def test_whatever_is_typed_is_read_or_refused(typed: str) -> None:
    """No text is anything but trouble or a refusal that speaks of --trouble."""
    try:
        read_trouble([typed])
    except SetupError as error:
        assert error.message.startswith("--trouble:")  # noqa: PT017 (either outcome is right)


def test_shares_of_the_same_come_to_no_more_than_all() -> None:
    """A clip goes wrong in one way, so shares of the same clips add up; those of other shots do not count."""
    read_trouble(["drift=0.3", "swap=0.7", "lose=1@s010.1"])
    with pytest.raises(SetupError, match=r"all clips come to 1\.1"):
        read_trouble(["drift=0.4", "swap=0.7"])


@pytest.mark.parametrize(
    "typed", ["5xx@s010", "5xx@s010.keyframe.2", "5xx@keyframe", "picture-off@pip.default"]
)
def test_whom_is_there_may_be_hit(typed: str) -> None:
    """Shots, stages, takes and characters of the episode may be named."""
    check_whom(read_trouble([typed]), MADE)


def test_whom_is_not_there_cannot_be_hit() -> None:
    """Trouble that would never come is an error that says who is there."""
    with pytest.raises(SetupError, match=r"'@s099' hits nothing.*\n.*s010"):
        check_whom(read_trouble(["5xx@s099"]), MADE)


def test_the_page_lists_every_trouble() -> None:
    """docs/rehearsal.md has the list that the command prints; if this fails, paste it there again."""
    page = PAGE.read_text(encoding="utf-8")
    assert "\n".join(trouble_list()) in page
