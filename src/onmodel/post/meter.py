"""The meter: loudness of sound that is measured in parts, as ITU-R BS.1770-4 and EBU R 128 say.

ffmpeg's `ebur128` tells a loudness every tenth of a second, of the 0.4 s before it. Gating and averaging
those gives the loudness of the whole, whichever part was measured when.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from onmodel.errors import PostError
from onmodel.post.ffmpeg import run
from onmodel.units import SAMPLE_RATE

TENTH: Final = SAMPLE_RATE // 10
"""Samples after which a loudness is told."""
SETTLED: Final = 5
"""Tenths of a second after which what came before them is heard no more: 0.4 s of window, and the filters."""
_ABSOLUTE_LUFS: Final = -70.0
_RELATIVE_LU: Final = 10.0
"""What is quieter than the one, or by so much than all that is not, does not count.
Source: ITU-R BS.1770-4, 2026-11."""


def measure_tenths(sound: Path, ffmpeg: Path) -> list[float]:
    """The loudness in LUFS of the 0.4 s before the end of each tenth of a second, silence before the first.

    Args:
        sound: bare samples, as `render_pcm` makes them.
        ffmpeg: the program.

    Raises:
        PostError: it cannot be measured.
    """
    import ffmpeg as graph  # noqa: PLC0415 - keeps `check` and `plan` quick

    heard = graph.input(str(sound.absolute()), f="s16le", ar=SAMPLE_RATE, ac=2).audio
    told = heard.filter("ebur128", framelog="quiet", metadata=1)
    told = told.filter("ametadata", mode="print", key="lavfi.r128.M", file="-")
    said = run(ffmpeg, told.output("-", f="null"), about=f"{sound}: loudness", any_cpu=True).stdout
    found = [float(value) for value in re.findall(rb"lavfi\.r128\.M=(-?[0-9.]+)", said)]
    if not found:
        raise PostError(f"{sound}: its loudness could not be measured", hint="Try: onmodel doctor")
    return found


def integrated(tenths: Sequence[float]) -> float | None:
    """The loudness of a whole in LUFS, to a hundredth; None where no part of it is loud enough to count."""
    audible = [lufs for lufs in tenths if lufs > _ABSOLUTE_LUFS]
    if not audible:
        return None
    gate = _mean(audible) - _RELATIVE_LU
    return round(_mean([lufs for lufs in audible if lufs > gate]), 2)


def _mean(tenths: Sequence[float]) -> float:
    """The loudness of their mean power."""
    return 10 * math.log10(math.fsum(10 ** (lufs / 10) for lufs in tenths) / len(tenths))
