"""Troubleshooting: what goes wrong with a take, what may cause it, and what to ask for differently next.

The trees are in `remedies.json`. A remedy is one change to how a shot is asked for; the story stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from onmodel.errors import PlanError

Verdict = Literal["off-model", "drifting", "partial", "unscorable", "broken"]
"""What a look at a take may find: `broken` is a technical gate's word, the others are the measure's."""

_NEAR = 55
"""Likeness, 0 to 100, from which a problem may be the one that was meant; found by trying misspellings."""


@dataclass(frozen=True)
class Change:
    """One change to how a shot is asked for; what is empty stays."""

    anchors: tuple[str, ...] = ()
    """Phrases that end the prompt; `{names}`, `{traits}`, `{outfits}`, `{start}`, `{look}` are the shot's."""
    motion: tuple[str, ...] = ()
    """Phrases that join the action."""
    avoid: tuple[str, ...] = ()
    """Terms that join the negative prompt."""
    drop: tuple[Literal["lens", "move", "mood"], ...] = ()
    """What is not said."""
    one_movement: bool = False
    """Only the first of several movements is asked for."""
    style: Literal["last", "specific"] | None = None
    """`last`: the style ends the prompt; `specific`: what makes the style is said too."""
    characters: int | None = None
    """Length of the prompt at most, in characters, instead of what is advised."""
    adherence_at_most: float | None = None
    adherence_at_least: float | None = None
    """Between what the adherence must lie, 0 to 1."""
    quality: Literal["up"] | None = None
    """The next higher tier."""
    seconds: int | None = None
    """Seconds of a single clip at most."""
    orientation: Literal["other"] | None = None
    """Motion control: `video` for `image`, and the other way round."""
    first_frame: Literal["anew", "larger", "closer"] | None = None
    """The keyframe is drawn again: as it is, with more pixels, or one shot size closer."""
    references: Literal["sheet"] | None = None
    """Views of the model sheet go along."""
    mask: bool = False
    """The shot's mask goes along."""
    seed: Literal["new"] | None = None
    again: bool = False
    """The same once more."""

    def __bool__(self) -> bool:
        """Whether anything changes; what changes nothing is for a person to do."""
        return self != _NOTHING

    def adherence(self, now: float) -> float:
        """The adherence after the change."""
        lowest = self.adherence_at_least or 0.0
        highest = 1.0 if self.adherence_at_most is None else self.adherence_at_most
        return min(max(now, lowest), highest)


_NOTHING = Change()


class Remedy(NamedTuple):
    """One way to repair a problem."""

    id: str
    """`face-changing.features`; `again` is every problem's last."""
    problem: str
    cause: str
    words: str
    """What it does, for a person: `asks for smooth continuous motion`."""
    change: Change

    @property
    def by_hand(self) -> bool:
        """Whether only a person can do it: the files or the story must change."""
        return not self.change


class Problem(NamedTuple):
    """What may be wrong with a take."""

    id: str
    title: str
    tree: str
    """The tree of the guide that it is a branch of."""
    also: tuple[str, ...]
    """What people call it too."""
    remedies: tuple[Remedy, ...]
    """In the order in which they are tried."""


@cache
def _read() -> Mapping[str, Any]:
    raw: dict[str, Any] = json.loads(Path(__file__).with_name("remedies.json").read_text("utf-8"))
    return raw


@cache
def problems() -> Mapping[str, Problem]:
    """Every problem that we know, by id, in the guide's order."""
    raw = _read()
    found = {}
    for tree in raw["trees"]:
        for branch in tree["problems"]:
            name = branch["id"]
            remedies = [_remedy(name, f"{name}.{one['id']}", one) for one in branch["remedies"]]
            remedies.append(_remedy(name, raw["again"]["id"], raw["again"]))
            found[name] = Problem(name, branch["title"], tree["id"], tuple(branch["also"]), tuple(remedies))
    return found


def _remedy(problem: str, name: str, raw: Mapping[str, Any]) -> Remedy:
    listed: dict[str, Any] = {
        key: tuple(one) if isinstance(one, list) else one for key, one in raw["change"].items()
    }
    return Remedy(name, problem, raw["cause"], raw["words"], Change(**listed))


def remedies_for(problem: str) -> tuple[Remedy, ...]:
    """The remedies of a problem, in the order in which they are tried.

    Raises:
        PlanError: there is no such problem; the nearest and all that there are, are named.
    """
    known = problems()
    if problem in known:
        return known[problem].remedies
    near = _nearest(problem)
    guess = f"Did you mean {near}? " if near else ""
    raise PlanError(
        f"there is no problem '{problem}'; there are: {', '.join(known)}",
        hint=f"{guess}`onmodel diagnose EPISODE SHOT --problem PROBLEM` lists its remedies.",
    )


def _nearest(text: str) -> str | None:
    from rapidfuzz import fuzz, process, utils  # noqa: PLC0415 (only when something is wrong)

    names = {name: problem.id for problem in problems().values() for name in (problem.id, *problem.also)}
    best = process.extractOne(
        text, list(names), scorer=fuzz.WRatio, processor=utils.default_process, score_cutoff=_NEAR
    )
    return None if best is None else names[best[0]]


def remedy(name: str) -> Remedy | None:
    """The remedy of that id, as an intent keeps it; None if there is none (any more)."""
    every = (one for problem in problems().values() for one in problem.remedies)
    return next((one for one in every if one.id == name), None)


def problem_of(verdict: Verdict, *, stage: str, mode: str = "", kind: str = "", fault: str = "") -> str:
    """Which problem a verdict points at, where nobody said one.

    Args:
        verdict: what was found.
        stage: sheet, keyframe, shoot or restyle.
        mode: how it was filmed: image-to-video, motion-control and kin.
        kind: of the character: human or stylised.
        fault: what the gates found first: frozen, flicker, cut and kin.
    """
    facts = {"verdict": verdict, "stage": stage, "mode": mode, "kind": kind, "fault": fault}
    for row in _read()["verdicts"]:
        if all(facts[key] == value for key, value in row.items() if key != "problem"):
            return str(row["problem"])
    raise ValueError(f"no row of remedies.json says what {verdict} means")


def next_remedy(problem: str, tried: Collection[str], obstacle: Callable[[Change], str]) -> Remedy | None:
    """The first remedy of a problem that was not tried and can be done; None when there is none left.

    Args:
        problem: its id.
        tried: ids of the remedies behind earlier takes.
        obstacle: what keeps a change from being made; empty where nothing does.

    Raises:
        PlanError: there is no such problem.
    """
    remedies = remedies_for(problem)
    if len(remedies) == 1:  # nothing but the dice: they may be thrown again
        return remedies[0]
    left = (one for one in remedies if one.id not in tried and not one.by_hand)
    return next((one for one in left if not obstacle(one.change)), None)


def with_obstacles(problem: str, obstacle: Callable[[Change], str]) -> Iterator[tuple[Remedy, str]]:
    """Every remedy of a problem with what keeps it from being made.

    Raises:
        PlanError: there is no such problem.
    """
    for one in remedies_for(problem):
        yield one, "" if one.by_hand else obstacle(one.change)
