"""The rules as data, and what a rule finds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

Mode = Literal["text-to-video", "image-to-video", "motion-control", "edit", "reference-to-video"]
MODES: Final[tuple[Mode, ...]] = (
    "text-to-video",
    "image-to-video",
    "motion-control",
    "edit",
    "reference-to-video",
)
"""How a clip is asked for."""

LONGEST_SHOWN: Final = 80
"""Characters of the words in question that are repeated; the place tells the rest."""

Severity = Literal["warning", "advice"]


@dataclass(frozen=True)
class Rule:
    """What prompts are looked over for."""

    id: str
    severity: Severity
    """warning: it spoils takes · advice: it may be meant so."""
    modes: tuple[str, ...]
    """Where it holds; empty: everywhere."""
    about: str
    why: str
    bad: str
    """An example that it finds."""
    good: str
    """The same, well said."""


@dataclass(frozen=True)
class Flaw:
    """One thing in a prompt that will not come out as meant."""

    rule: str
    severity: Severity
    start: int
    """First character of the words in question, from 0."""
    end: int
    """The character after them."""
    words: str
    """The words in question; empty where it is about the whole text."""
    why: str
    rewrite: str
    """What to write instead."""
    of: Literal["prompt", "negative"] = "prompt"
    """Which text the place is in."""


def rules() -> tuple[Rule, ...]:
    """Every rule, in the order of the report."""
    return tuple(_rules().values())


def flaw(rule: str, found: str, span: tuple[int, int], rewrite: str, why: str = "") -> Flaw:
    """What a rule found in a text.

    Args:
        rule: its id.
        found: the text.
        span: first character, and the one after the last.
        rewrite: what to write instead.
        why: more exactly than the rule itself says it.
    """
    known = _rules()[rule]
    start, end = span
    words = found[start:end] if end - start <= LONGEST_SHOWN else f"{found[start : start + LONGEST_SHOWN]}…"
    return Flaw(rule, known.severity, start, end, words, f"{why} {known.why}".strip(), rewrite)


def holds(rule: str, mode: str) -> bool:
    """Whether a rule is looked at in this mode."""
    modes = _rules()[rule].modes
    return not modes or mode in modes


@cache
def _rules() -> Mapping[str, Rule]:
    return {raw["id"]: Rule(**{**raw, "modes": tuple(raw["modes"])}) for raw in read_table("rules")["rules"]}


@cache
def read_table(name: str) -> Mapping[str, Any]:
    """A table of words beside this module."""
    raw: dict[str, Any] = json.loads(Path(__file__).with_name(f"{name}.json").read_text("utf-8"))
    return raw


@cache
def word_set(table: str, name: str) -> frozenset[str]:
    """The words of one row of a table."""
    return frozenset(read_table(table)[name].split())


def each(*found: Iterator[Flaw]) -> Iterator[Flaw]:
    """What several rules found, one after the other."""
    for flaws in found:
        yield from flaws
