"""Trouble and answers at the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from onmodel.cli import producing
from onmodel.studio.rehearsal.trouble_words import trouble_list


@pytest.mark.parametrize("word", ["list", "help"])
@pytest.mark.parametrize("command", [("produce", "s01e01"), ("cast",)])
def test_the_list_is_shown_and_nothing_is_made(
    onmodel: Any, production: Path, command: tuple[str, ...], word: str
) -> None:
    """`--trouble list` prints every trouble with a line, and ends well, also without a rehearsal."""
    found = onmodel(*command, "--trouble", word)
    assert found.code == 0
    assert found.out.splitlines()[:-1] == trouble_list()
    assert not (production / ".onmodel").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--trouble", "429"), "for rehearsals only\n  Add --rehearse."),
        (("--answers", "."), "for rehearsals only"),
        (("--rehearse", "--trouble", "42"), "nobody knows '42'"),
        (("--rehearse", "--trouble", "429=3@s099"), "'@s099' hits nothing"),
        (("--rehearse", "--answers", "characters"), "found: no picture and no clip"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_made(
    onmodel: Any, production: Path, options: tuple[str, ...], said: str
) -> None:
    """A mistake is one message with exit code 1, and no archive is made for it."""
    found = onmodel("produce", "s01e01", *options)
    assert found.code == 1
    assert said in found.err
    assert not (production / ".onmodel" / "rehearsal").exists()


def test_a_flow_is_given_only_what_is_asked_for() -> None:
    """A production whose flow is older than these options goes on working without them."""
    assert producing.on_purpose(None, None) == {}
    assert producing.on_purpose(["429"], Path("/clips")) == {"trouble": ["429"], "answers": "/clips"}
