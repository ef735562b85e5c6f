"""`onmodel explain`: what overrides what in one shot, and what will be sent for it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from onmodel.cli.showing import columns, in_columns, print_json, say, wrapped
from onmodel.errors import PlanError
from onmodel.planning.chains import shot_of
from onmodel.planning.commission import Commission
from onmodel.planning.explaining import Explanation, explain
from onmodel.planning.shotlist import ShotList
from onmodel.stages.script import Call, read_script
from onmodel.story.validation import did_you_mean
from onmodel.units import usd


def show_explanation(root: Path, episode: str, shot: str, *, as_json: bool) -> None:
    """Print what decides what in a shot.

    Raises:
        PlanError: the episode has no such shot.
        OnModelError: the story is not acceptable.
    """
    script = read_script(Call(root, episode))
    board = ShotList(script.story, episode, script.market)
    if shot not in board.shots:
        raise PlanError(
            f"{episode} has no shot '{shot}'; its shots are: {', '.join(board.shots)}.",
            hint=did_you_mean(shot, board.shots),
        )
    own = [
        one for one in script.prepared.commissions if one.scope == episode and shot_of(one.subject) == shot
    ]
    found = explain(board, shot, own)
    if as_json:
        print_json(_json(episode, found))
        return
    for line in _page(episode, found, columns()):
        say(line)


def _page(episode: str, found: Explanation, width: int) -> Iterator[str]:
    yield f"{episode} · {found.shot}"
    if found.recipe:
        yield f"recipe: {found.recipe}"
    yield f"first frame: {found.first_frame}"
    yield ""
    yield "What decides"
    rows = [(f"  {one.aspect}", one.by, one.how) for one in found.deciders]
    yield from in_columns(rows)
    if found.adherence:
        yield f"  the words count: {found.adherence}"
    if found.idle:
        yield ""
        yield "Without effect in the clip"
        for one in found.idle:
            yield from wrapped(f"{one.key}: {one.words} ({one.why})", width, indent=4, first="  ")
    for commission in found.commissions:
        yield ""
        yield from _commission(commission, width)


def _commission(one: Commission, width: int) -> Iterator[str]:
    bought = one.choice.seconds_bought
    length = f", {float(bought):g} s" if bought is not None else ""
    yield f"{one.subject} {one.mode}{length}, {usd(one.price.usd)}"
    yield from wrapped(f"{one.choice.endpoint.short}: {one.choice.why}", width, indent=4, first="  ")
    yield from wrapped(f"prompt: {one.parts.prompt}", width, indent=4, first="  ")
    if one.parts.negative:
        yield from wrapped(f"negative: {one.parts.negative}", width, indent=4, first="  ")
    if one.notes:
        yield from wrapped(f"left out: {'; '.join(one.notes)}", width, indent=4, first="  ")
    for remark in one.remarks:
        yield from wrapped(remark, width, indent=4, first="  ")
    for step in one.ladder:
        yield from wrapped(
            f"rung {step.rung.id}, {usd(step.usd)}: {step.rung.asks}", width, indent=4, first="  "
        )


def _json(episode: str, found: Explanation) -> dict[str, Any]:
    return {
        "schema": "onmodel.explanation/1",
        "episode": episode,
        "shot": found.shot,
        "recipe": found.recipe or None,
        "first_frame": found.first_frame,
        "decides": {one.aspect: {"by": one.by, "how": one.how or None} for one in found.deciders},
        "adherence": found.adherence or None,
        "without_effect": [{"key": one.key, "words": one.words, "why": one.why} for one in found.idle],
        "usd": str(sum((one.price.usd for one in found.commissions), Decimal(0))),
        "made": [_commission_json(one) for one in found.commissions],
    }


def _commission_json(one: Commission) -> dict[str, Any]:
    bought = one.choice.seconds_bought
    return {
        "id": one.id,
        "work": one.mode,
        "endpoint": one.choice.endpoint.name,
        "endpoint_why": one.choice.why,
        "bought_s": None if bought is None else float(bought),
        "usd": str(one.price.usd),
        "made_from": [[source.role, source.commission] for source in one.sources],
        "prompt": one.parts.prompt,
        "negative": one.parts.negative or None,
        "adherence": one.parts.adherence,
        "left_out": list(one.notes),
        "remarks": list(one.remarks),
        "ladder": [
            {"rung": step.rung.id, "asks": step.rung.asks, "usd": str(step.usd)} for step in one.ladder
        ],
    }
