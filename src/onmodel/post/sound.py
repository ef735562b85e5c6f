"""Decoded sound: each file's samples, taken from it once and found again by its content.

Sound is 48 kHz stereo, signed 16 bit little endian: an array of shape (samples, 2). A clip's own compressed
sound is never copied: its packets do not end where its frames do; forty shots would drift by over a second.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from onmodel.post.ffmpeg import run, written_whole
from onmodel.post.hearing import has_sound
from onmodel.units import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pcm = NDArray[np.int16]

CHANNELS: Final = 2
SAMPLE_BYTES: Final = 2 * CHANNELS
"""Bytes of one sample of both channels."""
_STEADIEST: Final = (Fraction(1, 2), Fraction(2))
"""Between these the stretching joins waves; beyond, it leaves some out: what is further goes in steps."""


def render_pcm(path: Path, sha256: str, folder: Path, ffmpeg: Path, *, speed: Fraction = Fraction(1)) -> Path:
    """Decode a file's sound into `folder`, or find it there; an empty file where it has none.

    Args:
        path: a clip, or a file of sound.
        sha256: of its bytes: what was decoded is found by that.
        folder: for what is decoded.
        ffmpeg: the program.
        speed: how fast it runs; its pitch stays. At half its speed a sound may lie up to 40 ms
            off, at a quarter 100 ms, since whole waves are joined (measured 2026-11).

    Raises:
        NotMedia: the file cannot be opened.
        PostError: its sound does not decode.
    """
    at_speed = "" if speed == 1 else f"-{speed.numerator}-{speed.denominator}"
    into = folder / f"{sha256}{at_speed}.s16"
    if into.exists():
        return into
    with written_whole(into) as part:
        if has_sound(path):
            run(ffmpeg, _graph(path, part, speed), about=f"{path}: sound", any_cpu=True)
        else:
            part.touch()
    return into


def read_pcm(pcm: Path, skip: int, samples: int) -> Pcm:
    """A part of what was decoded, filled up with silence after its end."""
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    with pcm.open("rb") as file:
        file.seek(skip * SAMPLE_BYTES)
        found = np.frombuffer(file.read(samples * SAMPLE_BYTES), "<i2").reshape(-1, CHANNELS)
    if len(found) == samples:
        return found.astype(np.int16, copy=False)
    silence = np.zeros((samples - len(found), CHANNELS), np.int16)
    return np.concatenate([found, silence])


def _graph(path: Path, into: Path, speed: Fraction) -> Any:
    import ffmpeg as graph  # noqa: PLC0415 - keeps `check` and `plan` quick

    # first_pts=0 fills up where a track begins late, and cuts the encoder's run-in: sample 0 is frame 0.
    sound = graph.input(str(path.absolute())).audio
    sound = sound.filter("aresample", SAMPLE_RATE, **{"async": 1, "first_pts": 0})
    for step in tempo_steps(speed):
        sound = sound.filter("atempo", f"{float(step):.9f}")
    return sound.output(str(into.absolute()), f="s16le", acodec="pcm_s16le", ac=CHANNELS, ar=SAMPLE_RATE)


def tempo_steps(speed: Fraction) -> list[Fraction]:
    """A speed as factors that the stretching does well, each from a half to twice; none for the own speed."""
    slowest, fastest = _STEADIEST
    steps = []
    while not slowest <= speed <= fastest:
        steps.append(slowest if speed < slowest else fastest)
        speed /= steps[-1]
    return [*steps, speed] if speed != 1 else steps
