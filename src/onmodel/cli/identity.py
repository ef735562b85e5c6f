"""The commands about staying on-model: how a character is measured, and which take a person prefers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Optional

import typer

from onmodel.cli.options import HERE, Json, Production

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


Problem = Annotated[
    Optional[str],  # noqa: UP045 (typer reads it at run time)
    typer.Option("--problem", help="What is wrong, like face-changing; what was measured without."),
]


@identity_app.command()
def retake(
    episode: Annotated[str, typer.Argument(help="An episode, like s01e01, or 'cast'.", metavar="EPISODE")],
    shot: Annotated[str, typer.Argument(help="A shot, or a view like pip.default.front.", metavar="SHOT")],
    problem: Problem = None,
    note: Annotated[str, typer.Option("--note", help="In your words; the next prompt ends with it.")] = "",
    stage: StageOption = None,
    by: As = None,
    rehearse: Annotated[bool, typer.Option("--rehearse", help="A rehearsal's shot.")] = False,
    production: Production = HERE,
) -> None:
    """Order another take of a shot. `produce` buys it."""
    from onmodel.cli.deciding import retake as order  # noqa: PLC0415

    order(production, episode, shot, problem=problem, note=note, stage=stage, by=by, rehearse=rehearse)


@identity_app.command()
def diagnose(
    episode: Annotated[str, typer.Argument(help="An episode, like s01e01, or 'cast'.", metavar="EPISODE")],
    shot: Annotated[str, typer.Argument(help="A shot, or a view like pip.default.front.", metavar="SHOT")],
    problem: Problem = None,
    stage: StageOption = None,
    rehearse: Annotated[bool, typer.Option("--rehearse", help="A rehearsal's shot.")] = False,
    json: Json = False,
    production: Production = HERE,
) -> None:
    """Say what could be done about a shot. Each remedy comes with its price."""
    from onmodel.cli.deciding import show_remedies  # noqa: PLC0415

    show_remedies(production, episode, shot, problem=problem, stage=stage, rehearse=rehearse, as_json=json)


@identity_app.command()
def approve(
    episode: Annotated[str, typer.Argument(help="An episode, like s01e01, or 'cast'.", metavar="EPISODE")],
    shots: Annotated[
        Optional[str],  # noqa: UP045 (typer reads it at run time)
        typer.Option(
            "--shots",
            help="Only these, like s010,s020; a sheet like pip.rain, or 'cut'.",
            metavar="SHOT,SHOT",
        ),
    ] = None,
    gate: Annotated[
        Optional[Literal["sheet", "keyframes", "takes", "cut"]],  # noqa: UP045
        typer.Option("--gate", help="Only what waits there."),
    ] = None,
    note: Annotated[str, typer.Option("--note", help="Why, in your words.")] = "",
    only_list: Annotated[bool, typer.Option("--list", help="Only say what waits.")] = False,
    by: As = None,
    rehearse: Annotated[bool, typer.Option("--rehearse", help="A rehearsal's takes.")] = False,
    json: Json = False,
    production: Production = HERE,
) -> None:
    """Approve what waits for a person's word. What is made from it may be bought then."""
    from onmodel.cli.approving import run_approve  # noqa: PLC0415

    names = [name.strip() for name in (shots or "").split(",") if name.strip()]
    run_approve(
        production,
        episode,
        names,
        gate=gate,
        by=by,
        note=note,
        rehearse=rehearse,
        only_list=only_list,
        as_json=json,
    )


@identity_app.command()
def note(
    episode: Annotated[str, typer.Argument(help="An episode, like s01e01, or 'cast'.", metavar="EPISODE")],
    shot: Annotated[str, typer.Argument(help="A shot, or a view like pip.default.front.", metavar="SHOT")],
    take: Annotated[int, typer.Argument(help="Its number, as `onmodel takes` has it.", metavar="TAKE")],
    text: Annotated[str, typer.Argument(help="What is to be mended.", metavar="TEXT")],
    at: Annotated[
        Optional[float],  # noqa: UP045 (typer reads it at run time)
        typer.Option("--at", help="Seconds from the beginning of the clip."),
    ] = None,
    box: Annotated[
        Optional[str],  # noqa: UP045 (same)
        typer.Option("--box", help="Which part of the picture, in shares of it.", metavar="X,Y,W,H"),
    ] = None,
    stage: StageOption = None,
    by: As = None,
    rehearse: Annotated[bool, typer.Option("--rehearse", help="A rehearsal's take.")] = False,
    production: Production = HERE,
) -> None:
    """Keep a note with a take. The next retake is asked for with it."""
    from onmodel.cli.approving import run_note  # noqa: PLC0415

    run_note(
        production,
        episode,
        shot,
        take,
        text,
        at_s=at,
        box=box,
        stage=stage,
        by=by,
        rehearse=rehearse,
    )


@identity_app.command()
def calibrate(
    characters: Annotated[
        Optional[list[str]],  # noqa: UP045 (typer reads it at run time)
        typer.Argument(help="Bibles, like pip; all where none is named.", metavar="[CHARACTER...]"),
    ] = None,
    rehearse: Annotated[bool, typer.Option("--rehearse", help="The rehearsals' sheets.")] = False,
    json: Json = False,
    production: Production = HERE,
) -> None:
    """Say what counts as on-model. Each character is measured on its own model sheet."""
    from onmodel.cli.calibrating import show_calibrations  # noqa: PLC0415

    raise typer.Exit(show_calibrations(production, characters or [], rehearse=rehearse, as_json=json))


@identity_app.command()
def dailies(
    episode: Annotated[str, typer.Argument(help="An episode, like s01e01, or 'cast'.", metavar="EPISODE")],
    rehearse: Annotated[bool, typer.Option("--rehearse", help="The rehearsals' takes.")] = False,
    out: Annotated[
        Optional[Path],  # noqa: UP045 (typer reads it at run time)
        typer.Option("--out", help="Write this file instead of the one in deliverables/.", metavar="FILE"),
    ] = None,
    serve: Annotated[bool, typer.Option("--serve", help="Review it in a browser, and decide there.")] = False,
    host: Annotated[
        str, typer.Option("--host", help="With --serve: listen here; other machines may reach it.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="With --serve: 0 for any that is free.")
    ] = 0,
    by: As = None,
    production: Production = HERE,
) -> None:
    """Write a page with every take. It shows identity curves and what retakes changed."""
    from onmodel.cli.dailies import make_dailies, review_dailies  # noqa: PLC0415

    if serve:
        if out is not None:
            raise typer.BadParameter("a page that is served is no file: leave it out", param_hint="--out")
        review_dailies(production, episode, rehearse=rehearse, host=host, port=port, by=by)
    else:
        make_dailies(production, episode, rehearse=rehearse, out=out)


@identity_app.command()
def continuity(
    scope: Annotated[str, typer.Argument(help="Like s01e01, or season-1.", metavar="EPISODE|SEASON")],
    rehearse: Annotated[bool, typer.Option("--rehearse", help="The rehearsals' takes.")] = False,
    json: Json = False,
    production: Production = HERE,
) -> None:
    """Compare the characters over all shots. Of an episode, or of a season."""
    from onmodel.cli.continuity import show_continuity  # noqa: PLC0415

    show_continuity(production, scope, rehearse=rehearse, as_json=json)
