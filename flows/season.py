"""Produce what is due of a season: each episode as a run of its own, on as many workers as there are."""

from __future__ import annotations

from prefect import flow

from onmodel.flowkit import SeasonResult, episode_flow, hand_over, produce_due


@flow(name="season", flow_run_name="{season}")
async def season(
    season: str = "season-1",
    rehearse: bool = False,
    max_usd_per_episode: float | None = None,
    trouble: list[str] | None = None,
    production: str = ".",
) -> SeasonResult:
    """Produce the episodes that are due and not finished; what is current costs nothing.

    Args:
        season: its id, like season-1.
        rehearse: film with pictures made on this machine, for $0.
        max_usd_per_episode: the most that each episode may have cost in all.
        trouble: what goes wrong in a rehearsal: 429=3, drift=0.3.
        production: the production's folder.
    """
    asked = {
        "rehearse": rehearse,
        "max_usd": max_usd_per_episode,
        "trouble": trouble,
        "production": production,
    }
    return await hand_over(await produce_due(season, episode_flow(production), asked))
