from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.story import Join, Shot
from onmodel.story.shots import with_defaults
from onmodel.story.trims import Trim, trim_fault, trim_of

ShotFindings = Callable[[str], list[str]]
WHOLE = Trim(Fraction(0), Fraction(5))
SHOT = "start: x, action: y, "


def shot(**keys: object) -> Shot:
    return Shot.model_validate(keys)


def trimmed(**keys: object) -> tuple[float, float, float]:
    """Where it begins and leaves its clip, and its seconds in the cut."""
    trim = trim_of(shot(**keys), WHOLE)
    return float(trim.begin_s), float(trim.end_s), float(trim.used_s)


@pytest.mark.parametrize(
    ("keys", "begin", "end", "used"),
    [
        ({}, 0, 5, 5),
        ({"seconds": 4}, 0, 4, 4),
        ({"in": 0.5, "seconds": 4}, 0.5, 4.5, 4),
        ({"in": 0.5}, 0.5, 5, 4.5),
        ({"out": 3}, 0, 3, 3),
        ({"in": 1, "out": 3}, 1, 3, 2),
        ({"speed": 0.5, "seconds": 4}, 0, 2, 4),
        ({"speed": 2, "seconds": 4}, 0, 8, 4),
        ({"speed": 0.5}, 0, 5, 10),
        ({"hold": 1, "seconds": 4}, 0, 3, 4),
        ({"hold": 1}, 0, 5, 6),
        ({"in": 1, "speed": 0.5, "hold": 1, "seconds": 4}, 1, 2.5, 4),
        ({"in": 1, "speed": 2, "hold": 1, "out": 5}, 1, 5, 3),
    ],
)
def test_what_a_trim_comes_to(keys: dict[str, object], begin: float, end: float, used: float) -> None:
    """`seconds` are those of the cut; without them a trim changes the length and not what must be bought."""
    assert trimmed(**keys) == (begin, end, used)


@given(
    seconds=st.fractions(Fraction(1, 10), 10, max_denominator=100),
    begin=st.fractions(0, 5, max_denominator=100),
    speed=st.fractions(Fraction(1, 4), 4, max_denominator=20),
)
def test_seconds_stay_those_of_the_cut(seconds: Fraction, begin: Fraction, speed: Fraction) -> None:
    """Whatever is passed over and however fast it runs, a shot that says its seconds has them."""
    trim = trim_of(shot(seconds=seconds, speed=speed, **{"in": begin}), WHOLE)
    assert trim.used_s == seconds
    assert trim.end_s == begin + seconds * speed


def test_a_restyled_shot_shows_what_the_other_shows() -> None:
    """What it does not say is as in the shot that it restyles."""
    whole = trim_of(shot(**{"in": 1, "speed": 0.5, "seconds": 4}), WHOLE)
    assert trim_of(shot(), whole) == whole
    assert trim_of(shot(speed=1), whole).used_s == 2
    assert trim_of(shot(seconds=2), whole).end_s == 2


def test_sound_that_goes_on_needs_more_of_the_clip() -> None:
    """An L cut hears what comes after the last frame that is seen, at the shot's speed."""
    trim = trim_of(shot(seconds=4, speed=2, join={"audio_lag": 0.5}), WHOLE)
    assert (trim.end_s, trim.needs_s, trim.used_s) == (8, 9, 4)


def test_a_trimmed_shot_is_cut_from_a_clip_of_the_default_length() -> None:
    """A default of 4 seconds is the clip's where a shot is trimmed and says no length itself."""
    defaults = shot(seconds=4)
    assert with_defaults(shot(**{"in": 1}), defaults).out == 4
    assert with_defaults(shot(**{"in": 1}), defaults).seconds is None
    assert with_defaults(shot(out=3), defaults).seconds is None
    assert with_defaults(shot(**{"in": 1, "seconds": 2}), shot(seconds=4, out=3)).out is None
    assert with_defaults(shot(speed=0.5, restyle={"shot": "s010", "look": "ink"}), defaults).out is None
    assert with_defaults(shot(), defaults).seconds == 4


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ("out: 3, seconds: 2", "'out' and 'seconds' do not agree: with this 'out' the shot is 3 s long."),
        ("in: 3, out: 3", "5:35: the shot begins at 3 s of its clip and leaves it at 3 s: nothing is left."),
        ("in: 5", "5:35: the shot begins at 5 s of its clip and leaves it at 5 s: nothing is left."),
        ("hold: 2, seconds: 2", "5:37: the hold of 2 s leaves nothing of the shot's 2 s to move."),
        ("out: 40", "5:36: the shot needs 40 s of its clip, and a shot is filmed from 30 s at most."),
        (
            "in: 28, seconds: 5",
            "5:35: the shot needs 33 s of its clip, and a shot is filmed from 30 s at most.",
        ),
        (
            "speed: 4, seconds: 10",
            "5:38: the shot needs 40 s of its clip, and a shot is filmed from 30 s at most.",
        ),
        ("speed: 8", "found 8 for 'speed': allowed are 0.25 to 4 times the clip's own speed."),
        ("in: -1", "found -1 for 'in': allowed are 0 to 21600 seconds."),
        (
            "join: {crossfade: 1, wipe: 1}",
            "5:58: 'join' says several transitions, crossfade and wipe: one shot goes over in one way.",
        ),
        (
            "join: {crossfade: 1, audio_lead: 1}",
            "'audio_lead' is for hard cuts: with 'crossfade' the sound goes over with the picture.",
        ),
        ("join: {crossfade: 1, towards: up}", "'towards' says where a wipe or a slide goes: there is none."),
        (
            "join: {crossfad: 1}",
            "unknown key 'crossfad'; allowed: crossfade, dip_to_black, dip_to_white, wipe,",
        ),
        ("join: {wipe: 1, towards: north}", "found 'north' for 'towards'; allowed: left, right, up, down."),
    ],
)
def test_a_trim_or_join_that_contradicts_itself(shot_findings: ShotFindings, keys: str, wanted: str) -> None:
    """Told at its line and column when the story is read."""
    assert wanted in "|".join(shot_findings(f"s010: {{{SHOT}{keys}}}\ns020: {{{SHOT}}}"))


def test_what_agrees_may_be_said_twice(shot_findings: ShotFindings) -> None:
    """`out` and `seconds` that mean the same, and a restyled shot with trims of its own."""
    restyled = "s020: {restyle: {shot: s010, look: ink}, in: 1, speed: 0.5, hold: 1}"
    assert shot_findings(f"s010: {{{SHOT}in: 1, out: 3, seconds: 2}}\n{restyled}") == []


@given(st.builds(lambda a, b: (a, b), st.integers(0, 400), st.integers(0, 400)))
def test_nothing_is_left_exactly_where_out_is_not_after_in(at: tuple[int, int]) -> None:
    """A fault, or a trim with frames."""
    said = shot(**{"in": Fraction(at[0], 100), "out": Fraction(at[1], 100)})
    trim = trim_of(said, WHOLE)
    assert (trim_fault(said, trim, None) is None) == (trim.used_s > 0)


def test_a_transition_has_its_seconds() -> None:
    """Whichever it is; a hard cut with a lead has none."""
    for key in ("crossfade", "dip_to_black", "dip_to_white", "wipe", "slide"):
        assert Join.model_validate({key: 0.5}).overlap_s == Fraction(1, 2)
    assert Join.model_validate({"audio_lead": 0.5}).overlap_s == 0
