from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.errors import Finding, StoryError
from onmodel.planning.chains import LONGEST_LINK_S, links_of
from onmodel.planning.cutting import Clip, join_of, pieces_of_shot
from onmodel.post.cutlist import Cut, Kind, Piece, Transition
from onmodel.story import Join, Shot
from onmodel.story.trims import Trim, trim_of

RATES = st.sampled_from([Fraction(24), Fraction(25), Fraction(24000, 1001), Fraction(30)])
FPS = Fraction(24)


def shot(**said: Any) -> Shot:
    return Shot.model_validate(said)


def pieces(said: Shot, fps: Fraction = FPS) -> tuple[Piece, ...]:
    trim = trim_of(said, Trim(Fraction(0), Fraction(5)))
    links = links_of("s010", said, trim, fps)
    clips = [Clip(str(link.number), Path()) for link in links]
    return pieces_of_shot("s010", said, clips, trim, fps)


def findings(desk: Any) -> list[Finding]:
    """What is wrong with the episode; nothing may have been asked for by then."""
    with pytest.raises(StoryError) as caught:
        desk.plan()
    assert desk.vault.journal.jobs() == []
    return caught.value.findings


def test_every_kind_can_be_said() -> None:
    """What the cut can do, a shot list can ask for."""
    said = [{"crossfade": 1}, {"dip_to_black": 1}, {"dip_to_white": 1}]
    said += [
        {key: 1, "towards": side} for key in ("wipe", "slide") for side in ("left", "right", "up", "down")
    ]
    joins = [join_of(Join.model_validate(one), FPS) for one in said]
    assert joins == [Transition(24, kind) for kind in get_args(Kind)]
    assert join_of(Join.model_validate({"audio_lead": 0.5, "audio_lag": 0.25}), FPS) == Cut(12, 6)
    assert join_of(None, FPS) == join_of(Join(), FPS) == Cut()


def test_a_trimmed_shot_is_one_piece() -> None:
    """Frames are counted as they are seen: in slow motion there are more before the first one."""
    (piece,) = pieces(shot(**{"in": 1, "speed": 0.5, "hold": 0.5, "seconds": 4}))
    assert (piece.begin_frames, piece.frames, piece.hold_frames, piece.speed) == (48, 96, 12, Fraction(1, 2))


def test_a_trim_is_of_the_whole_chain() -> None:
    """Of three clips the first is passed over, the next begins later, and the hold is the last one's."""
    said = shot(**{"in": 6, "seconds": 6, "hold": 1, "join": {"wipe": 0.5}})
    trim = trim_of(said, Trim(Fraction(0), Fraction(5)))
    assert [link.used_s for link in links_of("s010", said, trim, FPS)] == [5, 5, 1]
    found = [(one.shot, one.begin_frames, one.frames, one.hold_frames) for one in pieces(said)]
    assert found == [("s010.2", 25, 96, 0), ("s010.3", 1, 48, 24)]
    assert [one.join.overlap_frames for one in pieces(said)] == [0, 12]


def test_sound_goes_on_in_the_last_clip() -> None:
    """An L cut of a chain asks for a longer last clip, and of a single clip for a longer one."""
    long = shot(seconds=8, join={"audio_lag": 0.5})
    trim = trim_of(long, Trim(Fraction(0), Fraction(5)))
    assert [link.used_s for link in links_of("s010", long, trim, FPS)] == [5, Fraction(7, 2)]
    short = shot(seconds=4, join={"audio_lag": 0.5})
    trim = trim_of(short, Trim(Fraction(0), Fraction(5)))
    assert [link.used_s for link in links_of("s010", short, trim, FPS)] == [Fraction(9, 2)]


