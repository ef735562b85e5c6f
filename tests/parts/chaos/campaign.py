"""Many lives over one kind of archive: at every named step of the journal, and at random instants."""

from __future__ import annotations

import json
import random
import time
from decimal import Decimal
from pathlib import Path
from typing import Final

from chaos.archives import Archives, Kind, archives_of
from chaos.audit import Audit
from chaos.counts import Counts
from chaos.life import Life, Reference
from chaos.run import Run, Set
from chaos.steps import JOURNAL, Point
from chaos.story import JOBS, PRODUCE, write_production

DEEPEST: Final = 3
"""The how-manieth step of a name in one run is died at, at most."""

TIGHT: Final = 3
"""Every third production begins under a cap that it cannot be finished under."""

TIGHT_RUNS: Final = 4
"""Kills after which that cap is raised."""

TIGHT_SHARE: Final = Decimal("0.6")


def campaign(kind: Kind, base: Path, *, history: bool, kills: int, seed: int) -> Counts:
    """Kill productions over one kind of archive, `kills` times, and count."""
    base.mkdir(parents=True, exist_ok=True)
    dice = random.Random(f"{seed} {kind} {history}")  # noqa: S311 - instants to die at, not secrets
    counts = Counts()
    with archives_of(kind, base) as archives:
        reference = undisturbed(archives, base, history=history)
        points = _points(kills, dice)
        number = 0
        while counts.kills < kills and not counts.problems[3:]:
            number += 1
            life, archive = _new_life(archives, base, reference, counts, dice, number, history=history)
            life.begin(archive)
            tight = number % TIGHT == 0
            if tight:
                life.cap_usd = (reference.cost_usd * TIGHT_SHARE).quantize(Decimal("0.001"))
            _live(life, points, kills, tight=tight)
            life.cap_usd = life.budget_usd
            life.finish()
    return counts


def _points(kills: int, dice: random.Random) -> list[Point | None]:
    """Where to die: every named step on both sides, the rest at random instants (None)."""
    named = [
        Point(step, side, n)
        for n in range(1, DEEPEST + 1)
        for step in JOURNAL
        for side in ("before", "after")
        if not (step in {"cut", "close"} and n > 1)
    ]
    # First each step once, then as many deeper ones as leave a third of the kills to chance.
    first = [point for point in named if point.n == 1]
    rest = [point for point in named if point.n > 1]
    dice.shuffle(first)
    dice.shuffle(rest)
    named = (first + rest)[: max(1, kills * 2 // 3)]
    points: list[Point | None] = [*named, *[None] * (kills - len(named))]
    dice.shuffle(points)
    return points


def _new_life(
    archives: Archives,
    base: Path,
    reference: Reference,
    counts: Counts,
    dice: random.Random,
    number: int,
    *,
    history: bool,
) -> tuple[Life, str]:
    archive, files = archives.new(f"p{number}")
    place = Set(
        base / f"p{number}", base / f"fal-{number}", base.parent / "gallery", history, archives.environ
    )
    return Life(place, files, reference, counts, dice, reference.cost_usd), archive


def _live(life: Life, points: list[Point | None], kills: int, *, tight: bool) -> None:
    """Kill a production until it has nothing left to die at."""
    killed = 0
    while life.counts.kills < kills:
        if tight and killed >= TIGHT_RUNS:
            tight = False
            life.cap_usd = life.budget_usd
        audit = Audit(life.files, life.place.fal)
        index = next((i for i, point in enumerate(points) if _is_ahead(point, audit)), None)
        if index is None:
            return
        point = points.pop(index)
        after_s = life.dice.uniform(0, life.reference.took_s) if point is None else None
        ended = life.run(point, kill_after_s=after_s)
        if ended.killed:
            killed += 1
            continue
        points.append(point)
        if point and life.missed(point):
            return
        if ended.code == 0 or life.counts.problems:
            return
        killed = TIGHT_RUNS  # it has come as far as its cap lets it


def _is_ahead(point: Point | None, audit: Audit) -> bool:
    """Whether a run may come to a step: not where all jobs are past it."""
    if point is None:
        return audit.count("verdict") < JOBS
    record = {
        "ledger": "sending",
        "upload": "sending",
        "post": "sending",
        "fetch": "media",
        "archive": "media",
    }
    if point.step == "close":
        return True
    if point.step == "cut":
        return not audit.has_cut
    return JOBS - audit.count(record.get(point.step, point.step)) >= point.n


def undisturbed(archives: Archives, base: Path, *, history: bool) -> Reference:
    """Run it twice with nothing in its way, and see that both come to the same; the second one is timed."""
    found = []
    for number in range(2):
        archive, files = archives.new(f"undisturbed-{number}")
        root, fal = base / f"undisturbed-{number}", base / f"fal-undisturbed-{number}"
        write_production(root, archive)
        began = time.monotonic()
        ended = Run(Set(root, fal, base.parent / "gallery", history, archives.environ), PRODUCE).end()
        took_s = time.monotonic() - began
        if ended.code != 0:
            raise AssertionError(f"the undisturbed run ended with {ended.code}: {ended.err}")
        audit = Audit(files, fal)
        cut = json.loads(ended.out)["cut_sha256"]
        found.append(Reference(cut, frozenset(audit.bought), audit.cost_usd(), took_s))
    first, second = found
    if (first.cut_sha256, first.keys) != (second.cut_sha256, second.keys) or len(first.keys) != JOBS:
        raise AssertionError(f"two undisturbed runs differ: {first}, {second}")
    return second
