"""The model sheets of everybody in an episode, as the page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from onmodel.dailies.clips import Clip
from onmodel.dailies.stills import Still
from onmodel.dailies.takes import standing_shown
from onmodel.planning import CAST, Line, Plan


@dataclass(frozen=True)
class SheetView:
    """One view, with the take that is circled."""

    line: Line
    view: str
    still: Still | None
    standing: str
    """Empty where there is none yet."""

    @property
    def clip(self) -> Clip | None:
        """What is opened in full."""
        return Clip.of(self.line.take.media) if self.line.take else None


@dataclass(frozen=True)
class Sheet:
    """A character in one wardrobe and look."""

    subject: str
    """`pip.default`, `pip.default.in-pencil-1a2b`."""
    character: str
    """Its name."""
    worn: str
    views: tuple[SheetView, ...]


def sheets_of(plan: Plan, names: Mapping[str, str]) -> tuple[Sheet, ...]:
    """The sheets that an episode's plan needs, in its order; none of the cast's plan: there they are shots.

    Args:
        plan: of the episode.
        names: the characters', by bible.
    """
    if plan.scope == CAST:
        return ()
    found: dict[str, list[SheetView]] = {}
    for line in plan.lines.values():
        if line.commission.stage == "sheet":
            guise, _, view = line.commission.subject.rpartition(".")
            found.setdefault(guise, []).append(_view(line, view))
    return tuple(_sheet(guise, views, names) for guise, views in found.items())


def _view(line: Line, view: str) -> SheetView:
    take = line.take
    still = Still(take.media.sha256, take.media) if take else None
    return SheetView(line, view, still, standing_shown(take.verdict) if take else "")


def _sheet(guise: str, views: list[SheetView], names: Mapping[str, str]) -> Sheet:
    who, _, worn = guise.partition(".")
    return Sheet(guise, names.get(who, who), worn.replace(".", ", ").replace("-", " "), tuple(views))
