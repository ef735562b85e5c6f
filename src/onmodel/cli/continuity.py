"""`onmodel continuity`: every character in every shot and episode, and where it looks least the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from onmodel.cli.showing import columns, in_columns, print_json, say
from onmodel.dailies.continuity import Cell, Continuity, Pair, Row, Trend, Warned, continuity_of
from onmodel.errors import PlanError
from onmodel.stages.script import Call, read_plan, read_script
from onmodel.story import read_story
from onmodel.story.reading import SEASON_ID
from onmodel.story.validation import did_you_mean


def show_continuity(root: Path, scope: str, *, rehearse: bool, as_json: bool) -> None:
    """Print the matrix, the trend and the pairs that look least alike.

    Raises:
        OnModelError: the story or the archive cannot be read.
    """
    calls = [Call(root, episode, rehearse=rehearse) for episode in _episodes(root, scope)]
    found = continuity_of(read_plan(call, read_script(call)) for call in calls)
    if as_json:
        print_json(_json(scope, found))
        return
    if not found.characters:
        again = " --rehearse" if rehearse else ""
        say(f"{scope}: nobody was recognised in a circled clip yet: onmodel produce {calls[0].scope}{again}")
        return
    for block in _tables(found, several=len(calls) > 1):
        for line in block:
            say(line)
        say()
    for line in _summary(found, several=len(calls) > 1):
        say(line)


def _episodes(root: Path, scope: str) -> Sequence[str]:
    """The episodes of a season, or the one that was named.

    Raises:
        PlanError: there is no such season.
    """
    if not SEASON_ID.fullmatch(scope):
        return [scope]
    seasons = read_story(root).seasons
    if scope not in seasons:
        raise PlanError(
            f"there is no '{scope}'; the seasons are: {', '.join(seasons) or 'none yet'}.",
            hint=did_you_mean(scope, seasons),
        )
    return seasons[scope].ids


def _tables(found: Continuity, *, several: bool) -> Iterator[list[str]]:
    """The matrix: a row for each clip; characters that do not fit beside each other come in a table below."""
    names = [("shot", *(_where(row, several=several) for row in found.rows))]
    taken: list[tuple[str, ...]] = list(names)
    for who in found.characters:
        column = (who, *(_cell(row.cells.get(who)) for row in found.rows))
        if len(taken) > 1 and max(map(len, _drawn([*taken, column]))) > columns():
            yield _drawn(taken)
            taken = list(names)
        taken.append(column)
    yield _drawn(taken)


def _drawn(cells: Sequence[Sequence[str]]) -> list[str]:
    return in_columns(list(zip(*cells, strict=True)))


def _where(row: Row, *, several: bool) -> str:
    return f"{row.episode} {row.subject}" if several else row.subject


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return "·"
    return f"{cell.likeness.standing} {_signed(cell.margin)}".rstrip()


def _signed(margin: float | None) -> str:
    return "" if margin is None else f"{margin:+.2f}"


def _summary(found: Continuity, *, several: bool) -> Iterator[str]:
    yield "Figures are how far a score is over the character's threshold."
    yield ""
    yield "Over the episodes (medians):" if several else "Over the episode (median):"
    for line in in_columns([_trend(one) for one in found.trends], right=(2, 3)):
        yield f"  {line}"
    if found.pairs:
        yield ""
        yield "Least alike (1 is the same; only the same wardrobe and look are compared):"
        for line in in_columns([_pair(one, several=several) for one in found.pairs], right=(3,)):
            yield f"  {line}"
    if found.warnings:
        yield ""
        yield "Warnings (they change no verdict; 0 is the sheet's colour):"
        for line in in_columns([_warning(one, several=several) for one in found.warnings], right=(2,)):
            yield f"  {line}"


def _trend(one: Trend) -> tuple[str, ...]:
    score = "" if one.score is None else f"{one.score:.2f}"
    return one.character, one.episode, score, _signed(one.margin), f"{one.on_model} of {one.clips} on-model"


def _pair(one: Pair, *, several: bool) -> tuple[str, ...]:
    sides = [" ".join(side) if several else side[1] for side in (one.one, one.other)]
    return one.guise, sides[0], sides[1], f"{one.alike:.2f}"


def _warning(one: Warned, *, several: bool) -> tuple[str, ...]:
    shot = f"{one.episode} {one.subject}" if several else one.subject
    return shot, one.character, "" if one.colour is None else f"{one.colour:.2f}", one.note


def _json(scope: str, found: Continuity) -> dict[str, Any]:
    return {
        "schema": "onmodel.continuity/1",
        "scope": scope,
        "characters": list(found.characters),
        "shots": [
            {
                "episode": row.episode,
                "shot": row.subject,
                "characters": {
                    who: {
                        "guise": cell.guise,
                        "standing": cell.likeness.standing,
                        "score": cell.likeness.score,
                        "threshold": cell.likeness.threshold,
                        "reason": cell.likeness.reason,
                        "scorer": cell.likeness.scorer,
                        "colour": cell.likeness.colour,
                        "colour_note": cell.likeness.colour_note,
                    }
                    for who, cell in row.cells.items()
                },
            }
            for row in found.rows
        ],
        "trend": [vars(one) for one in found.trends],
        "least_alike": [vars(one) for one in found.pairs],
    }
