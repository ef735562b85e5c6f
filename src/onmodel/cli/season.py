"""`onmodel plan season-1` and `onmodel season status`: a season at a glance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from onmodel.cli.plan_page import cap_in_words
from onmodel.cli.showing import columns, in_columns, print_json, remark, say, wrapped
from onmodel.stages.season import EpisodeStanding, SeasonStanding, read_season
from onmodel.units import usd

HEADINGS = ("episode", "airs", "due", "shots", "state", "price", "at worst")


def show_season(root: Path, name: str, *, rehearse: bool, as_json: bool) -> None:
    """Print a season's episodes: dates, states and what the due ones cost.

    Raises:
        OnModelError: the season or the archive cannot be read.
    """
    standing = read_season(root.absolute(), name, rehearse=rehearse)
    if as_json:
        print_json(season_json(standing))
        return
    say(f"{name} · {standing.season.title}")
    say()
    for line in in_columns([HEADINGS, *map(_cells, standing.episodes)], right=(5, 6)):
        say(line)
    say()
    for line in _summary(standing):
        say(line)
    for one in standing.episodes:
        if one.state == "faulty":
            remark(f"{one.episode}: {one.problem}")


def season_json(standing: SeasonStanding) -> dict[str, Any]:
    """A season's standing as one JSON document; money as texts, so that no cent is rounded."""
    return {
        "schema": "onmodel.season-plan/1",
        "season": standing.name,
        "title": standing.season.title,
        "zone": standing.season.zone,
        "base_usd": str(standing.base_usd),
        "worst_usd": str(standing.worst_usd),
        "left_usd": {cap: str(left) for cap, left in _left(standing).items()},
        "episodes": [
            {
                "episode": one.episode,
                "airs": one.dated.airs and one.dated.airs.isoformat(),
                "due": one.dated.due and one.dated.due.isoformat(),
                "is_due": one.dated.is_due,
                "state": one.state,
                "problem": one.problem or None,
                "base_usd": str(one.plan.base_usd) if one.plan else None,
                "worst_usd": str(one.plan.worst_usd) if one.plan else None,
            }
            for one in standing.episodes
        ],
    }


def _cells(one: EpisodeStanding) -> tuple[str, ...]:
    dated, plan = one.dated, one.plan
    shots = ""
    if plan is not None:
        made = {line.commission.id for line in plan.lines.values() if line.take and line.commission.is_clip}
        clips = [line for line in plan.lines.values() if line.commission.is_clip]
        shots = f"{len(made)} of {len(clips)}"
    return (
        one.episode,
        dated.airs.isoformat() if dated.airs else "",
        ("now" if dated.is_due else dated.due.isoformat()) if dated.due else "now",
        shots,
        one.state,
        usd(plan.base_usd) if plan and plan.base_usd else "",
        usd(plan.worst_usd) if plan and plan.worst_usd else "",
    )


def _summary(standing: SeasonStanding) -> list[str]:
    wanted = [one for one in standing.episodes if one.is_wanted]
    lines = [f"Due: {', '.join(one.episode for one in wanted) or 'nothing'}."]
    if standing.worst_usd:
        worst = f"at worst, with every retake: {usd(standing.worst_usd)}"
        lines.append(f"To buy: {usd(standing.base_usd)}; {worst}.")
    caps = [f"{cap_in_words(cap)} leaves {usd(left)}" for cap, left in _left(standing).items()]
    lines += wrapped(f"{'; '.join(caps)}.", columns(), indent=0) if caps else []
    return lines


def _left(standing: SeasonStanding) -> dict[str, Any]:
    """What each cap leaves; every episode has the production's and the season's, so the first plan tells."""
    return dict(next((one.plan.left_usd for one in standing.episodes if one.plan), {}))
