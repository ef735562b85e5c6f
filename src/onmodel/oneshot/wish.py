"""What is wished for in one shot, and what of it cannot be done: told before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final, Literal

from onmodel.craft.sentences import clean
from onmodel.errors import PlanError, SetupError
from onmodel.post.probe import probe
from onmodel.story.validation import did_you_mean

Kind = Literal["human", "stylised"]
Ratio = Literal["16:9", "9:16", "1:1"]
Quality = Literal["draft", "standard", "master"]
Orientation = Literal["video", "image"]

MARK: Final = "# Written by `onmodel film`, and written again by the next one."
"""The first line of every file that is ours to write."""


ALLOWED: Final[Mapping[str, tuple[str, ...]]] = {
    "kind": ("human", "stylised"),
    "ratio": ("16:9", "9:16", "1:1"),
    "quality": ("draft", "standard", "master"),
    "orientation": ("video", "image"),
}


@dataclass(frozen=True)
class Wish:
    """What is to be filmed."""

    character: str
    """Who it is, in words, most important first: `a friendly small robot, round blue head, one eye`."""
    out: Path
    """The clip that is made, an .mp4; beside it comes the folder with everything that was bought."""
    motion: Path | None = None
    """A clip whose movement the character takes over."""
    action: str = ""
    """What the character does, where no clip says it."""
    setting: str = ""
    """Where; a picture of the character there is then made first."""
    look: str = ""
    """The style of it all: anime, photorealistic, ..."""
    kind: Kind = "stylised"
    """Which measure of identity fits: a human face, or a drawn or built figure."""
    quality: Quality = "standard"
    ratio: Ratio = "9:16"
    orientation: Orientation | None = None
    """Whether body and framing follow the motion or the picture; None goes by what is seen there."""
    seconds: Fraction | None = None
    """Length, where an action is filmed; 5 without it. The clip is the shortest that is sold and covers it.
    A motion gives its own."""
    retakes: int = 0
    """How often a clip that is broken or not on-model is bought again by itself."""

    @property
    def folder(self) -> Path:
        """The production of this file."""
        return self.out.absolute().with_suffix(".onmodel")


def check_wish(wish: Wish) -> None:
    """Say what cannot be done.

    Raises:
        PlanError: something cannot be done as it is said.
        SetupError: the folder is a production that people write.
        NotMedia: the motion is no clip.
    """
    if not clean(wish.character):
        raise PlanError("the character is empty.", hint="Say who it is: 'a small robot, round blue head'")
    for name, allowed in ALLOWED.items():
        value = getattr(wish, name)
        if value not in allowed and not (name == "orientation" and value is None):
            raise PlanError(
                f"found {name} {value!r}; allowed: {', '.join(allowed)}.",
                hint=did_you_mean(str(value), allowed),
            )
    if not 0 <= wish.retakes <= 5:  # noqa: PLR2004 (the two ends are named in the message)
        raise PlanError(f"found retakes {wish.retakes}; allowed: 0 to 5.")
    _check_movement(wish)
    _check_out(wish)


def _check_movement(wish: Wish) -> None:
    if wish.motion is None:
        if not clean(wish.action):
            raise PlanError(
                "nothing says what moves: neither a motion nor an action is given.",
                hint="Give a motion reference, or an action like 'slowly turns its head'.",
            )
        if wish.orientation is not None:
            raise PlanError("an orientation is for a motion reference, and none is given.")
        return
    if clean(wish.action):
        raise PlanError("a motion and an action are both given: the reference moves, so leave one out.")
    if wish.seconds is not None:
        raise PlanError("seconds are given by the motion reference: leave them out.")
    if not wish.motion.is_file():
        raise PlanError(f"{wish.motion}: there is no such file.", hint="Name a clip, like dance.mp4.")
    found = probe(wish.motion)
    if found.kind != "video":
        raise PlanError(
            f"{wish.motion}: this is a picture, and a motion reference is a clip.",
            hint="Give a clip, or say in words what moves.",
        )


def _check_out(wish: Wish) -> None:
    out, folder = wish.out, wish.folder
    if out.suffix != ".mp4" or out.is_dir():
        raise PlanError(f"{out}: the film is an .mp4 file.", hint="Name it like out/dance.mp4.")
    ours = folder / "production.yaml"
    if out.exists() and not ours.is_file():
        raise PlanError(f"{out} is there already, and is no film of ours.", hint="Name another file.")
    if ours.is_file() and not ours.read_text(encoding="utf-8", errors="replace").startswith(MARK):
        raise SetupError(
            f"{folder} is a production that people write: it would be written over.",
            hint=f"Name another file, or: onmodel produce EPISODE -p {folder}",
        )
