from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.errors import RecordBroken
from onmodel.vault import CUT, Box, Decision, Decisions, Store
from onmodel.vault.records import read_record

NewStore = Callable[[], Store]


def circling(n: int, by: str = "ada") -> Decision:
    """Ada's word that take n it is."""
    at = datetime(2026, 11, 22, 14, tzinfo=UTC)
    return Decision(kind="circle", subject="s010", stage="shoot", basis="a" * 64, n=n, by=by, at=at)


def test_decisions_come_back_in_the_order_they_were_made(new_store: NewStore) -> None:
    """Another process reads them oldest first, and those of another scope stay apart."""
    written = Decisions(new_store())
    for n in (2, 1, 3):
        written.keep("s01e01", circling(n))
    written.keep("cast", circling(9))
    assert [one.n for one in Decisions(new_store()).of("s01e01")] == [2, 1, 3]
    assert [one.n for one in Decisions(new_store()).of("cast")] == [9]


def test_nobodys_word_is_lost_when_several_decide_at_once(new_store: NewStore) -> None:
    """Eight people deciding at the same moment leave eight decisions."""
    store = new_store()
    with ThreadPoolExecutor(8) as people:
        list(people.map(lambda n: Decisions(store).keep("s01e01", circling(n, f"p{n}")), range(1, 9)))
    assert sorted(one.by for one in Decisions(new_store()).of("s01e01")) == [f"p{n}" for n in range(1, 9)]


def test_many_decisions_list_their_scope_once(new_store: NewStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who approves a thousand takes pays one listing; another process's word between two keeps its place."""
    store, listed = new_store(), []
    gather = store.gather
    monkeypatch.setattr(store, "gather", lambda prefix: listed.append(prefix) or gather(prefix))
    ours = Decisions(store)
    ours.keep("s01e01", circling(1))
    Decisions(new_store()).keep("s01e01", circling(2, "ben"))
    for n in (3, 4, 5):
        ours.keep("s01e01", circling(n))
    assert listed == ["decisions/s01e01/"]
    assert [one.n for one in Decisions(new_store()).of("s01e01")] == [1, 2, 3, 4, 5]


def test_a_decision_that_cannot_be_read_is_named(new_store: NewStore) -> None:
    """A damaged record stops the reading with its name: nobody's word is passed over in silence."""
    new_store().create("decisions/s01e01/000001.json", b"{")
    with pytest.raises(RecordBroken, match=r"decisions/s01e01/000001\.json"):
        Decisions(new_store()).of("s01e01")


SHARES = st.floats(0, 1, exclude_min=True)
SHAS = st.text("0123456789abcdef", min_size=64, max_size=64)
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)


@given(
    said=st.one_of(
        st.fixed_dictionaries(
            {
                "kind": st.just("note"),
                "note": WORDS,
                "at_s": st.none() | st.floats(0, 30),
                "box": st.none() | st.builds(Box, x=SHARES, y=SHARES, w=SHARES, h=SHARES),
            }
        ),
        st.fixed_dictionaries({"kind": st.just("approve"), "media": SHAS, "note": st.just("") | WORDS}),
        st.fixed_dictionaries({"kind": st.just("circle"), "media": st.none() | SHAS}),
        st.fixed_dictionaries({"kind": st.just("retake"), "problem": st.none() | WORDS}),
    ),
    by=WORDS,
    stage=st.sampled_from(["sheet", "keyframe", "shoot", "restyle", CUT]),
    at=st.datetimes(timezones=st.just(UTC)),
)
def test_a_decision_comes_back_as_it_was_said(
    said: dict[str, Any], by: str, stage: Any, at: datetime
) -> None:
    """Who, what, where and when: nothing of a person's word is lost or rounded on its way."""
    one = Decision(subject="s010", stage=stage, basis="a" * 64, n=1, by=by, at=at, **said)
    assert read_record(Decision, one.to_bytes(), "it") == one


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "approve"},
        {"kind": "note"},
        {"kind": "note", "note": "x", "box": (0, 0, 0, 1)},
        {"kind": "note", "note": "x", "box": (0, 0, 2, 1)},
        {"kind": "note", "note": "x", "at_s": -1},
        {"kind": "note", "note": "x", "at_s": float("nan")},
        {"kind": "circle", "at_s": 1},
        {"kind": "retake", "box": (0, 0, 1, 1)},
    ],
)
def test_half_a_decision_is_none(said: dict[str, Any]) -> None:
    """An approval names its picture, a note has words and a place; nothing else has a place in a picture."""
    at = datetime(2026, 11, 22, 14, tzinfo=UTC)
    with pytest.raises(ValueError, match="validation error"):
        Decision(subject="s010", stage="shoot", basis="a" * 64, n=1, by="ada", at=at, **said)
