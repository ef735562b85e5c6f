"""Scoring: the sounds that the story names are looked up, and kept in the archive with the cut."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from onmodel.errors import PlanError
from onmodel.planning.inputs import FileFacts
from onmodel.planning.soundtrack import SoundFile, score_of
from onmodel.post.cutlist import CutList
from onmodel.post.score import Score
from onmodel.stages.conform import circled_clip
from onmodel.stages.crew import Crew
from onmodel.stages.sounds import Scored
from onmodel.story.sounds import sounds_of
from onmodel.vault import MediaRef


async def score_of_cut(crew: Crew, cutlist: CutList) -> Score:
    """Every sound of a cut; the files are those of the production's folder.

    Raises:
        NotMedia: a file is no sound by now.
    """
    facts = await asyncio.to_thread(_facts, crew)
    files = {name: SoundFile(one.sha256, one.path) for name, one in facts.items()}
    story = crew.story
    episode, loudness = story.episodes[crew.scope], story.production.loudness
    return score_of(episode, crew.shots(), cutlist, crew.cut_format.fps, files, loudness)


async def keep_sounds(crew: Crew, cutlist: CutList, score: Score) -> Scored:
    """Archive the files of a score, so that the cut can be made again from the archive alone.

    Raises:
        PlanError: a file changed meanwhile.
        VaultError: the archive cannot be written.
    """
    media = {
        piece.sha256: circled_clip(crew, piece.shot).media for piece in cutlist.pieces if not piece.still
    }
    heard = {one.sha256 for one in score.heard}
    named = {one.sha256: one for one in (await asyncio.to_thread(_facts, crew)).values()}
    for sha256, facts in named.items():
        if sha256 in heard and sha256 not in media:
            media[sha256] = await asyncio.to_thread(_keep, crew, facts)
    if missing := heard - media.keys():
        changed = next(one for one in score.heard if one.sha256 in missing)
        raise _changed(crew, changed.path.name)
    archived = {sha: await asyncio.to_thread(crew.vault.media.path, media[sha]) for sha in heard}
    at_home = tuple(replace(one, path=archived[one.sha256]) for one in score.heard)
    return Scored(replace(score, heard=at_home), media)


def _keep(crew: Crew, facts: FileFacts) -> MediaRef:
    kept = crew.vault.media.keep(facts.path, suffix=facts.suffix)
    if kept.sha256 != facts.sha256:
        raise _changed(crew, facts.path.name)
    return kept


def _changed(crew: Crew, name: str) -> PlanError:
    return PlanError(
        f"{crew.scope}: '{name}' changed while the episode was being cut",
        hint=f"Run it again: onmodel produce {crew.scope}{crew.again}",
    )


def _facts(crew: Crew) -> Mapping[str, FileFacts]:
    """Facts of every file of sound that the episode names, by its name in the story."""
    episode, shots = crew.story.episodes[crew.scope], crew.shots()
    names = dict.fromkeys(reference for _, reference in sounds_of(episode, shots))
    return {name: crew.market.sounds(crew.story.root / name) for name in names}