@given(
    end=st.integers(1, 720),
    begin=st.integers(0, 400),
    speed=st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(2), Fraction(3, 4), Fraction(7, 3)]),
    hold=st.integers(0, 48),
    fps=RATES,
)
def test_a_chain_shows_its_source_once(
    end: int, begin: int, speed: Fraction, hold: int, fps: Fraction
) -> None:
    """However it is trimmed: the frames are those of its seconds, and no second of the source is left out.

    Each frame of a piece shows the second of the chain that the same shot in one clip would show there, but
    for the rounding to whole frames.
    """
    end, begin = max(end, 4), min(begin, max(end, 4) - 4)  # at four times the speed one frame is left
    trim = Trim(begin / fps, end / fps, speed, hold / fps)
    links = links_of("s010", shot(), trim, fps)
    clips = [Clip(str(link.number), Path()) for link in links]
    found = pieces_of_shot("s010", shot(), clips, trim, fps)
    wanted = max(round(trim.used_s * fps), 1)
    assert abs(sum(piece.frames for piece in found) - wanted) <= 1
    starts, seen = [Fraction(0)], 0
    for link in links:
        starts.append(starts[-1] + link.ends_at_s + 1 / fps)
    for piece in found:
        number = int(piece.sha256)
        joint = 0 if number == 1 else 1
        second = starts[number - 1] + piece.begin_frames * speed / fps - joint / fps
        in_one = (round(trim.begin_s / speed * fps) + seen) * speed / fps
        assert abs(second - in_one) <= 2 * max(speed, 1) / fps
        assert piece.frames > piece.hold_frames
        seen += piece.frames
    assert all(link.used_s <= LONGEST_LINK_S for link in links) or len(links) == 1


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        (
            "    seconds: 4\n",
            "    seconds: 4\n    join: {dip_to_black: 6}\n",
            "dip_to_black",
            "the dip to black out of this shot is 6 s, the shot has 4 s.",
        ),
        (
            "    camera: {size: medium, move: dolly in}\n",
            "    join: {wipe: 4.5}\n",
            "s020:",
            "the wipe into this shot is 4.5 s, the shot has 4 s.",
        ),
        (
            "    seconds: 4\n",
            "    seconds: 4\n    join: {audio_lead: 0.5}\n",
            "audio_lead",
            "'s030' is to be heard 0.5 s before it is seen, and it begins at 0 s of its clip: there is no",
        ),
        (
            "    seconds: 4\n",
            "    seconds: 4\n    hold: 1\n    join: {audio_lag: 0.5}\n",
            "audio_lag",
            "the shot is held at its end, so there is no sound that could go on under the next one.",
        ),
        (
            "    seconds: 4\n",
            "    seconds: 4\n    join: {audio_lag: 6}\n",
            "audio_lag",
            "'audio_lag' is 6 s, and 's030', under which it is heard, has 5 s.",
        ),
        (
            "keep: [its movement]}\n",
            "keep: [its movement]}\n    in: 5\n",
            "in: 5",
            "the shot begins at 5 s of its clip and leaves it at 5 s: nothing is left.",
        ),
        (
            "keep: [its movement]}\n",
            "keep: [its movement]}\n    out: 4\n    join: {audio_lag: 1}\n",
            "audio_lag",
            "'s030' is the last shot: nothing comes that its cut leads to.",
        ),
    ],
)
def test_what_cannot_be_cut_is_told_before_anything_is_bought(
    desk: Any, old: str, new: str, line: str, message: str
) -> None:
    """In seconds, as it was written, at its line, with what is allowed."""
    desk.change("episode", old, new)
    (found,) = findings(desk)
    lines = (desk.root / "episodes/s01e01.yaml").read_text().splitlines()
    assert message in found.message
    assert line in lines[found.place.line - 1] or line == "s020:"
    assert found.hint


def test_a_trim_past_the_end_of_the_reference(desk: Any) -> None:
    """A shot that moves like a clip of 6 seconds cannot leave it at 8, nor be heard on after it."""
    (desk.root / "sway-6s.mp4").write_bytes(b"sway")
    moved = "    motion: {reference: sway-6s.mp4}\n    out: 8\n"
    desk.change("episode", "    action: it blinks\n", moved)
    desk.change("episode", "restyle: {shot: s010,", "restyle: {shot: s020,")
    (found,) = findings(desk)
    assert found.message == "the shot needs 8 s of its clip, and its reference has 6 s."
    assert found.hint == "Say with `out: 6` where it ends."
    desk.change("episode", "    out: 8\n", "    join: {audio_lag: 0.5}\n")
    (found,) = findings(desk)
    assert found.hint == "Say with `out: 5.5` where it ends."
    desk.change("episode", "    join: {audio_lag: 0.5}\n", "    in: 1\n    out: 4\n    speed: 0.5\n")
    plan = desk.plan()
    assert (plan.used_s["s010"], plan.lines["s010.shoot"].commission.used_s) == (6, 4)


def test_a_trim_that_the_clip_covers_buys_nothing(desk: Any) -> None:
    """A clip is not made from its trims; one that asks for more than there is makes it stale, and why."""
    for name in ("pip.default.front.sheet", "pip.default.profile.sheet", "s010.keyframe", "s010.shoot"):
        desk.shoot(name)
    for more in (
        "in: 0.5",
        "out: 3",
        "speed: 0.5",
        "speed: 2\n    out: 4",
        "hold: 1",
        "seconds: 3\n    in: 2",
    ):
        desk.change("episode", "    action: it blinks\n", f"    action: it blinks\n    {more}\n")
        assert desk.states()["s010.shoot"] == "current", more
        desk.change("episode", f"    {more}\n", "")
    desk.change(
        "episode",
        "    action: it blinks\n",
        "    action: it blinks\n    clips: one\n    speed: 2\n    seconds: 4\n",
    )
    assert desk.why("s010.shoot") == ("stale", "8 s are wanted, take 1 has 5 s")


def test_a_default_join_leads_nowhere_at_the_end(desk: Any) -> None:
    """Transitions for all shots in the defaults are no fault of the last one."""
    desk.change("episode", "mood: warm light}", "mood: warm light, join: {crossfade: 0.5}}")
    assert desk.plan().used_s == {"s010": 5, "s020": 4, "s030": 5}
