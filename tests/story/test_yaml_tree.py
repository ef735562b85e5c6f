from __future__ import annotations

import json
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from onmodel.errors import Place
from onmodel.story.yaml_tree import DEEPEST, LONGEST_NUMBER, MOST_VALUES, read_tree

FRAGMENTS = st.sampled_from(
    [
        *"[]{}:,-?&*!|>'\"%@`#~ \n\t\\=<",
        *(
            "a: b\n",
            "- ",
            "  ",
            "&x ",
            "*x",
            "<<: ",
            "!!int ",
            "!!map ",
            "!t ",
            "---\n",
            "...\n",
            "%YAML 1.1\n",
        ),
        *("010", "1e9", ".nan", "true", "null", "\u2028", "\x85", "\x00", "\ufeff", "ä", "\U0001d11e", "\r"),
    ]
)
PLAIN = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PLAIN, inner, max_size=4),
    max_leaves=15,
)


def complaints(text: str) -> list[str]:
    return [str(one) for one in read_tree(text, "f").findings]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("010", 10),
        ("+5", 5),
        ("-7", -7),
        ("1_000", 1000),
        ("0x1F", 31),
        ("0o17", 15),
        ("2.5", Decimal("2.5")),
        ("1e3", Decimal(1000)),
        (".5", Decimal("0.5")),
        ("true", True),
        ("FALSE", False),
        ("yes", "yes"),
        ("no", "no"),
        ("~", None),
        ("null", None),
        ("", None),
        ("'5'", "5"),
        ("!!str 5", "5"),
        ("2026-01-01", "2026-01-01"),
        ("16:9", "16:9"),
        ("=", "="),
        ("hello", "hello"),
    ],
)
def test_a_plain_value_is_what_yaml_1_2_says(text: str, value: object) -> None:
    """Whole numbers are int, broken ones Decimal and never float; yes and dates are texts."""
    tree = read_tree(f"a: {text}\n", "f")
    assert not tree.findings
    assert tree.value == {"a": value}
    assert type(tree.value["a"]) is type(value)


def test_a_key_keeps_its_spelling() -> None:
    """A bare 010, 1.0 or true as a key is the text that was written, not a number."""
    assert list(read_tree("010: a\n1.0: b\ntrue: c\n~: d\n", "f").value) == ["010", "1.0", "true", "~"]


def test_every_key_and_value_knows_its_place() -> None:
    """Line and column count from 1, in characters, also after letters of several bytes."""
    tree = read_tree("a: b\n\U0001d11eö:\n  - {x: 5, y: 6}\n", "f.yaml")
    assert tree.values["a",] == Place("f.yaml", 1, 4)
    assert tree.keys["\U0001d11eö",] == Place("f.yaml", 2, 1)
    assert tree.keys["\U0001d11eö", 0, "y"] == Place("f.yaml", 3, 12)
    assert tree.values["\U0001d11eö", 0, "y"] == Place("f.yaml", 3, 15)


def test_what_is_not_written_has_the_place_of_what_is_above_it() -> None:
    """A missing value is shown at the nearest thing that was written."""
    tree = read_tree("top:\n  inner: 1\n", "f")
    assert tree.place(("top", "inner", "deeper", 3)) == Place("f", 2, 10)
    assert tree.key_place(("top", "gone")) == Place("f", 2, 3)
    assert read_tree("", "f").place(("a",)) == Place("f", 1, 1)


