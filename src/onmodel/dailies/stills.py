"""Small pictures for the page: views, keyframes and frames of clips, as text that stands in the page itself.

Each is made once and kept in the cache, so that a page that is written again opens no clip.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from onmodel.errors import MediaAltered
from onmodel.post.ffmpeg import written_whole
from onmodel.stages.cores import usable_cores
from onmodel.vault import Media, MediaRef, ObjectMissing

if TYPE_CHECKING:
    from PIL.Image import Image

LARGE_PX: Final = 360
"""Longest side of a picture that is judged by."""
SMALL_PX: Final = 168
"""Longest side of a picture that is found by."""
QUALITY: Final = 72
"""Of the JPEG, 1 to 95."""
_EARLY_S: Final = 0.004
"""How much earlier than asked for a frame may be shown: recorded times are rounded to milliseconds."""


@dataclass(frozen=True)
class Still:
    """A picture, or a frame of a clip, in the size of the page."""

    sha256: str
    source: MediaRef | Path
    """In the archive, or a supplied file."""
    at_s: float | None = None
    """Seconds into the clip; None for a picture."""
    longest_px: int = LARGE_PX

    @property
    def name(self) -> str:
        """The file in the cache."""
        at = "" if self.at_s is None else f"-{round(self.at_s * 1000)}ms"
        return f"{self.sha256[:2]}/{self.sha256}{at}-{self.longest_px}.jpg"


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
            list(pool.map(self._make, new))
        found = {}
        for still in asked:
            with suppress(FileNotFoundError):
                found[still] = _as_address((self._folder / still.name).read_bytes())
        return found

    def _make(self, still: Still) -> None:
        with suppress(ObjectMissing, MediaAltered):  # `onmodel verify` tells of these
            picture = self._open(still)
            if picture is not None:
                with written_whole(self._folder / still.name) as part:
                    picture.thumbnail((still.longest_px, still.longest_px))
                    picture.convert("RGB").save(part, "JPEG", quality=QUALITY, optimize=True)

    def _open(self, still: Still) -> Image | None:
        source = still.source
        if isinstance(source, MediaRef):
            if self._media is None:
                return None
            source = self._media.path(source)
        return _picture(source) if still.at_s is None else _frame(source, still.at_s)


def _as_address(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode('ascii')}"


def _picture(path: Path) -> Image | None:
    from PIL import Image  # noqa: PLC0415 (a page whose stills are made needs none)

    try:
        with Image.open(path) as opened:
            opened.draft("RGB", (2 * LARGE_PX, 2 * LARGE_PX))
            opened.load()
            return opened.copy()
    except (OSError, SyntaxError, ValueError):  # what Pillow raises for files that are no picture
        return None


def _frame(path: Path, at_s: float) -> Image | None:
    """The frame that is shown at a time, or the last one before the clip ends."""
    import av  # noqa: PLC0415 (a page whose stills are made needs none)
    from PIL.Image import fromarray  # noqa: PLC0415 (same)

    shown = None
    try:
        with av.open(str(path.absolute())) as container:
            stream = container.streams.video[0]
            container.seek(int(at_s * 1_000_000))
            for frame in container.decode(stream):
                shown = frame
                if frame.time is not None and frame.time >= at_s - _EARLY_S:
                    break
            return fromarray(shown.to_ndarray(format="rgb24")) if shown else None
    except (av.FFmpegError, IndexError):
        return None
