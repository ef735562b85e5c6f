"""The soundtrack: the whole programme mixed once, brought to its loudness, and under its true peak.

Loud enough is found as at a mixing desk: measure, adjust the gain, measure again. Loudness is what ITU-R
BS.1770-4 and EBU R 128 say (ffmpeg's `ebur128`), in LUFS; peaks are true peaks in dBTP. In one piece it is
made only where an older cut is made again: by now it is made in sections (`onmodel.post.sections`).
"""

from __future__ import annotations

import re
import wave
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from onmodel.errors import PostError
from onmodel.post.ffmpeg import run, written_whole
from onmodel.post.limiter import FULL_SCALE, decibels, limited
from onmodel.post.mixing import BLOCK, Mix, Source, gain_of
from onmodel.post.score import Score
from onmodel.units import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pcm = NDArray[np.int16]
    Floats = NDArray[np.float64]

CEILING_DBTP: Final = -1.5
"""The highest true peak of a soundtrack: its encoding may move a peak a little. Source: ours, 2026-11."""
LOWEST_CEILING_DBTP: Final = -4.0
"""Sound that passes the highest true peak under such a ceiling is none that any margin helps."""
CLOSE_LU: Final = 0.1
"""How near to its target a programme is brought."""
QUIETEST_LUFS: Final = -60.0
"""A programme that is quieter is silence with noise in it, and is left as it is."""
MOST_GAIN_DB: Final = 40.0
"""More is not added: what is that much too quiet would only become noise."""
_MOST_ROUNDS: Final = 6
_NO_STEP_LU: Final = 0.02
"""Where a round changes less, the peaks allow no more."""
_SILENT_LUFS: Final = -70.0
"""What the measuring says where no part is over its own gate."""

State = Literal["reached", "as it is", "silent", "limited"]
"""What came of a target: `limited` is as near as the peaks allow."""


@dataclass(frozen=True)
class Loudness:
    """How loud a soundtrack came out."""

    target_lufs: float | None
    """What was asked for; None asks for nothing."""
    integrated_lufs: float | None
    """Measured on the whole, to a hundredth; None where there is nothing but silence."""
    state: State
    gain_db: float = 0.0
    """What was added to the mix."""
    limited_db: float = 0.0
    """How far the highest peak was brought down; 0 where none had to be."""

    @property
    def is_brought(self) -> bool:
        """Whether anything was done to the mix."""
        return self.state in ("reached", "limited")


Make = Callable[[float | None], tuple[float | None, float]]
"""Makes a programme at a gain in decibels, None for as it is mixed, and tells its loudness in LUFS, None for
silence, and the lowest gain 0..1 at which its peaks were held down."""


def bring(target_lufs: float | None, make: Make, digits: int) -> Loudness:
    """Make a programme as often as it takes to bring it to its loudness; what is made last is the result.

    Args:
        target_lufs: what is asked for; None for as it is.
        make: makes it, and measures it.
        digits: after the point of a gain, so that the last ones of a measurement move no sample.
    """
    found, _ = make(None)
    if target_lufs is None:
        return Loudness(None, found, "as it is")
    if found is None or found < QUIETEST_LUFS:
        return Loudness(target_lufs, found, "silent")
    gain_db, lowest = 0.0, 1.0
    for _ in range(_MOST_ROUNDS):
        gain_db = min(MOST_GAIN_DB, round(gain_db + target_lufs - found, digits))
        again, lowest = make(gain_db)
        before, found = found, again or found
        if abs(found - target_lufs) <= CLOSE_LU or abs(found - before) < _NO_STEP_LU:
            break
    state: State = "reached" if abs(found - target_lufs) <= CLOSE_LU else "limited"
    return Loudness(target_lufs, found, state, gain_db, round(0.0 - decibels(lowest * FULL_SCALE), 2))


def render_soundtrack(
    score: Score,
    pcm: Mapping[Source, Path],
    into: Path,
    ffmpeg: Path,
    *,
    ceiling_dbtp: float = CEILING_DBTP,
) -> Loudness:
    """Mix a programme into a WAV file, as long as the picture to the sample, at its score's loudness.

    The same score, files and ffmpeg give the same bytes.

    Args:
        score: what is heard.
        pcm: what `render_pcm` made of each file, at each speed.
        into: the WAV file to write.
        ffmpeg: the program, for measuring.
        ceiling_dbtp: the highest true peak, where a loudness is asked for.

    Raises:
        PostError: it cannot be written or measured.
    """
    mix, ceiling = Mix(score, pcm), gain_of(ceiling_dbtp) * FULL_SCALE

    def make(gain_db: float | None) -> tuple[float | None, float]:
        if gain_db is None:
            blocks = _as_it_is(mix, score.samples)
        else:
            blocks = limited(mix.render, score.samples, gain_of(gain_db), ceiling)
        lowest = _write(score.samples, blocks, into)
        return _measure(into, ffmpeg), lowest

    return bring(score.target_lufs, make, digits=2)


def _as_it_is(mix: Mix, samples: int) -> Iterator[tuple[Floats, float]]:
    for begin in range(0, samples, BLOCK):
        yield mix.render(begin, min(begin + BLOCK, samples)), 1.0


def _write(samples: int, blocks: Iterator[tuple[Floats, float]], into: Path) -> float:
    """Write blocks as one WAV file of 16 bit; the lowest gain that comes with one."""
    lowest = 1.0
    with written_whole(into) as part, wave.open(str(part), "wb") as track:
        track.setnchannels(2)
        track.setsampwidth(2)
        track.setframerate(SAMPLE_RATE)
        track.setnframes(samples)
        for block, gain in blocks:
            track.writeframesraw(as_16_bit(block).tobytes())
            lowest = min(lowest, gain)
    return lowest


def as_16_bit(block: Floats) -> Pcm:
    """A block as it is written: what is too loud is clipped."""
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    return np.clip(np.rint(block), -32768, 32767).astype("<i2")


def _measure(track: Path, ffmpeg: Path) -> float | None:
    """The integrated loudness in LUFS; None where no part of it is loud enough to count."""
    import ffmpeg as graph  # noqa: PLC0415 - keeps `check` and `plan` quick

    # What is shorter than the 0.4 s that one measurement takes would not be measured at all.
    sound = graph.input(str(track.absolute())).audio.filter("apad", whole_dur=1)
    heard = sound.filter("ebur128", framelog="quiet", metadata=1)
    told = heard.filter("ametadata", mode="print", key="lavfi.r128.I", file="-")
    said = run(ffmpeg, told.output("-", f="null"), about=f"{track}: loudness", any_cpu=True).stdout
    found = re.findall(rb"lavfi\.r128\.I=(-?[0-9.]+)", said)
    if not found:
        raise PostError(f"{track}: its loudness could not be measured", hint="Try: onmodel doctor")
    loudness = float(found[-1])
    return round(loudness, 2) if loudness > _SILENT_LUFS else None
