"""What a file is: a clip or a picture with its size, rate and length, or something that only looks so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from onmodel.errors import NotMedia, PostError
from onmodel.units import Size, round_half_up

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.stream import VideoStream

_HEAD_BYTES = 1024
_QUARTER_TURN = 90
_UNTOLD = 2
"""Colour matrix of a stream that names none. Source: ITU-T H.273, table 4, 2021-07."""
_STANDARD_LINES = 576
"""Lines of the largest standard television picture. Source: ITU-R BT.601-7, 2011-03."""
_FETCH_AGAIN = (
    "Fetch or export the file again; onmodel takes MP4, MOV or WebM clips and PNG, JPEG or WebP pictures."
)
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM", b"II*\0", b"MM\0*")
_DEEP = ("I", "F")
"""How Pillow's modes begin whose greys go beyond 255: all that is lighter would be taken for white."""
_SUFFIXES = {"jpeg": ".jpg", "mpo": ".jpg", "matroska": ".webm", "mov": ".mp4"}
"""How files of a container end, where its name is another; MPO is what some phones call their JPEG."""
_QUICKTIME = "qt"
"""What a .mov names itself: MP4 and MOV are one container to ffmpeg."""
_SIGNATURES = (
    (b"<!doctype html", "an HTML page"),
    (b"<html", "an HTML page"),
    (b"<head", "an HTML page"),
    (b"<body", "an HTML page"),
    (b"<?xml", "an XML document"),
    (b"{", "a JSON document"),
    (b"[", "a JSON document"),
    (b"%pdf", "a PDF document"),
    (b"pk\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"version https://git-lfs", "a Git LFS pointer, not the file itself"),
    (b"id3", "a sound file"),
)
"""First bytes, in lower case."""


@dataclass(frozen=True)
class Facts:
    """What a clip or picture says about itself."""

    kind: Literal["video", "image"]
    size: Size
    """As shown: turned the right way up, in square pixels."""
    fps: Fraction | None
    """Average frames a second; None for a picture."""
    seconds: Fraction
    """Length of the picture track; 0 for a picture."""
    frames: int | None
    """The container's own count, which may lie; None where it has none, 1 for a picture."""
    has_audio: bool
    audio_seconds: Fraction
    """Length of the sound track; 0 where there is none."""
    codec: str
    container: str
    suffix: str
    """How a file of this container ends, with its dot, whatever this one is named: `.mp4`, `.png`."""


def probe(path: Path) -> Facts:
    """Say what a file is, from its head and its first frame.

    Raises:
        NotMedia: it is not a picture or clip that can be opened; the message says what it looks like.
        PostError: it is not there or cannot be read.
    """
    head = read_head(path)
    if _is_picture(head):
        return probe_image(path)
    import av  # noqa: PLC0415 - keeps `check` and `plan` quick

    try:
        with av.open(str(path.absolute())) as container:
            if not container.streams.video:
                raise _not_media(path, head, "it has no picture track")
            return _clip_facts(path, head, container)
    except av.FFmpegError as error:
        raise _not_media(path, head, error.strerror or "it cannot be decoded") from error


def probe_image(path: Path) -> Facts:
    """Say what a picture is, from its header.

    Raises:
        NotMedia: it is not a picture that can be opened.
        PostError: it is not there or cannot be read.
    """
    head = read_head(path)
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - keeps `check` and `plan` quick

    try:
        with Image.open(path) as picture:
            width, height = picture.size
            turned = picture.getexif().get(0x0112, 1) >= 5  # noqa: PLR2004 - EXIF: 5 to 8 lie on their side
            container, is_deep = str(picture.format).lower(), picture.mode.startswith(_DEEP)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError) as error:
        raise _not_media(path, head, "it cannot be opened as a picture") from error
    if is_deep:
        raise NotMedia(
            f"{path}: a grey picture of more than 8 bits, whose lights would be lost",
            hint="Export it with 8 bits a channel, or in colour.",
        )
    return Facts(
        kind="image",
        size=Size(height, width) if turned else Size(width, height),
        fps=None,
        seconds=Fraction(0),
        frames=1,
        has_audio=False,
        audio_seconds=Fraction(0),
        codec=container,
        container=container,
        suffix=_suffix_of(container),
    )


def matrix_of(clip: Path) -> str:
    """How a clip's luma and chroma make its colours, as ffmpeg names it; `auto` where it says so itself.

    What says nothing is high definition's or standard television's by its size, as players take it: ffmpeg
    alone takes everything for the latter. A clip that cannot be opened is told of where it is worked on.
    """
    import av  # noqa: PLC0415 - keeps `check` and `plan` quick

    try:
        with av.open(str(clip.absolute())) as container:
            codec = container.streams.video[0].codec_context if container.streams.video else None
    except av.FFmpegError:
        return "auto"
    if codec is None or codec.colorspace != _UNTOLD:
        return "auto"
    return "bt709" if min(codec.width, codec.height) > _STANDARD_LINES else "smpte170m"


def looks_like(head: bytes) -> str:
    """Name what a file that is not media looks like, from its first bytes; empty where nothing is known."""
    if not head.strip(b"\0"):
        return "a file of zeros" if head else "an empty file"
    markup = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in markup and markup.startswith(b"<"):
        return "an SVG drawing"
    names = (name for signature, name in _SIGNATURES if markup.startswith(signature))
    return next(names, "")


def _clip_facts(path: Path, head: bytes, container: InputContainer) -> Facts:
    stream = container.streams.video[0]
    first = next(container.decode(stream), None)
    if first is None:
        raise _not_media(path, head, "it has no frame that can be decoded")
    shape = stream.sample_aspect_ratio or Fraction(1)
    size = Size(round_half_up(first.width * shape), first.height)
    if first.rotation % (2 * _QUARTER_TURN) == _QUARTER_TURN:
        size = Size(size.height, size.width)
    sound = container.streams.audio
    return Facts(
        kind="video",
        size=size,
        fps=stream.average_rate or None,
        seconds=_length_of(container, stream),
        frames=stream.frames or None,
        has_audio=bool(sound),
        audio_seconds=_length_of(container, sound[0]) if sound else Fraction(0),
        codec=stream.codec_context.name,
        container=container.format.name,
        suffix=_suffix_of(container.format.name, container.metadata.get("major_brand", "")),
    )


def _suffix_of(container: str, brand: str = "") -> str:
    if brand.strip() == _QUICKTIME:
        return ".mov"
    first = container.split(",", maxsplit=1)[0]
    return _SUFFIXES.get(first, f".{re.sub(r'[^a-z0-9]', '', first)[:8]}")


def _length_of(container: InputContainer, stream: VideoStream | AudioStream) -> Fraction:
    if stream.duration is not None and stream.time_base is not None:
        return stream.duration * stream.time_base
    return Fraction(container.duration or 0, 1_000_000)


def _is_picture(head: bytes) -> bool:
    return head.startswith(_PICTURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def read_head(path: Path) -> bytes:
    """A file's first bytes, which say what it is.

    Raises:
        PostError: it is not there or cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except OSError as error:
        raise PostError(
            f"{path}: cannot be read ({error.strerror})", hint="Check the path and its permissions."
        ) from error


def _not_media(path: Path, head: bytes, why: str) -> NotMedia:
    looks = looks_like(head)
    return NotMedia(
        f"{path}: this is {looks}, not a picture or clip"
        if looks
        else f"{path}: not a picture or clip that can be used: {why}",
        hint=_FETCH_AGAIN,
    )
