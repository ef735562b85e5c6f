"""How a picture and its parts look: MobileNetV2's features, held against those of many other pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

from onmodel.qc.network import opened
from onmodel.qc.picture import shrink
from onmodel.qc.weights import locate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from onmodel.qc.picture import Frame, Vectors


@dataclass(frozen=True)
class Focus:
    """How closely a picture is looked at."""

    side_px: int
    """Side of the square that the picture has the area of; its shape is kept."""
    shares: tuple[float, ...]
    """Heights of the windows over it, as shares of its shorter side."""


FIRST = Focus(256, (0.75,))
"""Source: measured 2026-11: 224 px are a little worse for objects (AUC .9957 against .9967), 320 no better at
1.6 times the cost; one style with another character .927 without windows and .945 with, without faces."""
CLOSER = Focus(512, (0.5, 0.35))
"""For characters that are small in the frame. Source: measured 2026-11 on painted wide shots."""
CELL_PX = 32
"""The network's stride."""
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)
"""ImageNet's mean and standard deviation of R, G, B, 0 to 1, which the weights were trained with."""
NUMBERS = 1280
"""Length of a vector."""
SHRINKAGE = 0.3
"""Share of the mean spread that is added to each: numbers that hardly move must not decide."""
WINDOW_SHAPES = (1.0, 1.6)
WINDOW_STEP = 0.34
"""Windows: height by width, and the step as a share of a window. Source: chosen 2026-11, docs/identity.md."""


class Appearance:
    """Loads the network when it first looks.

    Args:
        cohort: what pictures usually look like, as `measure_cohort` gives it; None is what came with the
            package.
    """

    def __init__(self, cohort: Vectors | None = None) -> None:
        self._given = cohort

    @cached_property
    def _cohort(self) -> Any:
        import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

        return np.load(locate("cohort")).astype(np.float32) if self._given is None else self._given

    def measure(self, picture: Frame, focus: Focus = FIRST) -> Vectors:
        """A picture, (H, W, 3) uint8 RGB, as a whole and in parts.

        Returns:
            (k, 1280) float32, each of length 1 and held against the usual: the first is the whole picture,
            the others are windows over it.
        """
        import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

        mean, spread = self._cohort
        vectors = (self.measure_raw(picture, focus) - mean) / spread
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(lengths, 1e-9), np.float32)

    def measure_raw(self, picture: Frame, focus: Focus = FIRST) -> Vectors:
        """The same in the network's own numbers."""
        import cv2  # noqa: PLC0415 - keeps `check` and `plan` quick
        import numpy as np  # noqa: PLC0415 - same

        picture = shrink(picture)
        size = tuple(side * CELL_PX for side in cells_of(picture, focus))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        usual = np.array((MEAN, DEVIATION), np.float32)
        planes = ((small - usual[0]) / usual[1]).transpose(2, 0, 1)[np.newaxis]
        cells = opened("mobilenetv2").run(np.ascontiguousarray(planes))[0]
        return pool(cells, focus.shares)


def cells_of(picture: Frame, focus: Focus) -> tuple[int, int]:
    """How many cells of the network a picture is wide and high."""
    height, width = picture.shape[:2]
    scale = focus.side_px / (height * width) ** 0.5
    return max(3, round(width * scale / CELL_PX)), max(3, round(height * scale / CELL_PX))


def measure_cohort(identities: Sequence[Vectors]) -> Vectors:
    """What pictures usually look like: what they have in common must not make two of them alike.

    Args:
        identities: for each its pictures in the network's own numbers, (n, 1280); each counts once.

    Returns:
        (2, 1280) float32, the mean and the spread of each number.
    """
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    mean = np.mean([one.mean(axis=0) for one in identities], axis=0)
    spread = np.sqrt(np.mean([((one - mean) ** 2).mean(axis=0) for one in identities], axis=0))
    return np.asarray(np.stack([mean, spread + SHRINKAGE * spread.mean()]), np.float32)


def pool(cells: NDArray[np.float32], shares: Sequence[float]) -> Vectors:
    """The cubic mean of a feature map, (1280, H, W) float32, over all of it and over windows.

    Returns:
        (k, 1280) float32, the whole first.
    """
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    cubes = (cells * cells * cells).astype(np.float64)
    sums = np.pad(cubes.cumsum(1).cumsum(2), ((0, 0), (1, 0), (1, 0)))
    high, wide = cells.shape[1:]
    top, left, bottom, right = np.array(windows(high, wide, shares), np.intp).T
    inside = sums[:, bottom, right] - sums[:, top, right] - sums[:, bottom, left] + sums[:, top, left]
    means = (inside / ((bottom - top) * (right - left))).astype(np.float32)
    return np.ascontiguousarray(np.cbrt(means).T)


def windows(high: int, wide: int, shares: Sequence[float]) -> list[tuple[int, int, int, int]]:
    """Top, left, bottom, right, in cells: first the whole, then squares and upright windows all over it."""
    found = {(0, 0, high, wide): None}
    for share, shape in product(shares, WINDOW_SHAPES):
        tall = max(2, round(min(high, wide) * share))
        broad = max(2, round(tall / shape))
        step = max(1, round(min(tall, broad) * WINDOW_STEP))
        for top in sorted({*range(0, high - tall + 1, step), high - tall}):
            for left in sorted({*range(0, wide - broad + 1, step), wide - broad}):
                found[top, left, top + tall, left + broad] = None
    return list(found)
