"""A scorer for tests that are about something else: everybody is who they should be, and red is a stranger.

A production names it in production.yaml, as a user names a scorer of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from onmodel.qc import Limits, Seen, Sighting

NAMED = "scorers: {human: 'agreeable:scorer', stylised: 'agreeable:scorer'}\n"
"""The line of production.yaml."""


_REDDER = 2.0
"""How much redder than green a picture of a stranger is."""


class Agreeable:
    """Sees the character in every picture, and somebody else in a red one."""

    name = "agreeable"
    version = "1"
    limits = Limits(floor=0.5, ceiling=0.6)

    def look(self, picture: Any) -> Seen:
        """One sighting, whatever the picture. `picture` is (H, W, 3) uint8 RGB."""
        red, green, _ = picture.reshape(-1, 3).mean(axis=0)
        vector = [0, 1] if red > _REDDER * green + 1 else [1, 0]
        return Seen((Sighting(np.array(vector, np.float32)),))

    def likeness(self, sighting: Sighting, references: Sequence[Sighting]) -> float:
        """0.9 for the same, 0.1 for a stranger."""
        return 0.9 if any(sighting.vector @ one.vector for one in references) else 0.1


def scorer() -> Agreeable:
    """The factory that production.yaml names."""
    return Agreeable()


def name_in(production: Path) -> None:
    """Have a production judge by this scorer, in whatever process it runs."""
    (production / "agreeable.py").write_text(Path(__file__).read_text("utf-8"), encoding="utf-8")
    with (production / "production.yaml").open("a", encoding="utf-8") as file:
        file.write(NAMED)
