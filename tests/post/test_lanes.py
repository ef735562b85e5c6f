from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onmodel.post.cutlist import Cut, CutList, Join, Overlay, Piece, Transition
from onmodel.post.lanes import Lane, Over, Strip, overlays_of, pictures_of, sounds_of
from onmodel.post.score import Heard, Score, score_of_clips

FPS = Fraction(24)
NOWHERE = Path("clip.mp4")


def piece(name: str, frames: int, join: Join | None = None, **fields: object) -> Piece:
    return Piece(name, f"sha of {name}", NOWHERE, frames, join or Cut(), **fields)  # type: ignore[arg-type]


def native(cutlist: CutList, silent: str = "") -> tuple[Lane, ...]:
    lengths = {one.sha256: Fraction(0 if one.shot == silent else 100) for one in cutlist.pieces}
    return sounds_of(cutlist, score_of_clips(cutlist, FPS), FPS, lengths)


def laid(lane: Lane) -> list[tuple[str, int, int, int]]:
    return [(one.name, one.begin, one.end, one.source) for one in lane.strips]


@st.composite
def cutlists(draw: st.DrawFn) -> CutList:
    pieces, head = [], 0
    count = draw(st.integers(1, 6))
    for number in range(count):
        tail = draw(st.integers(0, 9)) if number + 1 < count else 0
        frames = head + tail + draw(st.integers(2, 30))
        join = Transition(tail, draw(st.sampled_from(["crossfade", "wipe-left"]))) if tail else Cut()
        held = draw(st.integers(0, frames - 1))
        begin = draw(st.integers(0, 20))
        pieces.append(piece(f"s{number}", frames, join, hold_frames=held, begin_frames=begin))
        head = tail
    return CutList(tuple(pieces))


@settings(max_examples=200, deadline=None)
@given(cutlists())
def test_every_frame_of_the_programme_is_seen_once_and_is_the_right_one(cutlist: CutList) -> None:
    """The strips follow each other without a gap, and each shows the frame that the cut shows there."""
    strips = pictures_of(cutlist).strips
    assert [one.begin for one in strips] == [0, *(one.end for one in strips[:-1])]
    assert strips[-1].end == cutlist.frames
    parts = {one.shot: (one, start) for one, start in zip(cutlist.pieces, cutlist.starts, strict=True)}
    for strip in strips:
        shot, start = parts[strip.name]
        last = shot.frames - shot.hold_frames - 1
        for seen in (0, strip.frames - 1):
            wanted = shot.begin_frames + min(strip.begin + seen - start, last)
            assert strip.source + (0 if strip.is_held else seen) == wanted


@settings(max_examples=200, deadline=None)
@given(cutlists())
def test_a_transition_lies_where_the_cut_has_it(cutlist: CutList) -> None:
    """From the first frame of the right shot to the last of the left one, on both sides of one cut."""
    strips = pictures_of(cutlist).strips
    found = [(one.end - one.leaving.before, one.end + one.leaving.after) for one in strips if one.leaving]
    starts = [*cutlist.starts, cutlist.frames]
    wanted = [
        (starts[index + 1], starts[index + 1] + one.join.overlap_frames)
        for index, one in enumerate(cutlist.pieces)
        if one.join.overlap_frames
    ]
    assert found == wanted
    assert [one.coming for one in strips if one.coming] == [one.leaving for one in strips if one.leaving]


def test_a_held_end_that_is_shorter_than_its_transition_lies_under_it() -> None:
    """No transition reaches over a strip that is shorter than its own half."""
    cutlist = CutList((piece("a", 40, Transition(10), hold_frames=3), piece("b", 40)))
    assert laid(pictures_of(cutlist)) == [("a", 0, 35, 0), ("b", 35, 70, 5)]
    longer = CutList((piece("a", 40, Transition(10), hold_frames=8), piece("b", 40)))
    assert pictures_of(longer).strips[0].leaving == Over(2, 8, "crossfade")
    whole = CutList((piece("a", 40, Transition(10), hold_frames=12), piece("b", 40)))
    held = pictures_of(whole).strips[1]
    assert (held.begin, held.end, held.source, held.is_held) == (28, 35, 27, True)


