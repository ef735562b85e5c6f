"""A failed job told again from its journal, as the error that it was when fal answered."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from onmodel.errors import InputRejected, InputUnreadable, JobFailed, Moderated, ServerFailed
from onmodel.vault import Job

FAILURES: Final[Mapping[str, type[JobFailed]]] = {
    one.kind: one for one in (InputRejected, Moderated, InputUnreadable, ServerFailed, JobFailed)
}
"""By the word in the job's result."""

CHANGE: Final = "The same request would fail again: change what the story says of it, and produce it again."


def failure_of(job: Job) -> JobFailed:
    """The error of a failed job: what fal said, the next step, and what it may have cost."""
    result = job.result
    if result is None:
        error = JobFailed(f"{job.intent.label}: written off by a person", hint=CHANGE)
    else:
        error = FAILURES.get(result.error_kind or "", JobFailed)(
            f"{job.intent.label}: {result.error_message}",
            hint="" if result.error_kind == ServerFailed.kind else CHANGE,
            field=result.error_field or "",
        )
    error.request_id = job.request_id or ""
    error.spent_usd = job.price_usd if job.may_have_cost else Decimal(0)
    return error
