from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from onmodel.cli.showing import in_columns, wrapped

CELLS = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=12)


@given(st.integers(1, 5).flatmap(lambda n: st.lists(st.tuples(*[CELLS] * n), min_size=1, max_size=6)))
def test_cells_stand_under_each_other(rows: list[tuple[str, ...]]) -> None:
    """Every cell of a column begins at the same place, whole; a column with nothing in it takes no room."""
    lines = in_columns(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for line, row in zip(lines, rows, strict=True):
        at = 0
        for cell, width in zip(row, widths, strict=True):
            if width:
                assert line[at : at + width].strip() == cell
                at += width + 2


def test_numbers_end_at_the_same_place() -> None:
    """Columns of numbers are aligned at their end."""
    assert in_columns([("a", "$1.00"), ("bb", "$10.00")], right=(1,)) == ["a    $1.00", "bb  $10.00"]


def test_a_path_is_never_broken() -> None:
    """A sentence is folded between words; a word that is too long for the line stays whole."""
    path = "deliverables/a-very-long-name-of-an-episode.mp4"
    assert path in wrapped(f"look at {path} now", 30, indent=4)[1]
