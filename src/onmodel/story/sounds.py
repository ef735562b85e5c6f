"""The files of sound that an episode names, and what contradicts itself about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from onmodel.story.episode import Episode
from onmodel.story.faults import SHOWN_IDS, Fault
from onmodel.story.shot import Shot
from onmodel.story.validation import did_you_mean

Where = tuple[str | int, ...]
"""The path of something in an episode's file."""


def sounds_of(episode: Episode, shots: Mapping[str, Shot]) -> Iterator[tuple[Where, str]]:
    """The files of music and speech, each with its path in the episode.

    Args:
        episode: for its music.
        shots: defaults filled in.
    """
    for index, bed in enumerate(episode.music):
        yield ("music", index, "file"), bed.file
    for name, shot in shots.items():
        for index, speech in enumerate(shot.speech):
            yield ("shots", name, "speech", index, "file"), speech.file


def music_faults(episode: Episode, shots: Mapping[str, Shot]) -> Iterator[tuple[Where, Fault]]:
    """What is wrong about where music begins and ends, as far as words tell."""
    order = list(shots)
    for index, bed in enumerate(episode.music):
        for key, place in (("begin", bed.begin), ("end", bed.end)):
            if isinstance(place, str) and place not in shots:
                ids = ", ".join(order[:SHOWN_IDS]) + (", ..." if len(order) > SHOWN_IDS else "")
                message = f"there is no shot '{place}'; the shots are: {ids}."
                hint = did_you_mean(place, order) or "A second of the episode is a number."
                yield ("music", index, key), Fault(message, (), hint)
