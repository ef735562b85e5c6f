"""Two machines at the same episode over one archive; sometimes one of them dies while the other waits."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from chaos.archives import Archives, Kind, archives_of
from chaos.audit import Audit, Files
from chaos.campaign import undisturbed
from chaos.counts import Counts
from chaos.life import NEEDS_PERSON, Life, Reference
from chaos.run import Ended, Run, Set
from chaos.steps import Point
from chaos.story import PRODUCE, write_production

DYING_AT: Final = ("intent", "ledger", "sending", "post", "outcome", "result", "fetch", "media", "verdict")
"""Where the first machine dies, in every second race."""

DEADLINE_S: Final = 4.0
"""How long the second machine gives a submit of the first: five minutes as shipped."""


@dataclass
class Race:
    """Two productions in folders of their own, as on two machines, over one archive and one fal."""

    number: int
    base: Path
    archives: Archives
    reference: Reference
    counts: Counts
    dice: random.Random
    history: bool
    files: Files = field(init=False)
    places: list[Set] = field(init=False)

    def __post_init__(self) -> None:
        archive, self.files = self.archives.new(f"race-{self.number}")
        fal, gallery = self.base / f"fal-race-{self.number}", self.base.parent / "gallery"
        roots = [self.base / f"race-{self.number}-{one}" for one in ("a", "b")]
        for root in roots:
            write_production(root, archive, self.reference.cost_usd)
        environ = self.archives.environ
        self.places = [Set(root, fal, gallery, self.history, environ, DEADLINE_S) for root in roots]

    def run(self, dies_at: Point | None) -> None:
        """Start both at once and count what fal accepted."""
        first = Run(self.places[0], self._arguments(), dies_at)
        second = Run(self.places[1], self._arguments())
        ends = [first.end(), second.end()]
        life = self._life(dies_at, ends)
        self.counts.productions += 1
        self.counts.runs += 2
        self.counts.kills += ends[0].killed
        if dies_at and ends[0].killed:
            self.counts.at_named_steps += 1
            self.counts.where[f"{dies_at.side} {dies_at.step}"] += 1
        for ended in ends:
            # What the dying one left in the middle of a submit may need a person.
            allowed = (0, None) if not ends[0].killed else (0, NEEDS_PERSON, None)
            if ended.code not in allowed:
                life.problem(f"exit code {ended.code}: {ended.err[-600:]}")
        self._check_adopted(life, ends)
        life.finish()

    def _check_adopted(self, life: Life, ends: list[Ended]) -> None:
        """Nothing is left open by the one that lived, unless only a person can settle it."""
        found = Audit(self.files, self.places[1].fal).open_jobs()
        if ends[1].code == 0 and found:
            life.problem(f"the second machine said it was done, and left {sorted(found)} open")
        if self.history and (left := [key for key, request_id in found.items() if request_id]):
            life.problem(f"fal's history has them, and the other machine did not adopt them: {left}")

    def _life(self, dies_at: Point | None, ends: list[Ended]) -> Life:
        return Life(
            self.places[1],
            self.files,
            self.reference,
            self.counts,
            self.dice,
            self.reference.cost_usd,
            history=[f"two machines, the first dies {dies_at or 'nowhere'}: {[end.code for end in ends]}"],
        )

    def _arguments(self) -> tuple[str, ...]:
        return (*PRODUCE, "--max-usd", str(self.reference.cost_usd))


def races(kind: Kind, base: Path, *, count: int, seed: int) -> Counts:
    """Let two machines race `count` times; in every second race one dies."""
    base.mkdir(parents=True, exist_ok=True)
    dice = random.Random(f"{seed} {kind} races")  # noqa: S311 - places to die at, not secrets
    counts = Counts()
    with archives_of(kind, base) as archives:
        reference = undisturbed(archives, base, history=True)
        for number in range(1, count + 1):
            dies = number % 2 == 0
            step = DYING_AT[number // 2 % len(DYING_AT)]
            point = Point(step, dice.choice(("before", "after")), dice.randint(1, 2)) if dies else None
            history = number % 4 > 1
            Race(number, base, archives, reference, counts, dice, history).run(point)
    return counts
