from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from onmodel.qc import Limits, Seen, Sighting
from onmodel.qc.following import follow
from onmodel.qc.picture import Box

LEFT: Box = (0.1, 0.2, 0.3, 0.6)
RIGHT: Box = (0.6, 0.2, 0.8, 0.6)
FAR: Box = (0.4, 0.1, 0.5, 0.2)
THRESHOLD = 0.4
Face = tuple[float, Box | None]
"""How much it is like the references, and where it is."""


class ByNumber:
    """A scorer whose sightings are their own scores, and which counts whom it was asked about."""

    name = version = "number"
    limits = Limits(0.3, 0.6)

    def __init__(self) -> None:
        self.asked: list[float] = []

    def look(self, picture: object) -> Seen:
        """Never."""
        raise AssertionError("it is not asked to look")

    def likeness(self, sighting: Sighting, references: Sequence[Sighting]) -> float | None:
        """The sighting's number."""
        self.asked.append(round(float(sighting.vector[0]), 3))
        return self.asked[-1]


def scores(*frames: Sequence[Face], scorer: ByNumber | None = None) -> list[float | None]:
    looks = [
        Seen(tuple(Sighting(np.array([one], np.float32), box) for one, box in faces)) for faces in frames
    ]
    found = follow(looks, [Sighting(np.ones(1, np.float32))], scorer or ByNumber(), THRESHOLD)
    return [None if match is None else match.score for match in found]


def test_a_look_alike_who_was_there_all_along_is_not_the_character() -> None:
    """One of two who look alike turns into a stranger: that is seen, though the other stays."""
    before: list[Face] = [(0.5, LEFT), (0.45, RIGHT)]
    after: list[Face] = [(0.1, LEFT), (0.45, RIGHT)]
    assert scores(before, before, after, after, after) == [0.5, 0.5, 0.1, 0.1, 0.1]


def test_a_character_that_walks_is_found_where_it_went() -> None:
    """A stranger steps into its place, and it stands where nobody was: it is itself, not the stranger."""
    assert scores([(0.5, LEFT)], [(0.1, LEFT), (0.5, RIGHT)], [(0.1, LEFT), (0.5, RIGHT)]) == [0.5, 0.5, 0.5]


def test_who_was_taken_for_the_character_without_passing_is_left_again() -> None:
    """In the first frame it looks away, and a stranger is a little more like it: that decides nothing."""
    assert scores([(0.2, LEFT), (0.1, RIGHT)], [(0.2, LEFT), (0.5, RIGHT)]) == [0.2, 0.5]


def test_of_two_finds_in_one_place_the_better_counts() -> None:
    """A face that is found twice has nobody beside it."""
    above: Box = (0.1, 0.12, 0.3, 0.52)
    assert scores([(0.5, LEFT)], [(0.1, LEFT), (0.45, above)]) == [0.5, 0.45]


@pytest.mark.parametrize("gone", [[], [(0.1, FAR)]], ids=["nobody", "somebody elsewhere"])
def test_a_character_that_was_out_of_sight_is_looked_for_everywhere(gone: list[Face]) -> None:
    """Nobody is followed over a frame in which the character's face is not where it was."""
    both: list[Face] = [(0.45, LEFT), (0.5, RIGHT)]
    found = scores([(0.5, LEFT)], gone, both)
    assert found == [0.5, 0.1 if gone else None, 0.5]


def test_a_face_that_goes_on_and_passes_is_the_only_one_measured() -> None:
    """The first frame looks at everybody, the next ones at the character alone: faces take time."""
    scorer = ByNumber()
    pair: list[Face] = [(0.11, RIGHT), (0.5, LEFT)]
    assert scores(pair, pair, pair, scorer=scorer) == [0.5, 0.5, 0.5]
    assert scorer.asked[-2:] == [0.5, 0.5]
    assert set(scorer.asked[:-2]) == {0.11, 0.5}


def test_who_has_no_face_is_looked_for_in_every_frame_anew() -> None:
    """All of the picture is in no place."""
    assert scores([(0.5, None)], [(0.2, None)], [(0.45, None)]) == [0.5, 0.2, 0.45]
