"""What a story says of how takes are cut, as one digest: a cut that was made by other wishes is made anew.

What is seen in a take is in its basis; this is all the rest: lengths, joins, sounds, captions and cards.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from onmodel.story import Story
from onmodel.units import digest_of, sha256_of_file

OF_SHOT: Final = (
    "seconds",
    "in_",
    "out",
    "speed",
    "hold",
    "level_db",
    "speech",
    "say",
    "lower_third",
    "keep_sound",
    "join",
)
OF_EPISODE: Final = ("title", "cards", "captions", "music")
OF_PRODUCTION: Final = ("title", "loudness", "palette", "font")


def wishes_of(story: Story, episode: str) -> str:
    """The digest of an episode's wishes; files count by their content.

    Raises:
        OSError: a file cannot be read.
    """
    shots = story.shots(episode)
    wishes = {
        "shots": [
            [name, shot.model_dump(mode="json", include=set(OF_SHOT), exclude_none=True)]
            for name, shot in shots.items()
        ],
        "episode": story.episodes[episode].model_dump(mode="json", include=set(OF_EPISODE)),
        "production": story.production.model_dump(mode="json", include=set(OF_PRODUCTION)),
        "format": story.format(episode).model_dump(mode="json"),
        "files": {name: sha256_of_file(story.root / name) for name in sorted(set(_files(story, episode)))},
    }
    return digest_of(wishes)


def _files(story: Story, episode: str) -> Iterator[str]:
    for shot in story.shots(episode).values():
        yield from (speech.file for speech in shot.speech)
    yield from (bed.file for bed in story.episodes[episode].music)
    supplied = (story.episodes[episode].captions.file, story.production.font)
    yield from (one for one in supplied if one is not None)
