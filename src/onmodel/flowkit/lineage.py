"""Lineage in the Prefect UI: what each picture and clip was made from, from the bible to the episode."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from prefect.artifacts import acreate_table_artifact

from onmodel.flowkit.markdown import cell, key_of, link
from onmodel.planning import Line, Take, standing_of
from onmodel.stages.crew import Crew
from onmodel.units import usd


async def show_lineage(crew: Crew, cut: str | None) -> None:
    """Put a table of everything circled into the UI, each with what it was made from.

    Args:
        crew: who made it.
        cut: the finished file; None where there is none.
    """
    rows = await asyncio.to_thread(lambda: list(lineage_rows(crew, cut)))
    if rows:
        about = f"{cell(crew.scope)}: from the bible to the {'episode' if crew.format else 'model sheet'}"
        await acreate_table_artifact(rows, key_of(crew.scope, "lineage"), about)


def lineage_rows(crew: Crew, cut: str | None) -> Iterator[dict[str, str]]:
    """One row for each bible, picture and clip, and the cut, each after what it is made from."""
    made = {name: line for name, line in crew.plan.lines.items() if name in crew.circled}
    who = dict.fromkeys(
        line.commission.subject.partition(".")[0]
        for line in made.values()
        if line.commission.stage == "sheet"
    )
    for character in who:
        yield _row(
            f"bible · {character}", "", opens=str(crew.folders.root / "characters" / f"{character}.yaml")
        )
    for name, line in made.items():
        yield _take_row(crew, line, crew.circled[name])
    if cut is not None:
        clips = [clip for shot in crew.shots() for clip in crew.clips_of(shot)]
        yield _row(f"episode · {crew.scope}", ", ".join(clips), opens=cut)


def _take_row(crew: Crew, line: Line, take: Take) -> dict[str, str]:
    commission = line.commission
    sources = [source.commission for source in commission.sources]
    if not sources and commission.stage == "sheet":
        sources = [f"bible · {commission.subject.partition('.')[0]}"]
    sources += [f"{facts.path.name} (supplied)" for facts in commission.files.values()]
    verdict = take.verdict
    return _row(
        f"{commission.mode} · {commission.subject} · take {take.n}",
        ", ".join(sources),
        endpoint=take.job.intent.endpoint,
        verdict=standing_of(verdict) if verdict and verdict.identity else "",
        price=usd(take.price_usd),
        request=take.job.request_id or "",
        sha256=take.media.sha256[:12],
        opens=crew.vault.media.address(take.media),
    )


def _row(what: str, made_from: str, *, opens: str = "", **more: str) -> dict[str, str]:
    columns = ("verdict", "price", "endpoint", "request", "sha256")
    place = link("open", opens)
    return {
        "what": cell(what),
        "made from": cell(made_from),
        **{column: cell(more.get(column)) for column in columns},
        "where": place if place.startswith("[") else cell(Path(opens).name if opens else ""),
    }
