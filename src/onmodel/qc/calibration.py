"""What counts as on-model for one character.

Measured on its own model sheet, each view against the others.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, Literal

from onmodel.errors import ReferenceUnusable
from onmodel.qc.assignment import assign
from onmodel.qc.colour import colour_of
from onmodel.qc.scorer import Limits, Scorer, Seen, Sighting

if TYPE_CHECKING:
    from onmodel.qc.picture import Frame, Vector

SCHEMA = "onmodel.calibration/1"
LEAST_VIEWS = 3
"""Views from which a threshold is the character's own. Source: the identity findings, 2026-11."""
_HERSELF = "the character"


@dataclass(frozen=True)
class View:
    """One picture of a model sheet, as the scorer sees it."""

    name: str
    standing: Literal["fits", "odd", "unusable"]
    score: float | None
    """How much it is like the others, -1 to 1; None where that cannot be said."""
    note: str = ""
    """What a person should know; for an odd or unusable view, why and what to do."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """A character's references and its threshold."""

    scorer: str
    version: str
    """Of the scorer; scores of another version mean something else."""
    threshold: float
    """The least score that counts as this character."""
    level: float | None
    """Median score of the views against each other; None with a single view."""
    views: tuple[View, ...]
    references: tuple[Sighting, ...]
    """Of the views that fit."""
    colours: tuple[Vector, ...] = ()
    """Of the clothes on those views that show them."""
    concern: str = ""
    """Why the sheet is not good enough to judge by; empty where it is."""

    @property
    def odd(self) -> tuple[str, ...]:
        """Names of the views that are not the character of the others."""
        return tuple(view.name for view in self.views if view.standing == "odd")

    def to_json(self) -> dict[str, Any]:
        """Plain values for a record."""
        return {
            "schema": SCHEMA,
            "scorer": self.scorer,
            "version": self.version,
            "threshold": self.threshold,
            "level": self.level,
            "views": [vars(view) for view in self.views],
            "references": [
                {"vector": write_vector(one.vector), "box": list(one.box) if one.box else None}
                for one in self.references
            ],
            "colours": [write_vector(one) for one in self.colours],
            "concern": self.concern,
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Calibration:
        """What `to_json` wrote.

        Raises:
            ReferenceUnusable: the record is not a calibration.
        """
        try:
            if record["schema"] != SCHEMA:
                raise ReferenceUnusable(
                    f"the calibration says {record['schema']!r}; {SCHEMA!r} is understood", hint=_AGAIN
                )
            return cls(
                scorer=str(record["scorer"]),
                version=str(record["version"]),
                threshold=float(record["threshold"]),
                level=None if record["level"] is None else float(record["level"]),
                views=tuple(View(**view) for view in record["views"]),
                references=tuple(
                    Sighting(read_vector(one["vector"]), tuple(one["box"]) if one["box"] else None)
                    for one in record["references"]
                ),
                colours=tuple(map(read_vector, record["colours"])),
                concern=str(record["concern"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ReferenceUnusable(f"the calibration cannot be read: {error!r}", hint=_AGAIN) from error


_AGAIN = "Measure the model sheet again: onmodel calibrate"


def write_vector(vector: Vector) -> str:
    """A vector as text: half floats, little end first, base64."""
    return base64.b64encode(vector.astype("<f2").tobytes()).decode("ascii")


def read_vector(text: str) -> Vector:
    """What `write_vector` wrote.

    Raises:
        ValueError: the text is something else.
    """
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    return np.frombuffer(base64.b64decode(text, validate=True), "<f2").astype(np.float32)


def calibrate(scorer: Scorer, references: Mapping[str, Frame]) -> Calibration:
    """Measure a character's threshold on its own views, each against the others; name the odd ones.

    Args:
        scorer: who looks.
        references: by name, (H, W, 3) uint8 RGB. Three or more give a threshold of the character's own.

    Raises:
        ReferenceUnusable: the character can be seen in none of them.
    """
    looks = {name: scorer.look(picture) for name, picture in references.items()}
    usable = {name: seen for name, seen in looks.items() if seen.sightings}
    if not usable:
        raise ReferenceUnusable(_none_usable(looks), hint=_BETTER)
    chosen = _same_subject(scorer, usable)
    scores = _against_the_others(scorer, usable, chosen)
    odd = _odd_one(scorer, scores)
    dropped: dict[str, float | None] = {}
    while odd is not None:
        dropped[odd] = scores[odd]
        del usable[odd], chosen[odd]
        scores = _against_the_others(scorer, usable, chosen)
        odd = _odd_one(scorer, scores)
    known = [score for score in scores.values() if score is not None]
    level = median(known) if known else None
    return Calibration(
        scorer=scorer.name,
        version=scorer.version,
        threshold=threshold_of(level, len(known), scorer.limits),
        level=None if level is None else round(level, 4),
        views=tuple(_view(name, looks[name], scores, dropped) for name in references),
        references=tuple(chosen.values()),
        colours=tuple(
            colour
            for name, one in chosen.items()
            if (colour := colour_of(references[name], one.box)) is not None
        ),
        concern=_concern(scorer, level, usable, dropped),
    )


def threshold_of(level: float | None, views: int, limits: Limits) -> float:
    """The least score that counts as a character.

    Args:
        level: median score of its views against each other; None where there is none.
        views: how many of them.
        limits: the scorer's scale.
    """
    if level is None or views < LEAST_VIEWS:
        return limits.floor
    return round(min(max(limits.share * level, limits.floor), limits.ceiling), 4)


def _same_subject(scorer: Scorer, looks: Mapping[str, Seen]) -> dict[str, Sighting]:
    """Of each view the sighting that fits the other views best.

    A passer-by on a sheet is in one view only.
    """
    chosen = {}
    for name, seen in looks.items():
        others = [other for other_name, other in looks.items() if other_name != name]
        boxed = [one for one in seen.sightings if one.box is not None] or list(seen.sightings)
        chosen[name] = max(boxed, key=lambda one: _agreement(scorer, one, others))
    return chosen


def _agreement(scorer: Scorer, one: Sighting, others: Sequence[Seen]) -> float:
    best = [
        max((scorer.likeness(one, [theirs]) or 0.0 for theirs in other.sightings), default=0.0)
        for other in others
    ]
    return sum(best)


def _against_the_others(
    scorer: Scorer, looks: Mapping[str, Seen], chosen: Mapping[str, Sighting]
) -> dict[str, float | None]:
    """Each view's score against the others; None where it is the only one."""
    scores: dict[str, float | None] = {}
    for name, sighting in chosen.items():
        others = [other for other_name, other in chosen.items() if other_name != name]
        whole = tuple(one for one in looks[name].sightings if one.box is None and one is not sighting)
        match = assign(Seen((sighting, *whole)), {_HERSELF: others}, scorer)[_HERSELF] if others else None
        scores[name] = None if match is None else round(match.score, 4)
    return scores


def _odd_one(scorer: Scorer, scores: Mapping[str, float | None]) -> str | None:
    """The view that is least like the others, if by them alone it would not pass for the character.

    The floor has no say in it: where it is higher, the whole sheet is a concern, not one view.
    """
    known = {name: score for name, score in scores.items() if score is not None}
    if len(known) < LEAST_VIEWS:
        return None
    least = min(known, key=lambda name: known[name])
    rest = median(score for name, score in known.items() if name != least)
    return least if known[least] < min(scorer.limits.share * rest, scorer.limits.ceiling) else None


def _view(
    name: str, seen: Seen, scores: Mapping[str, float | None], dropped: Mapping[str, float | None]
) -> View:
    if not seen.sightings:
        return View(name, "unusable", None, f"{seen.why_not}. {_BETTER}")
    if name in dropped:
        said = f"it scores {dropped[name]:.2f} against the others: another character. Take this view again."
        return View(name, "odd", dropped[name], said)
    faces = sum(1 for one in seen.sightings if one.box is not None)
    note = (
        f"{faces} faces: the one most like the other views counts; a picture of one is safer"
        if faces > 1
        else ""
    )
    return View(name, "fits", scores.get(name), note)


def _concern(
    scorer: Scorer, level: float | None, usable: Mapping[str, Seen], dropped: Mapping[str, float | None]
) -> str:
    if level is not None and level < scorer.limits.floor:
        return (
            f"the views are not one character: they score {level:.2f} against each other, at least "
            f"{scorer.limits.floor:.2f} is needed. Take the sheet again, or leave out what is somebody else."
        )
    if dropped and len(dropped) >= len(usable):
        return (
            f"{len(dropped)} of {len(usable) + len(dropped)} views are not like the others. Take them again."
        )
    if len(usable) < LEAST_VIEWS:
        return (
            f"{len(usable)} usable view{'s' if len(usable) > 1 else ''}; from {LEAST_VIEWS} on the threshold "
            "is the character's own. Add views to the sheet."
        )
    return ""


_BETTER = "Give a sharp picture of this character alone, large and from the front."


def _none_usable(looks: Mapping[str, Seen]) -> str:
    said = "; ".join(f"{name}: {seen.why_not}" for name, seen in looks.items())
    return f"no reference can be used ({said})" if said else "there is no reference to judge by"
