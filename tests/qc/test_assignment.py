from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from onmodel.qc.assignment import assign
from onmodel.qc.scorer import Limits, Seen, Sighting

SHARES = st.floats(0, 1)


class ByTable:
    """Scores are looked up: a sighting's number, a character's number."""

    name = version = "table"
    limits = Limits(0.3, 0.6)

    def __init__(self, table: Sequence[Sequence[float | None]]) -> None:
        self.table = table

    def look(self, picture: object) -> Seen:
        """Never."""
        raise AssertionError("it is not asked to look")

    def likeness(self, sighting: Sighting, references: Sequence[Sighting]) -> float | None:
        """By the table."""
        return self.table[int(references[0].vector[0])][int(sighting.vector[0])]


def one(number: int, *, boxed: bool = True) -> Sighting:
    return Sighting(np.array([number], np.float32), (0.0, 0.0, 0.5, 0.5) if boxed else None)


def found(
    table: Sequence[Sequence[float | None]], sightings: int, *, whole: bool = False
) -> dict[str, int | None]:
    seen = Seen(
        tuple(one(number) for number in range(sightings)) + ((one(sightings, boxed=False),) if whole else ())
    )
    matches = assign(seen, {str(who): [one(who)] for who in range(len(table))}, ByTable(table))
    return {who: None if match is None else int(match.sighting.vector[0]) for who, match in matches.items()}


def test_of_several_faces_the_best_counts() -> None:
    """With one character the most alike sighting is it, wherever it stands and however small."""
    assert found([[0.2, 0.7, 0.1]], 3) == {"0": 1}


def test_two_characters_are_told_apart_by_the_sum() -> None:
    """Both like the first face best; who loses less gives it up."""
    assert found([[0.9, 0.8], [0.7, 0.1]], 2) == {"0": 1, "1": 0}


def test_one_face_is_one_character() -> None:
    """With one face for two characters the other is not seen, rather than seen in the same face."""
    assert found([[0.9], [0.5]], 1) == {"0": 0, "1": None}


def test_the_whole_picture_may_show_several() -> None:
    """A scorer that looks at whole pictures finds both characters there."""
    assert found([[0.6], [0.5]], 0, whole=True) == {"0": 0, "1": 0}


def test_who_gets_no_face_is_looked_for_in_the_whole_picture() -> None:
    """A character seen from behind is judged by the rest of the picture, not by a passer-by's face."""
    assert found([[0.9, 0.4], [0.5, 0.3]], 1, whole=True) == {"0": 0, "1": 1}


def test_nobody_is_nobody() -> None:
    """An empty frame has no characters."""
    assert found([[], []], 0) == {"0": None, "1": None}


def test_a_crowd_is_told_apart_too() -> None:
    """Six characters among six faces: beyond counting all ways, the best pairs come first."""
    table = [[1.0 if who == face else 0.1 for face in range(6)] for who in range(6)]
    assert found(table, 6) == {str(who): who for who in range(6)}


def test_who_is_seen_beyond_doubt_is_looked_for_no_further() -> None:
    """One character: once a face is as good as any threshold asks, the faces behind it cost nothing."""
    table = ByTable([[0.2, 0.61, 0.9]])
    asked: list[int] = []
    ask = table.likeness
    table.likeness = lambda one, views: (asked.append(int(one.vector[0])), ask(one, views))[1]  # type: ignore[method-assign]  # it also counts
    match = assign(Seen(tuple(one(number) for number in range(3))), {"0": [one(0)]}, table)["0"]
    assert match is not None
    assert match.score == 0.61
    assert 2 not in asked


def test_nothing_is_measured_that_nobody_asks_for() -> None:
    """A sighting whose numbers come late is measured when its numbers are asked for, and once."""
    measured: list[int] = []

    def measure() -> NDArray[np.float32]:
        measured.append(1)
        return np.ones(3, np.float32)

    late = Sighting(measure)
    assert not measured
    assert late.vector is late.vector
    assert len(measured) == 1


def test_in_a_crowd_no_face_is_two_characters() -> None:
    """All six are most like the first face: the one most like it has it, the others get one each."""
    table = [[1.0 - who / 10, *[0.5 - abs(who - face) / 10 for face in range(1, 6)]] for who in range(6)]
    chosen = found(table, 6)
    assert chosen["0"] == 0
    assert sorted(at for at in chosen.values() if at is not None) == list(range(6))


@given(st.lists(st.lists(SHARES, min_size=3, max_size=3), min_size=2, max_size=3))
def test_no_sighting_is_two_characters(table: list[list[float]]) -> None:
    """Every character gets a sighting of its own while there are enough, and the sum is the greatest."""
    chosen = found(table, 3)
    assert None not in chosen.values()
    assert len(set(chosen.values())) == len(table)
    first = max(table[0])
    assert sum(table[int(who)][at or 0] for who, at in chosen.items()) >= first - 1e-9
