"""`onmodel takes` and `onmodel jobs`: what the vault holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, get_args

from onmodel.cli.deciding import note_line
from onmodel.cli.edge import NEEDS_PERSON
from onmodel.cli.showing import columns, counted, in_columns, print_json, remark, say
from onmodel.errors import PlanError, RecordBroken
from onmodel.planning import CAST, reasons_of, standing_of
from onmodel.settings import Folders
from onmodel.stages.script import Call, look_into_archive, read_plan, read_script
from onmodel.story import read_story
from onmodel.story.validation import did_you_mean
from onmodel.units import usd
from onmodel.vault import WRITTEN_OFF, Decision, Job, Outcome, Result, State, Vault, Verdict


def show_takes(root: Path, scope: str, *, rehearse: bool, as_json: bool) -> None:
    """Print every take of an episode or of the cast.

    Raises:
        OnModelError: the story or the archive cannot be read.
    """
    rows = read_takes(root, scope, rehearse=rehearse)
    if as_json:
        print_json({"schema": "onmodel.takes/1", "scope": scope, "takes": rows})
        return
    if not rows:
        again = " --rehearse" if rehearse else ""
        command = f"cast{again}" if scope == CAST else f"produce {scope}{again}"
        say(f"{scope} has no takes yet: onmodel {command}")
        return
    say(f"{scope} (● is circled)")
    for line, row in zip(in_columns(list(map(_take_cells, rows)), right=(3,)), rows, strict=True):
        say(line)
        if row["reasons"]:
            say(f"     {'; '.join(row['reasons'])}")
        for warning in row["warnings"]:
            say(f"     warning: {warning}")
        for said in row["said"]:
            say(f"     {said}")
        say(f"     {row['file']}")


def read_takes(root: Path, scope: str, *, rehearse: bool) -> list[dict[str, Any]]:
    """Every take of an episode or of the cast, as `onmodel takes --json` has it.

    Raises:
        OnModelError: the story or the archive cannot be read.
    """
    call = Call(root, scope, rehearse=rehearse)
    plan = read_plan(call, read_script(call))
    circled = {line.take.job.slot.key for line in plan.lines.values() if line.take}
    with _archive(root, rehearse=rehearse) as vault:
        jobs = [job for job in vault.journal.jobs(scope) if job.delivery is not None] if vault else []
        decisions = vault.decisions.of(scope) if vault else ()
        return [_take_json(vault, job, circled, decisions) for job in jobs] if vault else []


def _take_json(vault: Vault, job: Job, circled: set[str], decisions: Sequence[Decision]) -> dict[str, Any]:
    verdict, delivery, slot = job.verdict, job.delivery, job.slot
    about = (slot.subject, slot.stage, slot.basis, slot.n)
    mine = [one for one in decisions if (one.subject, one.stage, one.basis, one.n) == about]
    return {
        "job": job.slot.key,
        "label": job.intent.label,
        "circled": job.slot.key in circled,
        "verdict": _verdict(verdict),
        "reasons": [*verdict.reasons, *filter(None, [reasons_of(verdict)])] if verdict else [],
        "warnings": [f"{who}: {one.colour_note}" for who, one in verdict.identity.items() if one.colour_note]
        if verdict
        else [],
        "price_usd": str(job.intent.price_usd),
        "endpoint": job.intent.endpoint,
        "request_id": job.request_id,
        "change": job.intent.change,
        "said": [_said(one) for one in mine],
        "file": vault.media.address(delivery.media[0]) if delivery else None,
    }


def _said(one: Decision) -> str:
    """A person's word about a take, as one line."""
    if one.kind == "note":
        return note_line(one)
    done = {"approve": "approved", "circle": "circled", "retake": "retake ordered"}[one.kind]
    return f"{done} by {one.by}, {one.at:%Y-%m-%d %H:%M} UTC{f': {one.note}' if one.note else ''}"


def _verdict(verdict: Verdict | None) -> str | None:
    """broken, or the standing; `ok` where nobody has to be recognised, None as long as nobody looked."""
    if verdict is None or not verdict.ok:
        return None if verdict is None else "broken"
    return standing_of(verdict) if verdict.identity else "ok"


def _take_cells(row: dict[str, Any]) -> tuple[str, ...]:
    verdict = row["verdict"] or "not judged yet"
    return "●" if row["circled"] else " ", row["label"], verdict, usd(Decimal(row["price_usd"]))


