"""Where in the cut's sound the story's places are: shots, music and speech, in samples of the programme."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from onmodel.planning.chains import shot_of
from onmodel.post.cutlist import CutList
from onmodel.story.episode import Bed
from onmodel.units import SAMPLE_RATE, round_half_up, samples_at


class Seen(NamedTuple):
    """Where a shot is in the cut, in samples of the programme; what overlaps belongs to both shots."""

    begin: int
    end: int


def shots_seen(cutlist: CutList, fps: Fraction) -> dict[str, Seen]:
    """Where each shot is seen; a long one from the first of its clips to the last."""
    seen: dict[str, Seen] = {}
    for piece, start in zip(cutlist.pieces, cutlist.starts, strict=True):
        shot = shot_of(piece.shot)
        begin, end = samples_at(start, fps), samples_at(start + piece.frames, fps)
        seen[shot] = Seen(seen[shot].begin if shot in seen else begin, end)
    return seen


def bed_span(bed: Bed, seen: Mapping[str, Seen], samples: int) -> tuple[int, int]:
    """The samples [begin, end) of the programme in which a bed is heard, as far as the programme goes.

    Args:
        bed: the music.
        seen: where each shot is.
        samples: of the programme.
    """
    first, last = 0, samples
    if bed.begin is not None:
        first = seen[bed.begin].begin if isinstance(bed.begin, str) else samples_in(bed.begin)
    if bed.end is not None:
        last = seen[bed.end].end if isinstance(bed.end, str) else samples_in(bed.end)
    return first, min(last, samples)


def samples_in(seconds: Fraction) -> int:
    """Whole samples nearest to a length in seconds."""
    return round_half_up(seconds * SAMPLE_RATE)
