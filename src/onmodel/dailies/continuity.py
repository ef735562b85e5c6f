"""Continuity: how alike each character is from shot to shot, and from episode to episode."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median
from typing import Final

from onmodel.planning import Line, Plan
from onmodel.planning.chains import shot_of
from onmodel.vault import Likeness

LEAST_ALIKE: Final = 3
"""Pairs of shots that are named for each character and guise."""


@dataclass(frozen=True)
class Cell:
    """One character in one clip that goes into a cut."""

    episode: str
    subject: str
    """The shot's id; `s010.2` for a later clip of a long shot."""
    character: str
    guise: str
    """In which wardrobe and look it should be seen: `pip.rain`. Only the same guise can look the same."""
    likeness: Likeness

    @property
    def margin(self) -> float | None:
        """How far the score is over the threshold; None where nothing could be scored."""
        if self.likeness.score is None or self.likeness.threshold is None:
            return None
        return self.likeness.score - self.likeness.threshold


@dataclass(frozen=True)
class Row:
    """One clip, with everybody who was looked for in it."""

    episode: str
    subject: str
    cells: Mapping[str, Cell]
    """By character."""


@dataclass(frozen=True)
class Trend:
    """One character over one episode."""

    episode: str
    character: str
    clips: int
    on_model: int
    score: float | None
    """Median over the clips."""
    margin: float | None
    """The same, over the threshold."""


@dataclass(frozen=True)
class Pair:
    """Two clips in which the same character, in the same guise, is compared."""

    character: str
    guise: str
    one: tuple[str, str]
    """Episode and shot."""
    other: tuple[str, str]
    alike: float
    """-1 to 1."""


@dataclass(frozen=True)
class Warned:
    """One character whose clothes seem to be another colour in one clip."""

    episode: str
    subject: str
    character: str
    note: str
    colour: float | None
    """How far from the sheet, 0 to 1."""


@dataclass(frozen=True)
class Continuity:
    """An episode, or a season, character by character."""

    characters: tuple[str, ...]
    rows: tuple[Row, ...]
    trends: tuple[Trend, ...]
    """By character, then in the order of the episodes."""
    pairs: tuple[Pair, ...]
    """By character and guise, the least alike first."""
    warnings: tuple[Warned, ...] = ()
    """In the order of the cut; they change no standing."""


def continuity_of(plans: Iterable[Plan]) -> Continuity:
    """Read the circled clips of episodes, in their order."""
    rows = [row for plan in plans for row in _rows(plan)]
    cells = [cell for row in rows for cell in row.cells.values()]
    characters = tuple(dict.fromkeys(cell.character for cell in cells))
    return Continuity(
        characters,
        tuple(rows),
        tuple(trend for who in characters for trend in _trends(who, cells)),
        tuple(pair for who in characters for pair in _pairs(who, cells)),
        tuple(_warned(cell) for cell in cells if cell.likeness.colour_note),
    )


def _warned(cell: Cell) -> Warned:
    likeness = cell.likeness
    return Warned(cell.episode, cell.subject, cell.character, likeness.colour_note, likeness.colour)


def _rows(plan: Plan) -> Iterator[Row]:
    order = {name: index for index, name in enumerate(plan.used_s)}
    clips = [line for line in plan.lines.values() if line.commission.is_clip]
    for line in sorted(clips, key=lambda one: order.get(shot_of(one.commission.subject), len(order))):
        commission = line.commission
        guises = {one.character: _guise(one.character, one.views) for one in commission.likenesses}
        cells = {
            who: Cell(plan.scope, commission.subject, who, guises.get(who, who), likeness)
            for who, likeness in _measured(line).items()
        }
        yield Row(plan.scope, commission.subject, cells)


def _measured(line: Line) -> Mapping[str, Likeness]:
    take = line.take
    return take.verdict.identity if take is not None and take.verdict is not None else {}


def _guise(character: str, views: Sequence[str]) -> str:
    """`pip.rain`, from `pip.rain.front.sheet`."""
    return views[0].rsplit(".", 2)[0] if views else character


def _trends(who: str, cells: Sequence[Cell]) -> Iterator[Trend]:
    mine = (cell for cell in cells if cell.character == who)
    for episode, group in groupby(mine, key=lambda cell: cell.episode):
        found = list(group)
        scores = [one.likeness.score for one in found if one.likeness.score is not None]
        margins = [one.margin for one in found if one.margin is not None]
        yield Trend(
            episode,
            who,
            len(found),
            sum(one.likeness.standing == "on-model" for one in found),
            median(scores) if scores else None,
            median(margins) if margins else None,
        )


def _pairs(who: str, cells: Sequence[Cell]) -> Iterator[Pair]:
    mine = [cell for cell in cells if cell.character == who and cell.likeness.signature]
    mine.sort(key=lambda cell: (cell.guise, cell.likeness.scorer))  # stable: the shots stay in their order
    for (guise, _), group in groupby(mine, key=lambda cell: (cell.guise, cell.likeness.scorer)):
        yield from _least_alike(who, guise, list(group))


def _least_alike(who: str, guise: str, cells: Sequence[Cell]) -> Iterator[Pair]:
    import numpy as np  # noqa: PLC0415 (the page of an episode that was never filmed needs none)

    from onmodel.qc.calibration import read_vector  # noqa: PLC0415 (same)

    vectors = np.stack([read_vector(cell.likeness.signature) for cell in cells])
    rows, columns = np.triu_indices(len(cells), 1)
    alike = (vectors @ vectors.T)[rows, columns]
    for index in np.argsort(alike, kind="stable")[:LEAST_ALIKE]:
        one, other = cells[rows[index]], cells[columns[index]]
        pair = (one.episode, one.subject), (other.episode, other.subject)
        yield Pair(who, guise, *pair, round(float(alike[index]), 4))
