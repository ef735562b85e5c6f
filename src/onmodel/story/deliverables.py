"""What is delivered of a cut, as it is written: `16:9 1080p`, `9:16 1080x1920`, `1:1`."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator

from onmodel.story.fields import LARGEST_PX, SMALLEST_PX, Text
from onmodel.units import Size

RATIOS: Final = {"16:9": (16, 9), "9:16": (9, 16), "1:1": (1, 1), "4:5": (4, 5)}
"""Width to height, by how it is written."""

_WRITTEN: Final = re.compile(
    rf"(?P<ratio>{'|'.join(RATIOS)})(?: (?P<short>\d{{2,4}})p| (?P<wide>\d{{2,4}})x(?P<high>\d{{2,4}}))?"
)
_NEAR: Final = 0.01
"""By this share a size may miss its ratio: sizes are whole and even, like 854x480."""


def size_of_deliverable(wanted: str, cut: Size) -> Size:
    """The size of a deliverable, both sides even; where none is said, its short side is the cut's.

    Raises:
        ValueError: it is not written like one.
    """
    found = _WRITTEN.fullmatch(wanted)
    if found is None:
        raise ValueError(f"allowed are {', '.join(RATIOS)}, alone or with a size: 16:9 1080p, 9:16 1080x1920")
    if found["wide"]:
        return Size(_even(int(found["wide"])), _even(int(found["high"])))
    short = _even(int(found["short"] or min(cut.width, cut.height)))
    wide, high = RATIOS[found["ratio"]]
    least = min(wide, high)
    return Size(_even(round(short * wide / least)), _even(round(short * high / least)))


def ratio_of(wanted: str) -> str:
    """The ratio that a deliverable is written with: `9:16`."""
    return wanted.partition(" ")[0]


def name_of(wanted: str, size: Size) -> str:
    """What the name of a deliverable's file has after the episode's: `9x16-1080x1920`."""
    return f"{ratio_of(wanted).replace(':', 'x')}-{size}"


def _even(length: int) -> int:
    return length + length % 2


def _checked(value: str) -> str:
    size = size_of_deliverable(value, Size(LARGEST_PX, LARGEST_PX))
    if not SMALLEST_PX <= min(size.width, size.height) <= LARGEST_PX:
        raise ValueError(f"allowed are {SMALLEST_PX} to {LARGEST_PX} pixels on the short side")
    wide, high = RATIOS[ratio_of(value)]
    if abs(size.width * high / (size.height * wide) - 1) > _NEAR:
        short = min(size.width, size.height)
        right = size_of_deliverable(f"{ratio_of(value)} {short}p", size)
        raise ValueError(
            f"{size} is not {ratio_of(value)}; allowed is {ratio_of(value)} {right}, for example"
        )
    return value


Deliverable = Annotated[Text, AfterValidator(_checked)]
