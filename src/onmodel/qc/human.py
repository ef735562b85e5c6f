"""People: of all the faces in a picture, the one that is most like the references."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

from onmodel.qc.faces import LEAST_FACE_PX, FaceFinder
from onmodel.qc.picture import LONG_SIDE_PX, why_unseen
from onmodel.qc.scorer import Limits, Seen, Sighting, mean_of_two_best
from onmodel.qc.weights import version_of

if TYPE_CHECKING:
    from onmodel.qc.picture import Frame

LIMITS = Limits(floor=0.363, ceiling=0.60, share=0.6, drop=0.06)
"""Source: SFace's published threshold .363 (OpenCV Zoo); the rest docs/identity.md, 2026-11: chosen there on
subjects that were not measured."""
MOST_FACES = 4
"""Faces that are told apart in one frame, the largest first: a crowd costs no more than a table."""


class HumanScorer:
    """YuNet finds the faces, SFace tells them apart."""

    name = "human"
    limits = LIMITS

    def __init__(self) -> None:
        self._faces = FaceFinder(LONG_SIDE_PX, MOST_FACES)

    @cached_property
    def version(self) -> str:
        """By the networks' bytes and this room's code."""
        return version_of("faces", "identities", without=("appearance", "stylised"))

    def look(self, picture: Frame) -> Seen:
        """Each face of at least 28 px (in a picture of 640) is a sighting."""
        if why := why_unseen(picture):
            return Seen(why_not=why)
        faces = self._faces.find(picture)
        if not faces.found:
            small = f"the face is {faces.too_small_px:.0f} px wide; at least {LEAST_FACE_PX} are needed"
            return Seen(why_not=small if faces.too_small_px else "no face can be seen")
        return Seen(tuple(Sighting(partial(getattr, face, "vector"), face.box) for face in faces.found))

    def likeness(self, sighting: Sighting, references: Sequence[Sighting]) -> float | None:
        """Mean of the two highest cosines to the references."""
        return mean_of_two_best([float(one.vector @ sighting.vector) for one in references])
