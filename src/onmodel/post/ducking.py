"""Ducking: music goes down before somebody speaks and comes back after, as a hand on a fader would do it.

Where somebody speaks is found in the sound itself: where a voice pauses for long, the music comes up again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from onmodel.post.score import Span
from onmodel.units import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WINDOW: Final = SAMPLE_RATE // 50
"""Samples (20 ms) of which one loudness is taken."""
QUIETEST_DB: Final = -45.0
"""Level over which sound counts as speech, in decibels of full scale (RMS of a window): room tone of a
recording lies below, quiet speech above. Source: ours, 2026-11."""
BELOW_LOUDEST_DB: Final = 25.0
"""What lies further than this below the loudest window of the same voice is its room, or its breath."""
DOWN: Final = SAMPLE_RATE * 3 // 10
"""Samples (0.3 s) in which the music goes down; it is down when the voice begins."""
UP: Final = SAMPLE_RATE * 8 // 10
"""Samples (0.8 s) in which it comes back."""
LONGEST_PAUSE: Final = SAMPLE_RATE * 3 // 2
"""Samples (1.5 s) of a pause through which the music stays down."""
_FULL_SCALE: Final = 32768.0

Read = Callable[[int, int], "NDArray[np.float64]"]
"""Brings the samples [begin, end) of one sound."""
Voice = tuple[Sequence[Span], int, Read]
"""Where somebody may speak in a sound, the sample after its last, and the sound."""


class Ducking:
    """Where somebody speaks in a programme, and how far other sounds are down there.

    Args:
        voices: the sounds in which somebody speaks.
    """

    def __init__(self, voices: Sequence[Voice]) -> None:
        self.spoken = joined_spans(
            span for spans, end, read in voices for one in spans for span in _spoken(one, end, read)
        )

    def gain(self, down_db: float, begin: int, end: int) -> NDArray[np.float64]:
        """What a sound is multiplied with in the samples [begin, end), (samples,) float64 0..1."""
        import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

        near = [span for span in self.spoken if span[1] + UP > begin and span[0] - DOWN < end]
        if not near:
            return np.ones(end - begin)
        low = float(round(10 ** (-down_db / 20), 9))
        places = [place for a, b in near for place in (a - DOWN, a, b, b + UP)]
        gains = [gain for _ in near for gain in (1.0, low, low, 1.0)]
        return np.interp(np.arange(begin, end), places, gains)


def joined_spans(spans: Iterator[Span]) -> tuple[Span, ...]:
    """Spans in order, with short pauses between them filled."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin - found[-1][1] <= LONGEST_PAUSE:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return tuple(found)


def _spoken(span: Span, end: int, read: Read) -> Iterator[Span]:
    """The parts of a span in which the sound is as loud as a voice, in whole windows."""
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    begin, last = span[0], min(span[1], end)
    powers = [_powers(read(at, min(last, at + _AT_ONCE))) for at in range(begin, last, _AT_ONCE)]
    if not powers:
        return
    power = np.concatenate(powers)
    threshold = max(_power_at(QUIETEST_DB), float(power.max()) * 10 ** (-BELOW_LOUDEST_DB / 10))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], power > threshold, [0]]).astype(np.int8)))
    for first, after in edges.reshape(-1, 2).tolist():
        yield begin + first * WINDOW, min(last, begin + after * WINDOW)


_AT_ONCE: Final = WINDOW * 256


def _powers(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean square of each window; the last may be shorter."""
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    square = sound[:, 0] * sound[:, 0] + sound[:, 1] * sound[:, 1]
    return np.add.reduceat(square, np.arange(0, len(square), WINDOW)) / (2 * WINDOW)


def _power_at(decibels: float) -> float:
    return float(_FULL_SCALE * _FULL_SCALE * 10 ** (decibels / 10))
