"""How a picture and its parts look: MobileNetV2's features, held against those of many other pictures."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from onmodel.qc.picture import shrink
from onmodel.qc.weights import locate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from onmodel.qc.picture import Frame, Vectors

SIDE_PX = 256
"""Side of the square that the picture has the area of when it is looked at; its shape is kept.
Source: measured 2026-11: 224 is a little worse for objects (AUC .9957 against .9967), 320 no better at 1.6
times the cost."""
CELL_PX = 32
"""The network's stride."""
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)
"""ImageNet's mean and standard deviation of R, G, B, 0 to 1, which the weights were trained with."""
NUMBERS = 1280
"""Length of a vector."""
POWER = 3.0
"""Of the generalised mean.

Source: measured 2026-11: 1 and 5 are a little worse (.994 and .9956 against .9956).
"""
WINDOW_SHARE = 0.75
WINDOW_SHAPES = (1.0, 1.6)
WINDOW_STEP = 0.34
"""Windows: height as a share of the shorter side, height by width, step as a share of a window.

Source: measured 2026-11, docs/identity.md: a character that does not fill the picture is found in a window;
same style with another character .927 without and .945 with, without faces. Smaller windows found nothing
more.
"""


class Appearance:
    """Loads the network when it first looks."""

    @cached_property
    def _session(self) -> Any:
        # It ships no types.
        import onnxruntime  # type: ignore[import-untyped]  # noqa: PLC0415 - keeps `check` and `plan` quick

        options = onnxruntime.SessionOptions()
        # One thread: shots are judged side by side, a process for each core, and a pool of threads outlives
        # no fork.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(
            str(locate("mobilenetv2")), options, providers=["CPUExecutionProvider"]
        )

    @cached_property
    def _cohort(self) -> Any:
        import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

        return np.load(locate("cohort")).astype(np.float32)

    def measure(self, picture: Frame) -> Vectors:
        """A picture, (H, W, 3) uint8 RGB, as a whole and in parts.

        Returns:
            (k, 1280) float32, each of length 1 and held against the usual: the first is the whole picture,
            the others are windows over it.
        """
        import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

        mean, spread = self._cohort
        vectors = (self.measure_raw(picture) - mean) / spread
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(lengths, 1e-9), np.float32)

    def measure_raw(self, picture: Frame) -> Vectors:
        """The same in the network's own numbers."""
        import cv2  # noqa: PLC0415 - keeps `check` and `plan` quick
        import numpy as np  # noqa: PLC0415 - same

        picture = shrink(picture)
        height, width = picture.shape[:2]
        scale = SIDE_PX / (height * width) ** 0.5
        size = tuple(max(3, round(side * scale / CELL_PX)) * CELL_PX for side in (width, height))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        usual = np.array((MEAN, DEVIATION), np.float32)
        planes = ((small - usual[0]) / usual[1]).transpose(2, 0, 1)[np.newaxis]
        cells = self._session.run(None, {"pictures": np.ascontiguousarray(planes)})[0][0]
        return pool(cells)


def pool(cells: NDArray[np.float32]) -> Vectors:
    """The generalised mean of a feature map, (1280, H, W) float32, over all of it and over windows.

    (k, 1280).
    """
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    sums = np.pad(np.cumsum(np.cumsum(cells.astype(np.float64) ** POWER, 1), 2), ((0, 0), (1, 0), (1, 0)))
    top, left, bottom, right = np.array(windows(*cells.shape[1:])).T
    inside = sums[:, bottom, right] - sums[:, top, right] - sums[:, bottom, left] + sums[:, top, left]
    means = np.maximum(inside / ((bottom - top) * (right - left)), 0.0) ** (1 / POWER)
    return np.asarray(means.T, np.float32)


def windows(high: int, wide: int) -> list[tuple[int, int, int, int]]:
    """Top, left, bottom, right, in cells: first the whole, then squares and upright windows all over it."""
    found = {(0, 0, high, wide): None}
    for shape in WINDOW_SHAPES:
        tall = max(2, round(min(high, wide) * WINDOW_SHARE))
        broad = max(2, round(tall / shape))
        step = max(1, round(min(tall, broad) * WINDOW_STEP))
        for top in sorted({*range(0, high - tall + 1, step), high - tall}):
            for left in sorted({*range(0, wide - broad + 1, step), wide - broad}):
                found[top, left, top + tall, left + broad] = None
    return list(found)
