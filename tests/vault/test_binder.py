from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.vault.binder import Held, bound, name_of, shelf_of, unbound

names = st.from_regex(r"jobs/[a-z]{1,4}/[a-z.]{1,9}", fullmatch=True)
records = st.dictionaries(names, st.builds(Held, st.text("0123456789abcdef-", max_size=8), st.binary()))


@given(records)
def test_what_is_bound_is_unbound(found: dict[str, Held]) -> None:
    """Any records, whatever their bytes, come back as they were."""
    assert unbound(bound(found)) == found


@given(st.binary())
def test_any_other_content_holds_nothing(content: bytes) -> None:
    """A damaged binder is no error: everything in it is in the archive itself."""
    assert unbound(content) == {}
    assert unbound(gzip.compress(content)) == {}


@pytest.mark.parametrize(
    "page",
    [b"[]", b"{}", b'{"schema": "onmodel.binder/2", "records": {}}', b'{"schema": "onmodel.binder/1"}']
    + [
        b'{"schema": "onmodel.binder/1", "records": {"jobs/a/b": %s}}' % one for one in (b"1", b"{}", b"null")
    ],
)
def test_a_binder_of_another_form_holds_nothing(page: bytes) -> None:
    """From a newer onmodel, or edited: it is made anew."""
    assert unbound(gzip.compress(page)) == {}


def test_a_cut_binder_holds_nothing() -> None:
    """Half of it proves nothing."""
    whole = bound({"jobs/s01e01/a.json": Held("tag", b"x" * 999)})
    assert all(unbound(whole[:length]) == {} for length in range(len(whole)))


def test_a_record_has_its_shelf() -> None:
    """The records of an episode are together, whatever their depth."""
    assert shelf_of("jobs/s01e01/s010/shoot/abc/1/intent.json") == "jobs/s01e01" == shelf_of("jobs/s01e01/")
    assert name_of("jobs/s01e01") == "binders/jobs/s01e01.json.gz"
