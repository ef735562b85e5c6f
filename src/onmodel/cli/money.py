"""The commands about money: what was bought, what became of it, what needs a person."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Optional

import typer

from onmodel.cli.options import HERE, Json, Production

if TYPE_CHECKING:
    from onmodel.planning.spending import By as ByWord

money_app = typer.Typer(rich_markup_mode=None)


class By(StrEnum):
    """What a statement is drawn up by."""

    SHOT = "shot"
    CHARACTER = "character"
    ENDPOINT = "endpoint"
    DAY = "day"


Episode = Annotated[
    Optional[str],  # noqa: UP045 (typer reads it at run time)
    typer.Argument(help="An episode, like s01e01, or 'cast'; everything where none is named."),
]


@money_app.command()
def spend(
    episode: Episode = None,
    by: Annotated[
        Optional[By],  # noqa: UP045
        typer.Option("--by", help="A line for each.", metavar="shot|character|endpoint|day"),
    ] = None,
    reconcile: Annotated[
        bool, typer.Option("--reconcile", help="Compare with fal's billing events; takes an admin key.")
    ] = False,
    csv: Annotated[
        bool, typer.Option("--csv", help="The same as CSV; without --by a line a request.")
    ] = False,
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="What the rehearsals would have cost.")
    ] = False,
    json: Json = False,
    production: Production = HERE,
) -> None:
    """Say where the money is. What was billed, is reserved, failed, or nobody knows of."""
    if json and csv:
        raise typer.BadParameter("say one of --json and --csv.")
    if reconcile:
        from onmodel.cli.reconciling import show_reconciled  # noqa: PLC0415

        if episode or by or csv:
            raise typer.BadParameter("it compares everything: leave EPISODE, --by and --csv out.")
        raise typer.Exit(show_reconciled(production, rehearse=rehearse, as_json=json))
    from onmodel.cli.spending import show_spending  # noqa: PLC0415

    word: ByWord | None = by.value if by else None
    code = show_spending(production, episode, by=word, rehearse=rehearse, as_json=json, as_csv=csv)
    raise typer.Exit(code)


@money_app.command()
def verify(
    episode: Episode = None,
    rehearse: Annotated[bool, typer.Option("--rehearse", help="The rehearsals' archive.")] = False,
    read_back: Annotated[
        bool, typer.Option("--read-back", help="From a bucket: fetch every byte, not only its checksum.")
    ] = False,
    json: Json = False,
    production: Production = HERE,
) -> None:
    """Look the archive over: every record, every medium's sha256. Nothing is changed or bought."""
    from onmodel.cli.verifying import show_audit  # noqa: PLC0415

    raise typer.Exit(show_audit(production, episode, rehearse=rehearse, read_back=read_back, as_json=json))


@money_app.command()
def restore(
    episode: Annotated[str, typer.Argument(help="An episode, like s01e01.", metavar="EPISODE")],
    source: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--from", help="An archive; without it, the production's.", metavar="FOLDER|s3://..."),
    ] = None,
    into: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--into", help="For the episode; deliverables/ without it.", metavar="DIR"),
    ] = None,
    cut: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--cut", help="Another than the newest, by its sha256.", metavar="SHA"),
    ] = None,
    rehearse: Annotated[bool, typer.Option("--rehearse", help="A rehearsed episode.")] = False,
    json: Json = False,
    production: Production = HERE,
) -> None:
    """Rebuild an episode from its archive alone, with no key."""
    from onmodel.cli.restoring import restore_episode  # noqa: PLC0415

    restore_episode(production, episode, source=source, into=into, cut=cut, rehearse=rehearse, as_json=json)


@money_app.command()
def export(
    episode: Annotated[str, typer.Argument(help="An episode, like s01e01.", metavar="EPISODE")],
    to: Annotated[
        str, typer.Option("--to", help="otio, or what another OTIO adapter writes.", metavar="FORMAT")
    ] = "otio",
    into: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--into", help="For the timeline; without it, in deliverables/.", metavar="FILE"),
    ] = None,
    cut: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--cut", help="Another than the delivered one, by its sha256.", metavar="SHA"),
    ] = None,
    rehearse: Annotated[bool, typer.Option("--rehearse", help="A rehearsed episode.")] = False,
    json: Json = False,
    production: Production = HERE,
) -> None:
    """Hand a finished cut over to editors. As a timeline, with its media beside it."""
    from onmodel.cli.exporting import export_episode  # noqa: PLC0415

    export_episode(production, episode, to=to, into=into, cut=cut, rehearse=rehearse, as_json=json)


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
        raise typer.Exit(show_jobs(production, state, rehearse=rehearse, as_json=json))


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
