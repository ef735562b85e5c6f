"""Produce a season: its episodes one after the other, each as a run of its own."""

from __future__ import annotations

from functools import partial

from prefect import flow

from onmodel.flowkit import SeasonResult, episode_flow, episodes_of, hand_over, one_by_one


@flow(name="season", flow_run_name="{season}")
async def season(
    season: str = "season-1",
    rehearse: bool = False,
    max_usd_per_episode: float | None = None,
    production: str = ".",
) -> SeasonResult:
    """Produce a season's episodes in order; what is current costs nothing.

    Args:
        season: its id, like season-1.
        rehearse: film with pictures made on this machine, for $0.
        max_usd_per_episode: the most that each episode may have cost in all.
        production: the production's folder.
    """
    produce = partial(
        episode_flow(production), rehearse=rehearse, max_usd=max_usd_per_episode, production=production
    )
    episodes = {name: partial(produce, episode=name) for name in episodes_of(production, season)}
    return await hand_over(await one_by_one(season, episodes))
