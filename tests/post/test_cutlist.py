from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.errors import PostError
from onmodel.post.conform import pieces_of
from onmodel.post.cutlist import Cut, CutList, Piece, Transition
from onmodel.post.formats import Format
from onmodel.units import SAMPLE_RATE, Size, samples_at

RATES = [Fraction(24), Fraction(25), Fraction(30), Fraction(30000, 1001), Fraction(24000, 1001)]


def piece(shot: str, frames: int, join: int = 0) -> Piece:
    return Piece(shot, shot * 8, Path(f"{shot}.mp4"), frames, Transition(join) if join else Cut())


@st.composite
def cutlists(draw: st.DrawFn) -> CutList:
    """Any cut list that is allowed: crossfades fit into what the crossfade before left of the shot."""
    lengths = draw(st.lists(st.integers(1, 300), min_size=1, max_size=30))
    pieces, head = [], 0
    for index, frames in enumerate(lengths):
        room = 0 if index + 1 == len(lengths) else min(frames - head, lengths[index + 1])
        join = draw(st.integers(0, room))
        pieces.append(piece(f"s{index:03d}", frames, join))
        head = join
    return CutList(tuple(pieces))


@given(cutlists(), st.sampled_from(RATES))
def test_the_programme_is_what_is_used_less_what_overlaps(cutlist: CutList, fps: Fraction) -> None:
    """Frames and samples of the whole are the last shot's end, and every piece of picture is in it once."""
    assert cutlist.frames == sum(p.frames for p in cutlist.pieces) - sum(cutlist.heads)
    assert cutlist.frames == cutlist.starts[-1] + cutlist.pieces[-1].frames
    assert cutlist.samples(fps) == cutlist.sample_spans(fps)[-1][1] == samples_at(cutlist.frames, fps)
    jobs = pieces_of(cutlist, Format(Size(160, 90), fps), "encoder")
    assert sum(job.frames for job in jobs) == cutlist.frames
    assert all(job.frames > 0 for job in jobs)


@given(cutlists(), st.sampled_from(RATES))
def test_sound_stays_within_half_a_sample_of_picture(cutlist: CutList, fps: Fraction) -> None:
    """No shot's sound drifts, however many come before it."""
    for start, (begin, _) in zip(cutlist.starts, cutlist.sample_spans(fps), strict=True):
        assert abs(begin - start * SAMPLE_RATE / fps) <= Fraction(1, 2)


@given(cutlists())
def test_every_used_frame_is_encoded_once(cutlist: CutList) -> None:
    """For each shot its spans over bodies and windows are its used frames, in order, without a gap."""
    found: dict[str, list[int]] = {p.shot: [] for p in cutlist.pieces}
    for job in pieces_of(cutlist, Format(Size(160, 90), Fraction(24)), "encoder"):
        for span in job.spans:
            assert span.frames == job.frames
            found[span.shot] += range(span.first_frame, span.first_frame + span.frames)
    for p in cutlist.pieces:
        assert found[p.shot] == list(range(p.frames))


@pytest.mark.parametrize(
    ("pieces", "message"),
    [
        ((), "no shots"),
        ((piece("s010", 0),), "s010: 0 frames"),
        ((piece("s010", 10, 11), piece("s020", 40)), "s010: the transition out of this shot has 11"),
        ((piece("s010", 40, 11), piece("s020", 10)), "s020: the transition into this shot has 11"),
        ((piece("s010", 40, 6), piece("s020", 10, 5), piece("s030", 40)), "s020: its transitions of 6 and 5"),
        ((piece("s010", 40), piece("s020", 40, 3)), "s020: the last shot"),
        ((Piece("s010", "a", Path("a"), 9, Transition(0)), piece("s020", 9)), "s010: a crossfade of 0"),
        (
            (Piece("s010", "a", Path("a"), 9, Transition(0, "dip-to-black")), piece("s020", 9)),
            "s010: a dip to black of 0",
        ),
        ((Piece("s010", "a", Path("a"), 9, hold_frames=9),), "s010: 9 of its 9 frames are held"),
        ((Piece("s010", "a", Path("a"), 9, begin_frames=-1),), "s010: it begins at frame -1"),
        ((Piece("s010", "a", Path("a"), 9, speed=Fraction(0)),), "s010: it begins at frame 0 and runs at 0"),
        ((piece("s010", 9), Piece("s020", "a", Path("a"), 9, Cut(2))), "s020: the last shot has no next"),
        (
            (Piece("s010", "a", Path("a"), 9, Cut(2)), piece("s020", 9)),
            "s020: it is to be heard 2 frames before",
        ),
        (
            (Piece("s010", "a", Path("a"), 9, Cut(0, 10)), piece("s020", 9)),
            "s010: a lead of 0 and a lag of 10",
        ),
        ((Piece("s010", "a", Path("a"), 9, Cut(0, 2), hold_frames=3), piece("s020", 9)), "s010: it is held"),
    ],
)
def test_a_cut_that_cannot_be_made_names_the_shot(pieces: tuple[Piece, ...], message: str) -> None:
    """The error names the shot, what was found, and what is allowed."""
    with pytest.raises(PostError, match=message) as caught:
        CutList(pieces)
    assert caught.value.hint


def test_a_shot_is_heard_earlier_and_later_than_it_is_seen() -> None:
    """A lead moves where the next shot's sound begins, a lag where this one's ends; the picture stays."""
    first = Piece("s010", "a", Path("a"), 24, Cut(6, 12))
    second = Piece("s020", "b", Path("b"), 24, begin_frames=6)
    cutlist = CutList((first, second))
    assert cutlist.starts == (0, 24)
    assert cutlist.sample_spans(Fraction(24)) == ((0, 36 * 2000), (18 * 2000, 48 * 2000))
    assert cutlist.samples(Fraction(24)) == 48 * 2000


def test_crossfades_may_use_a_shot_up() -> None:
    """A shot that is all crossfade has no body, and the cut is still whole."""
    cutlist = CutList((piece("s010", 20, 5), piece("s020", 10, 5), piece("s030", 20)))
    jobs = pieces_of(cutlist, Format(Size(160, 90), Fraction(24)), "encoder")
    assert [len(job.spans) for job in jobs] == [1, 2, 2, 1]
    assert cutlist.frames == 40
