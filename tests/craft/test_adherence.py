from __future__ import annotations

import json
from importlib.resources import files

import pytest

from onmodel.craft import advised_adherence, preset_move
from onmodel.craft.adherence import advised_for_edit
from onmodel.craft.words import camera_words


@pytest.mark.parametrize(
    ("facts", "value"),
    [
        ({"picture": True, "cast": True, "size": "close-up"}, 0.4),
        ({"picture": True, "cast": True, "size": "close-up shot"}, 0.4),
        ({"picture": True, "cast": True, "action": "it kicks"}, 0.6),
        ({"picture": True, "cast": False}, 0.7),
        ({"picture": True, "cast": True, "last_frame": True}, 0.5),
        ({"picture": False, "cast": True}, 0.5),
        ({"picture": False, "cast": False}, 0.6),
        ({"picture": False, "cast": False, "size": "close-up"}, 0.7),
    ],
)
def test_the_guides_examples_are_advised(facts: dict[str, object], value: float) -> None:
    """A portrait is free, an action shot stricter, a product strictest, each as the guide films it."""
    assert advised_adherence(**facts).value == value  # type: ignore[arg-type]


def test_an_edit_is_as_strict_as_its_change_is_large() -> None:
    """Another look needs to show; other weather needs least."""
    assert [advised_for_edit(one).value for one in ("look", "place", "light")] == [0.7, 0.6, 0.5]


def test_every_value_is_one_that_endpoints_take() -> None:
    """0 to 1, and every rule says what it suits."""
    table = json.loads(files("onmodel.craft").joinpath("adherence.json").read_text("utf-8"))
    assert all(0 <= one["value"] <= 1 and one["suits"] for one in table["rules"])
    sizes = {word.name for word in camera_words("size")}
    assert set(table["close"]) <= sizes


def test_the_four_presets_are_said_in_words() -> None:
    """Each has a phrase that names both of its movements."""
    assert [preset_move(one.name) for one in camera_words("preset")] == [
        "camera moves down and backward",
        "camera moves forward and upward",
        "camera turns right while it advances",
        "camera turns left while it advances",
    ]
