"""The soundtrack as the story says it: clips, speech and music with their places in the finished cut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Final, NamedTuple

from onmodel.planning.chains import shot_of
from onmodel.planning.sound_places import Seen, bed_span, samples_in, shots_seen
from onmodel.post.cutlist import CutList
from onmodel.post.score import Heard, Score, Span, heard_clips
from onmodel.story import Episode, Shot
from onmodel.story.production import Loudness

LUFS: Final[Mapping[str, float | None]] = {"platform": -14.0, "broadcast": -23.0, "as-is": None}
"""Integrated loudness by name. Source: what the large platforms play at, and EBU R 128 (2020), 2026-11."""
MUTED_DB: Final = -60.0
"""A sound at this level is left out."""


class SoundFile(NamedTuple):
    """A file of sound that the story names."""

    sha256: str
    path: Path


def score_of(
    episode: Episode,
    shots: Mapping[str, Shot],
    cutlist: CutList,
    fps: Fraction,
    files: Mapping[str, SoundFile],
    loudness: Loudness,
) -> Score:
    """Every sound of an episode.

    Args:
        episode: for its music.
        shots: defaults filled in.
        cutlist: of its clips.
        fps: of the cut.
        files: what the story names, by its name there.
        loudness: what the production asks for.
    """
    samples, seen = cutlist.samples(fps), shots_seen(cutlist, fps)
    heard = [
        *_clips(shots, cutlist, fps, seen),
        *_speech(shots, seen, samples, files),
        *_music(episode, seen, samples, files),
    ]
    inside = (replace(one, samples=min(one.samples, samples - one.begin)) for one in heard)
    audible = tuple(one for one in inside if one.samples > 0 and one.level_db > MUTED_DB)
    return Score(samples, audible, LUFS[loudness] if isinstance(loudness, str) else loudness)


def _clips(
    shots: Mapping[str, Shot], cutlist: CutList, fps: Fraction, seen: Mapping[str, Seen]
) -> Iterator[Heard]:
    for piece, heard in heard_clips(cutlist, fps):
        name = shot_of(piece.shot)
        shot = shots[name]
        spoken = (_within(span, heard) for span in _spoken(shot, seen[name]))
        yield replace(heard, level_db=shot.level_db or 0, speech=tuple(span for span in spoken if span))


def _spoken(shot: Shot, place: Seen) -> Iterator[Span]:
    """Where somebody may speak in the shot's own sound: at its words, where no file has them."""
    if shot.voices:
        yield place
    elif not shot.speech:
        ends = [said.at for said in shot.say[1:]]
        for said, next_at in zip(shot.say, [*ends, None], strict=False):
            begin = place.begin + samples_in(said.at)
            last = place.end if next_at is None else place.begin + samples_in(next_at)
            yield begin, last if said.seconds is None else begin + samples_in(said.seconds)


def _within(span: Span, heard: Heard) -> Span | None:
    begin, end = max(span[0], heard.begin), min(span[1], heard.end)
    return (begin, end) if begin < end else None


def _speech(
    shots: Mapping[str, Shot], seen: Mapping[str, Seen], samples: int, files: Mapping[str, SoundFile]
) -> Iterator[Heard]:
    """What is spoken from files; it goes on under the next shot where it is longer than its own."""
    spoken = ((name, one) for name, shot in shots.items() if name in seen for one in shot.speech)
    for name, one in spoken:
        file, begin = files[one.file], seen[name].begin + samples_in(one.at)
        yield Heard(
            name=f"{name} speech",
            sha256=file.sha256,
            path=file.path,
            begin=begin,
            samples=samples - begin,
            level_db=one.level_db,
            speech=((begin, samples),),
        )


def _music(
    episode: Episode, seen: Mapping[str, Seen], samples: int, files: Mapping[str, SoundFile]
) -> Iterator[Heard]:
    for bed in episode.music:
        begin, end = bed_span(bed, seen, samples)
        length = end - begin
        yield Heard(
            name="music",
            sha256=files[bed.file].sha256,
            path=files[bed.file].path,
            begin=begin,
            samples=length,
            skip=samples_in(bed.in_),
            fade_in=min(samples_in(bed.fade_in), max(length, 0)),
            fade_out=min(samples_in(bed.fade_out), max(length, 0)),
            level_db=bed.level_db,
            loop=bed.loop,
            ducked_db=bed.duck_db,
        )
