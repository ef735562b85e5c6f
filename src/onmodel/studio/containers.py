"""What a file is, by how it begins: a server's word for it is not enough to archive it under.

Source: the formats' own specifications (PNG, JPEG, GIF, WebP, ISO base media, Matroska, WAVE, Ogg, MP3).
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Sort = Literal["image", "video", "audio"]

HEAD_BYTES: Final = 16
"""As much of a file's beginning as is looked at."""


class Container(NamedTuple):
    """What a file is."""

    sort: Sort
    suffix: str


_MAGIC: Final = (
    (b"\x89PNG\r\n\x1a\n", Container("image", ".png")),
    (b"\xff\xd8\xff", Container("image", ".jpg")),
    (b"GIF8", Container("image", ".gif")),
    (b"\x1aE\xdf\xa3", Container("video", ".webm")),
    (b"OggS", Container("audio", ".ogg")),
    (b"fLaC", Container("audio", ".flac")),
    (b"ID3", Container("audio", ".mp3")),
    (b"\xff\xfb", Container("audio", ".mp3")),
)
_RIFF: Final = {b"WEBP": Container("image", ".webp"), b"WAVE": Container("audio", ".wav")}
_BRANDS: Final = {
    b"avif": Container("image", ".avif"),
    b"heic": Container("image", ".heic"),
    b"M4A ": Container("audio", ".m4a"),
    b"qt  ": Container("video", ".mov"),
}
_QUICKTIME: Final = (b"moov", b"mdat", b"wide", b"free", b"skip")


def container_of(head: bytes) -> Container | None:
    """What begins so; None for what is no picture, clip or sound that we know."""
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], Container("video", ".mp4"))
    if head[4:8] in _QUICKTIME:
        return Container("video", ".mov")
    return next((container for magic, container in _MAGIC if head.startswith(magic)), None)
