from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.post.cutlist import Aim
from onmodel.post.reframe import Seen, Timing, enlargement, following, frame_share, standing
from onmodel.units import Size

LYING, TALL = Size(1280, 720), Size(1080, 1920)
SHARE = frame_share(LYING, TALL)
FPS = Fraction(24)


def timing(frames: int = 120, begin_s: int = 0) -> Timing:
    return Timing(Fraction(begin_s), frames, 1 / FPS, FPS)


def face(x: float, y: float = 0.4) -> tuple[float, float, float, float]:
    return (x - 0.05, y - 0.1, x + 0.05, y + 0.1)


def test_a_tall_frame_shows_all_of_the_height_of_a_lying_clip() -> None:
    """What a frame shows is as large as the clip allows, and how far it is enlarged is known."""
    assert (pytest.approx(405 / 1280), 1.0) == SHARE
    assert frame_share(TALL, LYING) == (1.0, pytest.approx(405 / 1280))
    assert enlargement(LYING, TALL) == pytest.approx(1920 / 720)
    assert frame_share(LYING, Size(640, 360)) == (1.0, 1.0)


def test_a_standing_frame_does_not_leave_the_picture() -> None:
    """Where the place is too near to an edge, the frame stands at the edge."""
    assert standing(0, 0.5, SHARE) == (Aim(0, 0.1582, 0.5),)
    assert standing(1, 1, SHARE) == (Aim(0, 0.8418, 0.5),)


def test_nobody_seen_gives_the_middle() -> None:
    """Without anybody recognised the frame stands in the middle of the clip."""
    assert following([], SHARE, timing()) == (Aim(0, 0.5, 0.5),)


def test_a_nod_moves_no_frame() -> None:
    """As long as a face stays near one place, the frame stands there."""
    seen = [Seen(at / 2, (face(0.3 + 0.02 * (at % 2)),)) for at in range(10)]
    (aim,) = following(seen, SHARE, timing())
    assert aim.x == pytest.approx(0.31, abs=0.02)


def test_one_face_far_off_for_one_look_is_a_mistake() -> None:
    """A place that jumps away and back moves nothing."""
    seen = [Seen(at / 2, (face(0.9 if at == 4 else 0.3),)) for at in range(10)]
    assert following(seen, SHARE, timing()) == (Aim(0, 0.3, 0.5),)


def test_who_walks_across_the_picture_is_followed_gently() -> None:
    """The frame moves no faster than half its width a second, starts softly, and has the face in it."""
    seen = [Seen(float(at), (face(0.3 + 0.08 * at),)) for at in range(6)]
    aims = following(seen, SHARE, timing())
    assert aims[0].frame == 0
    assert aims[-1].frame == 119
    assert aims[-1].x - aims[0].x > 0.2
    for one, other in pairwise(aims):
        assert abs(other.x - one.x) <= 0.5 * SHARE[0] * (other.frame - one.frame) / 24 + 2e-4
    for aim in aims:
        assert abs(0.3 + 0.08 * aim.frame / 24 - aim.x) < SHARE[0] / 2


def test_only_the_times_that_are_seen_count() -> None:
    """A face that goes away after the shot has left its clip moves nothing."""
    seen = [Seen(float(at), (face(0.3 if at < 3 else 0.8),)) for at in range(6)]
    assert len(following(seen, SHARE, timing(frames=40))) == 1
    (late,) = following(seen, SHARE, timing(frames=24, begin_s=4))
    assert late.x == pytest.approx(0.8)


def test_two_who_do_not_fit_are_not_split() -> None:
    """Two faces that fit are both in the frame; of two that do not, the first is."""
    near, far = [Seen(0, (face(0.4), face(0.55)))], [Seen(0, (face(0.2), face(0.8)))]
    assert following(near, SHARE, timing())[0].x == pytest.approx(0.475)
    assert following(far, SHARE, timing())[0].x == pytest.approx(0.2)


def test_a_face_stands_above_the_middle_of_a_lying_frame() -> None:
    """Where the frame leaves out a part of the height, there is little room above a head."""
    share = frame_share(TALL, LYING)
    (aim,) = following([Seen(0, (face(0.5, 0.4),))], share, timing())
    assert aim.y > 0.4


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=9),
    st.sampled_from([LYING, TALL, Size(720, 720), Size(576, 720)]),
    st.integers(1, 90),
)
def test_no_frame_ever_leaves_the_picture(
    places: list[tuple[float, float]], shape: Size, frames: int
) -> None:
    """Wherever faces are, every frame is inside the clip, in order, within the shot."""
    share = frame_share(LYING, shape)
    seen = [Seen(at / 2, (face(x, y),)) for at, (x, y) in enumerate(places)]
    aims = following(seen, share, timing(frames))
    assert all(share[0] / 2 - 1e-3 <= aim.x <= 1 - share[0] / 2 + 1e-3 for aim in aims)
    assert all(share[1] / 2 - 1e-3 <= aim.y <= 1 - share[1] / 2 + 1e-3 for aim in aims)
    numbers = [aim.frame for aim in aims]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] < frames
