from __future__ import annotations

from fractions import Fraction

from onmodel.stages.tally import Tally


def test_a_shot_is_counted_once_it_has_its_clips() -> None:
    """Shots and seconds grow with what is circled, in whatever order, and nothing counts twice."""
    circled: set[str] = set()
    tally = Tally({"s010": Fraction(5), "s020": Fraction(7, 2)}, circled.__contains__)
    assert (tally.of, tally.of_seconds) == (2, Fraction(17, 2))
    found = []
    for shot in ("s020", "s010", "s010"):
        tally.look()
        found.append((tally.done, tally.seconds))
        circled.add(shot)
    tally.look()
    assert found == [(0, 0), (1, Fraction(7, 2)), (2, Fraction(17, 2))]
    assert (tally.done, tally.seconds) == (2, tally.of_seconds)


def test_a_shot_that_has_its_clips_is_not_looked_at_again() -> None:
    """What a thousand shots cost each second is what is still missing of them."""
    asked: list[str] = []

    def has_clip(shot: str) -> bool:
        asked.append(shot)
        return shot == "s010"

    tally = Tally({"s010": Fraction(1), "s020": Fraction(1)}, has_clip)
    tally.look()
    tally.look()
    assert asked == ["s010", "s020", "s020"]
