"""The manifest beside an episode: every shot, take, request, hash, price and version that went into it."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

from onmodel.planning import Commission, Take
from onmodel.planning.chains import shot_of
from onmodel.post.cut import CutFacts
from onmodel.post.cutlist import CutList, Piece
from onmodel.post.formats import encoder_of
from onmodel.stages.conform import circled_clip
from onmodel.stages.crew import Crew
from onmodel.vault import MediaRef

SCHEMA: Final = "onmodel.manifest/2"
"""Since the second, a manifest says all that its cut is made of: `stages/recipe.py` reads that back."""


def manifest_of(crew: Crew, cutlist: CutList, media: MediaRef, facts: CutFacts) -> dict[str, Any]:
    """What went into a cut, as JSON values."""
    form = crew.cut_format
    takes = _takes_behind(crew)
    return {
        "schema": SCHEMA,
        "production": crew.story.production.name,
        "episode": crew.scope,
        "title": crew.plan.title,
        "rehearsal": crew.folders.rehearsal,
        "ai_generated": True,
        "cut": {
            "sha256": media.sha256,
            "size": media.size,
            "frames": facts.frames,
            "samples": facts.samples,
            "fps": str(facts.fps),
            "format": form.identity,
        },
        "made_by": {"onmodel": version("onmodel"), "encoder": encoder_of(crew.ffmpeg)},
        "price_usd": str(sum(take.price_usd for _, take in takes)),
        "prices_of": crew.plan.prices_of.isoformat(),
        "shots": [
            {
                **_which(piece),
                "starts_at_frame": start,
                "frames": piece.frames,
                "crossfade_frames": piece.join.overlap_frames,
                "clip": circled_clip(crew, piece.shot).media.as_argument(),
                "take": circled_clip(crew, piece.shot).n,
            }
            for piece, start in zip(cutlist.pieces, cutlist.starts, strict=True)
        ],
        "takes": [_take(commission, take) for commission, take in takes],
    }


def _which(piece: Piece) -> dict[str, Any]:
    """Which shot a piece is of; of a long one, which of its clips, and what of that is passed over."""
    number = piece.shot.partition(".")[2]
    link = {"link": int(number), "begin_frames": piece.begin_frames} if number else {}
    return {"shot": shot_of(piece.shot), **link}


def _takes_behind(crew: Crew) -> list[tuple[Commission, Take]]:
    """Every circled take that the cut is made from, sheets and keyframes included, in the plan's order."""
    lines = crew.plan.lines.values()
    return [
        (line.commission, crew.circled[line.commission.id])
        for line in lines
        if line.commission.id in crew.circled
    ]


def _take(commission: Commission, take: Take) -> dict[str, Any]:
    intent, verdict = take.job.intent, take.job.verdict
    return {
        "label": intent.label,
        "job": take.job.slot.key,
        "basis": take.job.slot.basis,
        "endpoint": intent.endpoint,
        "why": commission.choice.why,
        "request_id": take.job.request_id,
        "request": intent.arguments,
        "sha256": take.media.sha256,
        "price_usd": str(intent.price_usd),
        "change": intent.change,
        "verdict": verdict.model_dump(mode="json", exclude={"identity": {"__all__": {"signature"}}})
        if verdict
        else None,
        "made_at": intent.made_at.isoformat(),
    }
