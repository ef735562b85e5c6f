from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from onmodel.story import Bible, Episode, Format, Join, Production, Shot
from onmodel.story.fields import LARGEST_PX, LONGEST_S, SMALLEST_PX
from onmodel.units import Size

PRODUCTION = {"production": 1, "name": "a", "title": "A"}
BIBLE = {"bible": 1, "name": "Pip", "kind": "human", "looks": "x", "always": ["y"]}


def refused(model: type[BaseModel], value: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("fps", "rate"),
    [
        (Decimal("23.976"), Fraction(24000, 1001)),
        (Decimal("23.98"), Fraction(24000, 1001)),
        (Decimal("29.97"), Fraction(30000, 1001)),
        (Decimal("59.94"), Fraction(60000, 1001)),
        (25, Fraction(25)),
        (Decimal("12.5"), Fraction(25, 2)),
    ],
)
def test_broadcast_rates_are_exact(fps: object, rate: Fraction) -> None:
    """23.976, 29.97 and 59.94 mean the rates over 1001; every other number means itself."""
    assert Format.model_validate({"fps": fps}).fps == rate


@pytest.mark.parametrize("fps", [0, -24, 121, True, "24", None, [24]])
def test_a_rate_is_a_number_from_1_to_120(fps: object) -> None:
    """Anything else is refused; `true` is no rate of 1."""
    assert "fps" in refused(Format, {"fps": fps})


@given(st.integers(SMALLEST_PX, LARGEST_PX), st.sampled_from(["16:9", "9:16", "1:1"]))
def test_both_sides_of_a_picture_are_even(short: int, ratio: str) -> None:
    """The encoder takes even sides only; the shape is that of the ratio within two pixels."""
    size = Format.model_validate({"ratio": ratio, "resolution": f"{short}p"}).size
    assert size.width % 2 == size.height % 2 == 0
    wide, high = map(int, ratio.split(":"))
    assert abs(Fraction(size.width) - Fraction(size.height * wide, high)) <= 2
    assert short <= min(size.width, size.height) <= short + 1


@pytest.mark.parametrize(
    ("resolution", "ratio", "size"),
    [
        ("720p", "16:9", Size(1280, 720)),
        ("1080p", "9:16", Size(1080, 1920)),
        ("480p", "16:9", Size(854, 480)),
        ("720p", "1:1", Size(720, 720)),
    ],
)
def test_sizes_are_those_of_the_trade(resolution: str, ratio: str, size: Size) -> None:
    """720p is 1280x720, 480p is 854x480; a standing picture has them turned."""
    assert Format.model_validate({"ratio": ratio, "resolution": resolution}).size == size


@pytest.mark.parametrize("resolution", ["00p", "89p", "2161p", "9999p", "720", "720P", "٧٢٠p", 720])
def test_a_resolution_is_one_that_can_be_made(resolution: object) -> None:
    """Heights nobody can film or encode, and other spellings, are refused."""
    assert "resolution" in refused(Format, {"resolution": resolution})


@pytest.mark.parametrize("seconds", [0, -1, 400, Decimal("30.01"), True, "5", [5]])
def test_a_shot_has_seconds_that_can_be_bought(seconds: object) -> None:
    """More than 0 and at most what the longest endpoint sells."""
    assert "seconds" in refused(Shot, {"seconds": seconds})


def test_seconds_are_exact() -> None:
    """2.1 seconds are 21/10, not the float nearby."""
    assert Shot.model_validate({"seconds": Decimal("2.1")}).seconds == Fraction(21, 10)
    assert Shot.model_validate({"seconds": 2.1}).seconds == Fraction(21, 10)
    assert Shot.model_validate({"seconds": LONGEST_S}).seconds == LONGEST_S


@pytest.mark.parametrize(
    ("cast", "meant"),
    [
        ("pip", {"pip": "default"}),
        (["pip", "mina"], {"pip": "default", "mina": "default"}),
        ({"pip": "rain"}, {"pip": "rain"}),
        ([], {}),
        (None, None),
    ],
)
def test_three_spellings_of_a_cast(cast: object, meant: object) -> None:
    """A name, a list of names, or names with what they wear; nobody is an empty list."""
    assert Shot.model_validate({"cast": cast}).cast == meant


@pytest.mark.parametrize(
    "cast", [["pip", "pip"], [{"pip": "rain"}], "Pip", {"Pip": "rain"}, {"pip": "Rain"}, 5]
)
def test_a_cast_is_names(cast: object) -> None:
    """Names twice, names that no file can have, and lists of maps are refused."""
    assert "cast" in refused(Shot, {"cast": cast})


def test_short_spellings() -> None:
    """`join: cut` is a join without a crossfade, and one text is a list of one."""
    assert Shot.model_validate({"join": "cut"}).join == Join()
    assert Bible.model_validate({**BIBLE, "always": "one mark"}).always == ["one mark"]
    assert "join" in refused(Shot, {"join": "fade"})


@given(st.text(alphabet=" \t\nab", min_size=1))
def test_a_text_has_single_spaces(text: str) -> None:
    """Line breaks and runs of spaces in a text mean one space; nothing but spaces is no text."""
    if text.split():
        assert Shot.model_validate({"start": text}).start == " ".join(text.split())
    else:
        assert "start" in refused(Shot, {"start": text})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("retakes", True),
        ("retakes", "2"),
        ("retakes", 6),
        ("in_flight", 0),
        ("budget_usd", -1),
        ("budget_usd", "20"),
        ("budget_usd", True),
        ("archive", ""),
        ("name", "Full Circle"),
        ("name", "ab\n"),
        ("title", "\x07"),
        ("title", 5),
        ("production", 2),
        ("quality", "best"),
    ],
)
def test_a_production_takes_only_what_it_can_mean(key: str, value: object) -> None:
    """Each wrong value is refused at its own key; true is no number, and a number in quotes is a text."""
    assert key in refused(Production, {**PRODUCTION, key: value})


def test_money_is_decimal() -> None:
    """A budget is read as Decimal, exactly as written."""
    assert Production.model_validate({**PRODUCTION, "budget_usd": Decimal("0.1")}).budget_usd == Decimal(
        "0.1"
    )


@pytest.mark.parametrize("name", ["", " ", "a\x00b", "a\nb", 5])
def test_a_file_name_is_one_that_a_disk_can_have(name: object) -> None:
    """Empty names and control characters are refused before anything is looked up."""
    assert "last_frame" in refused(Shot, {"last_frame": name})


def test_nothing_changes_after_reading() -> None:
    """A model is frozen: what was checked is what is filmed."""
    shot = Shot(start="x")
    with pytest.raises(ValidationError, match="frozen"):
        shot.start = "y"  # type: ignore[misc]  # the assignment is what is tested


def test_shots_keep_their_order() -> None:
    """The order of the file is the order of the cut, whatever the ids are."""
    ids = ["s030", "s010", "a", "s020"]
    episode = Episode.model_validate({"episode": 1, "title": "x", "shots": {key: {} for key in ids}})
    assert list(episode.shots) == ids


def test_an_episode_has_a_shot() -> None:
    """An episode without shots is refused, and so is a bible without a mark."""
    assert "shots" in refused(Episode, {"episode": 1, "title": "x", "shots": {}})
    assert "always" in refused(Bible, {**BIBLE, "always": []})
