"""The commands. Each is a few lines: it reads its options, calls a floor below and shows what comes back."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Optional

import typer

from onmodel.cli.guide import guide_app
from onmodel.cli.identity import identity_app
from onmodel.cli.money import money_app
from onmodel.cli.options import (
    HERE,
    Answers,
    Json,
    MaxUsd,
    Mode,
    PrefectMode,
    Production,
    Quiet,
    Rehearse,
    Trouble,
    dollars,
)
from onmodel.cli.spreading import spreading_app

app = typer.Typer(
    name="onmodel",
    help="Produce series with AI whose characters stay on-model. Begin with: onmodel init DIR",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _say_version(wanted: bool) -> None:  # noqa: FBT001 (typer calls it so)
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415

        typer.echo(f"onmodel {version('onmodel')}")
        raise typer.Exit


@app.callback()
def onmodel(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Say which onmodel it is.", callback=_say_version, is_eager=True)
    ] = False,
) -> None:
    """Take the options that are no command's."""


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.", metavar="DIR")],
) -> None:
    """Make a production to begin from. It has two small episodes, flows and deployments."""
    from onmodel.scaffold import write_starter  # noqa: PLC0415

    written = write_starter(folder)
    typer.echo(f"{len(written)} files are in {folder}. Next:")
    typer.echo(f"  cd {shlex.quote(str(folder))}\n  onmodel produce s01e01 --rehearse")


@app.command()
def check(
    paths: Annotated[
        Optional[list[Path]],  # noqa: UP045
        typer.Argument(help="Story files, or folders of productions.", metavar="[PATH...]"),
    ] = None,
    json: Json = False,
) -> None:
    """Say what is wrong with story files. Everything comes at once, each with its place."""
    from onmodel.cli.checking import check_paths  # noqa: PLC0415

    raise typer.Exit(check_paths(paths or [HERE], as_json=json))


@app.command()
def plan(
    episode: Annotated[
        str, typer.Argument(help="An episode, like s01e01, or a season-1.", metavar="EPISODE|SEASON")
    ],
    rehearse: Annotated[bool, typer.Option("--rehearse", help="Plan against the rehearsals' vault.")] = False,
    max_usd: MaxUsd = None,
    json: Json = False,
    production: Production = HERE,
) -> None:
    """Say what is to be made, why, and what it costs. Nothing is bought."""
    from onmodel.cli.naming import season_of  # noqa: PLC0415

    if season := season_of(episode):
        from onmodel.cli.season import show_season  # noqa: PLC0415

        show_season(production, season, rehearse=rehearse, as_json=json)
        return
    from onmodel.cli.planning import show_plan  # noqa: PLC0415

    show_plan(production, episode, rehearse=rehearse, max_usd=dollars(max_usd), as_json=json)


@app.command()
def cast(
    characters: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Argument(help="Bibles, like pip; all where none is named.", metavar="[CHARACTER...]"),
    ] = None,
    rehearse: Rehearse = False,
    max_usd: MaxUsd = None,
    trouble: Trouble = None,
    answers: Answers = None,
    prefect: PrefectMode = Mode.AUTO,
    quiet: Quiet = False,
    json: Json = False,
    production: Production = HERE,
) -> None:
    """Make model sheets: every view, wardrobe and expression."""
    from onmodel.cli.producing import on_purpose, run_cast  # noqa: PLC0415

    parameters = {
        "characters": characters or None,
        "rehearse": rehearse,
        "max_usd": dollars(max_usd),
        **on_purpose(trouble, answers),
    }
    raise typer.Exit(run_cast(production, parameters, prefect=prefect.value, as_json=json, quiet=quiet))


@app.command()
def produce(
    episode: Annotated[
        str, typer.Argument(help="An episode, like s01e01, or a season-1.", metavar="EPISODE|SEASON")
    ],
    rehearse: Rehearse = False,
    max_usd: MaxUsd = None,
    shots: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--shots", help="Only these, like s010,s020.", metavar="SHOT,SHOT"),
    ] = None,
    trouble: Trouble = None,
    answers: Answers = None,
    prefect: PrefectMode = Mode.AUTO,
    quiet: Quiet = False,
    json: Json = False,
    production: Production = HERE,
) -> None:
    """Buy what an episode lacks, and cut it. What is current is not bought again."""
    from onmodel.cli.naming import season_of  # noqa: PLC0415
    from onmodel.cli.producing import on_purpose, run_episode, run_season  # noqa: PLC0415

    shared = {"rehearse": rehearse, **on_purpose(trouble, answers)}
    if season := season_of(episode):
        if shots:
            raise typer.BadParameter(
                "shots belong to an episode: name that instead of a season.", param_hint="--shots"
            )
        asked = {"season": season, "max_usd_per_episode": dollars(max_usd), **shared}
        raise typer.Exit(run_season(production, asked, prefect=prefect.value, as_json=json, quiet=quiet))
    wanted = [name.strip() for name in shots.split(",") if name.strip()] if shots else None
    parameters = {
        "episode": episode,
        "max_usd": dollars(max_usd),
        "shots": wanted,
        **shared,
    }
    raise typer.Exit(run_episode(production, parameters, prefect=prefect.value, as_json=json, quiet=quiet))


