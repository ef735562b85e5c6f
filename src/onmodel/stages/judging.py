"""Every take is judged: by the gates, and by whether who is seen is who the bible says, in one decode."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from onmodel.craft.words import asks_for_unsteady_light
from onmodel.errors import ReferenceUnusable
from onmodel.planning import Commission, off_model, standing_of
from onmodel.post.ffmpeg import written_whole
from onmodel.post.gates import Expected, GateReport, measure_clip, measure_still
from onmodel.post.looks import look_at
from onmodel.qc import LEAST_FRAMES, Calibration, Scorer, calibrate, judge, scorer_for
from onmodel.stages.crew import Crew, Event
from onmodel.units import digest_of
from onmodel.vault import Delivery, Job, Likeness, Verdict

LOOKS: Final = LEAST_FRAMES
"""Frames of a clip that are looked at."""
_GO_BY_CLIPS: Final = ("motion-control", "video-reference")
"""Ways of filming by a clip that a person supplied: its cuts may come along."""


@dataclass(frozen=True)
class Reference:
    """A picture that shows a character as it should look."""

    sha256: str
    path: Path


@dataclass(frozen=True)
class Sought:
    """A character to be recognised, and what it should look like."""

    character: str
    kind: Literal["human", "stylised"]
    references: Mapping[str, Reference]
    """By the view's name, or the supplied file's."""
    scorer: str | None = None
    """The production's own scorer for this kind; None is the one that comes with the package."""
    modules: Path | None = None
    """Where the production's own scorer may be imported from, besides what is installed."""


@dataclass(frozen=True)
class Measured:
    """What was measured of one take."""

    gates: GateReport
    identity: dict[str, Likeness]
    """By character; empty where the gates are closed: nobody is looked for in a broken clip."""


def measure_take(
    path: Path, expected: Expected, ffmpeg: Path, sought: Sequence[Sought], remembered: Path, *, is_clip: bool
) -> Measured:
    """Decode a take once, put it through the gates and look for everybody who should be in it.

    Args:
        path: the clip, or the picture.
        expected: what was asked for.
        ffmpeg: the program.
        sought: who should be recognised.
        remembered: a folder in which calibrations are kept between runs.
        is_clip: whether it is a clip, not a picture.

    Raises:
        PostError: the machine cannot do the work.
        SetupError: a network's weights are missing or altered, or the production's own scorer cannot be had.
    """
    if is_clip:
        gates = measure_clip(path, expected, ffmpeg, looks=LOOKS if sought else 0)
    else:
        gates = measure_still(path, expected)
    if not gates.ok or gates.looks is None or not sought:
        return Measured(_without_looks(gates), {})
    identity: dict[str, Likeness] = {}
    calibrations: dict[str, Calibration] = {}
    scorers: dict[str, Scorer] = {}
    for one in sought:
        scorer = scorer_of(one)
        try:
            calibrations[one.character] = calibration_of(one, scorer, remembered)
            scorers[one.character] = scorer
        except ReferenceUnusable as error:
            identity[one.character] = _unscorable(scorer, error)
    identity |= judge(list(gates.looks.frames), gates.looks.at_s, calibrations, scorers)
    return Measured(_without_looks(gates), identity)


def calibration_of(sought: Sought, scorer: Scorer, remembered: Path) -> Calibration:
    """A character's references and threshold; measured once for the same pictures and scorer.

    Raises:
        ReferenceUnusable: the character can be seen in none of the pictures.
    """
    key = digest_of(
        {
            "scorer": [scorer.name, scorer.version],
            "references": {name: one.sha256 for name, one in sought.references.items()},
        }
    )
    kept = remembered / f"{key}.json"
    try:
        return Calibration.from_json(json.loads(kept.read_bytes()))
    except (OSError, ValueError, ReferenceUnusable):
        pictures = {name: look_at(one.path).frames[0] for name, one in sought.references.items()}
        found = calibrate(scorer, pictures)
    with written_whole(kept) as part:
        part.write_text(json.dumps(found.to_json()), encoding="utf-8")
    return found


