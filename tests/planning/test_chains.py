from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.errors import Finding, StoryError
from onmodel.planning.chains import LONGEST_LINK_S, links_of, shot_of
from onmodel.planning.cutting import Clip, pieces_of_shot
from onmodel.story import Shot
from onmodel.story.trims import Trim
from onmodel.units import frames_in

RATES = st.sampled_from([Fraction(24), Fraction(25), Fraction(24000, 1001), Fraction(30)])


def shot(**said: Any) -> Shot:
    return Shot.model_validate(said)


def whole(seconds: Fraction) -> Trim:
    return Trim(Fraction(0), seconds)


def long(desk: Any, seconds: str, more: str = "") -> None:
    """Make the second shot a long one."""
    desk.change("episode", "    seconds: 4\n", f"    seconds: {seconds}\n{more}")


@given(frames=st.integers(1, 720), fps=RATES, tail=st.integers(0, 60))
def test_a_chain_has_every_frame_of_its_shot_once(frames: int, fps: Fraction, tail: int) -> None:
    """No link is over five seconds, none is empty, the frames add up, and the crossfade lies in the last."""
    used_s = frames / fps
    tail = min(tail, frames)
    said = shot(join={"crossfade": tail / fps}) if tail else shot()
    links = links_of("s010", said, whole(used_s), fps)
    lengths = [frames_in(link.used_s, fps) for link in links]
    assert sum(lengths) == frames
    assert min(lengths) > 0
    assert all(link.used_s <= LONGEST_LINK_S for link in links)
    assert lengths[-1] >= min(tail, frames_in(LONGEST_LINK_S, fps) - 1)
    assert [shot_of(link.subject) for link in links] == ["s010"] * len(links)


@given(seconds=st.integers(6, 29), more=st.integers(1, 10), fps=RATES)
def test_a_longer_shot_keeps_its_first_links(seconds: int, more: int, fps: Fraction) -> None:
    """What was filmed of a shot stays when it is made longer, but for its last clip."""
    before = links_of("s010", shot(), whole(Fraction(seconds)), fps)
    after = links_of("s010", shot(), whole(Fraction(seconds + more)), fps)
    assert [(one.subject, one.used_s) for one in before[:-1]] == [
        (one.subject, one.used_s) for one in after[: len(before) - 1]
    ]


@pytest.mark.parametrize(
    "said",
    [
        {"clips": "one"},
        {"endpoint": "fal-ai/kling-video/v2.1/pro/image-to-video"},
        {"motion": {"reference": "a/b.mp4"}},
        {"audio": True},
        {"mask": "a/b.png"},
        {"effect": "hug"},
        {"ladder": "refinement"},
        {"mode": "reference"},
    ],
)
def test_what_stays_one_clip(said: dict[str, Any]) -> None:
    """One clip is what the user wants as one, what an input gives the length of, and what is heard."""
    assert len(links_of("s010", shot(**said), whole(Fraction(10)), Fraction(24))) == 1


def test_pieces_pass_over_the_joint() -> None:
    """Every clip after the first leaves out its first frame, which the one before ended on."""
    clips = [Clip(f"{n}" * 64, None) for n in range(3)]  # type: ignore[arg-type]
    said = shot(join={"crossfade": 0.5})
    pieces = pieces_of_shot("s010", said, clips, whole(Fraction(12)), Fraction(24))
    assert [(one.shot, one.begin_frames, one.frames) for one in pieces] == [
        ("s010", 0, 120),
        ("s010.2", 1, 120),
        ("s010.3", 1, 48),
    ]
    assert [one.join.overlap_frames for one in pieces] == [0, 0, 12]


def test_two_links_go_on_from_each_other(desk: Any) -> None:
    """The second starts from the frame on which the cut leaves the first; nothing is drawn anew."""
    long(desk, "8")
    lines = desk.plan().lines
    second = lines["s020.2.shoot"].commission
    (source,) = second.sources
    assert (source.commission, source.role, source.at_s) == ("s020.shoot", "first_frame", Fraction(119, 24))
    assert "s020.2.keyframe" not in lines
    assert [lines[name].commission.used_s for name in ("s020.shoot", "s020.2.shoot")] == [5, 3]


