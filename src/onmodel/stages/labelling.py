"""What a cut says about itself, and how its manifest keeps that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from onmodel.planning.delivering import chapters_of
from onmodel.post.chapters import Chapter, Labels
from onmodel.post.cutlist import CutList

if TYPE_CHECKING:  # what looks archives over reads labels, and has no crew
    from onmodel.stages.crew import Crew


class ChapterRecord(BaseModel):
    """A chapter, as a manifest has it."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    frame: Annotated[int, Field(ge=0)]
    title: str


class LabelsRecord(BaseModel):
    """What a file says about itself besides its title, as a manifest has it."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    series: str = ""
    episode: str = ""
    made_with: tuple[str, ...] = ()
    is_rehearsal: bool = False
    chapters: tuple[ChapterRecord, ...] = ()

    def labels(self, title: str) -> Labels:
        """The labels of a file of this title."""
        chapters = tuple(Chapter(one.frame, one.title) for one in self.chapters)
        return Labels(title, self.series, self.episode, self.made_with, self.is_rehearsal, chapters)


def labels_of(crew: Crew, cutlist: CutList) -> Labels:
    """What the cut of an episode says about itself: the same for the same takes."""
    takes = (crew.circled.get(name) for name in crew.plan.lines)
    endpoints = dict.fromkeys(take.job.intent.endpoint for take in takes if take is not None)
    return Labels(
        crew.plan.title,
        crew.story.production.title,
        crew.scope,
        tuple(endpoints),
        crew.folders.rehearsal,
        chapters_of(crew.story, crew.scope, cutlist),
    )


def told_labels(labels: Labels) -> dict[str, Any]:
    """The labels as a manifest has them; nothing for a file that says no more than its title."""
    if labels == Labels(labels.title):
        return {}
    record = LabelsRecord(
        series=labels.series,
        episode=labels.episode,
        made_with=labels.made_with,
        is_rehearsal=labels.is_rehearsal,
        chapters=tuple(ChapterRecord(frame=one.frame, title=one.title) for one in labels.chapters),
    )
    return {"labels": record.model_dump(mode="json")}
