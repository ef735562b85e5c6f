"""Whether a negative prompt denies what the prompt asks for.

`dramatic shadows` are denied by `shadows`, and by `harsh shadows` too: the same noun, modifiers of one kind.
`harsh shadows` beside `soft shadows` say the same thing twice, and stay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from onmodel.craft.words import kindred

_DENIED = re.compile(r"\b(?:no|not|never|without)\b[^,.;]*", re.IGNORECASE)
_CLAUSE = re.compile(r"[,.;:!?\n]+")
_WORD = re.compile(r"\w+(?:-\w+)*")
_LONGEST_ENDING = 3


class Asked:
    """What a prompt asks for: its clauses as stems, without what it denies itself."""

    def __init__(self, prompt: str) -> None:
        clauses = _CLAUSE.split(_DENIED.sub(" ", prompt))
        self._clauses = [stems for clause in clauses if (stems := stems_of(clause))]
        self._all = frozenset(stem for clause in self._clauses for stem in clause)
        self._pairs = {pair for clause in self._clauses for pair in _modified(clause)}

    def has(self, term: str) -> bool:
        """Whether the prompt asks for what this term denies."""
        stems = stems_of(term)
        if not stems or stems[-1] not in self._all:
            return False
        wanted = frozenset(stems)
        if wanted <= self._all and any(wanted <= frozenset(clause) for clause in self._clauses):
            return True
        kind = _kinds().get(stems[0]) if len(stems) > 1 else None
        return kind is not None and (kind, stems[-1]) in self._pairs


@lru_cache(maxsize=4096)  # the lists' own terms come again with every shot
def stems_of(text: str) -> tuple[str, ...]:
    """Words without case, plural and `-ing`: `Logos` is asked for by `logo`, `floating` by `floats`."""
    return tuple(_stem(word) for word in _WORD.findall(text.casefold()))


def _stem(word: str) -> str:
    for ending in ("ing", "ies", "es", "ed", "s", "y"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _LONGEST_ENDING and not word.endswith("ss"):
            return stem.removesuffix("e")
    return word.removesuffix("e") if len(word) > _LONGEST_ENDING else word


def _modified(clause: tuple[str, ...]) -> list[tuple[int, str]]:
    """The nouns that a clause modifies in a way we know: pairs of the modifier's kind and the noun."""
    kinds = _kinds()
    return [
        (kinds[stem], noun)
        for index, stem in enumerate(clause)
        if stem in kinds
        for noun in clause[index + 1 : index + 4]
    ]


@cache
def _kinds() -> Mapping[str, int]:
    return {_stem(word): kind for kind, words in enumerate(kindred()) for word in words}