@app.command()
def deliver(
    episode: Annotated[str, typer.Argument(help="An episode, like s01e01.", metavar="EPISODE")],
    only: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            "--only", help="Only this one of those that 'deliver' says, like 9:16.", metavar="RATIO"
        ),
    ] = None,
    rehearse: Annotated[bool, typer.Option("--rehearse", help="Of the rehearsals.")] = False,
    quiet: Quiet = False,
    json: Json = False,
    production: Production = HERE,
) -> None:
    """Make other shapes, a poster and stills of a finished cut. It buys nothing."""
    from onmodel.cli.delivering import show_delivered  # noqa: PLC0415

    show_delivered(production, episode, only or [], rehearse=rehearse, as_json=json, quiet=quiet)


@app.command()
def status(
    episode: Annotated[str, typer.Argument(help="An episode, like s01e01, or 'cast'.", metavar="EPISODE")],
    rehearse: Annotated[bool, typer.Option("--rehearse", help="Of the rehearsals.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Look again every two seconds.")] = False,
    json: Json = False,
    production: Production = HERE,
) -> None:
    """Show how each shot stands, and what a run is at. From any terminal."""
    from onmodel.cli.status import show_status  # noqa: PLC0415
    from onmodel.stages.script import Call  # noqa: PLC0415

    show_status(Call(production, episode, rehearse=rehearse), as_json=json, watch=watch)


@app.command()
def takes(
    episode: Annotated[str, typer.Argument(help="An episode, like s01e01, or 'cast'.", metavar="EPISODE")],
    rehearse: Annotated[bool, typer.Option("--rehearse", help="The rehearsals' takes.")] = False,
    json: Json = False,
    production: Production = HERE,
) -> None:
    """List every take, and which is circled."""
    from onmodel.cli.listing import show_takes  # noqa: PLC0415

    show_takes(production, episode, rehearse=rehearse, as_json=json)


app.add_typer(money_app)
app.add_typer(identity_app)
app.add_typer(guide_app)
app.add_typer(spreading_app)


@app.command()
def doctor(json: Json = False, production: Production = HERE) -> None:
    """Look over this machine and production. Each line says what to do."""
    from onmodel.cli.doctor import show_health  # noqa: PLC0415

    raise typer.Exit(show_health(production, as_json=json))


season_app = typer.Typer(help="A season's episodes.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(season_app, name="season")


@season_app.command("status")
def season_status(
    season: Annotated[str, typer.Argument(help="Like season-1.", metavar="[SEASON]")] = "season-1",
    rehearse: Annotated[bool, typer.Option("--rehearse", help="Of the rehearsals.")] = False,
    json: Json = False,
    production: Production = HERE,
) -> None:
    """Show which episodes are due, finished, or lack something. With what that costs."""
    from onmodel.cli.naming import season_of  # noqa: PLC0415
    from onmodel.cli.season import show_season  # noqa: PLC0415

    show_season(production, season_of(season) or season, rehearse=rehearse, as_json=json)


server_app = typer.Typer(
    help="The production's own Prefect server.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(server_app, name="server")


@server_app.command("start")
def server_start(production: Production = HERE) -> None:
    """Start the server in the background, unless it runs."""
    from onmodel.cli.serving import start  # noqa: PLC0415

    start(production)


@server_app.command("stop")
def server_stop(production: Production = HERE) -> None:
    """End the server."""
    from onmodel.cli.serving import stop  # noqa: PLC0415

    stop(production)


@server_app.command("open")
def server_open(
    run: Annotated[
        str | None, typer.Argument(help="An episode, or cast: its newest run.", show_default=False)
    ] = None,
    production: Production = HERE,
) -> None:
    """Open the page of a run, or of all runs, and start the server for that if need be."""
    from onmodel.cli.serving import show  # noqa: PLC0415

    show(production, run)


@server_app.command("status")
def server_status(
    api: Annotated[bool, typer.Option("--api", help="Only the address of its API.")] = False,
    production: Production = HERE,
) -> None:
    """Say whether the server answers, and where."""
    from onmodel.cli.serving import status  # noqa: PLC0415

    raise typer.Exit(0 if status(production, api_only=api) else 1)
