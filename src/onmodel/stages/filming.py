"""One picture or clip from commission to circled take: bought, judged by the gates, retaken if broken."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from typing import Any, Final

from onmodel.endpoints import build
from onmodel.errors import InputUnreadable, OnModelError, PlanError, ServerFailed
from onmodel.planning import Commission, FileFacts, Holding, Take, fitted, is_over, takes_left
from onmodel.post.frame import extract_frame
from onmodel.post.gates import Expected, measure_clip, measure_still
from onmodel.stages.crew import Crew, Event
from onmodel.vault import UNSENT, Delivery, Intent, Job, MediaRef, Slot, Verdict

PASSING: Final = (ServerFailed, InputUnreadable)
"""Failures of a job that may pass by themselves: the same is bought anew, as a take of its own."""

MOST_IN_A_ROW: Final = 3
"""Such failures in one run after which a shot waits for the next run: trouble lasts an hour, not a second."""

SEEDS: Final = 2**31
"""Flux takes a whole number below this as its seed."""


async def film(crew: Crew, commission: Commission) -> Take:
    """Bring a commission to its circled take, after whatever it is made from; what is current costs nothing.

    Asked for twice in one run, it is made once: a keyframe waits for the same sheet as all others.

    Raises:
        PlanError: every take that the production allows is broken, or what it is made from cannot be had.
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
    take = _holding(crew, commission, digest).circled(commission.used_s)
    if take:
        crew.reused += 1
        _tell(crew, commission, "current", n=take.n)
    failed = 0
    while take is None:
        name = commission.label(_next_n(_holding(crew, commission, digest)))
        try:
            await crew.step(name, commission.stage, partial(_one_take, crew, commission, digest))
        except PASSING as error:
            failed += 1
            _tell(crew, commission, "died", error.message)
            if failed == MOST_IN_A_ROW:
                raise
            await asyncio.sleep(crew.desk.pause_s * 2**failed)
        take = _holding(crew, commission, digest).circled(commission.used_s)
        if take:
            _tell(crew, commission, "circled", n=take.n)
    crew.circled[commission.id] = take
    return take


async def _film_sources(crew: Crew, commission: Commission) -> None:
    """Have everything that a commission is made from."""
    sources = [crew.plan.lines[source.commission].commission for source in commission.sources]
    found = await asyncio.gather(*(film(crew, source) for source in sources), return_exceptions=True)
    for source, take in zip(sources, found, strict=True):
        if isinstance(take, OnModelError):
            raise PlanError(
                f"{commission.scope} · {commission.subject}: waits for {source.subject} {source.mode}",
                hint=take.message,
            ) from take
        if isinstance(take, BaseException):
            raise take


def _holding(crew: Crew, commission: Commission, digest: str) -> Holding:
    return crew.records.holding(commission, digest, crew.live)


def _tell(crew: Crew, commission: Commission, state: str, detail: str = "", n: int | None = None) -> None:
    crew.report(Event(commission.subject, commission.stage, state, detail, n))


async def _one_take(crew: Crew, commission: Commission, digest: str) -> None:
    """Go on with the newest take where it is unfinished, else buy the next; judge what arrives."""
    holding = _holding(crew, commission, digest)
    job = holding.last
    if job is not None and job.state in UNSENT and not await _still_wanted(crew, commission, holding, job):
        job = None
    if job is None or is_over(job):
        _check_takes_left(crew, commission, holding)
        intent = await _intent(crew, commission, holding, _slot(crew, commission, digest, holding))
        _tell(crew, commission, "retake" if intent.change else "planned", intent.change or "", intent.slot.n)
        job = await asyncio.to_thread(crew.vault.journal.open, intent)
        crew.records.add(job)
    n = job.slot.n
    await crew.desk.see_through(job, lambda state, detail: _tell(crew, commission, state, detail, n))
    if job.delivery is not None and job.verdict is None:
        await _judge(crew, commission, job, job.delivery)


async def _still_wanted(crew: Crew, commission: Commission, holding: Holding, job: Job) -> bool:
    """Whether a request that was never sent is what would be sent now; if not, it is withdrawn.

    It was frozen in a run that a cap or a kill ended. The plan has been made anew since, with other prices,
    quality or seconds perhaps, and it is the plan that was shown.
    """
    now = await _intent(crew, commission, holding, job.slot)
    frozen = job.intent
    same = ("endpoint", "arguments", "seconds", "price_usd")
    if all(getattr(frozen, name) == getattr(now, name) for name in same):
        return True
    return not await asyncio.to_thread(crew.vault.journal.withdraw, job)


def _next_n(holding: Holding) -> int:
    """The number of the take that is worked on next: an unfinished one, or a new one."""
    unfinished = holding.last is not None and not is_over(holding.last)
    return len(holding.jobs) + (0 if unfinished else 1)


