from __future__ import annotations

from typing import Any

OLD = "restyle: {shot: s010, look: pencil, keep: [its movement]}"


def commission(desk: Any) -> Any:
    return desk.plan().lines["s030.restyle"].commission


def test_a_style_pass_tells_the_picture_as_it_will_be(desk: Any) -> None:
    """The new place, light and wardrobe are in its prompt, and none of what they replace."""
    desk.change(
        "episode", OLD, "restyle: {shot: s010, setting: a market, mood: heavy rain, cast: {pip: rain}}"
    )
    text = commission(desk).parts.prompt
    for new, old in (("market", "workshop"), ("eavy rain", "warm light"), ("raincoat", "bare chrome")):
        assert new in text
        assert old not in text
    assert "Pip stands at the bench" in text


def test_what_a_style_pass_changes_is_its_content(desk: Any) -> None:
    """Another place is another picture; one that changes the look only has the content that it always had."""
    before = commission(desk).content
    assert not {"setting", "mood"} & before.keys()
    desk.change("episode", "look: pencil,", "look: pencil, setting: a market,")
    assert commission(desk).content == {**before, "setting": "a market"}
