"""Plan and result as artifacts in the Prefect UI, and the state that a run ends in."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact
from prefect.context import FlowRunContext
from prefect.states import Completed

from onmodel.flowkit.board import Board, current_board
from onmodel.flowkit.elsewhere import AWAITING, INTERRUPTED, NEEDS_PERSON
from onmodel.flowkit.lineage import show_lineage
from onmodel.flowkit.markdown import cell, in_a_line, key_of
from onmodel.flowkit.pictures import show, show_model_sheets
from onmodel.flowkit.results import seen, standings, told
from onmodel.flowkit.seasons import SeasonResult
from onmodel.flowkit.signals import signal_run
from onmodel.flowkit.tagging import tag_run
from onmodel.planning import awaiting_in_words
from onmodel.stages.crew import Crew
from onmodel.stages.together import CastResult, EpisodeResult
from onmodel.units import usd

Result = TypeVar("Result", EpisodeResult, CastResult, SeasonResult)


async def show_plan(crew: Crew) -> None:
    """Put the plan into the UI as a table; without a flow run, do nothing."""
    if FlowRunContext.get() is None:
        return
    rows: list[dict[str, Any]] = [
        {
            "shot or sheet": cell(line.commission.subject),
            "work": line.commission.mode,
            "state": line.state,
            "why": cell(line.why),
            "endpoint": line.commission.choice.endpoint.short,
            "price": usd(line.base_usd),
            "worst": usd(line.worst_usd),
        }
        for line in crew.plan.lines.values()
    ]
    what = f"{cell(crew.scope)}, {cell(crew.plan.title)}"
    total = f"{usd(crew.plan.base_usd)}, at worst {usd(crew.plan.worst_usd)}"
    note = "A rehearsal costs nothing; this is what it would cost. " if crew.folders.rehearsal else ""
    await acreate_table_artifact(
        key=key_of(crew.scope, "plan"),
        table=rows,
        description=f"{what}: {total}. {note}Prices of {crew.plan.prices_of}.",
    )


async def hand_over(result: Result) -> Result:
    """End a flow with its result: put it into the UI and name the state by what is to be done next.

    A flow returns what this returns. Without a flow run that is the result as it is.
    """
    if FlowRunContext.get() is None:
        return result
    board = current_board()
    crew = board.crew if board else None
    name, lines = told(result)
    if crew is not None:
        lines += seen(crew)
    await acreate_markdown_artifact(key=key_of(name, "result"), markdown="\n".join(lines))
    state, message = _ended(result)
    if board is not None and crew is not None:
        await _show_made(board, result)
        signal_run(crew, _signal(result, state), message)
        await tag_run(*standings(crew))
    if not state:
        return result
    # Prefect takes the state out again: whoever called the flow gets the result.
    return cast("Result", Completed(name=state, message=message, data=result))


async def _show_made(board: Board, result: EpisodeResult | CastResult | SeasonResult) -> None:
    """Put pictures and lineage into the UI."""
    crew = board.crew
    await show_model_sheets(crew)
    if isinstance(result, EpisodeResult) and (sheet := await board.contact_sheet()):
        await show(crew, sheet)
    await show_lineage(crew, result.cut if isinstance(result, EpisodeResult) else None)


def _ended(result: EpisodeResult | CastResult | SeasonResult) -> tuple[str, str]:
    """Name and message of the state that a run ends in; the name is empty where nothing is to be done."""
    needs = "; ".join(f"{who}: {in_a_line(why)}" for who, why in result.needs_person.items())
    if isinstance(result, SeasonResult):
        waits = "; ".join(f"{who}: {in_a_line(words)}" for who, words in result.waiting.items())
    else:
        waits = awaiting_in_words(result.awaiting)
    if result.ending.interrupted:
        return INTERRUPTED, "; ".join(filter(None, (in_a_line(result.ending.reason), needs)))
    if needs:
        return NEEDS_PERSON, "; ".join(filter(None, (needs, waits)))
    if waits:
        return AWAITING, waits
    return "", ""


def _signal(result: EpisodeResult | CastResult | SeasonResult, state: str) -> str:
    """The last word of the event that a run ends with."""
    if state:
        return state.lower().replace(" a ", "-").replace(" ", "-")
    has_all = not isinstance(result, EpisodeResult) or result.cut is not None
    return "finished" if has_all else "unfinished"