def test_three_links_are_held_to_the_sheet(desk: Any) -> None:
    """Every clip after the first ends on a picture made of the frame it starts from and the sheet."""
    long(desk, "12")
    lines = desk.plan().lines
    assert [name for name in lines if name.startswith("s020")] == [
        "s020.keyframe",
        "s020.shoot",
        "s020.2.keyframe",
        "s020.2.shoot",
        "s020.3.keyframe",
        "s020.3.shoot",
    ]
    target = lines["s020.3.keyframe"].commission
    assert [(one.commission, one.role) for one in target.sources] == [
        ("s020.2.shoot", "references"),
        ("pip.rain.front.sheet", "references"),
        ("pip.rain.profile.sheet", "references"),
    ]
    third = lines["s020.3.shoot"].commission
    assert ("s020.3.keyframe", "last_frame") in [(one.commission, one.role) for one in third.sources]
    assert third.remarks == ()


def test_an_endpoint_without_a_last_frame_is_told(desk: Any) -> None:
    """Where a clip cannot end on a picture, the plan says that nothing holds it."""
    desk.change("production", "retakes: 2", "retakes: 2\nquality: master")
    long(desk, "12")
    lines = desk.plan().lines
    assert "s020.2.keyframe" not in lines
    (remark,) = lines["s020.2.shoot"].commission.remarks
    assert "v2.1/master/image-to-video takes no last frame" in remark


def test_the_shots_own_last_frame_ends_the_last_link(desk: Any) -> None:
    """The picture that the user gave belongs to the last clip alone."""
    (desk.root / "end.png").write_bytes(b"end")
    long(desk, "12", "    last_frame: end.png\n")
    lines = desk.plan().lines
    files = [list(lines[f"s020{link}.shoot"].commission.files) for link in ("", ".2", ".3")]
    assert files == [[], [], ["last_frame"]]
    assert {lines[f"s020{link}.shoot"].commission.choice.endpoint.short for link in ("", ".2", ".3")} == {
        "v2.1/pro/image-to-video"
    }


def test_takes_from_before_are_the_first_link(desk: Any) -> None:
    """A shot that is made longer buys the further clips only; the take that is there stays."""
    desk.shoot_all()
    long(desk, "8")
    assert desk.states()["s020.shoot"] == "current"
    assert [line.commission.id for line in desk.plan().to_buy] == ["s020.2.shoot"]


def test_a_new_first_clip_makes_the_next_one_stale(desk: Any) -> None:
    """What goes on from another picture has to be filmed again, and the plan says why."""
    long(desk, "8")
    desk.shoot_all()
    desk.shoot("s020.shoot", 2, score=0.9)
    assert desk.why("s020.2.shoot") == ("stale", "changed: the picture it is made from")


def test_the_shot_after_a_chain_goes_on_from_its_end(desk: Any) -> None:
    """`previous` is the last frame of the last clip."""
    long(desk, "12")
    more = "  s025:\n    first_frame: previous\n    setting: a street\n    start: Pip\n    action: it nods\n"
    desk.change("episode", "  s030:\n", f"{more}  s030:\n")
    (source,) = desk.plan().lines["s025.shoot"].commission.sources
    assert (source.commission, source.frame, source.at_s) == ("s020.3.shoot", "last", None)


def test_a_style_pass_takes_no_chain(desk: Any) -> None:
    """It is said at the shot that restyles, with the way out."""
    long(desk, "12")
    desk.change("episode", "restyle: {shot: s010,", "restyle: {shot: s020,")
    with pytest.raises(StoryError) as caught:
        desk.plan()
    found: list[Finding] = caught.value.findings
    assert "'s020' is filmed in 3 clips" in found[0].message
    assert "`clips: one`" in found[0].hint
    desk.change("episode", "    seconds: 12\n", "    seconds: 10\n    clips: one\n")
    assert desk.plan().lines["s030.restyle"].commission.used_s == 10
