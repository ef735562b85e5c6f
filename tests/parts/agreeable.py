"""A scorer for tests that are about something else: everybody is who they should be, at once.

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


class Agreeable:
    """Sees the same in every picture."""

    name = "agreeable"
    version = "1"
    limits = Limits(floor=0.5, ceiling=0.6)

    def look(self, picture: Any) -> Seen:
        """One sighting, whatever the picture."""
        return Seen((Sighting(np.ones(1, np.float32)),))

    def likeness(self, sighting: Sighting, references: Sequence[Sighting]) -> float:
        """Always the same."""
        return 0.9


def scorer() -> Agreeable:
    """The factory that production.yaml names."""
    return Agreeable()


def name_in(production: Path) -> None:
    """Have a production judge by this scorer, in whatever process it runs."""
    (production / "agreeable.py").write_text(Path(__file__).read_text("utf-8"), encoding="utf-8")
    with (production / "production.yaml").open("a", encoding="utf-8") as file:
        file.write(NAMED)