def test_slow_motion_begins_at_the_frame_of_its_clip() -> None:
    """`source` counts the clip's own frames, the strip those that are seen."""
    cutlist = CutList((piece("a", 40, begin_frames=48, speed=Fraction(1, 2)),))
    strip = pictures_of(cutlist).strips[0]
    assert (strip.source, strip.frames, strip.speed) == (24, 40, Fraction(1, 2))


def test_a_caption_over_a_transition_is_one_strip() -> None:
    """It lies over both shots in the cut, and once on a lane; another one beside it has its own."""
    overlay = [Overlay("c", NOWHERE, first, 30) for first in (20, -14)]
    third = Overlay("t", NOWHERE, 0, 25, 6)
    left = piece("a", 40, Transition(6), overlays=(third, overlay[0]))
    lanes = overlays_of(CutList((left, piece("b", 40, overlays=(overlay[1],)))))
    assert [[(one.sha256, one.begin, one.end) for one in lane.strips] for lane in lanes] == [
        [("t", 0, 25)],
        [("c", 20, 50)],
    ]
    assert lanes[0].strips[0].told == {"fade_frames": 6}


def test_sound_goes_over_where_the_picture_does() -> None:
    """One lane, the same cut, the same transition."""
    lanes = native(CutList((piece("a", 40, Transition(10)), piece("b", 40))))
    assert [laid(lane) for lane in lanes] == [[("a", 0, 35, 0), ("b", 35, 70, 5)]]
    assert lanes[0].strips[0].leaving == lanes[0].strips[1].coming == Over(5, 5, "crossfade")


@pytest.mark.parametrize(
    ("join", "begin", "heard"),
    [
        (Cut(audio_lead_frames=7), 9, [("a", 0, 40, 0), ("b", 33, 80, 2)]),
        (Cut(audio_lag_frames=7), 0, [("a", 0, 47, 0), ("b", 40, 80, 0)]),
    ],
    ids=["J", "L"],
)
def test_at_j_and_l_cuts_both_shots_are_heard_on_two_lanes(
    join: Cut, begin: int, heard: list[tuple[str, int, int, int]]
) -> None:
    """The sound begins before its picture, or goes on after it, by the frames of the cut list."""
    lanes = native(CutList((piece("a", 40, join), piece("b", 40, begin_frames=begin))))
    assert [laid(lane) for lane in lanes] == [[heard[0]], [heard[1]]]


def test_what_is_silent_is_on_no_sound_lane() -> None:
    """Clips without sound, held frames and cards leave nothing; the lanes beside them stay in step."""
    cutlist = CutList(
        (
            Piece("card", "png", NOWHERE, 24, still=True),
            piece("a", 40, hold_frames=10),
            piece("b", 40),
            piece("c", 40),
        )
    )
    assert [laid(lane) for lane in native(cutlist, silent="b")] == [[("a", 24, 54, 0), ("c", 104, 144, 0)]]


def test_music_that_begins_anew_is_a_strip_for_every_turn() -> None:
    """It comes with the first and goes with the last; a file that ends before its time is no longer."""
    cutlist = CutList((piece("a", 120),))
    bed = Heard("music", "m", NOWHERE, 0, 240_000, fade_in=4800, fade_out=9600, loop=True)
    speech = Heard("a speech", "v", NOWHERE, 12_000, 228_000)
    score = Score(240_000, (bed, speech))
    lanes = sounds_of(cutlist, score, FPS, {"m": Fraction(2), "v": Fraction(1)})
    assert [lane.name for lane in lanes] == ["speech", "music"]
    assert laid(lanes[0]) == [("a speech", 6, 30, 0)]
    assert [(one.begin, one.end) for one in lanes[1].strips] == [(0, 48), (48, 96), (96, 120)]
    fades = [(one.told.get("fade_in_samples"), one.told.get("fade_out_samples")) for one in lanes[1].strips]
    assert fades == [(4800, None), (None, None), (None, 9600)]


def test_a_strip_ends_where_it_says() -> None:
    """`end` is the frame after its last."""
    assert Strip("a", "b", 3, 4).end == 7
