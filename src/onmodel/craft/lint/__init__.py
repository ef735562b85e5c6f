"""Prompts looked over before they are bought: each flaw with its place, why, and a rewrite."""

from onmodel.craft.lint.flaws import MODES, Flaw, Rule, rules
from onmodel.craft.lint.linting import lint

__all__ = ["MODES", "Flaw", "Rule", "lint", "rules"]
