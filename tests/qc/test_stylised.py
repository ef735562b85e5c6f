from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from onmodel.qc import Sighting
from onmodel.qc.appearance import NUMBERS
from onmodel.qc.faces import FACE_NUMBERS
from onmodel.qc.stylised import StylisedScorer

SCORER = StylisedScorer()
BOX = (0.4, 0.2, 0.6, 0.5)


def vector(cosine: float, length: int) -> NDArray[np.float32]:
    """Of length 1, and so much like the first axis."""
    found = np.zeros(length, np.float32)
    found[:2] = cosine, np.sqrt(1 - cosine**2)
    return found


def sighting(look: float, face: float | None, parts: Sequence[float] = ()) -> Sighting:
    """How much its look and its face are like those of `sighting(1, 1)`; a face of None is no face."""
    box = None if face is None else BOX
    numbers = np.zeros(FACE_NUMBERS, np.float32) if face is None else vector(face, FACE_NUMBERS)
    windows = np.stack([vector(one, NUMBERS) for one in (look, *parts)])
    return Sighting(np.concatenate([vector(look, NUMBERS), numbers]), box, windows)


def test_look_and_face_count_half_each() -> None:
    """Where the references agree in their face, it is the mean of both."""
    references = [sighting(1, 1), sighting(1, 1)]
    assert SCORER.likeness(sighting(0.6, 0.2), references) == pytest.approx(0.4, abs=1e-4)


def test_of_the_windows_the_best_counts() -> None:
    """A character that fills a part of the picture is found in that part."""
    references = [sighting(1, None), sighting(1, None)]
    assert SCORER.likeness(sighting(0.2, None, (0.1, 0.7)), references) == pytest.approx(0.7, abs=1e-4)


@pytest.mark.parametrize(
    "references",
    [
        [sighting(1, 1), sighting(1, 0.2)],
        [sighting(1, 1), sighting(1, None), sighting(1, None)],
        [sighting(1, None), sighting(1, None)],
    ],
    ids=["they do not agree", "few have a face", "none has"],
)
def test_faces_that_are_not_the_character_s_own_are_left_out(references: list[Any]) -> None:
    """A passer-by beside a dinosaur is not the dinosaur, however much its picture is like the sheet."""
    assert SCORER.likeness(sighting(1, 1), references) is None
    assert SCORER.likeness(sighting(1, None), references) is not None


@pytest.mark.parametrize(("height", "own"), [(0.3, True), (0.05, False)])
def test_a_single_reference_s_face_counts_where_it_is_large(height: float, *, own: bool) -> None:
    """With nothing to agree with, a small face on the only picture may be anybody's."""
    face = sighting(1, 1)
    only = Sighting(face.vector, (0.4, 0.2, 0.6, 0.2 + height), face.parts)
    assert (SCORER.likeness(sighting(1, 1), [only]) is not None) is own


def test_a_closer_look_sees_smaller_parts(painted: Any) -> None:
    """The second look has more and smaller windows, and the same sightings."""
    picture = painted.scene("pip", shot="wide shot")
    seen = SCORER.look(picture)
    closer = SCORER.look_closer(picture, seen)
    first, second = seen.sightings[0].parts, closer.sightings[0].parts
    assert first is not None
    assert second is not None
    assert len(second) > 2 * len(first)
    assert [one.box for one in closer.sightings] == [one.box for one in seen.sightings]
