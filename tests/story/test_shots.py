from __future__ import annotations

from fractions import Fraction

import pytest

from onmodel.story import Restyle, Shot
from onmodel.story.shots import (
    first_frame_of,
    is_file,
    references_of,
    seen_after,
    shot_before,
    source_shot,
    with_defaults,
)

DEFAULTS = Shot.model_validate(
    {
        "cast": "pip",
        "setting": "a room",
        "action": "it waves",
        "mood": "warm",
        "seconds": 3,
        "join": "cut",
        "quality": "draft",
    }
)


def shot(**keys: object) -> Shot:
    return Shot.model_validate(keys)


def test_defaults_fill_in_what_a_shot_does_not_say() -> None:
    """What a shot says wins, the rest is the episode's."""
    filled = with_defaults(shot(start="x", mood="cold"), DEFAULTS)
    assert (filled.mood, filled.setting, filled.seconds, filled.start) == (
        "cold",
        "a room",
        Fraction(3),
        "x",
    )


def test_a_key_left_empty_takes_no_default() -> None:
    """`mood:` with nothing after it, or `cast: []`, says that there is none."""
    filled = with_defaults(shot(mood=None, cast=[]), DEFAULTS)
    assert (filled.mood, filled.cast) == (None, {})


def test_a_moved_shot_takes_no_action_and_no_length() -> None:
    """The motion reference gives both, so the defaults for them do not count."""
    filled = with_defaults(shot(motion={"reference": "a.mp4"}), DEFAULTS)
    assert (filled.action, filled.seconds, filled.setting) == (None, None, "a room")


def test_a_restyled_shot_takes_only_join_and_quality() -> None:
    """It is not filmed, and it is as long as the other shot, so what describes that does not count."""
    filled = with_defaults(shot(restyle={"shot": "s010", "look": "ink"}), DEFAULTS)
    assert filled.model_fields_set == {"restyle", "join", "quality"}


def test_neither_shot_nor_defaults_change() -> None:
    """Filling in makes a new shot."""
    one = shot(start="x")
    with_defaults(one, DEFAULTS)
    assert one == shot(start="x")


@pytest.mark.parametrize(
    ("reference", "file"), [("a/b", True), ("b.png", True), ("s010", False), ("previous", False)]
)
def test_a_file_has_a_folder_or_an_ending(reference: str, file: bool) -> None:  # noqa: FBT001 (a table's column)
    """Everything else is a word or a shot's id."""
    assert is_file(reference) is file


def test_the_first_frame_by_default() -> None:
    """A keyframe where somebody is in the picture, none where nobody is, else what the shot says."""
    assert first_frame_of(shot(cast="pip")) == "keyframe"
    assert first_frame_of(shot(cast=[])) == first_frame_of(shot()) == "none"
    assert first_frame_of(shot(cast="pip", first_frame="sheet")) == "sheet"


def test_where_a_shot_starts_from() -> None:
    """The restyled shot, the previous one, a named one; nothing for keyframes and files."""
    shots = {
        "a": shot(first_frame="previous"),
        "b": shot(first_frame="previous"),
        "c": shot(first_frame="a"),
        "d": shot(restyle={"shot": "b", "look": "ink"}),
        "e": shot(first_frame="assets/x.png"),
        "f": shot(cast="pip"),
    }
    sources = {name: source_shot(name, one, shots) for name, one in shots.items()}
    assert sources == {"a": None, "b": "a", "c": "a", "d": "b", "e": None, "f": None}
    assert shot_before("c", shots) == "b"


def test_the_files_of_a_shot() -> None:
    """Motion reference, first and last frame, each with its path in the shot."""
    one = shot(motion={"reference": "m.mp4"}, first_frame="f.png", last_frame="l.png")
    assert list(references_of(one, {})) == [
        (("motion", "reference"), "m.mp4"),
        (("first_frame",), "f.png"),
        (("last_frame",), "l.png"),
    ]
    assert list(references_of(shot(first_frame="previous"), {})) == []


def test_a_style_pass_shows_the_shot_with_what_it_changes() -> None:
    """Another place, light or wardrobe replaces the filmed one; whoever is not named keeps theirs."""
    filmed = shot(cast={"pip": "default", "mina": "stage"}, setting="a room", mood="warm", start="x")
    restyle = Restyle.model_validate({"shot": "s010", "setting": "a market", "cast": {"pip": "rain"}})
    seen = seen_after(filmed, restyle)
    assert seen.cast == {"pip": "rain", "mina": "stage"}
    assert (seen.setting, seen.mood, seen.start) == ("a market", "warm", "x")
    assert seen_after(filmed, Restyle(shot="s010", look="pencil")) == filmed
