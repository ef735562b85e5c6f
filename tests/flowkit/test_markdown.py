"""Text in artifacts stays text."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from onmodel.flowkit.markdown import cell, in_a_line, key_of, link, table


@given(st.text())
def test_a_cell_stays_in_its_cell_and_says_what_it_was_given(text: str) -> None:
    """Whatever a message says, it breaks neither row nor column, is no markup, and reads as written."""
    found = cell(text)
    assert "\n" not in found
    assert not re.search(r"(?<!\\)(?:\\\\)*[|<>`*\[\]]", found)
    assert re.sub(r"\\(.)", r"\1", found) == " ".join(text.split())


def test_a_bible_s_name_is_no_script() -> None:
    """A name with markup in it is shown as it is written."""
    assert cell("<img src=x onerror=alert(1)>") == "\\<img src=x onerror=alert(1)\\>"
    assert cell("s_010 _a_") == "s_010 \\_a\\_"


def test_message_and_hint_are_two_sentences() -> None:
    """On one line there is a full stop between them, and only one."""
    assert in_a_line("it is away\n  Run it\tagain.") == "it is away. Run it again."
    assert in_a_line("It is away.\n\n  Run it:\nagain") == "It is away. Run it: again"
    assert in_a_line(None) == ""


def test_a_table_without_rows_is_no_table() -> None:
    """Columns over nothing are left out."""
    assert table(("a", "b"), []) == []
    assert table(("a", "b"), [("1", "2")]) == ["| a | b |", "| --- | --- |", "| 1 | 2 |", ""]


def test_only_what_a_browser_opens_is_a_link() -> None:
    """A path stands as it is; an address becomes a link that ends where it ends, and nothing runs."""
    assert link("open", "archive/media/38.png") == "`archive/media/38.png`"
    assert link("open", "javascript:alert(1)") == "`javascript:alert(1)`"
    assert link("open", "https://x.example/a?b=c>d|e") == "[open](<https://x.example/a?b=c%3Ed%7Ce>)"
    assert link("open", "") == ""


@given(st.from_regex(r"[a-z][A-Za-z0-9_.-]{0,20}", fullmatch=True))
def test_a_key_is_one_that_prefect_takes(scope: str) -> None:
    """Artifact keys have only small letters, digits and single dashes."""
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key_of(scope, "plan"))
