"""Produce one episode: its cast, every shot side by side, the cut.

This file is the production's own: change it as the series needs it. Everything that costs money goes through
the stages, and the stages never buy twice.
"""

from __future__ import annotations

from prefect import flow

from onmodel.flowkit import (
    Crew,
    EpisodeResult,
    conform,
    hand_over,
    keyframe,
    model_sheet,
    on_set,
    restyle,
    settle,
    shoot,
    side_by_side,
    wrap_up,
)


async def film(crew: Crew, shot: str) -> None:
    """Bring one shot from its keyframe to a conformed clip."""
    if crew.asks_for(shot, "keyframe"):
        await keyframe(crew, shot)
    if crew.asks_for(shot, "restyle"):
        await restyle(crew, shot)
    else:
        await shoot(crew, shot)
    await conform(crew, shot)


@flow(name="episode", flow_run_name="{episode}")
async def episode(
    episode: str,
    rehearse: bool = False,
    max_usd: float | None = None,
    shots: list[str] | None = None,
    trouble: list[str] | None = None,
    answers: str | None = None,
    production: str = ".",
) -> EpisodeResult:
    """Produce one episode.

    Args:
        episode: its id, like s01e01.
        rehearse: film with pictures made on this machine, for $0.
        max_usd: the most that the episode may have cost in all, earlier runs included.
        shots: only these; all where nothing is said.
        trouble: what goes wrong in a rehearsal: 429=3, drift=0.3; onmodel produce --trouble list shows all.
        answers: a folder of files that a rehearsal answers with.
        production: the production's folder.
    """
    async with on_set(
        production, episode, rehearse=rehearse, max_usd=max_usd, trouble=trouble, answers=answers
    ) as crew:
        await settle(crew)
        wanted = crew.wanted(shots)
        sheets = {f"{who}.{worn}": model_sheet(crew, who, worn) for who, worn in crew.cast_of(wanted)}
        await side_by_side(crew, {**sheets, **{shot: film(crew, shot) for shot in wanted}})
        return await hand_over(await wrap_up(crew))
