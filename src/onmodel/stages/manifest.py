"""The manifest beside an episode: every shot, take, request, hash, price and version that went into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from onmodel.planning import Commission, Take
from onmodel.planning.chains import shot_of
from onmodel.planning.wishes import wishes_of
from onmodel.post.captions import Caption
from onmodel.post.chapters import Labels
from onmodel.post.cut import CutFacts
from onmodel.post.cutlist import CutList, Piece
from onmodel.post.formats import encoder_of
from onmodel.stages.conform import circled_clip
from onmodel.stages.crew import Crew
from onmodel.stages.labelling import told_labels
from onmodel.stages.pieces import told_piece
from onmodel.stages.recipe import SCHEMA
from onmodel.stages.sidecars import told_captions
from onmodel.vault import MediaRef


def manifest_of(
    crew: Crew,
    cutlist: CutList,
    labels: Labels,
    media: MediaRef,
    facts: CutFacts,
    sound: Mapping[str, Any],
    pictures: Mapping[str, MediaRef],
    captions: Sequence[Caption],
) -> dict[str, Any]:
    """What went into a cut, as JSON values.

    Args:
        crew: who made it.
        cutlist: which frames of which clip.
        labels: what the file says about itself.
        media: the finished file.
        facts: what that decodes to.
        sound: every sound in it, and how loud it came out.
        pictures: what its cards and overlays are called in the archive, by sha256.
        captions: what the files beside it say.
    """
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
        "wishes": wishes_of(crew.story, crew.scope),
        "made_by": {"onmodel": version("onmodel"), "encoder": encoder_of(crew.ffmpeg)},
        "price_usd": str(sum(take.price_usd for _, take in takes)),
        "prices_of": crew.plan.prices_of.isoformat(),
        **_programme(crew, cutlist, pictures),
        **told_labels(labels),
        **told_captions(captions),
        "sound": sound,
        "takes": [_take(commission, take) for commission, take in takes],
    }


def _programme(crew: Crew, cutlist: CutList, pictures: Mapping[str, MediaRef]) -> dict[str, Any]:
    """The shots of the cut, and the cards before and after them, each where it is first seen."""
    before, shots, after = list[dict[str, Any]](), list[dict[str, Any]](), list[dict[str, Any]]()
    for piece, start in zip(cutlist.pieces, cutlist.starts, strict=True):
        if piece.still:
            entry = {"shot": piece.shot, "starts_at_frame": start, **told_piece(piece, pictures)}
            (after if shots else before).append(entry)
            continue
        take = circled_clip(crew, piece.shot)
        media = {**pictures, take.media.sha256: take.media}
        entry = {**_which(piece), "starts_at_frame": start, **told_piece(piece, media), "take": take.n}
        shots.append(entry)
    cards = {"cards_before": before, "cards_after": after}
    return {"shots": shots, **{name: entries for name, entries in cards.items() if entries}}


def _which(piece: Piece) -> dict[str, Any]:
    """Which shot a piece is of; of a long one, which of its clips."""
    number = piece.shot.partition(".")[2]
    return {"shot": shot_of(piece.shot), **({"link": int(number)} if number else {})}


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
