from __future__ import annotations

from typing import Any

import pytest

from onmodel.dailies.continuity import continuity_of


@pytest.fixture
def filmed(film_set: Any) -> Any:
    """Two shots in the same clothes that look unlike, one in others, and a retake that is better."""
    film_set.shoot_sheets()
    film_set.shoot("s010.shoot", 1, looks="off-model", score=0.3, vector=[0.0, 1.0])
    film_set.shoot("s010.shoot", 2, score=0.9, vector=[1.0, 0.0])
    film_set.shoot("s020.shoot", 1, looks="partial", score=0.6, vector=[0.6, 0.8])
    film_set.decide("circle", "s020.shoot", 1)
    film_set.shoot("s030.shoot", 1, score=0.7, vector=[-1.0, 0.0])
    return film_set


def test_the_matrix_has_every_shot_with_its_circled_take(filmed: Any) -> None:
    """In the order of the cut: standing, and how far the score is over the threshold."""
    found = continuity_of([filmed.plan()])
    cells = [(row.subject, row.cells["pip"].likeness.standing, row.cells["pip"].margin) for row in found.rows]
    assert cells == [
        ("s010", "on-model", pytest.approx(0.4)),
        ("s020", "partial", pytest.approx(0.1)),
        ("s030", "on-model", pytest.approx(0.2)),
    ]


def test_a_trend_is_the_median_of_each_episode(filmed: Any) -> None:
    """Of the circled takes only, beside how many of them are on-model."""
    (trend,) = continuity_of([filmed.plan()]).trends
    assert (trend.character, trend.episode, trend.clips, trend.on_model) == ("pip", "s01e01", 3, 2)
    assert (trend.score, trend.margin) == (pytest.approx(0.7), pytest.approx(0.2))


def test_pairs_are_of_the_same_clothes(filmed: Any) -> None:
    """A raincoat is no fault of continuity: only s010 and s020 can be compared."""
    (pair,) = continuity_of([filmed.plan()]).pairs
    assert (pair.guise, pair.one, pair.other) == ("pip.default", ("s01e01", "s010"), ("s01e01", "s020"))
    assert pair.alike == pytest.approx(0.6, abs=0.002)


def test_a_shot_that_was_not_made_is_an_empty_row(film_set: Any) -> None:
    """Nobody was recognised yet: the shots are there all the same."""
    found = continuity_of([film_set.plan()])
    assert [row.subject for row in found.rows] == ["s010", "s020", "s030"]
    assert (found.characters, found.trends, found.pairs) == ((), (), ())


def test_clothes_of_another_colour_are_a_warning(film_set: Any) -> None:
    """The circled take's warning is listed by shot and character; its verdict is what it was."""
    film_set.shoot_sheets()
    film_set.shoot("s010.shoot", 1, score=0.9, note="another colour")
    film_set.shoot("s020.shoot", 1, score=0.9)
    found = continuity_of([film_set.plan()])
    (warned,) = found.warnings
    assert (warned.episode, warned.subject, warned.character) == ("s01e01", "s010", "pip")
    assert (warned.note, warned.colour) == ("another colour", 0.7)
    assert found.rows[0].cells["pip"].likeness.standing == "on-model"
