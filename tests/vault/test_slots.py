from __future__ import annotations

import hashlib
import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.errors import VaultError
from onmodel.vault import Slot, Stage
from onmodel.vault.store import checked_name

slots = st.builds(
    Slot,
    production=st.text(min_size=1),
    scope=st.from_regex(r"[A-Za-z0-9_-]+", fullmatch=True),
    subject=st.from_regex(r"[A-Za-z0-9_-][A-Za-z0-9._-]*", fullmatch=True),
    stage=st.sampled_from(get_args(Stage)),
    basis=st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
    n=st.integers(min_value=1),
)
records = st.sampled_from(
    ["intent", "sending.1", "outcome.12", "outcome.3.late", "result", "media", "verdict"]
)


@given(slots, records)
def test_the_template_reads_what_it_writes(slot: Slot, record: str) -> None:
    """A record's name says its slot, whole; and it is a name that every store takes."""
    name = slot.name_of(record)
    assert checked_name(name) == name
    assert name.startswith(slot.folder + "/")
    assert Slot.parse(slot.production, name) == (slot, record)
    assert slot.records_among([name, slot.folder + "/notes.txt", slot.folder + "/Intent.json"]) == {record}


@given(st.text() | st.from_regex(r"jobs/[a-z0-9./]+\.json"))
def test_other_names_are_no_records(name: str) -> None:
    """Whatever the name: it is a record's, spelled exactly so, or it is none."""
    parsed = Slot.parse("Test reel", name)
    if parsed is not None:
        assert parsed[0].name_of(parsed[1]) == name


@pytest.mark.parametrize(
    "name",
    [
        "jobs/s01e01/s010/shoot-" + "a" * 64 + "-01/intent.json",
        "jobs/s01e01/s010/shoot-" + "a" * 64 + "-0/intent.json",
        "jobs/s01e01/s010/shoot-" + "a" * 63 + "-1/intent.json",
        "jobs/s01e01/s010/cook-" + "a" * 64 + "-1/intent.json",
        "jobs/s01e01/s010/shoot-" + "a" * 64 + "-1/intent.json.bak",
        "jobs/s01e01/s010/shoot-" + "a" * 64 + "-1/intent.json\n",
        "jobs/s01e01/s010/shoot-" + "a" * 64 + "-1/outcome.01.json",
        "jobs/s01e01/s010/shoot-" + "a" * 64 + "-١/intent.json",
    ],
)
def test_near_misses_are_no_records(name: str) -> None:
    """One spelling only: two names never mean one record."""
    assert Slot.parse("Test reel", name) is None


@given(slots, slots)
def test_two_slots_never_share_a_key(one: Slot, other: Slot) -> None:
    """The key is of all six fields."""
    assert (one.key == other.key) == (one == other)


def test_the_key_is_the_sha256_of_the_canonical_json() -> None:
    """A job's key can be recomputed by anyone from the six fields."""
    slot = Slot("Reel", "s01e01", "s010", "shoot", "a" * 64, 1)
    spelled = json.dumps(vars(slot), sort_keys=True, separators=(",", ":")).encode()
    assert slot.key == hashlib.sha256(spelled).hexdigest()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("production", ""),
        ("scope", "s01/e01"),
        ("scope", ".."),
        ("subject", ".s010"),
        ("subject", ""),
        ("stage", "cook"),
        ("basis", "a" * 63),
        ("n", 0),
        ("n", -1),
    ],
)
def test_other_slots_are_refused(field: str, value: object) -> None:
    """A slot that could not be a folder never comes into being; the message says which field."""
    good = vars(Slot("Reel", "s01e01", "s010", "shoot", "a" * 64, 1))
    with pytest.raises(ValueError, match=field) as caught:
        Slot(**{**good, field: value})
    assert not isinstance(caught.value, VaultError)
