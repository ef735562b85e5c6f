"""Where a character without a face is in a picture: the windows over it that look most like the references.

No score depends on this; it is for whoever frames the picture anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from onmodel.qc.appearance import FIRST, NUMBERS, cells_of, windows
from onmodel.qc.picture import shrink

if TYPE_CHECKING:
    from onmodel.qc.picture import Frame
    from onmodel.qc.scorer import Sighting

SOFTNESS = 0.02
"""How much less alike a window may be to count for 1/e as much. Source: measured 2026-11 on 98 painted frames
of a robot moved from side to side: 0.02 of the width off in the mean, 0.08 at most, at its edges."""
LEAST_SPREAD = 0.15
"""Least that the likeliest window is above the least likely one. Source: same; 0.4 and more with somebody."""


def middle_of(
    picture: Frame, sighting: Sighting, references: Sequence[Sighting]
) -> tuple[float, float] | None:
    """Across and down, as shares of the picture; None where all of it is as like the references.

    Args:
        picture: (H, W, 3) uint8 RGB, which the sighting is of.
        sighting: with its closer looks.
        references: of the character.
    """
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    if sighting.parts is None:
        return None
    views = np.stack([one.vector[:NUMBERS] for one in references])
    likeness = np.sort(sighting.parts[1:] @ views.T, axis=1)[:, -2:].mean(axis=1)
    if float(np.ptp(likeness)) < LEAST_SPREAD:
        return None
    wide, high = cells_of(shrink(picture), FIRST)  # as it was looked at: some sizes round to other cells
    top, left, bottom, right = np.array(windows(high, wide, FIRST.shares)[1:], np.float64).T
    weights = np.exp((likeness - likeness.max()) / SOFTNESS)
    across, down = (
        weights @ (one + other) / 2 / weights.sum() for one, other in ((left, right), (top, bottom))
    )
    return float(across / wide), float(down / high)
