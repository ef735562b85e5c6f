"""What is measured on the small grey frames of a clip, and on its sound: numbers, no judgement.

Frames are (N, H, W) uint8, full range: 0 black to 255 white.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]
    Samples = NDArray[np.int16]

BLACK_LEVEL: Final = 25
"""Grey level up to which a pixel is black. Source: blackdetect's default, 0.10 of the range, 2026-11."""
BLACK_SHARE: Final = 0.98
"""Share of black pixels that makes a frame black. Source: blackdetect's default, 2026-11."""
STILL_LEVEL: Final = 0.04
"""Mean difference to a run's first frame, in grey levels, up to which the picture stands still.

Source: measured 2026-11 at 1280x720 on a plainly drawn scene: encodes of one still stay under 0.015, a dolly
of 0.5% a second passes 0.045 within a second. freezedetect's usual 0.001 of the range (0.255) calls one of 2%
a second frozen. Not seen: a still under grain that survives its encoder (0.5 and more).
"""
CUT_LEVEL: Final = 12
"""Grey levels by which a pixel must change to count as another one."""
CUT_SHARE: Final = 0.4
"""Share of the picture that a cut changes from one frame to the next, at least.

Source: measured 2026-11 on painted clips: 18 cuts between scenes and to a closer framing change 0.56 to 0.88
at 16 to 190 times their neighbours' difference; 23 clips without a cut, drones and grain among them, 0.17 at
most at 2.1 times; a figure that is swapped for another one 0.06 to 0.21.
"""
CUT_RATIO: Final = 5.0
"""How much larger the change is than those around it: a fast camera changes every frame."""
CUT_STAYS: Final = 0.5
"""How much of the change is still there some frames later: a flash of light is no cut."""
_AROUND_FRAMES: Final = 6
_LATER_FRAMES: Final = 3


def count_black(grey: Grey) -> int:
    """Frames that are black all over."""
    return sum(1 for frame in grey if (frame <= BLACK_LEVEL).mean() >= BLACK_SHARE)


def count_frozen(grey: Grey, shortest_frames: int) -> int:
    """Frames in standstills of at least `shortest_frames`.

    Each frame is held against the first of its run, not against the one before: a slow camera adds up, and is
    no standstill, however little it moves from frame to frame.
    """
    bounds = [0]
    for number in range(1, len(grey)):
        if _difference(grey[bounds[-1]], grey[number]).mean() > STILL_LEVEL:
            bounds.append(number)
    bounds.append(len(grey))
    runs = [end - begin for begin, end in pairwise(bounds)]
    return sum(run_frames for run_frames in runs if run_frames >= shortest_frames)


def flicker(grey: Grey) -> float:
    """Median jump of brightness against its neighbours, in grey levels: 0.1-0.3 steady, over 2 flickers.

    Source: measured 2026-11 (clean clips 0.08-0.25, a 2% flicker 3.8).
    """
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    means = grey.mean(axis=(1, 2))
    return float(np.median(np.abs(np.diff(means, 2)))) if len(means) > 2 else 0.0  # noqa: PLR2004 - a second difference


def find_cuts(grey: Grey) -> list[int]:
    """The frames at which another shot begins, counted from 0."""
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    if len(grey) <= _LATER_FRAMES:
        return []
    unlike = [_difference(one, other) for one, other in pairwise(grey)]
    change = np.array([difference.mean() for difference in unlike])
    share = np.array([(difference > CUT_LEVEL).mean() for difference in unlike])
    return [int(at) + 1 for at in np.flatnonzero(share >= CUT_SHARE) if _is_cut(grey, change, int(at))]


def _is_cut(grey: Grey, change: NDArray[np.float64], at: int) -> bool:
    """Whether a great change between two frames stands alone, and stays."""
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    around = np.concatenate(
        [change[max(0, at - _AROUND_FRAMES) : at], change[at + 1 : at + 1 + _AROUND_FRAMES]]
    )
    before, after = max(0, at - _LATER_FRAMES), min(len(grey) - 1, at + 1 + _LATER_FRAMES)
    stays = _difference(grey[before], grey[after]).mean()
    return bool(change[at] >= CUT_RATIO * np.median(around) and stays >= CUT_STAYS * change[at])


def peak_db(samples: Samples) -> float:
    """The loudest sample, in dB of full scale; -120 where nothing is heard at all."""
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    highest = int(np.abs(samples.astype(np.int32)).max(initial=0))
    return round(20 * float(np.log10(highest / 32768)), 1) if highest else -120.0


def _difference(one: Grey, other: Grey) -> NDArray[np.int16]:
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    return np.asarray(np.abs(one.astype(np.int16) - other), np.int16)
