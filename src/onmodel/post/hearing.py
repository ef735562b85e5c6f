"""What a file of sound is: music, narration, a clip with sound, or something that only looks so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

from onmodel.errors import NotMedia
from onmodel.post.probe import looks_like, read_head

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer

_EXPORT_AGAIN: Final = "Export it again as WAV, FLAC, MP3, M4A or Ogg; a clip with sound is fine too."
_ENDINGS: Final = {"mov": ".m4a", "matroska": ".mka", "asf": ".wma"}
"""How sound in a container ends, where the container's name is another."""


@dataclass(frozen=True)
class SoundFacts:
    """What a file of sound says about itself."""

    seconds: Fraction
    """Length as the container tells it; 0 where it does not."""
    suffix: str
    """How a file of this container ends, with its dot, whatever this one is named: `.mp3`."""


def probe_sound(path: Path) -> SoundFacts:
    """Say what a file of sound is, from its head and its first samples.

    Raises:
        NotMedia: it has no sound that can be decoded; the message says what it looks like.
        PostError: it is not there or cannot be read.
    """
    head = read_head(path)
    import av  # noqa: PLC0415 - keeps `check` and `plan` quick

    try:
        with av.open(str(path.absolute())) as container:
            if not container.streams.audio:
                raise _not_sound(path, head, "it has no sound track")
            stream = container.streams.audio[0]
            if next(container.decode(stream), None) is None:
                raise _not_sound(path, head, "none of its sound can be decoded")
            return SoundFacts(_length_of(container, stream), _suffix_of(container))
    except av.FFmpegError as error:
        raise _not_sound(path, head, error.strerror or "it cannot be decoded") from error


def has_sound(path: Path) -> bool:
    """Whether a clip, or a file of sound, has a sound track.

    Raises:
        NotMedia: it is neither.
        PostError: it is not there or cannot be read.
    """
    head = read_head(path)
    import av  # noqa: PLC0415 - keeps `check` and `plan` quick

    try:
        with av.open(str(path.absolute())) as container:
            return bool(container.streams.audio)
    except av.FFmpegError as error:
        raise _not_sound(path, head, error.strerror or "it cannot be opened") from error


def _length_of(container: InputContainer, stream: AudioStream) -> Fraction:
    if stream.duration is not None and stream.time_base is not None:
        return stream.duration * stream.time_base
    return Fraction(container.duration or 0, 1_000_000)


def _suffix_of(container: InputContainer) -> str:
    first = container.format.name.split(",", maxsplit=1)[0]
    if container.streams.video and first == "mov":
        return ".mp4"
    return _ENDINGS.get(first, f".{re.sub(r'[^a-z0-9]', '', first)[:8]}")


def _not_sound(path: Path, head: bytes, why: str) -> NotMedia:
    looks = looks_like(head)
    known = looks if looks and looks != "a sound file" else ""
    return NotMedia(
        f"{path}: this is {known}, not sound"
        if known
        else f"{path}: not sound that can be used: {why[:1].lower()}{why[1:]}",
        hint=_EXPORT_AGAIN,
    )
