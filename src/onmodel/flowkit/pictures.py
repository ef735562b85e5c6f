"""Contact sheet and model sheets in the Prefect UI, each as one picture.

The production's own server serves it. Under another server the picture is a `data:` address: that needs
nobody else, and opens as long as Prefect keeps the artifact.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from prefect.artifacts import acreate_image_artifact
from prefect.settings import PREFECT_API_URL

from onmodel.errors import VaultError
from onmodel.flowkit.markdown import cell, key_of
from onmodel.flowkit.server import PICTURES, Server
from onmodel.planning import Line, Take, standing_of
from onmodel.post.contact_sheet import Tile, contact_sheet
from onmodel.post.ffmpeg import written_whole
from onmodel.stages.crew import Crew


class Drawn(NamedTuple):
    """A picture for the UI."""

    jpeg: bytes
    key: str
    about: str


async def draw_contact_sheet(crew: Crew) -> Drawn | None:
    """One picture of every shot by its take, or by its keyframe as long as it has none."""
    found = {
        f"{link}{mark}": crew.circled[name]
        for shot in crew.shots()
        for link, clip in zip(_names(crew, shot), crew.clips_of(shot), strict=True)
        for name, mark in _seen_by(crew, shot, clip)
    }
    if not found:
        return None
    about = f"{cell(crew.scope)}, {cell(crew.plan.title)}: {len(found)} pictures, clips by their middle frame"
    return await _draw(crew, list(found.items()), key_of(crew.scope, "contact-sheet"), about)


def _seen_by(crew: Crew, shot: str, clip: str) -> list[tuple[str, str]]:
    """By which commission a clip of a shot is shown, and how that is marked."""
    options = ((clip, ""), (f"{shot}.keyframe", " · keyframe"))
    return [option for option in options if option[0] in crew.circled][:1]


async def show_model_sheets(crew: Crew) -> None:
    """One picture of each model sheet of which a view was made in this run."""
    sheets: dict[str, list[Line]] = {}
    for line in crew.plan.lines.values():
        if line.commission.stage == "sheet" and line.commission.id in crew.circled:
            sheets.setdefault(line.commission.subject.rpartition(".")[0], []).append(line)
    for sheet, lines in sheets.items():
        if any(line.state != "current" for line in lines):
            takes = [
                (line.commission.subject.rpartition(".")[2], crew.circled[line.commission.id])
                for line in lines
            ]
            about = f"Model sheet of {cell(sheet)}"
            await show(crew, await _draw(crew, takes, key_of(sheet, "model-sheet"), about))


async def show(crew: Crew, drawn: Drawn) -> None:
    """Put a picture into the UI."""
    address = await asyncio.to_thread(_address, crew, drawn.jpeg)
    await acreate_image_artifact(address, drawn.key, drawn.about)


async def _draw(crew: Crew, takes: Sequence[tuple[str, Take]], key: str, about: str) -> Drawn:
    tiles = await asyncio.to_thread(lambda: [_tile(crew, name, take) for name, take in takes])
    # In the pool: the frames of a thousand clips are no work for the process that films them.
    return Drawn(await crew.cores.run(contact_sheet, tiles), key, about)


def _address(crew: Crew, jpeg: bytes) -> str:
    """Put the picture where a browser finds it, and say where that is."""
    ours = Server(crew.folders.root)
    if PREFECT_API_URL.value() != ours.noted_url():
        return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode('ascii')}"
    name = f"{sha256(jpeg).hexdigest()[:32]}.jpg"
    with written_whole(ours.pictures / name) as part:
        part.write_bytes(jpeg)
    return f"{PICTURES}/{name}"


def _tile(crew: Crew, name: str, take: Take) -> Tile:
    path = Path()
    with suppress(VaultError):  # a picture that went away leaves its box empty; `onmodel verify` tells of it
        path = crew.vault.media.path(take.media)
    seen = f" · {standing_of(take.verdict)}" if take.verdict and take.verdict.identity else ""
    return Tile(path, name, f"take {take.n}{seen}")


def _names(crew: Crew, shot: str) -> list[str]:
    return [shot] if crew.shots()[shot].restyle else crew.links(shot)