def _check_takes_left(crew: Crew, commission: Commission, holding: Holding) -> None:
    if takes_left(holding.jobs, crew.plan.retakes):
        return
    last = holding.jobs[-1]
    reason = "; ".join(last.verdict.reasons) if last.verdict else "fal's own trouble"
    where = f"{commission.scope} · {commission.subject}"
    raise PlanError(
        f"{where}: {len(holding.jobs)} takes are broken; the last: {reason}",
        hint=f"onmodel takes {commission.scope} lists them; then change the shot, or raise 'retakes'.",
    )


def _slot(crew: Crew, commission: Commission, digest: str, holding: Holding) -> Slot:
    """The slot of the next take."""
    n = len(holding.jobs) + 1
    return Slot(crew.story.production.name, commission.scope, holding.subject, commission.stage, digest, n)


async def _intent(crew: Crew, commission: Commission, holding: Holding, slot: Slot) -> Intent:
    """Freeze the request of a take: it does not change any more, whatever the composer learns."""
    parts = replace(commission.parts, **await _media(crew, commission), seed=int(slot.key[:8], 16) % SEEDS)
    endpoint = commission.choice.endpoint
    return Intent(
        slot=slot,
        label=commission.label(slot.n),
        endpoint=endpoint.name,
        arguments=build(endpoint, parts).arguments,
        price_usd=commission.price.usd,
        seconds=commission.choice.seconds_bought,
        basis_content=commission.basis(crew.made_from(commission)),
        change=_change(holding),
        made_at=datetime.now(UTC),
        onmodel=version("onmodel"),
    )


def _change(holding: Holding) -> str | None:
    """What a retake changes, in words: its length, or only the throw of the dice."""
    last = holding.last
    if last is None:
        return None
    if last.state in (*UNSENT, "withdrawn"):
        return None
    if last.verdict is None:
        return f"the same again, since take {last.slot.n} failed at fal"
    if last.verdict.ok:
        return "a longer clip"
    return f"the same again, since take {last.slot.n} is broken: {'; '.join(last.verdict.reasons)}"


async def _media(crew: Crew, commission: Commission) -> dict[str, Any]:
    """The media of a request by their role, each as the vault's name for it."""
    found: list[tuple[str, MediaRef]] = []
    for source in commission.sources:
        ref = crew.circled[source.commission].media
        found.append((source.role, await last_frame(crew, ref) if source.frame == "last" else ref))
    for role, facts in commission.files.items():
        found.append((role.split(".")[0], await asyncio.to_thread(_archive_supplied, crew, facts)))
    named = [(role, ref.as_argument()) for role, ref in found]
    media: dict[str, Any] = {role: value for role, value in named if role != "references"}
    references = tuple(value for role, value in named if role == "references")
    return media | ({"references": references} if references else {})


def _archive_supplied(crew: Crew, facts: FileFacts) -> MediaRef:
    """Archive a supplied file as it was when the plan was made: the slot's digest names exactly that."""
    kept = crew.vault.media.keep(facts.path, suffix=facts.suffix)
    if kept.sha256 != facts.sha256:
        raise PlanError(
            f"{facts.path.name} was changed after the plan was made", hint="Run the same command again."
        )
    return kept


async def last_frame(crew: Crew, clip: MediaRef) -> MediaRef:
    """The last frame of a clip as a picture in the vault, extracted once per clip.

    Raises:
        PostError: the clip has no frame that can be decoded.
    """
    known = await asyncio.to_thread(crew.vault.frames.read, clip, "last")
    if known:
        return known
    into = crew.folders.cache / "frames" / f"{clip.sha256}.last.png"
    into.parent.mkdir(parents=True, exist_ok=True)
    path = await asyncio.to_thread(crew.vault.media.path, clip)
    await crew.cores.run(extract_frame, path, "last", into, crew.ffmpeg)
    ref = await asyncio.to_thread(crew.vault.media.keep, into, suffix=".png")
    return await asyncio.to_thread(crew.vault.frames.keep, clip, "last", ref)


async def _judge(crew: Crew, commission: Commission, job: Job, delivery: Delivery) -> None:
    """Pass a take through the gates and write the verdict down."""
    _tell(crew, commission, "judging", n=job.slot.n)
    path = await asyncio.to_thread(crew.vault.media.path, delivery.media[0])
    if commission.is_clip:
        # By what was bought, not by what the cut uses today: the verdict stays true when the story changes.
        expected = Expected(commission.shape, seconds=job.intent.seconds)
        found = await crew.cores.run(measure_clip, path, expected, crew.ffmpeg)
    else:
        found = await crew.cores.run(measure_still, path, Expected(commission.shape))
    verdict = Verdict(ok=found.ok, reasons=found.reasons, readings=found.readings, at=datetime.now(UTC))
    await asyncio.to_thread(crew.vault.journal.record_verdict, job, verdict)
    if not found.ok:
        _tell(crew, commission, "broken", "; ".join(found.reasons), job.slot.n)
