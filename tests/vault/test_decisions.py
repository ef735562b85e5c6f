from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from onmodel.errors import RecordBroken
from onmodel.vault import Decision, Decisions, Store

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


def test_a_decision_that_cannot_be_read_is_named(new_store: NewStore) -> None:
    """A damaged record stops the reading with its name: nobody's word is passed over in silence."""
    new_store().create("decisions/s01e01/000001.json", b"{")
    with pytest.raises(RecordBroken, match=r"decisions/s01e01/000001\.json"):
        Decisions(new_store()).of("s01e01")
