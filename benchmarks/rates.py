"""Rates with their uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

Z = 1.959964
"""Of a two-sided 95% interval."""


@dataclass(frozen=True)
class Rate:
    """So many of so many."""

    hits: int
    of: int

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95% interval, 0 to 1. Source: Wilson 1927."""
        if not self.of:
            return 0.0, 1.0
        share = self.hits / self.of
        middle = share + Z * Z / (2 * self.of)
        spread = Z * sqrt(share * (1 - share) / self.of + Z * Z / (4 * self.of * self.of))
        scale = 1 + Z * Z / self.of
        return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)

    def __add__(self, other: Rate) -> Rate:
        return Rate(self.hits + other.hits, self.of + other.of)

    def __str__(self) -> str:
        if not self.of:
            return "none"
        low, high = self.interval
        return f"{self.hits / self.of:.0%} ({self.hits} of {self.of}; {low:.0%} to {high:.0%})"


@dataclass(frozen=True)
class Separation:
    """How well scores of the same tell from scores of others."""

    same: Sequence[float]
    others: Sequence[float]

    @property
    def auc(self) -> float:
        """Chance that one of the same scores higher than one of others; ties count half."""
        others = np.sort(self.others)
        below = np.searchsorted(others, self.same, "left") + np.searchsorted(others, self.same, "right")
        return float((below / 2 / len(others)).mean())

    @property
    def interval(self) -> tuple[float, float]:
        """95% of the AUC, 0 to 1, pairs taken as independent. Source: Hanley and McNeil 1982."""
        auc, same, others = self.auc, len(self.same), len(self.others)
        q1, q2 = auc / (2 - auc), 2 * auc * auc / (1 + auc)
        spread = auc * (1 - auc) + (same - 1) * (q1 - auc * auc) + (others - 1) * (q2 - auc * auc)
        error = Z * sqrt(max(0.0, spread) / (same * others))
        return max(0.0, auc - error), min(1.0, auc + error)

    def found_at(self, false_share: float) -> Rate:
        """How many of the same are found where so many of others (0 to 1) pass."""
        line = float(np.quantile(self.others, 1 - false_share))
        return Rate(sum(score > line for score in self.same), len(self.same))

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.auc:.4f} ({low:.3f} to {high:.3f}; {len(self.same)} same, {len(self.others)} others)"


Cell = Rate | Separation | str
Rows = dict[str, Cell]
"""A column of a table."""
