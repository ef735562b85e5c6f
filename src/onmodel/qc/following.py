"""A character through the frames of a clip: who was it a moment ago is looked at first, and stays it.

Two who look alike may be in one frame. When one of them turns into somebody else, the other, who was beside
it all along, must not be taken for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from onmodel.qc.assignment import Match, assign
from onmodel.qc.picture import Box
from onmodel.qc.scorer import Scorer, Seen, Sighting

SAME_PLACE = 0.5
"""Common area of two boxes by their joint area from which they show one face in two frames."""
_WHO = "the character"


@dataclass(frozen=True)
class _Trail:
    """Where the character was in the frame before."""

    seen: Seen
    box: Box
    is_proven: bool
    """Whether this face has passed for the character since it is followed."""


def follow(
    looks: Sequence[Seen], references: Sequence[Sighting], scorer: Scorer, threshold: float
) -> list[Match | None]:
    """Find one character, who is alone in the shot, in each frame of a clip.

    Args:
        looks: what was seen, in the order of the clip.
        references: the character's.
        scorer: by whom.
        threshold: the character's own; a face that goes on and reaches it saves a look at the others.
    """
    found: list[Match | None] = []
    trail: _Trail | None = None
    for seen in looks:
        here = None if trail is None else _in_place(trail.box, seen)
        match = _next(seen, here, trail, references, scorer, threshold)
        found.append(match)
        box = None if match is None else match.sighting.box
        if match is None or box is None:
            trail = None
            continue
        was_proven = trail is not None and trail.is_proven and match.sighting is here
        trail = _Trail(seen, box, was_proven or match.score >= threshold)
    return found


def _next(
    seen: Seen,
    here: Sighting | None,
    trail: _Trail | None,
    references: Sequence[Sighting],
    scorer: Scorer,
    threshold: float,
) -> Match | None:
    """The character in one frame, where `here` is the face that it had in the frame before."""
    score = None if here is None else scorer.likeness(here, references)
    if here is not None and score is not None and score >= threshold:
        return Match(score, here)
    best = assign(seen, {_WHO: references}, scorer)[_WHO]
    if best is None or best.sighting.box is None or here is None or score is None or trail is None:
        return best
    before = _in_place(best.sighting.box, trail.seen)
    was_beside = before is not None and before.box != trail.box
    return Match(score, here) if trail.is_proven and was_beside else best


def _in_place(box: Box, seen: Seen) -> Sighting | None:
    """The sighting that is most where the box is, if any is there."""
    near = [(_overlap(box, one.box), one) for one in seen.sightings if one.box is not None]
    most, sighting = max(near, key=lambda one: one[0], default=(0.0, None))
    return sighting if most >= SAME_PLACE else None


def _overlap(one: Box, other: Box) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    if wide <= 0 or high <= 0:
        return 0.0
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return wide * high / (areas - wide * high)
