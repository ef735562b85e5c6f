"""What a run left undone because its buying ended: at a cap, a locked account, a full disk, by Ctrl-C."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from onmodel.errors import Stopped
from onmodel.planning import CAST
from onmodel.planning.fitting import needs_of
from onmodel.stages.crew import Crew
from onmodel.vault import Job

PAID: tuple[str, ...] = ("sending", "submitted", "finished")
"""States of a job that is, or may be, paid and that the next run brings home by itself."""


class NotBought(BaseModel):
    """One picture or clip that the run was asked for and did not buy."""

    model_config = ConfigDict(frozen=True)

    subject: str
    """The shot, or the sheet's view."""
    work: str
    """model sheet, keyframe, image-to-video, ..."""
    usd: Decimal
    """What it costs by the price table, if it succeeds at once."""


class Ending(BaseModel):
    """Why and where a run's buying ended; nothing of it is set where it did not."""

    model_config = ConfigDict(frozen=True)

    reason: str | None = None
    """Why nothing more was bought."""
    interrupted: bool = False
    """Whether somebody asked for it, by Ctrl-C or by telling the process to end."""
    terminated: bool = False
    """Whether it was the latter."""
    not_bought: list[NotBought] = []
    """What is left, in the order in which it can be made."""
    not_home: list[str] = []
    """Jobs that are paid, or may be, and that the next run brings home: their labels."""

    @property
    def usd(self) -> Decimal:
        """What the rest costs by the price table, if everything succeeds at once."""
        return sum((one.usd for one in self.not_bought), Decimal(0))


def ending_of(crew: Crew) -> Ending:
    """What a run left undone, and why; empty where nothing was left."""
    reason, stop = crew.desk.ended, crew.desk.stop
    if reason is None or not (crew.left or stop.reason):
        return Ending()
    under_way = _under_way(crew)
    return Ending(
        reason=str(reason),
        interrupted=isinstance(reason, Stopped),
        terminated=stop.is_leaving and not stop.cancels,
        not_bought=_not_bought(crew, {(job.slot.subject, job.slot.stage) for job in under_way}),
        not_home=[job.intent.label for job in under_way],
    )


def _not_bought(crew: Crew, under_way: Collection[tuple[str, str]]) -> list[NotBought]:
    """What was cut short, with all that it is made from: what is neither circled nor under way of that."""
    wanted: dict[str, None] = {}
    for name, line in crew.plan.lines.items():
        subject = line.commission.subject
        if subject in crew.left or subject.rpartition(".")[0] in crew.left:
            wanted |= dict.fromkeys([*needs_of(crew.plan, name), name])
    lines = (crew.plan.lines[name] for name in wanted if name not in crew.circled)
    return [
        NotBought(subject=one.commission.subject, work=one.commission.mode, usd=one.commission.price.usd)
        for one in lines
        if one.state != "open" and (one.commission.subject, one.commission.stage) not in under_way
    ]


def _under_way(crew: Crew) -> list[Job]:
    """Jobs that are paid, or may be, and not home yet."""
    jobs = (job for scope in sorted({crew.scope, CAST}) for job in crew.vault.journal.jobs(scope))
    return [job for job in jobs if job.state in PAID]
