"""True peaks, and the limiter that keeps a programme under them: it looks ahead, and keeps every sample.

Between two samples a wave may rise above both. What a player makes of it is found by putting three more
samples between each two, with a windowed sinc.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from onmodel.post.mixing import BLOCK
from onmodel.units import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Block = NDArray[np.float64]
    Curve = NDArray[np.float64]

FULL_SCALE: Final = 32768.0
AHEAD: Final = SAMPLE_RATE // 200
"""Samples (5 ms) in which the limiter goes down before a peak, from all to nothing."""
_RELEASE: Final = 1 / (SAMPLE_RATE * 0.3)
"""How far the gain comes back in one sample: from nothing to all in 0.3 s."""
_WHOLE: Final = 1 - 1e-9
"""A gain from which on nothing is held down any more."""
_SIDE: Final = 6
"""Samples on each side that say what is between two. Source: ITU-R BS.1770-4, annex 2: 12 for each place."""
_REACH: Final = 512
"""Samples that are looked at together for whether a peak can be among them."""
_AT_ONCE: Final = 16
"""So many of those are worked on together."""


def _taps(shift: float) -> tuple[float, ...]:
    """Weights of the samples around a place `shift` after a sample, to twelve digits."""
    places = [shift - place for place in range(1 - _SIDE, _SIDE + 1)]
    sinc = [math.sin(math.pi * x) / (math.pi * x) for x in places]
    window = [math.cos(math.pi * x / (2 * (_SIDE + 1))) ** 2 for x in places]
    weights = [a * b for a, b in zip(sinc, window, strict=True)]
    return tuple(round(one / sum(weights), 12) for one in weights)


_BETWEEN: Final = tuple(_taps(shift) for shift in (0.25, 0.5, 0.75))
_MOST: Final = max(sum(map(abs, taps)) for taps in _BETWEEN)
"""How many times higher than the samples around it a wave can be between them, at most."""

Render = Callable[[int, int], "NDArray[np.float64]"]
"""Brings the samples [begin, end) of the programme, and silence beyond its ends."""


def decibels(peak: float) -> float:
    """A peak in decibels of full scale; -inf for silence."""
    return 20 * math.log10(peak / FULL_SCALE) if peak > 0 else -math.inf


def true_peaks(sound: Block, over: float) -> Curve:
    """How high a wave goes at each sample, or between it and the one before or after.

    Args:
        sound: (samples, 2) float64.
        over: only what may be higher than this is looked at closely; the rest is told as its samples are.

    Returns:
        (samples,) float64, the louder side.
    """
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    peaks = np.maximum(np.abs(sound[:, 0]), np.abs(sound[:, 1]))
    edges = np.arange(0, len(peaks), _REACH)
    loud = np.maximum.reduceat(peaks, edges) * _MOST > over if len(peaks) else edges
    near = loud | np.roll(loud, 1) | np.roll(loud, -1)  # what is between lies beside what makes it
    for first, last in _runs(edges[near].tolist(), len(peaks) - 1):
        for side in range(2):
            between = _highest_between(sound[:, side], first, last)
            np.maximum(peaks[first:last], between, out=peaks[first:last])
            np.maximum(peaks[first + 1 : last + 1], between, out=peaks[first + 1 : last + 1])
    return peaks


def _runs(edges: list[int], end: int) -> Iterator[tuple[int, int]]:
    """Stretches that lie side by side as one, up to what a processor has at hand at once."""
    index = 0
    while index < len(edges):
        first, last = edges[index], index + 1
        while (
            last < len(edges) and last - index < _AT_ONCE and edges[last] == first + (last - index) * _REACH
        ):
            last += 1
        index = last
        yield first, min(edges[last - 1] + _REACH, end)


def _highest_between(wave: Curve, first: int, last: int) -> Curve:
    """For each sample from `first` to before `last`: how high the wave is between it and the next."""
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    padded = np.zeros(last - first + 2 * _SIDE)
    begin, end = first + 1 - _SIDE, last + 1 + _SIDE
    there = wave[max(0, begin) : end]
    padded[max(0, -begin) : max(0, -begin) + len(there)] = there
    highest = np.zeros(last - first)
    for taps in _BETWEEN:
        value = np.zeros(last - first)
        for place, weight in enumerate(taps):
            value += weight * padded[place : place + last - first]
        np.maximum(highest, np.abs(value), out=highest)
    return highest


def limited(render: Render, samples: int, gain: float, ceiling: float) -> Iterator[tuple[Block, float]]:
    """The programme at a gain and under a ceiling, in consecutive blocks, each with its lowest gain 0..1.

    The gain falls in a straight line before a peak, and comes back in one: no sample is moved.

    Args:
        render: the programme.
        samples: of it.
        gain: what everything is multiplied with.
        ceiling: the true peak that is not passed, in the units of the samples.
    """
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    held = 1.0
    for begin in range(0, samples, BLOCK):
        end = min(begin + BLOCK, samples)
        sound = render(begin - _SIDE, end + AHEAD + _SIDE) * gain
        peaks = true_peaks(sound, ceiling)[_SIDE:-_SIDE]
        sound = sound[_SIDE : _SIDE + end - begin]
        if held > _WHOLE and not (peaks > ceiling).any():
            yield sound, 1.0
            continue
        allowed = np.minimum(1.0, ceiling / np.maximum(peaks, ceiling))
        steps = np.arange(len(allowed)) / AHEAD
        falling = (np.minimum.accumulate((allowed + steps)[::-1])[::-1] - steps)[: end - begin]
        back = np.arange(1, end - begin + 1) * _RELEASE
        curve = np.minimum.accumulate(np.minimum(falling - back, held)) + back
        curve[curve > _WHOLE] = 1.0
        held = float(curve[-1])
        yield sound * curve[:, None], float(curve.min())
