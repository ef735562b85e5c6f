"""Drawn characters, creatures and things: how the picture looks, and the face where the character has one.

The whole picture alone takes two people in one setting for one character, and one person in two settings for
two. Drawn faces are faces to YuNet and SFace, too, and they decide where the references agree in theirs.
Where they do not (a robot, a bird, a passer-by in the picture), faces are left out of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import combinations
from typing import TYPE_CHECKING

from onmodel.qc.appearance import CLOSER, NUMBERS, Appearance
from onmodel.qc.faces import FACE_NUMBERS, Face, FaceFinder
from onmodel.qc.picture import why_unseen
from onmodel.qc.region import middle_of
from onmodel.qc.scorer import Limits, Seen, Sighting, mean_of_two_best
from onmodel.qc.weights import version_of

if TYPE_CHECKING:
    from onmodel.qc.picture import Frame, Vector

LIMITS = Limits(floor=0.26, ceiling=0.50, share=0.57, handicap=0.06, drop=0.08)
"""Source: docs/identity.md, 2026-11."""
FACE_SIDE_PX = 448
"""Longest side at which faces are looked for:

drawn faces are large, and a thing has none. Source: measured 2026-11.
"""
MOST_FACES = 2
AGREEMENT = 0.40
"""Median cosine between the references' faces from which they are one face. Source: measured 2026-11: drawn
people 0.48 to 0.75, small passers-by beside a creature 0.32."""
LONE_FACE = 0.08
"""Share of the picture's height from which the face of a single reference is the character's own."""


class StylisedScorer:
    """MobileNetV2 on the whole picture, YuNet and SFace on the faces in it.

    Args:
        appearance: how pictures are held against the usual; None as the package has it.
    """

    name = "stylised"
    limits = LIMITS

    def __init__(self, appearance: Appearance | None = None) -> None:
        self._appearance = appearance or Appearance()
        self._faces = FaceFinder(FACE_SIDE_PX, MOST_FACES)

    @cached_property
    def version(self) -> str:
        """By the networks' bytes and this room's code."""
        return version_of("mobilenetv2", "cohort", "faces", "identities", without=("human",))

    def look(self, picture: Frame) -> Seen:
        """The whole picture is a sighting, and so is each of its faces, with the whole picture around it."""
        import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

        if why := why_unseen(picture):
            return Seen(why_not=why)
        parts = self._appearance.measure(picture)
        whole = parts[0]
        faces = self._faces.find(picture).found
        return Seen(
            (
                *(Sighting(partial(_joined, whole, face), face.box, parts) for face in faces),
                Sighting(np.concatenate([whole, np.zeros(FACE_NUMBERS, np.float32)]), None, parts),
            )
        )

    def look_closer(self, picture: Frame, seen: Seen) -> Seen:
        """The same sightings, with parts of the picture at twice the size: a character may be small in it."""
        parts = self._appearance.measure(picture, CLOSER)
        return Seen(tuple(replace(one, parts=parts) for one in seen.sightings), seen.why_not)

    def likeness(self, sighting: Sighting, references: Sequence[Sighting]) -> float | None:
        """Mean of the two highest, over the appearance and, where it is the character's own, the face."""
        faced = [one for one in references if one.box is not None]
        if sighting.box is None:
            return mean_of_two_best([_appearance(sighting, one) for one in references])
        if len(faced) * 2 < len(references) or not _are_one_face(faced):
            return None
        return mean_of_two_best([(_appearance(sighting, one) + _face(sighting, one)) / 2 for one in faced])

    def locate(
        self, picture: Frame, sighting: Sighting, references: Sequence[Sighting]
    ) -> tuple[float, float] | None:
        """Where the picture looks most like the character."""
        return middle_of(picture, sighting, references)


def _joined(whole: Vector, face: Face) -> Vector:
    """The numbers of a sighting: how the picture looks, then the face."""
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    return np.concatenate([whole, face.vector])


def _appearance(one: Sighting, reference: Sighting) -> float:
    """Of the whole picture and its parts, what is most like the reference."""
    parts = one.vector[None, :NUMBERS] if one.parts is None else one.parts
    return float((parts @ reference.vector[:NUMBERS]).max())


def _face(one: Sighting, other: Sighting) -> float:
    return float(one.vector[NUMBERS:] @ other.vector[NUMBERS:])


def _are_one_face(faced: Sequence[Sighting]) -> bool:
    """Whether the faces of these references are the character's own."""
    if len(faced) == 1 and faced[0].box is not None:
        return faced[0].box[3] - faced[0].box[1] >= LONE_FACE
    alike = sorted(_face(one, other) for one, other in combinations(faced, 2))
    return bool(alike) and alike[len(alike) // 2] >= AGREEMENT
