"""Options that several commands take, each described once."""

from __future__ import annotations

import math
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Optional

import typer

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, and nothing else there.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show the result only, not what goes on.")]
Production = Annotated[
    Path, typer.Option("--production", "-p", help="The production's folder.", show_default="this folder")
]
Rehearse = Annotated[
    bool, typer.Option("--rehearse", help="Film with pictures made on this machine: $0, no network.")
]
MaxUsd = Annotated[
    Optional[float],  # noqa: UP045 (typer reads it at run time)
    typer.Option("--max-usd", min=0, help="The most that it may have cost in all, earlier runs included."),
]
Trouble = Annotated[
    Optional[list[str]],  # noqa: UP045 (typer reads it at run time)
    typer.Option(
        "--trouble", help="What goes wrong in a rehearsal, like 429=3; 'list' shows all.", metavar="WORD"
    ),
]
Answers = Annotated[
    Optional[Path],  # noqa: UP045 (same)
    typer.Option("--answers", help="Rehearse with this folder's files, named like s010.mp4.", metavar="DIR"),
]


class Mode(StrEnum):
    """Whether a run shows in a Prefect server."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


PrefectMode = Annotated[
    Mode,
    typer.Option(
        "--prefect",
        help="auto: under a server that answers. on: start one if none does. off: without.",
        metavar="auto|on|off",
    ),
]
HERE = Path()
"""The folder in which the command was typed."""


def dollars(max_usd: float | None) -> float | None:
    """The cap as it was typed; a number that is none is refused."""
    if max_usd is not None and not math.isfinite(max_usd):
        raise typer.BadParameter(
            f"found {max_usd}; allowed: dollars, like 5 or 2.50.", param_hint="--max-usd"
        )
    return max_usd
