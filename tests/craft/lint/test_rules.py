from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from onmodel.craft.lint import MODES, lint, rules
from onmodel.craft.lint.flaws import Mode

CASES = json.loads(Path(__file__).with_name("rule_cases.json").read_text("utf-8"))
BAD = [(one["rule"], one["mode"], one["beside"], text) for one in CASES["bad"] for text in one["texts"]]
"""Rule, mode, what is known beside the prompt, a prompt that the rule finds."""

GOOD = [(one["mode"], one["beside"], text) for one in CASES["good"] for text in one["texts"]]
"""Mode, what is known beside the prompt, a prompt in which only rules of length find anything."""

OF_LENGTH = {"too-short", "too-long"}


def rules_in(text: str, mode: Mode, **beside: Any) -> set[str]:
    return {flaw.rule for flaw in lint(text, mode, **beside)}


@pytest.mark.parametrize(("rule", "mode", "beside", "text"), BAD)
def test_what_a_rule_is_for_is_found(rule: str, mode: Mode, beside: dict[str, Any], text: str) -> None:
    """Each of these prompts would spoil a take in the way that the rule names."""
    assert rule in rules_in(text, mode, **beside)


@pytest.mark.parametrize(("mode", "beside", "text"), GOOD)
def test_what_only_looks_alike_is_left_alone(mode: Mode, beside: dict[str, Any], text: str) -> None:
    """False alarms are bugs: these have the same words and mean something else."""
    assert rules_in(text, mode, **beside) - OF_LENGTH == set()


NEEDS: dict[str, dict[str, Any]] = {
    "other-colour": {"image_description": "Woman in blue dress standing in garden"},
    "other-garment": {"image_description": "Woman in blue dress standing in garden"},
    "other-pose": {"image_description": "Woman in blue dress standing in garden"},
    "other-place": {"image_description": "Woman in blue dress standing in garden"},
    "other-count": {"image_description": "A woman in blue dress standing in garden"},
    "asks-for-never": {"never": ("hat",)},
    "two-people-upright": {"ratio": "9:16"},
    "full-body-close-up": {"ratio": "16:9"},
}
"""What some rules need to know beside the prompt."""
NOT_OF_WORDS = {"too-long", "long-clip", "vague-negative", "negative-fights-prompt", "negative-is-a-sentence"}
"""Rules whose examples are no prompts."""


@pytest.mark.parametrize(
    "rule", [rule for rule in rules() if rule.id not in NOT_OF_WORDS], ids=lambda rule: rule.id
)
def test_the_examples_of_a_rule_are_true(rule: Any) -> None:
    """`onmodel rules` shows a bad and a good example: the one is found, the other has nothing wrong."""
    modes = rule.modes or MODES
    assert any(rule.id in rules_in(rule.bad, mode, **NEEDS.get(rule.id, {})) for mode in modes)
    for mode in modes:
        assert rules_in(rule.good, mode, **NEEDS.get(rule.id, {})) == set(), mode


def test_every_rule_has_a_test() -> None:
    """Each rule is found somewhere here or has a test of its own."""
    tested = (
        {rule for rule, _, _, _ in BAD}
        | NOT_OF_WORDS
        | {"too-short", "motion-in-motion-control", "not-english"}
    )
    assert tested == {rule.id for rule in rules()}
