"""What a campaign counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Counts:
    """What became of the money, over many productions; the zeros are the promise."""

    productions: int = 0
    runs: int = 0
    kills: int = 0
    at_named_steps: int = 0
    accepted: int = 0
    """Jobs that the double accepted."""
    job_keys: int = 0
    """Different jobs among them."""
    paid_twice: int = 0
    lost: int = 0
    over_the_cap: int = 0
    unreserved: int = 0
    """Moments at which an accepted job was in no ledger."""
    ambiguous: int = 0
    """Jobs whose end a kill took away from everybody, between sending and writing the id."""
    shown_ambiguous: int = 0
    """Those of them that `onmodel jobs --state ambiguous` listed."""
    reattached: int = 0
    """Those that fal's history brought back by itself."""
    told_by_a_person: int = 0
    """Those settled with --request-id."""
    sent_again_by_a_person: int = 0
    """Those settled with --resubmit, since fal did not have them."""
    same_cut: int = 0
    """Productions whose cut had the bytes of the undisturbed one."""
    problems: list[str] = field(default_factory=list)
    where: Counter[str] = field(default_factory=Counter)
    """Kills by named step: `before sending`."""
    missed: Counter[str] = field(default_factory=Counter)
    """Runs that ended before the point they were to die at."""

    def add(self, other: Counts) -> None:
        """Count another campaign in."""
        for name, value in vars(other).items():
            if isinstance(value, list):
                self.problems += value
            elif isinstance(value, dict):
                getattr(self, name).update(value)
            else:
                setattr(self, name, getattr(self, name) + value)

    def to_json(self) -> dict[str, Any]:
        """For a file."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Counts:
        """From a file."""
        return cls(**{**found, "where": Counter(found["where"]), "missed": Counter(found["missed"])})

    def lines(self) -> list[str]:
        """The counts as a table."""
        numbers = ((name, value) for name, value in vars(self).items() if isinstance(value, int))
        rows = [(name.replace("_", " "), value) for name, value in numbers]
        return [f"  {name:<24}{value:>7}" for name, value in rows]
