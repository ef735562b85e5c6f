"""Whether a shot's character stays the character of the bible, from a few frames and their scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from statistics import fmean, median
from typing import TYPE_CHECKING

from onmodel.errors import ReferenceUnusable
from onmodel.qc.assignment import Match, assign
from onmodel.qc.calibration import Calibration, read_vector, write_vector
from onmodel.qc.colour import colour_note, wardrobe_colour
from onmodel.qc.following import follow
from onmodel.qc.scorer import CloserLook, Limits, Locating, Scorer, Seen, Sighting

if TYPE_CHECKING:
    from onmodel.qc.picture import Frame
    from onmodel.vault.records import Likeness, Standing

LEAST_FRAMES = 9
"""Frames, evenly spread, that a clip is judged by. Source: the identity findings, 2026-11: with 3 to 5 false
alarms triple."""
SCORABLE_SHARE = 0.5
"""Share of the frames that must be scorable."""


def judge(
    frames: Sequence[Frame],
    at_s: Sequence[float],
    calibrations: Mapping[str, Calibration],
    scorers: Mapping[str, Scorer],
) -> dict[str, Likeness]:
    """Say for each character of a shot whether it is still itself, and where it is not.

    Args:
        frames: at least 9 for a clip, evenly spread, (H, W, 3) uint8 RGB each; one for a picture.
        at_s: when each is shown, in seconds into the clip.
        calibrations: by character.
        scorers: by character; two characters with the same scorer are told apart in each frame.

    Raises:
        ReferenceUnusable: a calibration was made with another scorer, or another version of it.
    """
    for who, calibration in calibrations.items():
        _must_be_of(who, calibration, scorers[who])
    matches: dict[str, list[Match | None]] = {}
    why_not: dict[str, str] = {}
    for scorer in {id(scorers[who]): scorers[who] for who in calibrations}.values():
        mine = {who: one for who, one in calibrations.items() if scorers[who] is scorer}
        looks = [scorer.look(frame) for frame in frames]
        for who, its in _recognise(frames, looks, at_s, mine, scorer).items():
            matches[who] = its
            missed = (seen for seen, match in zip(looks, its, strict=True) if match is None)
            why_not[who] = next((seen.why_not or "it is nobody that can be seen" for seen in missed), "")
    found = {
        who: _likeness(matches[who], at_s, calibration, scorers[who], why_not[who])
        for who, calibration in calibrations.items()
    }
    alone = len(calibrations) == 1
    return {
        who: _with_colour(
            _with_middles(one, frames, matches[who], calibrations[who], scorers[who]),
            frames,
            matches[who],
            calibrations[who],
            alone=alone,
        )
        for who, one in found.items()
    }


def judge_picture(
    picture: Frame, calibrations: Mapping[str, Calibration], scorers: Mapping[str, Scorer]
) -> dict[str, Likeness]:
    """Say the same of a single picture: a keyframe, or a view of a model sheet."""
    return judge([picture], [0.0], calibrations, scorers)


def _recognise(
    frames: Sequence[Frame],
    looks: Sequence[Seen],
    at_s: Sequence[float],
    calibrations: Mapping[str, Calibration],
    scorer: Scorer,
) -> dict[str, list[Match | None]]:
    """Who is who in each frame; where that leaves a doubt about somebody, the whole clip is looked at again.

    It may just be small in it. All frames, not only the low ones: one curve must be of one measure, or the
    end of a slow push in, large enough for the first look, would be lower than its beginning.
    """
    found = _identify(looks, calibrations, scorer)
    doubted = [
        who
        for who, matches in found.items()
        if _standing(matches, at_s, calibrations[who], scorer)[0] not in ("on-model", "unscorable")
    ]
    if not doubted or not isinstance(scorer, CloserLook):
        return found
    closer = [scorer.look_closer(frame, seen) for frame, seen in zip(frames, looks, strict=True)]
    again = _identify(closer, calibrations, scorer)
    for who in doubted:
        pairs = zip(found[who], again[who], strict=True)
        found[who] = [_higher(match, second, scorer.limits.handicap) for match, second in pairs]
    return found


def _identify(
    looks: Sequence[Seen], calibrations: Mapping[str, Calibration], scorer: Scorer
) -> dict[str, list[Match | None]]:
    """Who is who: one character is followed through the clip, several are told apart in each frame."""
    if len(calibrations) == 1:
        ((who, one),) = calibrations.items()
        return {who: follow(looks, one.references, scorer, one.threshold)}
    references = {who: one.references for who, one in calibrations.items()}
    frames = [assign(seen, references, scorer) for seen in looks]
    return {who: [frame[who] for frame in frames] for who in calibrations}


def _higher(match: Match | None, again: Match | None, handicap: float) -> Match | None:
    """A match with what a closer look made of it."""
    if match is None or again is None:
        return match
    return replace(match, score=max(match.score, again.score - handicap))


def _standing(
    matches: Sequence[Match | None], at_s: Sequence[float], calibration: Calibration, scorer: Scorer
) -> tuple[Standing, str]:
    scores = [None if match is None else match.score for match in matches]
    return stand(scores, at_s, calibration.threshold, scorer.limits)


def _must_be_of(who: str, calibration: Calibration, scorer: Scorer) -> None:
    if (calibration.scorer, calibration.version) != (scorer.name, scorer.version):
        raise ReferenceUnusable(
            f"{who} was calibrated with {calibration.scorer} {calibration.version}, and is judged with "
            f"{scorer.name} {scorer.version}: their scores cannot be compared",
            hint="Measure the model sheet again: onmodel calibrate",
        )


def _likeness(
    matches: Sequence[Match | None],
    at_s: Sequence[float],
    calibration: Calibration,
    scorer: Scorer,
    why_not: str,
) -> Likeness:
    from onmodel.vault.records import Likeness  # noqa: PLC0415 - pydantic takes longer than this whole room

    scores = [None if match is None else match.score for match in matches]
    known = [score for score in scores if score is not None]
    standing, reason = _standing(matches, at_s, calibration, scorer)
    if standing == "unscorable" and why_not:
        reason = f"{reason}: {why_not}"
    worst = (
        min((score, at) for score, at in zip(scores, at_s, strict=True) if score is not None)
        if known
        else None
    )
    return Likeness(
        standing=standing,
        reason=reason,
        score=round(median(known), 4) if known else None,
        threshold=calibration.threshold,
        curve=tuple(
            (round(at, 3), None if score is None else round(score, 4))
            for at, score in zip(at_s, scores, strict=True)
        ),
        worst_s=None if worst is None else round(worst[1], 3),
        box=_box(matches),
        places=_places(matches, at_s),
        signature=_signature(matches),
        scorer=f"{scorer.name} {scorer.version}",
    )


def _with_middles(
    likeness: Likeness,
    frames: Sequence[Frame],
    matches: Sequence[Match | None],
    calibration: Calibration,
    scorer: Scorer,
) -> Likeness:
    """The reading with where the character is, where none of its faces says so."""
    if likeness.places or not isinstance(scorer, Locating):
        return likeness
    middles = []
    for (at_s, _), frame, match in zip(likeness.curve, frames, matches, strict=True):
        place = match and scorer.locate(frame, match.sighting, calibration.references)
        if place:
            middles.append((at_s, round(place[0], 4), round(place[1], 4)))
    return likeness.model_copy(update={"middles": tuple(middles)})


def _with_colour(
    likeness: Likeness,
    frames: Sequence[Frame],
    matches: Sequence[Match | None],
    calibration: Calibration,
    *,
    alone: bool,
) -> Likeness:
    """The reading with its warning about clothes; whoever has no face must be alone in the shot for it."""
    seen = [
        (frame, match.sighting.box)
        for frame, match in zip(frames, matches, strict=True)
        if match is not None and (alone or match.sighting.box is not None)
    ]
    boxes = [box for _, box in seen]
    colour = wardrobe_colour([frame for frame, _ in seen], boxes, calibration.colours)
    return likeness.model_copy(update={"colour": colour, "colour_note": colour_note(colour, boxes)})


def stand(
    scores: Sequence[float | None], at_s: Sequence[float], threshold: float, limits: Limits
) -> tuple[Standing, str]:
    """The verdict over a clip's scores in their order, with its reason in words.

    Asked in this order: can it be seen at all; is it somebody else; does it become somebody else; is it
    somebody else for a while. The mean decides nothing: a few bad frames hide in it.
    """
    known = [(at, score) for at, score in zip(at_s, scores, strict=True) if score is not None]
    if len(known) < max(1.0, SCORABLE_SHARE * len(scores)):
        return "unscorable", f"{len(known)} of {len(scores)} frames show the character well enough"
    ordered = sorted(score for _, score in known)
    middle = median(ordered)
    if middle < threshold:
        return "off-model", f"it scores {middle:.2f}, at least {threshold:.2f} is needed"
    fall = _fall(known, limits)
    if fall is not None:
        return "drifting", f"the score falls from {fall[0]:.2f} to {fall[1]:.2f} over the clip"
    # One frame may be a blink or a turned head: two are a reading.
    second = ordered[min(1, len(ordered) - 1)]
    if second < threshold:
        worst = min(known, key=lambda one: one[1])
        count = sum(1 for score in ordered if score < threshold)
        return "partial", (
            f"{count} of {len(scores)} frames score under {threshold:.2f}, "
            f"the least {worst[1]:.2f} at {worst[0]:.1f} s"
        )
    return "on-model", f"it scores {middle:.2f}, at least {threshold:.2f} is needed"


def _fall(known: Sequence[tuple[float, float]], limits: Limits) -> tuple[float, float] | None:
    """The mean of the first and of the last third, where the score falls steadily between them."""
    third = len(known) // 3
    if third < 1 or len(known) < LEAST_FRAMES // 2:
        return None
    first, last = (fmean(score for _, score in part) for part in (known[:third], known[-third:]))
    whole_s = known[-1][0] - known[0][0]
    slopes = [
        (later[1] - one[1]) / (later[0] - one[0])
        for one, later in combinations(known, 2)
        if later[0] > one[0]
    ]
    steady = median(slopes) * whole_s if slopes else 0.0
    return (first, last) if first - last > limits.drop and -steady > limits.drop / 2 else None


def _box(matches: Sequence[Match | None]) -> tuple[float, float, float, float] | None:
    """Where the character is in the middle of the clip, or as near to it as it is seen."""
    middle = (len(matches) - 1) / 2
    seen = [
        (abs(at - middle), one.sighting.box) for at, one in enumerate(matches) if one and one.sighting.box
    ]
    return min(seen)[1] if seen else None


def _places(
    matches: Sequence[Match | None], at_s: Sequence[float]
) -> tuple[tuple[float, float, float, float, float], ...]:
    """When the character's face is where."""
    seen = ((at, one.sighting.box) for at, one in zip(at_s, matches, strict=True) if one)
    boxes = ((at, tuple(round(edge, 4) for edge in box)) for at, box in seen if box)
    return tuple((round(at, 3), left, top, right, bottom) for at, (left, top, right, bottom) in boxes)


def _signature(matches: Sequence[Match | None]) -> str:
    """The mean of what was seen, of length 1, as text."""
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    seen: list[Sighting] = [one.sighting for one in matches if one is not None]
    if not seen:
        return ""
    mean = np.mean([one.vector for one in seen], axis=0)
    return write_vector(mean / max(float(np.linalg.norm(mean)), 1e-9))


def alike(one: Likeness, other: Likeness) -> float | None:
    """How much a character looks the same in two takes, -1 to 1.

    None where it was not seen, or by other scorers.
    """
    if not one.signature or not other.signature or one.scorer != other.scorer:
        return None
    return float(read_vector(one.signature) @ read_vector(other.signature))
