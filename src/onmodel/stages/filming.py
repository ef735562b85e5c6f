"""One picture or clip from commission to circled take: bought, judged, retaken where it will not do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import Final

from onmodel.errors import AwaitsApproval, InputUnreadable, OnModelError, PlanError, ServerFailed
from onmodel.planning import (
    GATE_OF,
    Circling,
    Commission,
    Holding,
    Take,
    approval_of,
    circle,
    fitted,
    is_accepted,
    is_over,
    is_rejected,
    rules_of,
    shortfall,
    unstyled,
)
from onmodel.stages.crew import Crew, Event
from onmodel.stages.freezing import frozen
from onmodel.stages.judging import judge_take
from onmodel.vault import UNSENT, Job, Slot

PASSING: Final = (ServerFailed, InputUnreadable)
"""Failures of a job that may pass by themselves: the same is bought anew, as a take of its own."""

MOST_IN_A_ROW: Final = 3
"""Such failures in one run after which a shot waits for the next run: trouble lasts an hour, not a second."""


async def film(crew: Crew, commission: Commission) -> Take:
    """Bring a commission to its circled take, after whatever it is made from; what is current costs nothing.

    Asked for twice in one run, it is made once: a keyframe waits for the same sheet as all others.

    Raises:
        PlanError: every take that the production allows is broken, or what it is made from cannot be had.
        AwaitsApproval: a person must approve first what it is made from.
        WireError: as the desk raises it: moderation, a lost answer, a locked account, ...
        OverBudget: a cap would be passed.
    """
    task = crew.filming.get(commission.id)
    if task is None:
        task = asyncio.create_task(_film(crew, commission), name=commission.id)
        crew.filming[commission.id] = task
    return await task


async def _film(crew: Crew, commission: Commission) -> Take:
    await _film_sources(crew, commission)
    commission = fitted(commission, crew.circled)
    digest = commission.digest(crew.made_from(commission))
    circling = _circling(crew, commission, digest)
    if circling.is_settled:
        crew.reused += 1
        _tell(crew, commission, "current", n=circling.take.n if circling.take else None)
    failed = 0
    if not circling.is_settled and (short := shortfall(commission)):
        raise PlanError(
            f"{commission.scope} · {commission.subject}: {short}",
            hint="Make that shot longer first, or this one shorter.",
        )
    while not circling.is_settled:
        holding = _holding(crew, commission, digest)
        if _buys(holding):
            await _pass_gates(crew, commission)
        name = commission.label(_next_n(holding))
        try:
            async with crew.desk.places:
                if _buys(holding):
                    crew.desk.check_open()
                await crew.step(name, commission.stage, partial(_one_take, crew, commission, digest))
        except PASSING as error:
            failed += 1
            _tell(crew, commission, "died", error.message)
            if failed == MOST_IN_A_ROW:
                raise
            await asyncio.sleep(crew.desk.pause_s * 2**failed)
        else:
            failed = 0
        circling = _circling(crew, commission, digest)
        if circling.is_settled and circling.take:
            _tell(crew, commission, "circled", n=circling.take.n)
    return _circled(crew, commission, circling, _holding(crew, commission, digest))


def _circled(crew: Crew, commission: Commission, circling: Circling, holding: Holding) -> Take:
    """Note which take goes on from here, and what of it a person should look at."""
    take = unstyled(commission, circling, crew.circled) or circling.take
    if take is None:
        raise PlanError(f"{commission.scope} · {commission.subject}: no take is circled")
    if circling.concern and not (is_rejected(commission, circling) and is_accepted(holding, take)):
        crew.concerned.add(commission.id)
        crew.flag(commission.subject, commission.stage, _concern(crew, commission, circling))
    crew.circled[commission.id] = take
    return take


def _concern(crew: Crew, commission: Commission, circling: Circling) -> PlanError:
    """What a person is told of a take that is circled, though it is not known to be on-model."""
    if is_rejected(commission, circling):
        what = "the style pass is rejected and the take without it stays"
    else:
        what = "it is circled all the same"
    return PlanError(
        f"{commission.scope} · {commission.subject}: {circling.concern}; {what}",
        hint=f"onmodel dailies {commission.scope}{crew.again} shows it; then onmodel circle{crew.again}, "
        f"or onmodel retake{crew.again}.",
    )


async def _film_sources(crew: Crew, commission: Commission) -> None:
    """Have everything that a commission is made from, and by which it will be judged."""
    views = [view for likeness in commission.likenesses for view in likeness.views]
    await _film_all(crew, commission, [*(source.commission for source in commission.sources), *views])


async def _film_all(crew: Crew, commission: Commission, needed: Iterable[str]) -> None:
    """Have what a commission needs; what only waits for a person's word is no fault of anything."""
    sources = [crew.plan.lines[name].commission for name in dict.fromkeys(needed)]
    found = await asyncio.gather(*(film(crew, source) for source in sources), return_exceptions=True)
    pairs = list(zip(sources, found, strict=True))
    for source, take in sorted(pairs, key=lambda pair: isinstance(pair[1], AwaitsApproval)):
        if isinstance(take, OnModelError):
            kind = AwaitsApproval if isinstance(take, AwaitsApproval) else PlanError
            raise kind(
                f"{commission.scope} · {commission.subject}: waits for {source.subject} {source.mode}",
                hint=str(take),
            ) from take
        if isinstance(take, BaseException):
            raise take


