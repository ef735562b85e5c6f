"""What a list of negatives should not be: vague, an order, or against the prompt beside it."""

from __future__ import annotations

from collections.abc import Iterator

from onmodel.craft.denial import Asked
from onmodel.craft.lint.flaws import Flaw, flaw
from onmodel.craft.sentences import clean
from onmodel.craft.words import vague_negatives

_ORDERS = ("do not", "don't", "dont", "avoid", "never", "not ", "please", "make sure", "there should")


def negative_flaws(negatives: str, prompt: str) -> Iterator[Flaw]:
    """Look a negative prompt over, term by term."""
    asked = Asked(prompt)
    start = 0
    for raw in negatives.split(","):
        term = clean(raw)
        at = start + raw.find(term) if term and term in raw else start
        found = _flaw(negatives, term, (at, at + len(term)), asked)
        if found is not None:
            yield found
        start += len(raw) + 1


def _flaw(negatives: str, term: str, span: tuple[int, int], asked: Asked) -> Flaw | None:
    low = term.casefold()
    better = vague_negatives().get(low)
    if better is not None:
        return flaw("vague-negative", negatives, span, f"Name the fault: {better}.")
    order = next((order for order in _ORDERS if low.startswith(order)), None)
    if order is not None:
        return flaw(
            "negative-is-a-sentence",
            negatives,
            span,
            f'Say only what is not to be seen: "{_object_of(low, order)}".',
        )
    if term and asked.has(term):
        return flaw(
            "negative-fights-prompt", negatives, span, f'Leave "{term}" out here, or out of the prompt.'
        )
    return None


def _object_of(low: str, order: str) -> str:
    rest = low.removeprefix(order).strip().split()
    while rest and rest[0] in (
        "show",
        "have",
        "be",
        "add",
        "include",
        "any",
        "use",
        "make",
        "draw",
        "the",
        "a",
        "no",
        "there",
        "is",
        "are",
    ):
        rest.pop(0)
    return " ".join(rest) or "what is not to be seen"
