"""The mix: any part of the programme's sound, added up from the decoded files of its score.

A block of sound is (samples, 2) float64 in the units of 16 bit, -32768 to 32767 where nothing is too loud.
Every number here comes from additions, multiplications and square roots alone, which every processor rounds
alike: numpy's own sines are not the same to the last bit on all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from onmodel.post.ducking import Ducking
from onmodel.post.score import Heard, Score, Span
from onmodel.post.sound import SAMPLE_BYTES, read_pcm

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from onmodel.post.sound import Pcm

    Block = NDArray[np.float64]
    Curve = NDArray[np.float64]

_SINE_ORDER: Final = 20
"""Of the last term of the sine's series: what is left out is under 1e-16."""
Source = tuple[str, Fraction]
"""A file's sha256 and the speed at which it is decoded."""
BLOCK: Final = 1 << 18
"""Samples (5.5 s, 4 MB) that are mixed at once; how long the programme is does not matter for the memory."""


class Mix:
    """A score with its decoded files.

    Args:
        score: what is heard.
        pcm: what `render_pcm` made of each file, at each speed.
    """

    def __init__(self, score: Score, pcm: Mapping[Source, Path]) -> None:
        self._tracks = [
            _Track(one, file := pcm[one.sha256, one.speed], file.stat().st_size // SAMPLE_BYTES)
            for one in score.heard
        ]
        self._ducking = Ducking(
            [(track.heard.speech, track.end, track.read) for track in self._tracks if track.heard.speech]
        )

    @property
    def spoken(self) -> tuple[Span, ...]:
        """Where somebody speaks, so that other sounds are ducked."""
        return self._ducking.spoken

    def render(self, begin: int, end: int) -> Block:
        """The samples [begin, end) of the programme; silence before its beginning and after its end."""
        import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

        block = np.zeros((end - begin, 2))
        for track in self._tracks:
            first, last = max(begin, track.heard.begin), min(end, track.end)
            if first >= last:
                continue
            sound = track.render(first, last)
            if track.heard.ducked_db:
                sound = sound * self._ducking.gain(track.heard.ducked_db, first, last)[:, None]
            block[first - begin : last - begin] += sound
        return block


class _Track:
    """One sound of the score, and the file that it comes from."""

    def __init__(self, heard: Heard, file: Path, length: int) -> None:
        self._skip = heard.skip - heard.late
        left = max(0, length - self._skip)
        self.heard = heard
        self.end = heard.begin + (heard.samples if heard.loop and left else min(heard.samples, left))
        self._file, self._length = file, length
        self._gain = gain_of(heard.level_db)

    def render(self, begin: int, end: int) -> Block:
        """The samples [begin, end) of the programme, which are all of this sound's own."""
        sound = self.read(begin, end)
        came = self.heard.begin + self.heard.fade_in
        if begin < came:
            coming = rise(self.heard.fade_in, begin - self.heard.begin, min(end, came) - self.heard.begin)
            sound[: len(coming)] *= coming[:, None]
        fade_out = min(self.heard.fade_out, self.end - self.heard.begin)
        if end > self.end - fade_out:
            going = rise(fade_out, self.end - end, min(self.end - begin, fade_out))[::-1]
            sound[len(sound) - len(going) :] *= going[:, None]
        return sound

    def read(self, begin: int, end: int) -> Block:
        """The same before it comes and goes, at its level."""
        at, turn = begin - self.heard.begin, self._length - self._skip
        if not self.heard.loop:
            sound = read_pcm(self._file, self._skip + at, end - begin)
        elif at % turn + end - begin <= turn:
            sound = read_pcm(self._file, self._skip + at % turn, end - begin)
        else:
            sound = self._around(at % turn, end - begin, turn)
        return sound.astype("f8") * self._gain

    def _around(self, at: int, samples: int, turn: int) -> Pcm:
        """A part that begins the file anew, once or many times."""
        import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

        first = read_pcm(self._file, self._skip + at, turn - at)
        again = read_pcm(self._file, self._skip, min(turn, samples))
        turns = -(-(samples - len(first)) // len(again))
        return np.concatenate([first, *[again] * turns])[:samples]


def gain_of(decibels: float) -> float:
    """What a level in decibels multiplies by, to nine digits: a library's last digit is its own."""
    return float(round(10 ** (decibels / 20), 9))


def rise(samples: int, first: int, last: int) -> Curve:
    """Steps [first, last) of a rise in so many samples along a sine's first quarter, float64 0..1.

    One sound that falls under another that rises so keep their power together.
    """
    return _quarter(samples)[first:last]


@lru_cache(maxsize=4)
def _quarter(samples: int) -> Curve:
    """A whole rise: most transitions of an episode are of one length."""
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    angle = (np.arange(samples) + 0.5) / samples * (np.pi / 2)
    square, series = angle * angle, np.ones(samples)
    for order in range(_SINE_ORDER, 0, -2):
        series = 1 - series * square / (order * (order + 1))
    return angle * series