async def _pass_gates(crew: Crew, commission: Commission) -> None:
    """Make sure that a person approved what a commission is made from, before anything is bought for it.

    Raises:
        AwaitsApproval: nobody did, of something; it is named.
    """
    needed = crew.gates.before(commission)
    await _film_all(crew, commission, needed)
    asked = [crew.plan.lines[name].commission for name in needed]
    closed = [one for one in asked if not _is_approved(crew, one)]
    if closed:
        what = ", ".join(f"{one.subject} {one.mode}" for one in closed)
        raise AwaitsApproval(
            f"{commission.scope} · {commission.subject} · {commission.mode}: waits for approval of {what}",
            hint=f"onmodel approve {crew.scope}{crew.again}",
        )


def _is_approved(crew: Crew, commission: Commission) -> bool:
    take = crew.circled[commission.id]
    made = fitted(commission, crew.circled)
    holding = _holding(crew, made, made.digest(crew.made_from(made)))
    return approval_of(GATE_OF[made.stage], take, holding, crew.records).word is not None


def _holding(crew: Crew, commission: Commission, digest: str) -> Holding:
    return crew.records.holding(commission, digest, crew.live)


def _circling(crew: Crew, commission: Commission, digest: str) -> Circling:
    rules = rules_of(commission, crew.plan.retakes)
    return circle(_holding(crew, commission, digest), commission.used_s, rules)


def _tell(crew: Crew, commission: Commission, state: str, detail: str = "", n: int | None = None) -> None:
    crew.report(Event(commission.subject, commission.stage, state, detail, n))


async def _one_take(crew: Crew, commission: Commission, digest: str) -> None:
    """Go on with the newest take where it is unfinished, else buy the next; judge what arrives."""
    holding = _holding(crew, commission, digest)
    circling = _circling(crew, commission, digest)
    job = holding.last
    if job and job.state in UNSENT and not await _still_wanted(crew, commission, holding, circling, job):
        job = None
    if job is None or is_over(job) or (circling.order is not None and job.state == "failed"):
        _check_takes_left(crew, commission, holding, circling)
        slot = _slot(crew, commission, digest, holding)
        intent = await frozen(crew, commission, holding, circling, slot)
        _tell(crew, commission, "retake" if intent.change else "planned", intent.change or "", intent.slot.n)
        job = await asyncio.to_thread(crew.vault.journal.open, intent)
        crew.records.add(job)
    n = job.slot.n
    await crew.desk.see_through(job, lambda state, detail: _tell(crew, commission, state, detail, n))
    if job.delivery is not None and job.verdict is None:
        await judge_take(crew, commission, job, job.delivery)
        now = _circling(crew, commission, digest)
        if not now.is_settled and now.left:
            _tell(crew, commission, "again", now.wanted, n)


async def _still_wanted(
    crew: Crew, commission: Commission, holding: Holding, circling: Circling, job: Job
) -> bool:
    """Whether a request that was never sent is what would be sent now; if not, it is withdrawn.

    It was frozen in a run that a cap or a kill ended. The plan has been made anew since, with other prices,
    quality or seconds perhaps, and it is the plan that was shown.
    """
    now = await frozen(crew, commission, holding, circling, job.slot)
    same = ("endpoint", "arguments", "seconds", "price_usd")
    if all(getattr(job.intent, name) == getattr(now, name) for name in same):
        return True
    return not await asyncio.to_thread(crew.vault.journal.withdraw, job)


def _buys(holding: Holding) -> bool:
    """Whether the next step sends a request: no unfinished job is there that was sent."""
    last = holding.last
    return last is None or is_over(last) or last.state in UNSENT


def _next_n(holding: Holding) -> int:
    """The number of the take that is worked on next: an unfinished one, or a new one."""
    unfinished = holding.last is not None and not is_over(holding.last)
    return len(holding.jobs) + (0 if unfinished else 1)


def _check_takes_left(crew: Crew, commission: Commission, holding: Holding, circling: Circling) -> None:
    if circling.left:
        return
    last = holding.jobs[-1]
    reason = "; ".join(last.verdict.reasons) if last.verdict else "fal's own trouble"
    where = f"{commission.scope} · {commission.subject}"
    raise PlanError(
        f"{where}: {holding.all_broken(reason)}",
        hint=f"onmodel takes {commission.scope}{crew.again} lists them; then change the shot, or raise "
        "'retakes'.",
    )


def _slot(crew: Crew, commission: Commission, digest: str, holding: Holding) -> Slot:
    """The slot of the next take."""
    n = len(holding.jobs) + 1
    return Slot(crew.story.production.name, commission.scope, holding.subject, commission.stage, digest, n)
