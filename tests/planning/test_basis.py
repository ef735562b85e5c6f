from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.planning.takes import changed_keys
from onmodel.units import digest_of

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
CONTENT = st.dictionaries(WORDS, VALUES, max_size=5)


def shuffled(value: Any, order: Callable[[list[Any]], list[Any]]) -> Any:
    """The same value with the keys of every object in another order."""
    if isinstance(value, dict):
        return {key: shuffled(value[key], order) for key in order(list(value))}
    return [shuffled(one, order) for one in value] if isinstance(value, list) else value


@given(content=CONTENT, random=st.randoms(use_true_random=False))
def test_the_order_of_keys_is_no_content(content: dict[str, Any], random: Any) -> None:
    """However the story's author sorts a shot, its takes are found."""
    assert digest_of(content) == digest_of(shuffled(content, lambda keys: random.sample(keys, len(keys))))


@given(before=CONTENT, now=CONTENT)
def test_digests_differ_exactly_where_a_change_is_named(before: dict[str, Any], now: dict[str, Any]) -> None:
    """A stale line always has a reason, and a current one never; the same holds at any depth."""
    assert (changed_keys(before, now) == []) == (digest_of(before) == digest_of(now))


@pytest.mark.parametrize(
    ("implicit", "explicit"),
    [
        ("defaults: {cast: pip, mood: warm light}", "defaults: {mood: warm light, cast: {pip: default}}"),
        ("    setting: a workshop\n", "    setting: a workshop\n    first_frame: keyframe\n"),
        ("    setting: a workshop\n", "    setting: a workshop\n    seconds: 5\n"),
        ("    setting: a workshop\n", "    setting: a workshop\n    mood: warm light\n    join: cut\n"),
        ("camera: {size: medium, move: dolly in}", "camera: {move: dolly in, size: medium}"),
        ("    setting: a workshop\n", "    setting:   'a workshop'   # where it happens\n"),
        ("    setting: a workshop\n    start: Pip", "    start: Pip"),
    ],
)
def test_saying_what_holds_anyway_changes_no_digest(desk: Any, implicit: str, explicit: str) -> None:
    """A default written out, another order, quotes, comments: the takes of before are current."""
    desk.shoot_all()
    desk.change("episode", implicit, explicit)
    if "setting" in implicit and "setting" not in explicit:
        desk.change("episode", "    action: it blinks\n", "    action: it blinks\n    setting: a workshop\n")
    assert set(desk.states().values()) == {"current"}


def test_a_supplied_picture_counts_by_its_bytes(desk: Any) -> None:
    """The same bytes under another name are the same picture; other bytes under the same name are not."""
    for name in ("a-first.png", "b-second.png"):
        (desk.root / name).write_bytes(b"the same")
    desk.change(
        "episode", "    setting: a workshop\n", "    setting: a workshop\n    first_frame: a-first.png\n"
    )
    desk.shoot_all()
    desk.change("episode", "a-first.png", "b-second.png")
    assert desk.states()["s010.shoot"] == "current"
    (desk.root / "b-second.png").write_bytes(b"another")
    assert desk.why("s010.shoot") == ("stale", "changed: files: first frame")
