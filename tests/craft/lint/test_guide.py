"""Held against the guide itself, where it lies beside the project."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from onmodel.craft.lint import lint
from onmodel.craft.lint.flaws import MODES

GUIDE = Path(__file__).parents[4] / "shared" / "guide.md"
TEXT = GUIDE.read_text(encoding="utf-8") if GUIDE.is_file() else ""
CALL = re.compile(r'(?:subscribe\("|endpoint: ")[^"]+/([a-z-]+)"(.*?)\n\}', re.DOTALL)
PROMPT = re.compile(r'prompt: "([^"]*)"')
BASELINE = "A coffee cup on a table with steam rising"
"""The guide's own example of a prompt that is too vague."""

pytestmark = pytest.mark.skipif(not TEXT, reason="the guide is not beside the project")


def test_no_prompt_of_its_examples_and_recipes_has_a_flaw() -> None:
    """No false alarm over the guide's good prompts, each in the mode of its endpoint."""
    calls = [(mode, PROMPT.search(body)) for mode, body in CALL.findall(TEXT)]
    prompts = [(mode, found[1]) for mode, found in calls if found and mode in MODES]
    assert len(prompts) > 30
    flaws = {text: lint(text, mode) for mode, text in prompts if text != BASELINE}
    assert {text: found for text, found in flaws.items() if found} == {}
    assert [flaw.rule for flaw in lint(BASELINE, "text-to-video")] == ["too-short"]


def test_no_complete_prompt_has_a_flaw() -> None:
    """The examples of the four parts, as clips from words and from a picture."""
    prompts = re.findall(r"\*\*Complete prompt:\*\*\n```\n(.*?)\n```", TEXT)
    assert len(prompts) >= 5
    assert [lint(text, mode) for text in prompts for mode in ("text-to-video", "image-to-video")] == [[]] * 10


def test_motion_control_prompts_are_told_apart() -> None:
    """Its good prompts pass, each line of its bad ones is found."""
    good, _, bad = TEXT.partition("#### Good Motion Control Prompts")[2].partition("#### Bad Motion Control")
    bad = bad.partition("### Temporal Consistency")[0]
    passing, failing = (re.findall(r'^"([^"]+)"', part, re.MULTILINE) for part in (good, bad))
    assert len(passing) == 3
    assert len(failing) == 5
    assert [lint(text, "motion-control") for text in passing] == [[], [], []]
    wanted = {"motion-in-motion-control", "fights-the-reference"}
    assert all(wanted & {flaw.rule for flaw in lint(text, "motion-control")} for text in failing)


def test_edits_are_told_apart() -> None:
    """Its table of orders and results."""
    pairs = [
        pair
        for pair in re.findall(r'^\| "([^"]+)" \| "([^"]+)" \|$', TEXT, re.MULTILINE)
        if len(pair[1]) > 40
    ]
    assert len(pairs) >= 4
    for order, result in pairs:
        assert "process-not-result" in {flaw.rule for flaw in lint(order, "edit")}
        assert lint(result, "edit") == []


def test_the_first_frame_rule_is_told_apart() -> None:
    """Its picture of a woman in a garden, right and wrong."""
    shown, right, wrong = (
        re.search(pattern, TEXT)[1]  # type: ignore[index]
        for pattern in (
            r"Input image: (.+)",
            r'Prompt: "(A woman in a blue[^"]+)"',
            r'Prompt: "(A woman in a red[^"]+)"',
        )
    )
    assert lint(right, "image-to-video", image_description=shown) == []
    found = {flaw.rule for flaw in lint(wrong, "image-to-video", image_description=shown)}
    assert {"other-colour", "other-pose"} <= found