def test_one_that_stands_for_a_list_is_found_as_its_first() -> None:
    """Whoever asks for the first of a list finds the one thing that was written instead."""
    tree = read_tree("one: {a: 1}\nsome: [{a: 1}]\n", "f")
    assert tree.place(("one", 0, "a")) == Place("f", 1, 10)
    assert tree.key_place(("one", 0, "a")) == Place("f", 1, 7)
    assert tree.place(("one", 1, "a")) == tree.place(("one",))
    assert tree.place(("some", 0, "a")) == Place("f", 2, 12)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a:\n\tb: 1\n", "f:2:1: a tab in the indentation."),
        ("a:\n  b: 1\n \tc: 2\n", "f:3:2: a tab in the indentation."),
        ("a: 1\nb: 2\na: 3\n", "f:3:1: the key 'a' stands twice. It stands first in line 1."),
        ("x: {a: 1, a: 2}\n", "f:1:11: the key 'a' stands twice."),
        ("a: !!set {b}\n", "f:1:4: the tag '!!set' is not used"),
        ("a: !!float [1]\n", "f:1:4: the tag '!!float' is not used"),
        ("a: !mine x\n", "f:1:4: the tag '!mine' is not used"),
        ("a: !!python/object:os.system x\n", "f:1:4: the tag '!!python/object:os.system' is not used"),
        ("a: !!bool x\n", "f:1:4: 'x' is not true or false."),
        ("a: !!int x\n", "f:1:4: 'x' is not a number that can be used."),
        ("a: .inf\n", "f:1:4: '.inf' is not a number that can be used."),
        ("a: .nan\n", "f:1:4: '.nan' is not a number"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", "f:3:3: merge keys ('<<') are not used"),
        ("? [a]\n: b\n", "f:1:3: a key must be a plain word."),
        ("", "f:1:1: the file is empty."),
        ("# only words\n", "f:1:1: the file is empty."),
        ("a: b: c\n", "f:1:5: this is not YAML: mapping values are not allowed in this context. Put texts"),
        ("a: b\nc: 'x\nd: e\n", "f:2:4: this is not YAML: while scanning a quoted scalar"),
        ("{ratio: 16:9}\n", "f:1:11: this is not YAML: while scanning a plain scalar, found unexpected ':'."),
        ("a: *nobody\n", "f:1:4: this is not YAML: found undefined alias"),
        ("a: 1\n---\nb: 2\n", "f:2:1: this is not YAML: expected a single document"),
        ("%YAML 1.1\n---\na: 1\n", "f:1:1: %YAML and %TAG are not used in story files."),
        ("a: 1\nb: \x07\n", "f:2:4: the character U+0007 is not allowed in YAML."),
        ("a: x\u2028y\n", "f:1:5: the character U+2028 is not allowed in YAML."),
    ],
)
def test_each_fault_of_the_yaml_has_its_place(text: str, complaint: str) -> None:
    """File, line and column of the fault itself, what it is, and the way out."""
    found = complaints(text)
    assert len(found) == 1
    assert found[0].startswith(complaint)


def test_faults_that_leave_the_file_readable_come_together() -> None:
    """A tag, a key that stands twice and a bad number are told at once."""
    assert [one.split(": ")[0] for one in complaints("a: !t x\nb: .inf\na: 2\n")] == [
        "f:1:4",
        "f:2:4",
        "f:3:1",
    ]


@pytest.mark.parametrize(
    "number", ["1e999999999", "0e999999999", "1e-999999999", "9" * 5000, "1." + "1" * 5000]
)
def test_a_number_cannot_fill_the_memory(number: str) -> None:
    """A number that would have more digits than anybody writes is a finding, and the message stays short."""
    (found,) = complaints(f"a: {number}\n")
    assert "is not a number that can be used" in found
    assert len(found) < 60 + LONGEST_NUMBER


ENDLESS = {
    "billion laughs": "a0: &a0 [x, x]\n"
    + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 35)),
    "an alias in itself": "a: &a [*a]\n",
    "an alias in itself, many times": "a: &a {" + ", ".join(f"k{n}: *a" for n in range(200)) + "}\n",
    "brackets": "[" * 200_000,
    "closed brackets": "[" * 50_000 + "]" * 50_000,
    "braces": "{a: " * 20_000,
    "dashes": "- " * 50_000,
    "questions": "? " * 50_000,
    "a list of millions": "a: [" + "1, " * 1_000_000 + "]",
}


@pytest.mark.parametrize("text", ENDLESS.values(), ids=ENDLESS)
def test_a_file_without_end_is_refused_soon(text: str) -> None:
    """Nesting and multiplying aliases end in one finding; the parser's own recursion is never reached."""
    start = time.monotonic()
    (found,) = complaints(text)
    assert f"nested deeper than {DEEPEST}" in found or f"over {MOST_VALUES:,} values" in found
    assert time.monotonic() - start < 30


@settings(max_examples=300, deadline=None)
@given(st.text() | st.lists(FRAGMENTS, max_size=25).map("".join))
@example("a: \\x00")
@example("\ud800")
def test_no_text_is_too_much(text: str) -> None:
    """Any text gives a value, or findings at places inside the text; nothing is raised."""
    tree = read_tree(text, "f")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert all(one.place.file == "f" and 1 <= one.place.line <= lines for one in tree.findings)
    assert all(one.place.column >= 1 for one in tree.findings)
    assert tree.findings or tree.value is not None or not tree.keys


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(PLAIN, JSON, min_size=1, max_size=4), st.sampled_from([None, 2]))
def test_plain_documents_are_read_as_everybody_reads_them(value: dict[str, Any], indent: int | None) -> None:
    """Documents of texts, numbers, lists and maps mean what ruamel's safe loader says, in file order."""
    text = json.dumps(value, indent=indent)
    tree = read_tree(text, "f")
    loaded = YAML(typ="safe", pure=True).load(text)
    assert not tree.findings
    assert tree.value == loaded == value
    assert list(tree.value) == list(loaded)
