from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


def test_words_lists_the_topics(onmodel: Any) -> None:
    """Without a topic: what there is, and how to go on."""
    told = onmodel("words")
    assert told.code == 0
    for topic in ("camera", "angle", "lens", "mood", "subject", "action", "negative", "style", "consistency"):
        assert f"\n{topic} " in f"\n{told.out}"
    assert "onmodel words TOPIC" in told.out


def test_words_of_a_topic_say_what_they_do(onmodel: Any) -> None:
    """Each with its phrase, its effect, what it suits."""
    told = onmodel("words", "camera", "vertigo")
    assert told.code == 0
    assert "dolly zoom" in told.out
    assert "for: inner tension" in told.out
    assert "pan left" not in told.out


def test_a_word_that_is_no_topic_is_looked_for_everywhere(onmodel: Any) -> None:
    """`onmodel words neon` finds the light and the style."""
    told = onmodel("words", "neon")
    assert told.code == 0
    assert "mood" in told.out
    assert "cyberpunk" in told.out


@pytest.mark.parametrize(
    ("typed", "hint"),
    [(("cammera",), "camera"), (("angle", "dutsch"), "dutch"), (("lens", "xyzzy"), "Topics: ")],
)
def test_an_unknown_word_gets_the_nearest(onmodel: Any, typed: tuple[str, ...], hint: str) -> None:
    """A topic or a word of it."""
    told = onmodel("words", *typed)
    assert told.code == 1
    assert hint in told.err


def test_words_and_rules_are_json_too(onmodel: Any) -> None:
    """One document each."""
    words = json.loads(onmodel("words", "lens", "--json").out)
    assert words["schema"] == "onmodel.words/1"
    assert len(words["words"]) == 7
    rules = json.loads(onmodel("rules", "--json").out)
    assert rules["schema"] == "onmodel.rules/1"
    assert {"id", "severity", "modes", "about", "why", "bad", "good"} <= set(rules["rules"][0])


def test_rules_show_what_is_wrong_and_what_is_right(onmodel: Any) -> None:
    """With an example of each; a search narrows the list, an unknown word says so."""
    told = onmodel("rules", "speed", "movement")
    assert told.code == 0
    assert "no-speed (advice; text-to-video, image-to-video)" in told.out
    assert "not: " in told.out
    assert "process-not-result" not in told.out
    assert onmodel("rules", "xyzzy").code == 1


def test_lint_tells_place_why_and_rewrite(onmodel: Any) -> None:
    """A warning makes the exit code 1."""
    told = onmodel("lint", "--mode", "motion-control", "Mina, a singer in silver, waves her arms")
    assert told.code == 1
    assert 'prompt 27-40: warning: motion-in-motion-control: "waves her arms"' in told.err
    assert "→ Leave" in told.err


def test_lint_of_a_good_prompt_is_quiet(onmodel: Any) -> None:
    """Nothing is found, and that is said; advice alone does not fail."""
    good = "A woman in a grey coat on a bridge at dawn, river mist. She turns her head slowly."
    told = onmodel("lint", "--mode", "text-to-video", good)
    assert (told.code, told.err) == (0, "")
    assert "Nothing to say against it." in told.out
    assert onmodel("lint", "--mode", "text-to-video", good.replace(" slowly", "")).code == 0


def test_lint_as_json_says_all(onmodel: Any) -> None:
    """Rule, severity, span, words, why, rewrite, and which of the two texts."""
    told = onmodel(
        "lint", "--mode", "image-to-video", "--image-description", "Woman in blue dress standing in garden",
        "--negative", "bad quality", "--json", "A woman in a red dress sitting on a bench in soft light",
    )  # fmt: skip
    found = json.loads(told.out)
    assert told.code == 1
    assert [one["rule"] for one in found["findings"]] == ["other-colour", "other-pose", "vague-negative"]
    assert set(found["findings"][0]) == {
        "rule", "severity", "start", "end", "words", "why", "rewrite", "of"
    }  # fmt: skip


def test_an_unknown_mode_gets_the_nearest(onmodel: Any) -> None:
    """And all that there are."""
    told = onmodel("lint", "--mode", "motion-controll", "x")
    assert told.code == 1
    assert "Did you mean 'motion-control'?" in told.err


@pytest.mark.parametrize(
    "text", ["\x00\x07" * 30, "🤖" * 60, "x" * 20_000, "一个穿着红色裙子的女人" * 20, " " * 60]
)
def test_lint_of_any_text_is_an_answer(onmodel: Any, text: str) -> None:
    """Control characters, emoji, 20,000 characters, Chinese: findings, no traceback."""
    told = onmodel("lint", "--mode", "edit", text)
    assert told.code in (0, 1)
    assert "unexpected" not in told.err


def test_check_and_plan_say_what_is_wrong_with_words(onmodel: Any, production: Path) -> None:
    """Our own episodes have no warning; a flaw is told with file and line, and nothing is refused."""
    assert "warning" not in onmodel("check").err
    path = production / "episodes/s01e01.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("look: hand-drawn", "look: make it hand-drawn"), encoding="utf-8")
    told = onmodel("check")
    assert told.code == 0
    assert "warning: episodes/s01e01.yaml:" in told.err
    assert "process-not-result" in told.err
    assert "warning: episodes/s01e01.yaml:" in onmodel("plan", "s01e01").err
