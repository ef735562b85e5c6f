"""One production's life: killed, started again, settled by a person where it asks for one, and finished."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from chaos.audit import CAPS, Audit, Files
from chaos.counts import Counts
from chaos.run import Ended, Run, Set
from chaos.steps import Point
from chaos.story import JOBS, PRODUCE, write_budget, write_production
from onmodel.units import sha256_of_file

MOST_RUNS: Final = 8
"""Runs without a kill after which a production must be finished, with a person's help between them."""

MOST_MISSES: Final = 12
"""Runs that may end before the step they were to die at; then the step is not one."""

NEEDS_PERSON: Final = 4


@dataclass(frozen=True)
class Reference:
    """What an undisturbed run comes to."""

    cut_sha256: str
    keys: frozenset[str]
    cost_usd: Decimal
    took_s: float


@dataclass
class Life:
    """One production and what happened to it."""

    place: Set
    files: Files
    reference: Reference
    counts: Counts
    dice: random.Random
    cap_usd: Decimal
    """`--max-usd` of its runs; what fal accepted may never cost more."""
    again_usd: Decimal = Decimal(0)
    """What a person allowed on top, for jobs that are sent again."""
    history: list[str] = field(default_factory=list)
    """What was done to it, for whoever has to find out."""
    promised: set[str] = field(default_factory=set)
    """Jobs whose id only fal's history knows: the next whole run has to bring them back."""

    @property
    def budget_usd(self) -> Decimal:
        """The production's own cap."""
        return self.reference.cost_usd + self.again_usd

    def begin(self, archive: str) -> None:
        """Write the story."""
        write_production(self.place.root, archive, self.budget_usd)
        self.counts.productions += 1

    def run(self, point: Point | None = None, *, kill_after_s: float | None = None) -> Ended:
        """Run it once, to its end or to its death, and look at the money."""
        arguments = (*PRODUCE, "--max-usd", str(self.cap_usd))
        ended = Run(self.place, arguments, point).end(kill_after_s=kill_after_s)
        self.counts.runs += 1
        what = str(point) if point else f"{kill_after_s:.3f} s" if kill_after_s is not None else "to its end"
        self.history.append(f"{what}: {'killed' if ended.killed else ended.code}")
        if ended.killed:
            self.counts.kills += 1
            self.counts.at_named_steps += point is not None
            if point:
                self.counts.where[f"{point.side} {point.step}"] += 1
        elif ended.code not in (0, NEEDS_PERSON):
            self.problem(f"exit code {ended.code}: {ended.err[-600:]}")
        self._look(ended)
        return ended

    def _look(self, ended: Ended) -> None:
        """Hold fal's list against the archive; then let a person settle what asks for one, or leave it."""
        audit = Audit(self.files, self.place.fal)
        counts = self.counts
        again = sum(count - 1 for count in audit.bought.values())
        if again:
            self.problem(f"{again} paid twice")
        if lost := audit.lost():
            self.problem(f"lost: {lost}")
        cost, keys = audit.cost_usd(), set(audit.bought)
        for cap, most in zip(CAPS, (self.budget_usd, self.cap_usd), strict=True):
            reserved = audit.reserved(cap)
            if missing := keys - reserved.keys():
                counts.unreserved += len(missing)
                self.problem(f"accepted, and not in the ledger {cap}: {sorted(missing)}")
            if cost > most or sum(reserved.values(), Decimal(0)) > most:
                counts.over_the_cap += 1
                self.problem(f"{cost} accepted, {reserved} reserved in {cap}, the cap is {most}")
        self._look_at_open(audit, whole=not ended.killed)

    def _look_at_open(self, audit: Audit, *, whole: bool) -> None:
        found = audit.open_jobs()
        brought_back = self.promised - found.keys()
        self.counts.reattached += len(brought_back)
        if whole and (left := self.promised & found.keys()):
            self.problem(f"fal's history has them, and a whole run did not bring them back: {sorted(left)}")
        self.promised -= brought_back
        new = found.keys() - self.known_open
        self.counts.ambiguous += len(new)
        self.known_open = set(found)
        if not found:
            return
        listed = {row["job"] for row in self.ask("jobs", "--state", "ambiguous", "--json")["jobs"]}
        self.counts.shown_ambiguous += len(new & listed)
        if listed != found.keys():
            self.problem(f"open: {sorted(found)}; listed as ambiguous: {sorted(listed)}")
        if self.place.history:
            self.promised |= {key for key, request_id in found.items() if request_id}
        if whole or self.dice.random() < 0.5:
            self._settle(audit, found)

    known_open: set[str] = field(default_factory=set)
    """Jobs that were counted as ambiguous already."""

    def _settle(self, audit: Audit, found: dict[str, str | None]) -> None:
        """What a person does after a look at fal's dashboard; what the history will tell is left to it."""
        for key, request_id in found.items():
            if key in self.promised:
                continue
            if not request_id:
                self._allow(audit.price_of(key))
            word = ("--request-id", request_id) if request_id else ("--resubmit",)
            self.ask("jobs", "resolve", key, *word)
            self.known_open.discard(key)
            self.history.append(f"{key[:8]}: {' '.join(word)}")
            if request_id:
                self.counts.told_by_a_person += 1
            else:
                self.counts.sent_again_by_a_person += 1

    def _allow(self, price_usd: Decimal) -> None:
        """Raise both caps for a job that is sent again: its first try stays counted, whoever knows better."""
        self.again_usd += price_usd
        self.cap_usd += price_usd
        write_budget(self.place.root, self.budget_usd)

    def ask(self, *arguments: str) -> Any:
        """Run another command of the program; what it printed."""
        ended = Run(replace(self.place), arguments).end()
        if ended.code != 0:
            self.problem(f"{' '.join(arguments)}: exit code {ended.code}: {ended.err[-600:]}")
            return {"jobs": []}
        return ended.document() if "--json" in arguments else ended.out

    def finish(self) -> None:
        """Run it until it is finished, and count."""
        for _ in range(MOST_RUNS):
            before = len(self.counts.problems)
            ended = self.run()
            if ended.code == 0 or len(self.counts.problems) > before:
                break
            if ended.code == NEEDS_PERSON and not json.loads(ended.out)["needs_person"]:
                self.problem("exit code 4, and nothing is said to need a person")
        self._sum_up(ended)

    def _sum_up(self, ended: Ended) -> None:
        audit, counts = Audit(self.files, self.place.fal), self.counts
        counts.accepted += len(audit.accepted)
        counts.job_keys += len(audit.bought)
        counts.paid_twice += sum(count - 1 for count in audit.bought.values())
        gone = set(audit.lost()) | set(audit.not_home())
        counts.lost += len(gone)
        if gone:
            self.problem(f"not home: {sorted(gone)}")
        if set(audit.bought) != self.reference.keys or len(audit.accepted) != JOBS:
            self.problem(f"other jobs than undisturbed: {sorted(audit.bought)}")
        cut = self.place.root / "deliverables" / "s01e01.mp4"
        if ended.code == 0 and sha256_of_file(cut) == self.reference.cut_sha256:
            counts.same_cut += 1
        else:
            self.problem(f"not the same cut; exit code {ended.code}: {ended.err[-600:]}")

    def missed(self, point: Point) -> bool:
        """Count a run that ended before its point; whether there were so many that it cannot be reached."""
        self.counts.missed[str(point)] += 1
        if self.counts.missed[str(point)] < MOST_MISSES:
            return False
        self.problem(f"no run comes to {point}")
        return True

    def problem(self, what: str) -> None:
        """Write down what must not be, and how it came about."""
        self.counts.problems.append(f"{self.place.root}: {what}\n    after {'; '.join(self.history)}")
