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
_HALF_WAVE: Final = 1024
"""Samples of half a wave at 48 kHz: ffmpeg's atempo takes 1/24 s, as a power of two, and joins them at their
middles without reckoning it in. Source: its source, 2026-11; measured 20 ms at half speed."""
_STEADIEST: Final = (Fraction(1, 2), Fraction(2))
"""Between these the stretching joins waves; beyond, it leaves some out: what is further goes in steps."""


def render_pcm(path: Path, sha256: str, folder: Path, ffmpeg: Path, *, speed: Fraction = Fraction(1)) -> Path:
    """Decode a file's sound into `folder`, or find it there; an empty file where it has none.

    Args:
        path: a clip, or a file of sound.
        sha256: of its bytes: what was decoded is found by that.
        folder: for what is decoded.
        ffmpeg: the program.
        speed: how fast it runs; its pitch stays. What is slowed down comes too early by `early_samples`;
            around that a sound lies up to 20 ms off down to half its speed, 40 ms down to a quarter, since
            whole waves are joined (measured 2026-11).

    Raises:
        NotMedia: the file cannot be opened.
        PostError: its sound does not decode.
    """
    into = pcm_place(sha256, folder, speed)
    if into.exists():
        return into
    with written_whole(into) as part:
        if has_sound(path):
            run(ffmpeg, _graph(path, part, speed), about=f"{path}: sound", any_cpu=True)
        else:
            part.touch()
    return into


def early_samples(speed: Fraction) -> int:
    """By how much a sound that is slowed down comes too early in what `render_pcm` makes of it."""
    return round(_HALF_WAVE * (1 / speed - 1)) if speed < 1 else 0


def pcm_place(sha256: str, folder: Path, speed: Fraction) -> Path:
    """Where what was decoded of a file lies in `folder`, if it does."""
    at_speed = "" if speed == 1 else f"-{speed.numerator}-{speed.denominator}"
    return folder / f"{sha256}{at_speed}.s16"


def read_pcm(pcm: Path, skip: int, samples: int) -> Pcm:
    """A part of what was decoded, filled up with silence after its end, and before sample 0."""
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    if skip < 0:
        before = np.zeros((min(-skip, samples), CHANNELS), np.int16)
        return np.concatenate([before, read_pcm(pcm, 0, samples - len(before))])
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
