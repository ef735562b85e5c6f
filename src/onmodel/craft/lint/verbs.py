"""Verbs in every form: `waves`, `waving` and `waved` are `wave`. What is not regular is in a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Literal, NamedTuple

from onmodel.craft.lint.flaws import read_table, word_set

Form = Literal["base", "s", "ing", "past"]

_VOWELS = "aeiou"


class Verb(NamedTuple):
    """A form of a verb."""

    lemma: str
    form: Form


@cache
def movements() -> Mapping[str, Verb]:
    """Every form of every verb of movement that we know."""
    return forms((*sorted(word_set("verbs", "any")), *sorted(word_set("verbs", "body"))))


def forms(lemmas: Iterable[str]) -> Mapping[str, Verb]:
    """The forms of some verbs, each with its verb."""
    irregular: Mapping[str, str] = read_table("verbs")["irregular"]
    doubles = word_set("verbs", "double")
    found: dict[str, Verb] = {}
    for lemma in lemmas:
        stem = lemma + lemma[-1] if lemma in doubles else lemma
        past = irregular[lemma].split() if lemma in irregular else [_past(lemma, stem)]
        for word in past:
            found[word] = Verb(lemma, "past")
        found[_ing(lemma, stem)] = Verb(lemma, "ing")
        found[_third(lemma)] = Verb(lemma, "s")
        found[lemma] = Verb(lemma, "base")
    return found


def _third(lemma: str) -> str:
    if lemma.endswith(("s", "sh", "ch", "x", "z", "o")):
        return f"{lemma}es"
    return f"{lemma[:-1]}ies" if _ends_in_y(lemma) else f"{lemma}s"


def _past(lemma: str, stem: str) -> str:
    if lemma.endswith("e"):
        return f"{lemma}d"
    return f"{lemma[:-1]}ied" if _ends_in_y(lemma) else f"{stem}ed"


def _ing(lemma: str, stem: str) -> str:
    if lemma.endswith("ie"):
        return f"{lemma[:-2]}ying"
    if lemma.endswith("e") and not lemma.endswith(("ee", "oe", "ye")):
        return f"{lemma[:-1]}ing"
    return f"{stem}ing"


def _ends_in_y(lemma: str) -> bool:
    return lemma.endswith("y") and lemma[-2] not in _VOWELS
