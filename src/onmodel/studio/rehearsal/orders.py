"""What the double orders from its artist, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

from onmodel.units import Size


@dataclass(frozen=True)
class ArtOrder:
    """One accepted request, as the artist needs it."""

    kind: str
    """The endpoint's kind: text-to-image, image-to-video, motion-control, video-edit, ..."""
    endpoint: str
    """The endpoint's name, for the slate."""
    arguments: dict[str, Any]
    """The request's arguments, as they were submitted."""
    files: dict[str, Path]
    """The argument path of each uploaded file (`image_url`, `image_urls.0`) and where its bytes lie."""
    seed: int
    """Everything random in the answer comes from this number."""
    label: str
    """First line of the slate: `s01e01 · s010 · take 1 · image-to-video`."""
    folder: Path
    """Where the answer's files are written; it exists."""
    size: Size
    """The picture's size where the arguments do not settle it."""
    departs: str = ""
    """How the answer leaves its character on purpose: drift, swap, lose, off or picture-off; else empty."""


@dataclass(frozen=True)
class Made:
    """One finished picture or clip."""

    path: Path
    """The file, inside the order's folder."""
    content_type: str
    """`image/png` or `video/mp4`."""
    width: int
    """In pixels."""
    height: int
    """In pixels."""
    seconds: Fraction | None
    """Length of a clip; None for a picture."""


class Artist(Protocol):
    """Whoever answers orders with pictures and clips."""

    async def make(self, order: ArtOrder) -> list[Made]:
        """Make what was ordered; the same order gives the same bytes."""
        ...
