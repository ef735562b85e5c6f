"""The commands about money: what was bought, what became of it, what needs a person."""

from __future__ import annotations

from typing import Annotated, Literal, Optional

import typer

from onmodel.cli.options import HERE, Json, Production

money_app = typer.Typer(rich_markup_mode=None)

jobs_app = typer.Typer(help="The journal of paid jobs.", invoke_without_command=True, rich_markup_mode=None)
money_app.add_typer(jobs_app, name="jobs")


@jobs_app.callback()
def jobs(
    context: typer.Context,
    state: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--state", help="Only jobs in this state, like ambiguous."),
    ] = None,
    rehearse: Annotated[bool, typer.Option("--rehearse", help="The rehearsals' jobs.")] = False,
    json: Json = False,
    production: Production = HERE,
) -> None:
    """List the journal of paid jobs, or settle one: onmodel jobs resolve JOB ..."""
    from onmodel.cli.listing import show_jobs  # noqa: PLC0415

    if context.invoked_subcommand is None:
        show_jobs(production, state, rehearse=rehearse, as_json=json)


@jobs_app.command()
def resolve(
    job: Annotated[str, typer.Argument(help="The job's key, or how it begins.", metavar="JOB")],
    resubmit: Annotated[bool, typer.Option("--resubmit", help="Never accepted: send it again.")] = False,
    lost: Annotated[bool, typer.Option("--lost", help="It cannot be had: write it off.")] = False,
    request_id: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--request-id", help="fal's id of it: it goes on from there.", metavar="ID"),
    ] = None,
    rehearse: Annotated[bool, typer.Option("--rehearse", help="A rehearsal's job.")] = False,
    production: Production = HERE,
) -> None:
    """Settle a job of which nobody knows whether fal has it."""
    from onmodel.cli.listing import resolve_job  # noqa: PLC0415

    if sum((resubmit, lost, request_id is not None)) != 1:
        raise typer.BadParameter("say one of --resubmit, --lost and --request-id ID.")
    resolution: Literal["resubmit", "lost"] | None = "resubmit" if resubmit else "lost" if lost else None
    resolve_job(production, job, resolution=resolution, request_id=request_id, rehearse=rehearse)