def show_jobs(root: Path, state: str | None, *, rehearse: bool, as_json: bool) -> int:
    """Print the journal of paid jobs; return the exit code.

    A job whose records cannot be read is told, and the others are listed all the same.

    Raises:
        PlanError: there is no such state.
        OnModelError: the archive cannot be read.
    """
    if state not in (None, *get_args(State)):
        raise PlanError(
            f"found --state {state}; allowed: {', '.join(get_args(State))}.",
            hint=did_you_mean(str(state), get_args(State)),
        )
    with _archive(root, rehearse=rehearse) as vault:
        jobs = vault.journal.jobs() if vault else []
        rows, unreadable = _job_rows(jobs, state)
    if as_json:
        print_json({"schema": "onmodel.jobs/1", "jobs": rows, "unreadable": unreadable})
    else:
        for line in _job_lines(rows):
            say(line)
        say(f"{len(rows)} of {counted(len(jobs), 'job')}.")
    for broken in unreadable:
        remark(f"not listed: {broken}")
    if unreadable:
        remark(f"  onmodel verify{' --rehearse' if rehearse else ''} says what to do.")
    return NEEDS_PERSON if unreadable else 0


def _job_rows(jobs: Sequence[Job], state: str | None) -> tuple[list[dict[str, Any]], list[str]]:
    rows, unreadable = [], []
    for job in jobs:
        try:
            now = job.state
            if state in (None, now):
                rows.append(_job_json(job, now))
        except RecordBroken as error:
            unreadable.append(error.message)
    return rows, unreadable


def _job_lines(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The table; a narrow terminal goes without fal's ids."""
    cells = [
        (
            row["job"][:12],
            row["label"],
            row["state"] + (f", {len(row['late'])} late" if row["late"] else ""),
            usd(Decimal(row["price_usd"])),
            ", late: ".join(filter(None, [row["request_id"], *row["late"]])),
        )
        for row in rows
    ]
    drawn = in_columns(cells, right=(3,)) if cells else []
    too_wide = any(len(line) > columns() for line in drawn)
    return in_columns([row[:-1] for row in cells], right=(3,)) if too_wide else drawn


def _job_json(job: Job, state: str) -> dict[str, Any]:
    result = job.result
    return {
        "job": job.slot.key,
        "label": job.intent.label,
        "state": state,
        "endpoint": job.intent.endpoint,
        "price_usd": str(job.intent.price_usd),
        "request_id": job.request_id,
        "late": [one.request_id for one in job.late_outcomes.values() if one.request_id != job.request_id],
        "error": result.error_message if result else None,
        "folder": job.slot.folder,
    }


def resolve_job(
    root: Path,
    key: str,
    *,
    resolution: Literal["resubmit", "lost"] | None,
    request_id: str | None,
    rehearse: bool,
) -> None:
    """Write down what a person found out about an ambiguous job.

    Raises:
        PlanError: there is no such job, or nothing about it is open.
    """
    with _archive(root, rehearse=rehearse) as vault:
        jobs = [job for job in vault.journal.jobs() if job.slot.key.startswith(key)] if vault else []
        if vault is None or len(jobs) != 1:
            raise PlanError(f"{len(jobs)} jobs begin with '{key}'; name one", hint="onmodel jobs lists them.")
        job = jobs[0]
        if resolution == "lost" and job.state in ("submitted", "finished"):
            _write_off(vault, job)
            return
        if job.state != "ambiguous":
            raise PlanError(
                f"{job.intent.label} is {job.state}: there is nothing to resolve", hint="onmodel jobs"
            )
        outcome = Outcome(
            attempt=max(job.sendings),
            kind="submitted" if request_id else "resolved",
            request_id=request_id,
            resolution=resolution,
            reason="said by a person",
            at=datetime.now(UTC),
        )
        kept = vault.journal.record_outcome(job, outcome)
        job.refresh()
        say(f"{job.intent.label}: {kept.resolution or kept.request_id}; it is {job.state} now.")


def _write_off(vault: Vault, job: Job) -> None:
    """Give up a job that fal accepted and whose picture or clip cannot be had; it stays counted as spent."""
    now, reason = datetime.now(UTC), "written off by a person"
    if job.result is None:
        lost = Result(kind="failed", error_kind=WRITTEN_OFF, error_message=reason, billed="maybe", at=now)
        vault.journal.record_result(job, lost)
    else:
        vault.journal.record_verdict(job, Verdict(ok=False, reasons=(reason,), at=now))
    say(f"{job.intent.label}: {reason}; it is {job.state} now.")


@contextmanager
def _archive(root: Path, *, rehearse: bool) -> Iterator[Vault | None]:
    """The vault, if anything was ever archived."""
    production = read_story(root, episodes=()).production
    with look_into_archive(production, Folders(root.absolute(), rehearse)) as vault:
        yield vault
