"""Small pictures for the page: views, keyframes, and what a clip without a keyframe begins with.

Each is made once and kept in the cache. No frame from inside a clip is made: the browser shows those from the
clip itself, since decoding hundreds of clips would make whoever writes the page wait.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from onmodel.errors import MediaAltered
from onmodel.post.ffmpeg import written_whole
from onmodel.stages.cores import usable_cores
from onmodel.vault import Media, MediaRef, ObjectMissing

Picture = NDArray[np.uint8]
"""(H, W, 3) uint8 BGR."""

POSTER_PX: Final = 960
"""Longest side of the picture that stands for the cut until it plays, and of what a server shows."""
LARGE_PX: Final = 360
"""Longest side of a picture that is judged by."""
SMALL_PX: Final = 168
"""Longest side of a picture that is found by."""
QUALITY: Final = 72
"""Of the JPEG, 1 to 95."""


@dataclass(frozen=True)
class Still:
    """A picture, or a clip's first frame, in the size of the page."""

    sha256: str
    source: MediaRef | Path
    """In the archive, or a supplied file."""
    is_clip: bool = False
    longest_px: int = LARGE_PX

    @property
    def key(self) -> str:
        """Its name in an address: no path is ever made of it."""
        return f"{self.sha256}-{self.longest_px}.jpg"

    @property
    def name(self) -> str:
        """The file in the cache."""
        return f"{self.sha256[:2]}/{self.key}"


class Stills:
    """Makes stills, or finds them made.

    Args:
        media: the archive's; None where there is none yet.
        folder: of the cache.
    """

    def __init__(self, media: Media | None, folder: Path) -> None:
        self._media = media
        self._folder = folder

    def read(self, wanted: Iterable[Still], remark: Callable[[str], None]) -> dict[Still, str]:
        """Every still as a `data:` address; one whose source is gone or does not decode is left out.

        Args:
            wanted: the stills.
            remark: is told when many have to be made.

        Raises:
            PostError: the cache cannot be written.
            VaultError: the archive does not answer.
        """
        asked = list(dict.fromkeys(wanted))
        new = [still for still in asked if not (self._folder / still.name).is_file()]
        if len(new) > 2 * usable_cores():
            remark(f"Taking {len(new)} stills; they are kept for the next time.")
        with ThreadPoolExecutor(usable_cores()) as pool:
            list(pool.map(self._make, [still for still in new if still.longest_px >= LARGE_PX]))
            # These are made from the large ones, where those are there.
            list(pool.map(self._make, [still for still in new if still.longest_px < LARGE_PX]))
        found = {}
        for still in asked:
            with suppress(FileNotFoundError):
                found[still] = _as_address((self._folder / still.name).read_bytes())
        return found

    def file(self, still: Still) -> Path | None:
        """One still as a file of the cache, made now if need be; None where its source is gone.

        Raises:
            PostError: the cache cannot be written.
            VaultError: the archive does not answer.
        """
        path = self._folder / still.name
        if not path.is_file():
            self._make(still)
        return path if path.is_file() else None

    def _make(self, still: Still) -> None:
        import cv2  # noqa: PLC0415 (a page whose stills are made needs none)

        with suppress(ObjectMissing, MediaAltered):  # `onmodel verify` tells of these
            picture = self._open(still)
            if picture is not None:
                how = [cv2.IMWRITE_JPEG_QUALITY, QUALITY, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
                _, jpeg = cv2.imencode(".jpg", _within(picture, still.longest_px), how)
                with written_whole(self._folder / still.name, synced=False) as part:
                    part.write_bytes(jpeg.tobytes())

    def _open(self, still: Still) -> Picture | None:
        larger = self._folder / replace(still, longest_px=LARGE_PX).name
        if still.longest_px < LARGE_PX and larger.is_file():
            return _picture(larger, still.longest_px)
        source = still.source
        if isinstance(source, MediaRef):
            if self._media is None:
                return None
            source = self._media.path(source)
        return _first_frame(source) if still.is_clip else _picture(source, still.longest_px)


def _as_address(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode('ascii')}"


def _within(picture: Picture, longest_px: int) -> Picture:
    import cv2  # noqa: PLC0415 (as above)

    height, width = picture.shape[:2]
    scale = longest_px / max(height, width)
    if scale >= 1:
        return picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _picture(path: Path, least_px: int) -> Picture | None:
    """A picture of a file, at half its size where that is as much as is wanted: that takes less to scale."""
    import cv2  # noqa: PLC0415 (as above)

    try:
        found = np.fromfile(path, np.uint8)
        picture = cv2.imdecode(found, cv2.IMREAD_REDUCED_COLOR_2)
        if picture is not None and max(picture.shape) < least_px:
            picture = cv2.imdecode(found, cv2.IMREAD_COLOR)
    except (OSError, cv2.error):  # it is gone, or empty, or larger than any picture is
        return None
    return None if picture is None else np.asarray(picture, np.uint8)


def _first_frame(path: Path) -> Picture | None:
    import av  # noqa: PLC0415 (as above)

    try:
        with av.open(str(path.absolute())) as container:
            first = next(container.decode(container.streams.video[0]), None)
            return None if first is None else np.asarray(first.to_ndarray(format="bgr24"), np.uint8)
    except (av.FFmpegError, IndexError):
        return None
