"""The stages that buy: model sheets, keyframes, clips and style passes."""

from __future__ import annotations

import asyncio

from onmodel.planning import Take
from onmodel.stages.conform import conform_link
from onmodel.stages.crew import Crew
from onmodel.stages.filming import film


async def model_sheet(crew: Crew, character: str, wardrobe: str = "default") -> dict[str, Take]:
    """Bring a character's model sheet to circled views, side by side as far as they do not need each other.

    Returns:
        The takes by subject, like `pip.default.front`.

    Raises:
        PlanError, WireError: as `film` does; views that are under way are finished first.
    """
    views = [
        line.commission
        for line in crew.plan.lines.values()
        if line.commission.stage == "sheet" and _is_view(line.commission.subject, character, wardrobe)
    ]
    found = await asyncio.gather(*(film(crew, view) for view in views), return_exceptions=True)
    takes: dict[str, Take] = {}
    for view, take in zip(views, found, strict=True):
        if isinstance(take, BaseException):
            raise take
        takes[view.subject] = take
    return takes


def _is_view(subject: str, character: str, wardrobe: str) -> bool:
    """Whether it is a view as the series shows the character; one in a style pass's look is made for that."""
    words = subject.split(".")
    return words[:2] == [character, wardrobe] and len(words) == 3  # noqa: PLR2004 (character, wardrobe, view)


async def keyframe(crew: Crew, shot: str) -> Take:
    """Make the picture that opens a shot, from the model sheets of its cast; raises as `film` does."""
    return await film(crew, crew.commission(shot, "keyframe"))


async def shoot(crew: Crew, shot: str) -> Take:
    """Film a shot from its first frame, its words or its motion reference; raises as `film` does.

    A long shot is filmed link after link, and each is conformed while the next one is filmed.

    Returns:
        The circled take; of a long shot, that of its last link.
    """
    *before, last = crew.links(shot)
    conforming: list[asyncio.Task[None]] = []
    try:
        for link in before:
            await film(crew, crew.commission(link, "shoot"))
            conforming.append(asyncio.create_task(conform_link(crew, shot, link), name=f"{link}.conform"))
        return await film(crew, crew.commission(last, "shoot"))
    finally:
        await asyncio.gather(*conforming)


async def restyle(crew: Crew, shot: str) -> Take:
    """Give another shot's circled take a new look; raises as `film` does."""
    return await film(crew, crew.commission(shot, "restyle"))
