"""One take as the page shows it: what is seen, what was measured, what changed since the take before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from onmodel.dailies.clips import Clip
from onmodel.dailies.curve import Chart, chart_of
from onmodel.dailies.stills import Still
from onmodel.dailies.wording import (
    Changed,
    Words,
    fields_of,
    request_changes,
    word_changes,
)
from onmodel.planning import Holding, Line, Take, standing_of
from onmodel.planning.requests import prompt_of
from onmodel.planning.takes import changed_keys
from onmodel.vault import Decision, Job, Likeness, MediaRef, Verdict

BROKEN: Final = "broken"
UNJUDGED: Final = "not judged yet"
CLIPS: Final = ("shoot", "restyle")
USUAL_FPS: Final = 24.0


class Moment(NamedTuple):
    """A step of a take's way."""

    what: str
    at: datetime
    after_s: float
    """Seconds since it was asked for."""


@dataclass(frozen=True)
class Recognised:
    """One character of a take, as it was measured."""

    name: str
    """As prompts say it."""
    likeness: Likeness
    chart: Chart | None
    worst_s: float | None
    """When it is least like itself, in seconds from the clip's beginning; None for a picture."""


@dataclass(frozen=True)
class TakeShown:
    """One take."""

    n: int
    label: str
    standing: str
    """What it comes to: on-model, off-model and so on, `broken` or `not judged yet`."""
    is_circled: bool
    is_clip: bool
    basis: str
    """Digest of the content that it was made from."""
    fps: float
    """Frames a second of a clip; 24 where nobody measured it."""
    media: MediaRef
    still: Still
    """The picture itself, or what stands for the clip until it plays."""
    people: tuple[Recognised, ...]
    reasons: tuple[str, ...]
    """Why the gates are closed."""
    readings: Mapping[str, object]
    change: str
    """Retakes: the one thing that was changed."""
    made_from_else: str
    """What the story, or what it was made from, says otherwise by now; empty for a take that is current."""
    prompt: tuple[Words, ...]
    since: str
    """The take that the prompt and the request are compared with; empty for the first."""
    changes: tuple[Changed, ...]
    fields: Mapping[str, str]
    endpoint: str
    price_usd: Decimal
    request_id: str
    moments: tuple[Moment, ...]
    decided: tuple[Decision, ...]
    """What people decided and noted about it, oldest first."""

    @property
    def notes(self) -> tuple[Decision, ...]:
        """What people noted about it."""
        return tuple(one for one in self.decided if one.kind == "note")

    @property
    def is_current(self) -> bool:
        """Whether it is of what the story says now."""
        return not self.made_from_else

    @property
    def clip(self) -> Clip:
        """What is played, or opened in full."""
        return Clip.of(self.media)

    @property
    def stills(self) -> tuple[Still, ...]:
        """Every still that it is shown with."""
        return (self.still,)


def takes_of(
    line: Line,
    made: Sequence[Job],
    names: Mapping[str, str],
    poster: Still | None,
    decisions: Sequence[Decision],
) -> tuple[TakeShown, ...]:
    """Every take of a picture or clip: from what the story says now, newest last, and from earlier texts.

    Args:
        line: of the plan.
        made: the jobs of the same shot and stage, from whatever text.
        names: the characters', by bible.
        poster: what stands for its clips until they play; a clip's own first frame where there is none.
        decisions: people's, about whatever takes.
    """
    held = line.holding or Holding(line.commission.subject, ())
    current = {job.slot.key for job in held.jobs}
    jobs = [*(job for job in made if job.slot.key not in current), *held.jobs]
    takes = [Take(job, job.delivery.media[0]) for job in jobs if job.delivery is not None]
    takes.sort(key=lambda take: take.job.intent.made_at)
    beside: dict[str, list[Likeness]] = {}
    for take in takes:
        for who, one in _identity(take).items():
            beside.setdefault(who, []).append(one)
    shown = []
    before: Take | None = None
    for take in takes:
        stale = "" if take.job.slot.key in current else _otherwise(take.job, held.last)
        decided = tuple(one for one in decisions if _is_about(one, take))
        shown.append(_shown(take, before, line, _people(take, names, beside), poster, stale, decided))
        before = take
    return tuple(shown)


def _shown(
    take: Take,
    before: Take | None,
    line: Line,
    people: tuple[Recognised, ...],
    poster: Still | None,
    stale: str,
    decided: tuple[Decision, ...],
) -> TakeShown:
    intent, media = take.job.intent, take.media
    is_clip = line.commission.is_clip
    own = Still(media.sha256, media, is_clip)
    earlier = before.job.intent.arguments if before else intent.arguments
    return TakeShown(
        n=take.n,
        label=intent.label,
        standing=standing_shown(take.verdict),
        is_circled=line.take is not None and line.take.job.slot == take.job.slot,
        is_clip=is_clip,
        basis=take.job.slot.basis,
        fps=_rate(take.verdict),
        media=media,
        still=poster if poster and is_clip and not stale else own,
        people=people,
        reasons=take.verdict.reasons if take.verdict else (),
        readings=take.verdict.readings if take.verdict else {},
        change=intent.change or "",
        made_from_else=stale,
        prompt=tuple(word_changes(prompt_of(earlier), prompt_of(intent.arguments))),
        since=f"take {before.n}" if before else "",
        changes=tuple(request_changes(earlier, intent.arguments)),
        fields=fields_of(intent.arguments),
        endpoint=intent.endpoint,
        price_usd=take.price_usd,
        request_id=take.job.request_id or "",
        moments=tuple(_moments(take.job)),
        decided=decided,
    )


def _is_about(decision: Decision, take: Take) -> bool:
    slot = take.job.slot
    about = (decision.subject, decision.stage, decision.basis, decision.n)
    return about == (slot.subject, slot.stage, slot.basis, slot.n)


def standing_shown(verdict: Verdict | None) -> str:
    """What a verdict comes to, in one word or three."""
    if verdict is None:
        return UNJUDGED
    return standing_of(verdict) if verdict.ok else BROKEN


def _rate(verdict: Verdict | None) -> float:
    try:
        return float(Fraction(str(verdict.readings["fps"]))) if verdict else USUAL_FPS
    except (KeyError, ValueError, ZeroDivisionError):
        return USUAL_FPS


def _identity(take: Take) -> Mapping[str, Likeness]:
    return take.verdict.identity if take.verdict else {}


def _people(
    take: Take, names: Mapping[str, str], beside: Mapping[str, Sequence[Likeness]]
) -> tuple[Recognised, ...]:
    is_clip = take.job.intent.slot.stage in CLIPS
    return tuple(
        Recognised(names.get(who, who), one, chart_of(one, beside[who]), one.worst_s if is_clip else None)
        for who, one in _identity(take).items()
    )


def _otherwise(job: Job, now: Job | None) -> str:
    """What a take was made from otherwise than the newest one."""
    keys = changed_keys(job.intent.basis_content, now.intent.basis_content) if now else []
    said = ", ".join(
        "the picture it is made from" if key == "made_from" else key.replace("_", " ") for key in keys
    )
    return f"changed since: {said}" if said else "the story says something else by now"


def _moments(job: Job) -> list[Moment]:
    asked = job.intent.made_at
    sent = [one.at for one in job.outcomes.values() if one.kind == "submitted"]
    found = [("asked for", asked), *(("sent", at) for at in sent[-1:])]
    found += [
        (what, record.at)
        for what, record in (("made", job.result), ("archived", job.delivery), ("judged", job.verdict))
        if record is not None
    ]
    return [Moment(what, at, (at - asked).total_seconds()) for what, at in found]
