"""How a commission is asked for: as the story has it, on a rung of its ladder, or with a remedy's change."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal, NamedTuple, get_args

from onmodel.craft import ShotBrief
from onmodel.craft.ladders import Rung
from onmodel.craft.remedies import Change
from onmodel.craft.repair import applied
from onmodel.craft.words import camera_words, find
from onmodel.endpoints import Endpoint
from onmodel.endpoints.choice import Quality
from onmodel.planning.briefs import prompt_limit

TWO_SHOT: Final = "two-shot"
"""A size that says who is in the picture: a closer one would lose somebody."""

TIERS: Final[tuple[Quality, ...]] = get_args(Quality)


class Asking(NamedTuple):
    """What is different from the story's own words; the story, and so the basis digest, stays as it is."""

    change: Change = Change()
    """A remedy's change."""
    rung: Rung | None = None
    note: str = ""
    """In a person's words; it ends the prompt."""

    def brief(self, brief: ShotBrief, look: str = "") -> ShotBrief:
        """The shot as the composer is told it."""
        told = self.rung.applied(brief) if self.rung else brief
        told = applied(told, self.change, look)
        if self.change.first_frame == "closer" and told.camera:
            told = replace(told, camera=replace(told.camera, size=closer(told.camera.size)))
        return replace(told, anchors=(*told.anchors, self.note)) if self.note else told

    def limit(self, endpoint: Endpoint) -> int:
        """Characters of the prompt at most."""
        wanted = self.change.characters or (self.rung.characters if self.rung else None)
        if wanted is None:
            return prompt_limit(endpoint)
        return min(wanted, endpoint.prompt_chars or wanted)

    def quality(self, quality: Quality) -> Quality:
        """The tier."""
        tier = self.rung.quality or quality if self.rung else quality
        return higher(tier) if self.change.quality == "up" else tier

    def adherence(self, adherence: float | None, usual: float) -> float | None:
        """How strictly the words are followed; None leaves it to the endpoint."""
        said = self.rung.adherence if self.rung and self.rung.adherence is not None else adherence
        changed = self.change.adherence(usual if said is None else said)
        return said if changed == (usual if said is None else said) else changed

    def orientation(self, orientation: Literal["video", "image"]) -> Literal["video", "image"]:
        """Motion control: what body and framing follow."""
        if self.change.orientation is None:
            return orientation
        return "image" if orientation == "video" else "video"

    def avoid(self) -> tuple[str, ...]:
        """What joins the negative prompt."""
        return self.change.avoid

    @property
    def avoids(self) -> bool:
        """Whether a negative prompt goes along at all."""
        return self.rung is None or self.rung.avoids


def closer(size: str | None) -> str | None:
    """The next closer shot size; the closest, and a word that we do not know, stay as they are."""
    names = [word.name for word in camera_words("size")]
    known = find("size", size or "medium")
    if known is None or known.name == names[0] or known.name == TWO_SHOT:
        return size
    return names[names.index(known.name) - 1]


AS_TOLD: Final = Asking()
"""As the story has it."""


def higher(quality: Quality) -> Quality:
    """The next tier; the highest stays."""
    return TIERS[min(TIERS.index(quality) + 1, len(TIERS) - 1)]
