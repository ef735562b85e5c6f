"""Encoded sound: the soundtrack as AAC, made once for all files it goes into, and what it decodes to.

It needs no picture, so it is made beside the last pieces; joining only copies it.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from onmodel.errors import NotMedia, PostError
from onmodel.post.ffmpeg import run, written_whole
from onmodel.post.limiter import FULL_SCALE, decibels, true_peaks
from onmodel.post.mixing import BLOCK
from onmodel.post.score import Whole
from onmodel.units import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Wave = NDArray[np.float32]

PEAK_DBTP: Final = -1.0
"""The highest true peak of a finished episode. Source: EBU R 128 (2020), the platforms' advice, 2026-11."""
_SEAM: Final = 64


def encode_sound(track: Path, into: Path, ffmpeg: Path, *, samples: int, coder: Whole) -> float:
    """Encode a soundtrack, and tell the true peak in dBTP of what it decodes to; -inf for silence.

    The same track, coder and ffmpeg give the same bytes.

    Args:
        track: the WAV of `render_soundtrack`.
        into: the file to write, an `.m4a`.
        ffmpeg: the program.
        samples: that it must have.
        coder: how its bits are chosen.

    Raises:
        PostError: it cannot be encoded, or decodes to fewer samples.
    """
    import ffmpeg as graph  # noqa: PLC0415 - keeps `check` and `plan` quick

    with written_whole(into) as part:
        options = {
            "f": "mp4",
            "c:a": "aac",
            "b:a": "192k",
            **({"aac_coder": coder} if coder != "twoloop" else {}),  # which ffmpeg takes by itself
            "threads": 1,
            "movie_timescale": SAMPLE_RATE,
            "map_metadata": -1,
        }
        sound = graph.input(str(track.absolute())).audio
        run(ffmpeg, sound.output(str(part.absolute()), **options), about=f"{into}: encoding", any_cpu=True)
        found, peak = measure_encoded(part)
        if found < samples:
            raise PostError(f"{into}: the encoded sound has {found} of {samples} samples")
    return peak


def measure_encoded(source: Path | BytesIO, *, skip: int = 0) -> tuple[int, float]:
    """How many samples a file's sound decodes to, and its true peak in dBTP; -inf for silence.

    Args:
        source: the file; or bare AAC.
        skip: samples at its beginning that do not count for the peak.

    Raises:
        NotMedia: it does not decode.
    """
    import av  # noqa: PLC0415 - keeps `check` and `plan` quick
    import numpy as np  # noqa: PLC0415 - same

    peaks, samples = _Peaks(), 0
    try:
        file = source if isinstance(source, BytesIO) else str(source.absolute())
        with av.open(file, "r") as container:
            plain = av.AudioResampler("fltp", "stereo", SAMPLE_RATE)  # as AAC decodes: then it does nothing
            for frame in container.decode(container.streams.audio[0]):
                for one in plain.resample(frame):
                    passed = max(0, skip - samples)
                    peaks.add(np.asarray(one.to_ndarray(), np.float32)[:, passed:])
                samples += frame.samples
    except av.FFmpegError as error:
        raise NotMedia(f"{source}: its sound does not decode: {error.strerror}") from error
    return samples, decibels(peaks.highest())


class _Peaks:
    """The highest true peak of what comes in blocks, (2, samples) float32, full scale at 1."""

    def __init__(self) -> None:
        self._waiting: list[Wave] = []
        self._samples = 0
        self._highest = 0.0

    def add(self, block: Wave) -> None:
        self._waiting.append(block)
        self._samples += block.shape[1]
        if self._samples >= BLOCK:
            self._look()

    def highest(self) -> float:
        self._look()
        return self._highest

    def _look(self) -> None:
        import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

        if not self._samples:
            return
        wave = np.concatenate(self._waiting, axis=1)
        sound = wave.T.astype(np.float64) * FULL_SCALE
        self._highest = max(self._highest, float(true_peaks(sound, self._highest).max()))
        kept = wave[:, -_SEAM:]  # what is between two blocks is seen with the next
        self._waiting, self._samples = [kept], 0
