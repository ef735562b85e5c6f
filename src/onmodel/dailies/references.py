"""What a shot's takes are held against: model sheets, and the clip whose movement they take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from onmodel.dailies.clips import Clip
from onmodel.dailies.stills import SMALL_PX, Still
from onmodel.planning import Line, Plan


@dataclass(frozen=True)
class View:
    """How a character should look."""

    character: str
    """Its name."""
    view: str
    still: Still


@dataclass(frozen=True)
class Beside:
    """A clip that is played beside the takes, in step with them."""

    label: str
    clip: Clip
    still: Still


def views_of(line: Line, plan: Plan, names: Mapping[str, str]) -> Iterator[View]:
    """The views by which everybody in a picture or clip is judged."""
    for likeness in line.commission.likenesses:
        who = names.get(likeness.character, likeness.character)
        for name in likeness.views:
            sheet = plan.lines.get(name)
            if sheet is not None and sheet.take is not None:
                view = sheet.commission.subject.rpartition(".")[2]
                yield View(who, view, Still(sheet.take.media.sha256, sheet.take.media, longest_px=SMALL_PX))
        for supplied in likeness.pictures:
            yield View(who, supplied.path.name, Still(supplied.sha256, supplied.path, longest_px=SMALL_PX))


def clips_beside(lines: Sequence[Line], plan: Plan) -> Iterator[Beside]:
    """The clip that a style pass lies over, and motion references."""
    for line in lines:
        for source in line.commission.sources:
            made = plan.lines.get(source.commission)
            if made is not None and made.take is not None and source.role == "source_video":
                media = made.take.media
                label = f"without the style pass: {made.take.job.intent.label}"
                yield Beside(label, Clip.of(media), Still(media.sha256, media, is_clip=True))
        for role, facts in line.commission.files.items():
            if facts.kind == "video":
                label = f"{role.replace('_', ' ')}: {facts.path.name}"
                still = Still(facts.sha256, facts.path, is_clip=True)
                yield Beside(label, Clip(facts.path, facts.sha256), still)
