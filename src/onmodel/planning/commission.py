"""What an episode asks for, picture by picture: each commission is one picture or clip that can be bought.

Commissions form a graph: the views of a model sheet come from its first view, a keyframe from the sheet,
a clip from its keyframe, a style pass from another shot's clip. A commission is known before anything it is
made from exists; only the digest of its basis waits for those.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from onmodel.craft.ladders import Rung
from onmodel.endpoints import Choice, Parts, Price
from onmodel.planning.inputs import FileFacts
from onmodel.planning.likeness import Likeness
from onmodel.units import Size, digest_of

if TYPE_CHECKING:
    from onmodel.vault import Stage

CAST = "cast"
"""The scope of model sheets: they belong to the whole production, not to an episode."""

MADE_FROM = "made_from"
"""The key of a basis under which stands what other commissions brought to it."""


class Source(NamedTuple):
    """Another commission whose result this one is made from."""

    commission: str
    """Its id."""
    role: str
    """What it is in our request, as `endpoints.with_media` has it: `first_frame`, `elements.pip`, ..."""
    frame: Literal["whole", "last"] = "whole"
    """The thing itself, or the last frame of the clip."""
    at_s: Fraction | None = None
    """Where the cut leaves a clip before its end: the frame at this second, or the last if there is none."""


def _frame(source: Source) -> str:
    return source.frame if source.at_s is None else f"at {source.at_s}"


class Step(NamedTuple):
    """One rung of a commission's ladder, with its price."""

    rung: Rung
    usd: Decimal


@dataclass(frozen=True)
class Commission:
    """One picture or clip that the story asks for."""

    scope: str
    """The episode's id, or `cast`."""
    subject: str
    """The shot's id, or `pip.default.front`."""
    stage: Stage
    mode: str
    """How a producer calls the work: model sheet, keyframe, image-to-video, motion-control, style pass."""
    content: Mapping[str, Any]
    """What the story says of it: all that shows on screen, and nothing of how we compose or choose."""
    choice: Choice
    price: Price
    parts: Parts
    """The request in neutral words, still without the media that come from sources."""
    shape: Size
    """Width and height that the result must have the ratio of."""
    sources: tuple[Source, ...] = ()
    files: Mapping[str, FileFacts] = field(default_factory=dict)
    """Supplied files by their role in the request: first_frame, mask, references.0, moving_masks.1, ..."""
    used_s: Fraction | None = None
    """Seconds that the cut uses; None for pictures."""
    retake_usd: Decimal | None = None
    """The most that one retake may cost, where a remedy may film it in the next tier; None is the price."""
    takes: int = 1
    """How many are taken to choose the best from."""
    ladder: tuple[Step, ...] = ()
    """The rungs on which it is asked for, one take each; empty where it is asked for at once."""
    likenesses: tuple[Likeness, ...] = ()
    """Who must be recognisable in it; they are no part of the basis: measuring changes nothing on screen."""
    notes: tuple[str, ...] = ()
    """Words that were left out."""
    remarks: tuple[str, ...] = ()
    """What the producer should know: fields that the endpoint does not have, and what follows from that."""

    @property
    def id(self) -> str:
        """Unique within a plan: `s010.shoot`, `pip.default.front.sheet`."""
        return f"{self.subject}.{self.stage}"

    @property
    def is_clip(self) -> bool:
        """Whether a clip is bought, not a picture."""
        return self.stage in ("shoot", "restyle")

    def basis(self, made: Mapping[str, str]) -> dict[str, Any]:
        """The content that the slot's digest is taken of.

        Args:
            made: the sha256 of the circled take of each source, by commission id.
        """
        return {
            **self.story_basis,
            MADE_FROM: [[source.role, _frame(source), made[source.commission]] for source in self.sources],
        }

    @property
    def story_basis(self) -> dict[str, Any]:
        """The part of the basis that is known before anything is made: the story's words and files."""
        return {
            **self.content,
            "files": {role: facts.sha256 for role, facts in sorted(self.files.items())},
        }

    def digest(self, made: Mapping[str, str]) -> str:
        """The basis digest: it names the slots of this commission."""
        return digest_of(self.basis(made))

    @property
    def media_roles(self) -> list[str]:
        """The roles of all that goes along with the request, in its order."""
        return [*(source.role for source in self.sources), *self.files]

    def at_length(self, seconds: Fraction) -> Commission:
        """The same, bought at another length."""
        if self.choice.seconds_bought in (None, seconds):
            return self
        choice = replace(self.choice, seconds_bought=seconds)
        price = self.price.at_length(self.choice.seconds_bought, seconds)
        share = price.usd / self.price.usd if self.price.usd else Decimal(1)
        dearest = None if self.retake_usd is None else self.retake_usd * share
        return replace(self, choice=choice, price=price, retake_usd=dearest)

    def label(self, n: int) -> str:
        """How a producer reads take `n`: `s01e01 · s010 · take 1 · image-to-video`."""
        return f"{self.scope} · {self.subject} · take {n} · {self.mode}"
