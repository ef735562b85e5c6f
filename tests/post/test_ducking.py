from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from onmodel.post.ducking import DOWN, LONGEST_PAUSE, UP, Ducking, joined_spans
from onmodel.post.mixing import Mix
from onmodel.post.score import Heard, Score

S = 48_000


def voice(*spoken: tuple[float, float], seconds: float = 20, room: float = 20) -> NDArray[np.float64]:
    """A voice of amplitude 6000 in some spans of seconds, over the noise of its room."""
    rng = np.random.default_rng(1)
    sound = rng.normal(0, room, (int(seconds * S), 2))
    for begin, end in spoken:
        place = slice(int(begin * S), int(end * S))
        sound[place] += 6000 * np.sin(np.arange(place.stop - place.start) / 40)[:, None]
    return sound


def ducking_of(sound: NDArray[np.float64]) -> Ducking:
    return Ducking([([(0, len(sound))], len(sound), lambda begin, end: sound[begin:end])])


def test_music_is_down_while_somebody_speaks() -> None:
    """It goes down before the first word, stays down through short pauses, and comes back after."""
    ducking = ducking_of(voice((4, 6), (7, 9), (15, 16)))
    gain = ducking.gain(12, 0, 20 * S)
    down = 10 ** (-12 / 20)
    assert np.allclose(gain[int(4 * S) : int(9 * S)], down)
    assert np.allclose(gain[15 * S : 16 * S], down)
    assert (gain[: 4 * S - DOWN - 960] == 1).all()
    assert (gain[9 * S + UP + 960 : 15 * S - DOWN - 960] == 1).all()
    assert (np.diff(gain[3 * S : 4 * S]) <= 0).all()
    assert (np.diff(gain[9 * S : 10 * S]) >= 0).all()
    assert np.abs(np.diff(gain)).max() < 1 / DOWN


def test_a_quiet_room_is_no_speech() -> None:
    """The noise of a recording, and silence, duck nothing."""
    assert ducking_of(voice(room=60)).spoken == ()
    assert ducking_of(np.zeros((S, 2))).spoken == ()
    assert ducking_of(np.zeros((0, 2))).spoken == ()
    assert (ducking_of(voice(room=60)).gain(12, 0, 100) == 1).all()


def test_a_loud_room_is_told_from_its_voice() -> None:
    """What is far below the voice itself is not taken for it."""
    ((begin, end),) = ducking_of(voice((4, 6), room=190)).spoken
    assert abs(begin - 4 * S) <= 960
    assert abs(end - 6 * S) <= 960


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 10**5)), max_size=12))
def test_spans_are_apart(found: list[tuple[int, int]]) -> None:
    """Joined spans cover what they were made from, in order, further apart than a pause."""
    spans = joined_spans(iter([(begin, begin + length) for begin, length in found]))
    for (_, end), (begin, _) in pairwise(spans):
        assert begin - end > LONGEST_PAUSE
    for begin, length in found:
        assert any(first <= begin and begin + length <= last for first, last in spans)


@pytest.mark.parametrize("down_db", [6.0, 12.0, 20.0])
def test_ducking_is_as_deep_as_it_says(down_db: float, tmp_path: Path) -> None:
    """Under speech the music is quieter by what is written; the speech itself is not touched."""
    speech, music = tmp_path / "speech.s16", tmp_path / "music.s16"
    speech.write_bytes(voice((2, 4), seconds=6, room=0).astype("<i2").tobytes())
    music.write_bytes(np.full((8 * S, 2), 1000, "<i2").tobytes())
    spoken = Heard("s010 speech", "s", speech, S, 10 * S, speech=((S, 9 * S),))
    bed = Heard("music", "m", music, 0, 8 * S, ducked_db=down_db)
    pcm = {("s", spoken.speed): speech, ("m", bed.speed): music}
    both = Mix(Score(8 * S, (bed, spoken)), pcm).render(0, 8 * S)
    alone = Mix(Score(8 * S, (spoken,)), pcm).render(0, 8 * S)
    under = (both - alone)[:, 0]
    assert np.allclose(under[: 2 * S], 1000)
    assert np.allclose(under[3 * S + 960 : 5 * S - 960], 1000 * 10 ** (-down_db / 20), atol=0.1)
    assert np.allclose(under[6 * S + 960 :], 1000)
