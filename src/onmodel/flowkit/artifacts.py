"""Plan and result as artifacts in the Prefect UI, and the state that a run ends in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, TypeVar, cast

from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact
from prefect.context import FlowRunContext
from prefect.states import Completed

from onmodel.flowkit.seasons import SeasonResult
from onmodel.stages.crew import Crew
from onmodel.stages.together import CastResult, EpisodeResult
from onmodel.units import usd

Result = TypeVar("Result", EpisodeResult, CastResult, SeasonResult)

NEEDS_PERSON: Final = "Needs a person"
"""The state of a run that finished, with something that a person has to look at."""


async def show_plan(crew: Crew) -> None:
    """Put the plan into the UI as a table; without a flow run, do nothing."""
    if FlowRunContext.get() is None:
        return
    rows: list[dict[str, Any]] = [
        {
            "shot or sheet": line.commission.subject,
            "work": line.commission.mode,
            "state": line.state,
            "why": line.why,
            "endpoint": line.commission.choice.endpoint.short,
            "price": usd(line.base_usd),
            "worst": usd(line.worst_usd),
        }
        for line in crew.plan.lines.values()
    ]
    total = f"{usd(crew.plan.base_usd)}, at worst {usd(crew.plan.worst_usd)}"
    note = "A rehearsal costs nothing; this is what it would cost. " if crew.folders.rehearsal else ""
    await acreate_table_artifact(
        key=_key(crew.scope, "plan"),
        table=rows,
        description=f"{crew.scope}, {crew.plan.title}: {total}. {note}Prices of {crew.plan.prices_of}.",
    )


async def hand_over(result: Result) -> Result:
    """End a flow with its result: put it into the UI and, where a person has to look, name the state so.

    A flow returns what this returns. Without a flow run that is the result as it is.
    """
    if FlowRunContext.get() is None:
        return result
    name, lines = _told(result)
    await acreate_markdown_artifact(key=_key(name, "result"), markdown="\n".join(lines))
    if not result.needs_person:
        return result
    message = "; ".join(f"{who}: {_cell(why)}" for who, why in result.needs_person.items())
    # Prefect takes the state out again: whoever called the flow gets the result.
    return cast("Result", Completed(name=NEEDS_PERSON, message=message, data=result))


def _told(result: EpisodeResult | CastResult | SeasonResult) -> tuple[str, list[str]]:
    """Whose result it is, and the result in Markdown."""
    if isinstance(result, EpisodeResult):
        return result.episode, _episode(result)
    if isinstance(result, SeasonResult):
        return result.season, _season(result)
    return "cast", _cast(result)


def _episode(result: EpisodeResult) -> list[str]:
    shots = [
        (shot.shot, shot.state, str(shot.take or ""), shot.standing or "", _cell(shot.problem))
        for shot in result.shots
    ]
    return [
        f"# {result.episode}: {'rehearsed' if result.rehearsal else 'produced'}",
        "",
        f"Cut: `{result.cut}`, {result.frames} frames" if result.cut else _no_cut(result),
        "",
        *_costs(result),
        *([f"{result.on_model}.", ""] if result.on_model else []),
        *_table(("shot", "state", "take", "identity", "problem"), shots),
        *_needs(result),
    ]


def _no_cut(result: EpisodeResult) -> str:
    lacks = any(shot.state != "circled" for shot in result.shots)
    return "No cut: a shot has no take." if lacks else "No cut: it needs a person."


def _cast(result: CastResult) -> list[str]:
    return [
        f"# Cast: {'rehearsed' if result.rehearsal else 'produced'}",
        "",
        *_costs(result),
        *_table(("view", "picture"), [(view, f"`{path}`") for view, path in result.views.items()]),
        *_needs(result),
    ]


def _season(result: SeasonResult) -> list[str]:
    rows = [
        (one.episode, f"`{one.cut}`" if one.cut else "no cut", usd(one.spent_usd), "")
        for one in result.episodes
    ]
    failed = [(name, "not produced", "", _cell(why)) for name, why in result.failed.items()]
    return [
        f"# {result.season}",
        "",
        *_table(("episode", "cut", "spent", "problem"), rows + failed),
        *_needs(result),
    ]


def _costs(result: EpisodeResult | CastResult) -> list[str]:
    spent = f"Requests {result.submitted}, reused {result.reused}, spent {usd(result.spent_usd)}"
    instead = f" (it would have cost {usd(result.would_cost_usd)})" if result.rehearsal else ""
    return [f"{spent}{instead}. Prices of {result.prices_of}.", ""]


def _needs(result: EpisodeResult | CastResult | SeasonResult) -> list[str]:
    return [
        f"Needs a person: {len(result.needs_person)}" if result.needs_person else "",
        "",
        *(f"- **{who}**: {_cell(why)}" for who, why in result.needs_person.items()),
    ]


def _table(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    lines = [columns, ("---",) * len(columns), *rows]
    return [*(f"| {' | '.join(line)} |" for line in lines), ""]


def _key(scope: str, what: str) -> str:
    """Artifact keys have only a-z, 0-9 and '-'."""
    return re.sub(r"[^a-z0-9]+", "-", f"{scope}-{what}".lower())


def _cell(text: str | None) -> str:
    return " ".join((text or "").replace("|", "\\|").split())
