"""A take's request, frozen before anything is sent and not changed any more."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from functools import cache
from importlib.metadata import version
from typing import Any, Final, NamedTuple

from onmodel.endpoints import build, with_media
from onmodel.errors import PlanError
from onmodel.planning import Circling, Commission, FileFacts, Holding, Retaking, fitted, is_off, reasons_of
from onmodel.planning.asking import Asking
from onmodel.planning.notes import notes_in_words
from onmodel.post.frame import extract_frame
from onmodel.stages.crew import Crew
from onmodel.vault import UNSENT, Intent, Job, MediaRef, Slot

SEEDS: Final = 2**31
"""Flux takes a whole number below this as its seed."""


class _Asked(NamedTuple):
    """How the next take is asked for, and what is different from the one before."""

    commission: Commission
    change: str | None = None
    remedy: str | None = None
    rung: str | None = None


async def frozen(
    crew: Crew, commission: Commission, holding: Holding, circling: Circling, slot: Slot
) -> Intent:
    """Freeze the request of a take.

    Args:
        crew: the ports.
        commission: what is asked for, as the story has it.
        holding: its takes; those after `slot` count for nothing.
        circling: why another take is wanted.
        slot: where the take will stand.

    Raises:
        PlanError: no endpoint can do it, or a supplied file was changed.
    """
    before = replace(holding, jobs=tuple(job for job in holding.jobs if job.slot.n < slot.n))
    asked = _asked(crew, commission, before, circling)
    made = fitted(asked.commission, crew.circled)
    media = await _media(crew, made)
    parts = with_media(replace(made.parts, seed=int(slot.key[:8], 16) % SEEDS), media)
    return Intent(
        slot=slot,
        label=made.label(slot.n),
        endpoint=made.choice.endpoint.name,
        arguments=build(made.choice.endpoint, parts).arguments,
        price_usd=made.price.usd,
        seconds=made.choice.seconds_bought,
        basis_content=commission.basis(crew.made_from(commission)),
        change=asked.change,
        remedy=asked.remedy,
        rung=asked.rung,
        made_at=datetime.now(UTC),
        onmodel=_made_by(),
    )


@cache
def _made_by() -> str:
    """Which onmodel this is; what is installed is looked through once, not for each take."""
    return version("onmodel")


def _asked(crew: Crew, commission: Commission, before: Holding, circling: Circling) -> _Asked:
    """How the next take is asked for: one change a take."""
    retaking = Retaking(crew.story, crew.market, crew.scope)
    good, notes = sum(1 for take in before.takes if take.ok), notes_in_words(before)
    if good < len(commission.ladder):
        rung = commission.ladder[good].rung
        made = retaking.asked_otherwise(commission, Asking(rung=rung, note=notes))
        words = "; ".join(filter(None, (f"rung {rung.id}: {rung.asks}" if good else "", notes)))
        return _Asked(made, words or None, rung=rung.id)
    judged = replace(before, jobs=tuple(job for job in before.jobs if job.verdict is not None))
    top = commission.ladder[-1].rung.id if commission.ladder else None
    last = judged.last
    if circling.order is None and (last is None or not _will_not_do(last)):
        made = retaking.asked_otherwise(commission, Asking(note=notes))
        said = "; ".join(filter(None, (_plain_words(before, last, circling), notes)))
        return _Asked(made, said or None, rung=top)
    retake = retaking.next_take(commission, judged, circling)
    words = retake.words if circling.order or last is None else f"{retake.words}, since {_fault(last)}"
    return _Asked(retake.commission, words, retake.remedy.id if retake.remedy else None, top)


def _plain_words(before: Holding, judged: Job | None, circling: Circling) -> str | None:
    """Why the same is asked for once more; None for the first take."""
    last = before.last
    if last is not None and last.state not in (*UNSENT, "withdrawn") and last.verdict is None:
        return f"the same again, since take {last.slot.n} failed at fal"
    if judged is None:
        return None
    return "another one to choose from" if circling.wanted else "a longer clip"


def _will_not_do(job: Job) -> bool:
    """Whether a judged take is broken, or not the character that it should be."""
    return job.verdict is not None and (not job.verdict.ok or is_off(job))


def _fault(job: Job) -> str:
    """What is wrong with a take, in words."""
    if job.verdict is not None and job.verdict.ok:
        return f"take {job.slot.n} is {reasons_of(job.verdict)}"
    return f"take {job.slot.n} is broken: {'; '.join(job.verdict.reasons if job.verdict else ())}"


async def _media(crew: Crew, commission: Commission) -> list[tuple[str, Any]]:
    """The media of a request with their roles, each as the vault's name for it."""
    found: list[tuple[str, MediaRef]] = []
    for source in commission.sources:
        ref = crew.circled[source.commission].media
        found.append(
            (source.role, await last_frame(crew, ref, source.at_s) if source.frame == "last" else ref)
        )
    for role, facts in commission.files.items():
        found.append((role, await asyncio.to_thread(_archive_supplied, crew, facts)))
    return [(role, ref.as_argument()) for role, ref in found]


def _archive_supplied(crew: Crew, facts: FileFacts) -> MediaRef:
    """Archive a supplied file as it was when the plan was made: the slot's digest names exactly that."""
    kept = crew.vault.media.keep(facts.path, suffix=facts.suffix)
    if kept.sha256 != facts.sha256:
        raise PlanError(
            f"{facts.path.name} was changed after the plan was made", hint="Run the same command again."
        )
    return kept


async def last_frame(crew: Crew, clip: MediaRef, at_s: Fraction | None = None) -> MediaRef:
    """The last frame of a clip, or the one at a second of it, as a picture in the vault; extracted once.

    Raises:
        PostError: the clip has no frame that can be decoded.
    """
    name = "last" if at_s is None else f"at-{at_s.numerator}-{at_s.denominator}"
    known = await asyncio.to_thread(crew.vault.frames.read, clip, name)
    if known:
        return known
    into = crew.folders.cache / "frames" / f"{clip.sha256}.{name}.png"
    into.parent.mkdir(parents=True, exist_ok=True)
    path = await asyncio.to_thread(crew.vault.media.path, clip)
    await crew.cores.run(extract_frame, path, "last" if at_s is None else at_s, into, crew.ffmpeg)
    ref = await asyncio.to_thread(crew.vault.media.keep, into, suffix=".png")
    return await asyncio.to_thread(crew.vault.frames.keep, clip, name, ref)
