"""The takes of a shot as an editor gets them: which may be chosen instead, and what is said about each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from onmodel.planning.circling import off_model, standing_of
from onmodel.planning.requests import prompt_of
from onmodel.planning.takes import Take
from onmodel.post.handoff import Remark
from onmodel.units import usd
from onmodel.vault import Decision, Job, MediaRef

_CLIPS: Final = ("shoot", "restyle")
_COLOURS: Final = {"ok": "GREEN", "on-model": "GREEN", "broken": "RED", "off-model": "RED"}
_TELLING: Final = "YELLOW"
_NOTED: Final = "CYAN"


@dataclass(frozen=True)
class Version:
    """One take of a shot."""

    key: str
    """`take 2`; `other take 1` for one that was made when the story said something else."""
    media: MediaRef
    take: Take | None = None
    """None where the archive has its clip, and its records no more."""

    @property
    def told(self) -> dict[str, Any]:
        """What is known of it, as JSON values."""
        return {"take": self.key, "sha256": self.media.sha256, **(_told(self.take) if self.take else {})}


def versions_of(subject: str, clip: MediaRef, n: int, jobs: Sequence[Job]) -> tuple[Version, ...]:
    """The takes of a shot, the one in the cut first, the others in the order in which they were asked for.

    Args:
        subject: the shot's id, or that of a link of a long one.
        clip: what the cut has.
        n: its number there.
        jobs: of the episode.
    """
    clips = (job for job in jobs if job.slot.stage in _CLIPS)
    made = [Take(job, job.delivery.media[0]) for job in clips if job.delivery is not None]
    # One clip may be two takes: a rehearsal answers alike to what is asked alike.
    meant = [take for take in made if take.media.sha256 == clip.sha256]
    meant.sort(key=lambda take: (take.job.slot.subject != subject, take.n != n))
    if not meant:
        return (Version(f"take {n}", clip),)
    chosen = meant[0]
    # A shot that was renamed has its takes under its old name.
    own = subject if any(take.job.slot.subject == subject for take in made) else chosen.job.slot.subject
    beside = [take for take in made if take.job.slot.subject == own and take is not chosen]
    beside.sort(key=lambda take: take.job.intent.made_at)
    same = [take for take in beside if _text(take) == _text(chosen)]
    others = [take for take in beside if _text(take) != _text(chosen)]
    return (
        Version(f"take {chosen.n}", clip, chosen),
        *(Version(f"take {take.n}", take.media, take) for take in same),
        *(Version(f"other take {number}", take.media, take) for number, take in enumerate(others, 1)),
    )


def remarks_of(subject: str, version: Version, decisions: Sequence[Decision]) -> tuple[Remark, ...]:
    """What is said about a take: how it stands, its price and prompt; where it is worst; people's notes.

    Args:
        subject: the shot's id, or that of a link.
        version: the take.
        decisions: people's, about the episode.
    """
    take = version.take
    if take is None:
        return ()
    slot, stands = take.job.slot, _standing(take)
    about = (slot.subject, slot.stage, slot.basis, slot.n)
    name = f"{subject} {version.key}: {stands}, {usd(take.price_usd)}"
    prompt = prompt_of(take.job.intent.arguments)
    told: Mapping[str, Any] = {"kind": "take", **version.told}
    remarks = [Remark(name, prompt, _COLOURS.get(stands, _TELLING), told=told)]
    remarks += _worst(take)
    for one in decisions:
        if one.kind == "note" and (one.subject, one.stage, one.basis, one.n) == about:
            at = None if one.at_s is None else Fraction(one.at_s)
            box = {"box": list(one.box)} if one.box else {}
            told = {"kind": "note", "by": one.by, "at": one.at.isoformat(), **box}
            remarks.append(Remark(f"note by {one.by}", one.note, _NOTED, at, told))
    return tuple(remarks)


def _worst(take: Take) -> Iterator[Remark]:
    """When a character that is not on-model is least like itself."""
    for who, one in off_model(take.verdict).items():
        if one.worst_s is not None:
            told = {"kind": "worst", "character": who, "score": one.score, "threshold": one.threshold}
            yield Remark(f"{who}: {one.standing}", one.reason, _TELLING, Fraction(one.worst_s), told)


def _told(take: Take) -> dict[str, Any]:
    intent, verdict = take.job.intent, take.verdict
    scores = {who: one.score for who, one in verdict.identity.items()} if verdict else {}
    said: Mapping[str, Any] = {
        "label": intent.label,
        "verdict": _standing(take),
        "reasons": list(verdict.reasons) if verdict else [],
        "scores": scores,
        "price_usd": str(take.price_usd),
        "endpoint": intent.endpoint,
        "request_id": take.job.request_id,
        "change": intent.change,
        "prompt": prompt_of(intent.arguments),
        "made_at": intent.made_at.isoformat(),
    }
    return {name: value for name, value in said.items() if value}


def _standing(take: Take) -> str:
    verdict = take.verdict
    if verdict is None:
        return "not judged yet"
    if not verdict.ok:
        return "broken"
    return standing_of(verdict) if verdict.identity else "ok"


def _text(take: Take) -> tuple[str, str, str]:
    """What the story said of it."""
    return take.job.slot.subject, take.job.slot.stage, take.job.slot.basis
