"""The commands of productions that a Prefect server runs: deployments, their workers, their stopped runs."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from onmodel.cli.options import HERE, Json, Production, Quiet

spreading_app = typer.Typer(rich_markup_mode=None)


@spreading_app.command()
def deploy(
    *,
    check: Annotated[bool, typer.Option("--check", help="Only say what differs; exit code 1 if so.")] = False,
    json: Json = False,
    production: Production = HERE,
) -> None:
    """Put pools, limits and deployments on the Prefect server. And the automations of deploy/."""
    from onmodel.cli.deploying import show_deploy  # noqa: PLC0415

    raise typer.Exit(show_deploy(production, only_look=check, as_json=json))


@spreading_app.command()
def resume(
    *,
    run: Annotated[
        Optional[str],  # noqa: UP045 (typer reads it at run time)
        typer.Argument(help="A flow run's id, or its name; a list where none is named.", metavar="[RUN]"),
    ] = None,
    dead: Annotated[
        bool, typer.Option("--dead", help="You know that nobody films it, though nothing shows that.")
    ] = False,
    quiet: Quiet = False,
    json: Json = False,
    production: Production = HERE,
) -> None:
    """Go on with a run that crashed, failed or died. Under its own id."""
    from onmodel.cli.deploying import resume as go_on  # noqa: PLC0415
    from onmodel.cli.deploying import show_stopped  # noqa: PLC0415

    if run is None:
        show_stopped(production, as_json=json)
        return
    raise typer.Exit(go_on(production, run, surely_dead=dead, quiet=quiet))


@spreading_app.command()
def worker(
    *,
    pool: Annotated[str, typer.Option("--pool", help="A work pool of deploy/.")] = "onmodel",
    limit: Annotated[int, typer.Option("--limit", min=1, help="Runs that it films at once.")] = 3,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with runs that died, instead of listing them.")
    ] = False,
    health: Annotated[
        bool, typer.Option("--health", help="Answer at port 8080: /health says whether it lives.")
    ] = False,
    production: Production = HERE,
) -> None:
    """Film what is deployed and scheduled, until Ctrl-C."""
    from onmodel.cli.deploying import work  # noqa: PLC0415

    work(production, pool, limit=limit, revives=resume, answers_health=health)