def scorer_of(sought: Sought) -> Scorer:
    """Who judges a character: the scorer of its kind, or the production's own.

    Raises:
        SetupError: the production's own cannot be had, or is none.
    """
    if sought.scorer is not None and sought.modules is not None and str(sought.modules) not in sys.path:
        sys.path.append(str(sought.modules))
    return scorer_for(sought.kind, sought.scorer)


def _without_looks(gates: GateReport) -> GateReport:
    """The report without its frames: nobody needs them any more, and they would be sent between processes."""
    return replace(gates, looks=None)


def _unscorable(scorer: Scorer, error: ReferenceUnusable) -> Likeness:
    return Likeness(
        standing="unscorable",
        reason=f"the model sheet cannot be judged by: {error.message}",
        scorer=f"{scorer.name} {scorer.version}",
    )


def expected_of(commission: Commission, job: Job) -> Expected:
    """What a take must be: by what was bought, not by what the cut uses today; so a verdict stays true."""
    heard = commission.choice.endpoint.audio
    return Expected(
        commission.shape,
        seconds=job.intent.seconds if commission.is_clip else None,
        sound=heard is not None and job.intent.arguments.get(heard) is True,
        one_take=commission.mode not in _GO_BY_CLIPS,
        steady=not asks_for_unsteady_light(commission.parts.prompt),
    )


async def judge_take(crew: Crew, commission: Commission, job: Job, delivery: Delivery) -> None:
    """Measure a take that has arrived, and write the verdict down."""
    crew.report(Event(commission.subject, commission.stage, "judging", take=job.slot.n))
    path = await asyncio.to_thread(crew.vault.media.path, delivery.media[0])
    expected = expected_of(commission, job)
    sought = await asyncio.to_thread(sought_in, crew, commission)
    remembered = crew.folders.cache / "identity"
    found = await crew.cores.run(
        measure_take, path, expected, crew.ffmpeg, sought, remembered, is_clip=commission.is_clip
    )
    verdict = Verdict(
        ok=found.gates.ok,
        reasons=found.gates.reasons,
        readings=found.gates.readings,
        identity=found.identity,
        at=datetime.now(UTC),
    )
    await asyncio.to_thread(crew.vault.journal.record_verdict, job, verdict)
    standing = standing_of(verdict)
    if not verdict.ok:
        said = ("broken", "; ".join(verdict.reasons))
    elif standing != "on-model":
        said = (standing, "; ".join(f"{who}: {one.reason}" for who, one in off_model(verdict).items()))
    else:
        said = ("on-model", _scores(verdict)) if verdict.identity else ("passed", "")
    crew.report(Event(commission.subject, commission.stage, *said, take=job.slot.n))


def _scores(verdict: Verdict) -> str:
    """What everybody who was looked for scored: `pip 0.71, at least 0.60`."""
    return "; ".join(
        f"{who} {one.score:.2f}, at least {one.threshold:.2f}"
        for who, one in verdict.identity.items()
        if one.score is not None and one.threshold is not None
    )


def sought_in(crew: Crew, commission: Commission) -> list[Sought]:
    """Who should be recognised in a picture or clip, by what is circled of their sheets."""
    scorers = crew.story.production.scorers
    found = []
    for likeness in commission.likenesses:
        views = {name.removesuffix(".sheet"): crew.circled[name].media for name in likeness.views}
        shown = {name: Reference(ref.sha256, crew.vault.media.path(ref)) for name, ref in views.items()}
        supplied = {one.path.name: Reference(one.sha256, one.path) for one in likeness.pictures}
        own = getattr(scorers, likeness.kind) if scorers else None
        found.append(Sought(likeness.character, likeness.kind, shown | supplied, own, crew.story.root))
    return found
