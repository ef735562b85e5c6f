"""Make the model sheets of the cast: every view, wardrobe and expression of the bibles."""

from __future__ import annotations

from prefect import flow

from onmodel.flowkit import CastResult, hand_over, model_sheet, on_set, settle, side_by_side, wrap_up_cast


@flow(name="cast", flow_run_name="cast")
async def cast(
    characters: list[str] | None = None,
    rehearse: bool = False,
    max_usd: float | None = None,
    trouble: list[str] | None = None,
    answers: str | None = None,
    production: str = ".",
) -> CastResult:
    """Make model sheets.

    Args:
        characters: the bibles' ids; all where nothing is said.
        rehearse: draw with pictures made on this machine, for $0.
        max_usd: the most that model sheets may have cost in all, earlier runs included.
        trouble: what goes wrong in a rehearsal: 429=3, drift=0.3; onmodel cast --trouble list shows all.
        answers: a folder of files that a rehearsal answers with.
        production: the production's folder.
    """
    async with on_set(
        production,
        "cast",
        rehearse=rehearse,
        max_usd=max_usd,
        characters=characters,
        trouble=trouble,
        answers=answers,
    ) as crew:
        await settle(crew)
        sheets = {f"{who}.{worn}": model_sheet(crew, who, worn) for who, worn in crew.wardrobes()}
        await side_by_side(crew, sheets)
        return await hand_over(wrap_up_cast(crew))
