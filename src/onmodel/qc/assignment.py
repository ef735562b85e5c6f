"""Who is who in one frame: each character gets the sighting that fits, and no sighting is two characters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from onmodel.qc.scorer import Scorer, Seen, Sighting

MOST_TRIED = 5040
"""Ways of telling characters apart that are tried; beyond it the best pairs are taken first."""


@dataclass(frozen=True)
class Match:
    """A character found in a frame."""

    score: float
    sighting: Sighting


def assign(
    seen: Seen, references: Mapping[str, Sequence[Sighting]], scorer: Scorer
) -> dict[str, Match | None]:
    """Tell the characters of one frame apart so that their scores add up to the most.

    A sighting with a box is one character at most. A character that is alone has the one that fits best, of
    those up to the first that nobody would doubt. Whoever gets none is looked for in the whole picture,
    where the scorer can tell anything from that; else the character is not in the frame, as far as can be
    seen: None.
    """
    boxed = [one for one in seen.sightings if one.box is not None]
    whole = next((one for one in seen.sightings if one.box is None), None)
    if len(references) == 1:
        boxed = _until_sure(boxed, next(iter(references.values())), scorer)
    table = {who: [scorer.likeness(one, views) for one in boxed] for who, views in references.items()}
    chosen = _best_pairs(table, len(boxed))
    found: dict[str, Match | None] = {}
    for who, views in references.items():
        column = chosen.get(who)
        if column is not None:
            found[who] = Match(table[who][column] or 0.0, boxed[column])
            continue
        score = scorer.likeness(whole, views) if whole is not None else None
        found[who] = Match(score, whole) if score is not None and whole is not None else None
    return found


def _until_sure(boxed: Sequence[Sighting], views: Sequence[Sighting], scorer: Scorer) -> list[Sighting]:
    """The sightings up to the first that any character's threshold would let pass: the rest need no look."""
    tried = []
    for one in boxed:
        tried.append(one)
        score = scorer.likeness(one, views)
        if score is not None and score >= scorer.limits.ceiling:
            break
    return tried


def _best_pairs(table: Mapping[str, Sequence[float | None]], columns: int) -> dict[str, int]:
    """For each character the column of its sighting: as many characters as possible, then the highest sum."""
    names = [who for who, row in table.items() if any(score is not None for score in row)]
    if not names:
        return {}
    if _ways(len(names), columns) > MOST_TRIED:
        return _greedy(table, names)
    places: list[int | None] = [*range(columns), *([None] * len(names))]
    best: tuple[tuple[int, float], dict[str, int]] = ((-1, 0.0), {})
    for order in set(permutations(places, len(names))):
        pairs = {who: at for who, at in zip(names, order, strict=True) if at is not None}
        scores = [table[who][at] for who, at in pairs.items()]
        if None in scores:
            continue
        worth = (len(pairs), sum(score for score in scores if score is not None))
        best = max(best, (worth, pairs), key=lambda one: one[0])
    return best[1]


def _ways(names: int, columns: int) -> int:
    ways = 1
    for number in range(names):
        ways *= columns + names - number
    return ways


def _greedy(table: Mapping[str, Sequence[float | None]], names: Sequence[str]) -> dict[str, int]:
    pairs = [(score, who, at) for who in names for at, score in enumerate(table[who]) if score is not None]
    chosen: dict[str, int] = {}
    for _, who, at in sorted(pairs, reverse=True):
        if who not in chosen and at not in chosen.values():
            chosen[who] = at
    return chosen
