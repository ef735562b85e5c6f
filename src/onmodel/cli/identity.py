"""The commands about staying on-model: how a character is measured, and which take a person prefers."""

from __future__ import annotations

from typing import Annotated, Literal, Optional

import typer

from onmodel.cli.options import HERE, Production

identity_app = typer.Typer(rich_markup_mode=None)

As = Annotated[
    Optional[str],  # noqa: UP045 (typer reads it at run time)
    typer.Option("--as", help="Who decides; the machine's user where nobody is named.", metavar="NAME"),
]
StageOption = Annotated[
    Optional[Literal["keyframe", "shoot", "restyle", "sheet"]],  # noqa: UP045
    typer.Option("--stage", help="Of a shot: its keyframe, its clip or its style pass; its clip without."),
]


@identity_app.command()
def circle(
    episode: Annotated[str, typer.Argument(help="An episode, like s01e01, or 'cast'.", metavar="EPISODE")],
    shot: Annotated[str, typer.Argument(help="A shot, or a view like pip.default.front.", metavar="SHOT")],
    take: Annotated[int, typer.Argument(help="Its number, as `onmodel takes` has it.", metavar="TAKE")],
    stage: StageOption = None,
    by: As = None,
    rehearse: Annotated[bool, typer.Option("--rehearse", help="A rehearsal's take.")] = False,
    production: Production = HERE,
) -> None:
    """Choose a take for the cut. It wins over what was measured."""
    from onmodel.cli.deciding import circle as choose  # noqa: PLC0415

    choose(production, episode, shot, take, stage=stage, by=by, rehearse=rehearse)
