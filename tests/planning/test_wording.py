from __future__ import annotations

from typing import Any

import pytest

from onmodel.endpoints import Catalogue, PriceTable
from onmodel.errors import Finding
from onmodel.planning import Market, prepare_episode
from onmodel.story import read_story


def warnings(desk: Any) -> list[Finding]:
    """What is said of the episode's words."""
    story = read_story(desk.root, episodes=("s01e01",))
    market = Market(Catalogue.load(), PriceTable.load(desk.prices), desk.facts)
    return [one for one in prepare_episode(story, "s01e01", market).warnings if one.message[0].islower()]


def line_of(desk: Any, text: str, file: str = "episodes/s01e01.yaml") -> int:
    lines = (desk.root / file).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_a_good_episode_has_no_warning(desk: Any) -> None:
    """Words that are as they should be are not talked about."""
    assert warnings(desk) == []


@pytest.mark.parametrize(
    ("old", "new", "rule", "words"),
    [
        ("action: it blinks", "action: its red head nods slowly", "other-colour", "red head"),
        ("action: it blinks", "action: its eyes open wide", "other-count", "eyes"),
        ("action: it blinks", "action: it walks to the window", "no-speed", "walks"),
        (
            "look: pencil,",
            "look: make it look like a pencil drawing,",
            "process-not-result",
            "make it look like",
        ),
        (
            "setting: a workshop",
            "setting: a bright workshop with dark lighting",
            "contradicting-light",
            "dark",
        ),
        ("action: it blinks", "action: it blinks 🤖", "emoji", "🤖"),
    ],
)
def test_a_flaw_is_told_at_the_line_that_has_the_words(
    desk: Any, old: str, new: str, rule: str, words: str
) -> None:
    """Rule and words in the message, the rewrite as hint, the place of the key."""
    desk.change("episode", old, new)
    found = [one for one in warnings(desk) if one.message.startswith(f"{rule}:")]
    assert found
    assert words in found[0].message
    assert found[0].hint
    assert found[0].severity == "warning"
    assert (found[0].place.file, found[0].place.line) == ("episodes/s01e01.yaml", line_of(desk, new[:20]))


def test_movement_in_a_bible_is_told_where_the_bible_says_it(desk: Any) -> None:
    """In a motion-control shot the bible's words are in the prompt too; elsewhere they do no harm."""
    desk.change("pip", "one glowing yellow eye]", "waves its arms]")
    assert warnings(desk) == []
    (desk.root / "sway-5s.mp4").write_bytes(b"sway")
    desk.change("episode", "    action: it blinks\n", "    motion: {reference: sway-5s.mp4}\n")
    found = warnings(desk)
    assert [one.message.split(":")[0] for one in found] == ["motion-in-motion-control"]
    assert found[0].place.file == "characters/pip.yaml"
    assert found[0].place.line == line_of(desk, "waves its arms", "characters/pip.yaml")


def test_negatives_are_told_at_avoid(desk: Any) -> None:
    """A vague one gets better ones."""
    desk.change("episode", "action: it blinks\n", "action: it blinks\n    avoid: [bad quality]\n")
    (found,) = warnings(desk)
    assert found.message.startswith("vague-negative")
    assert found.place.line == line_of(desk, "avoid")


def test_another_language_is_told_once_for_the_whole_episode(desk: Any) -> None:
    """However many shots there are."""
    for old, new in (
        ("it blinks", "它眨了眨眼睛然后慢慢地点头再看着窗外的雨水和街道上的行人还有远处的山"),
        ("a workshop", "一个杂乱的工作室里面有木头长凳和墙上的工具还有一盏旧灯"),
        ("its antenna droops", "它的天线垂下来雨水从它的外套上流下来它看起来很悲伤"),
        ("a street", "黄昏时分下着雨的街道湿漉漉的石头和路灯还有远处的汽车"),
        ("warm light", "温暖的灯光安静的气氛柔和的颜色金色的时刻"),
    ):
        desk.change("episode", old, new)
    desk.change("pip", "a friendly small robot", "一个友好的小机器人有蓝色的头和一只发光的黄色眼睛")
    found = [one for one in warnings(desk) if one.message.startswith("not-english")]
    assert len(found) == 1


def test_a_text_that_is_too_long_is_told_at_its_key(desk: Any) -> None:
    """The composer shortens it; whoever wrote it should know."""
    desk.change("episode", "action: it blinks", f"action: {'it blinks and nods slowly ' * 800}")
    found = [one for one in warnings(desk) if one.message.startswith("too-long")]
    assert [one.place.line for one in found] == [line_of(desk, "it blinks and nods")]
    assert "characters" in found[0].message
