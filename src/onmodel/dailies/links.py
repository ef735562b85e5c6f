"""Where a page finds its pictures and clips: in itself and beside itself, or at the server that serves it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlsplit

from onmodel.dailies.clips import Clip
from onmodel.dailies.stills import LARGE_PX, POSTER_PX, Still
from onmodel.vault import Media, MediaRef


class Links(Protocol):
    """Addresses for a page."""

    def still(self, still: Still) -> str | None:
        """The address of a picture; None where there is none to show."""
        ...

    def clip(self, clip: Clip) -> str:
        """The address of a clip."""
        ...


class FileLinks:
    """For a page in a file: pictures stand in the page, clips beside it or at a signed address.

    Args:
        media: the archive's; None where there is none yet.
        folder: the page's.
        stills: pictures as `data:` addresses.
    """

    def __init__(self, media: Media | None, folder: Path, stills: Mapping[Still, str]) -> None:
        self._media = media
        self._folder = folder
        self._stills = stills
        self.origins: set[str] = set()
        """Outside hosts that a signed address names."""

    def still(self, still: Still) -> str | None:
        """The picture itself."""
        return self._stills.get(still)

    def clip(self, clip: Clip) -> str:
        """A path from the page's folder, or a signed address."""
        if isinstance(clip.source, Path):
            return self._to(clip.source)
        address = self._media.address(clip.source) if self._media else ""
        if address.startswith(("https://", "http://")):
            parts = urlsplit(address)
            self.origins.add(f"{parts.scheme}://{parts.netloc}")
            return address
        return self._to(Path(address))

    def _to(self, path: Path) -> str:
        return quote(os.fsencode(os.path.relpath(path.absolute(), self._folder)))


class ServedLinks:
    """For a page from the review server, which serves what a page of it has named, and nothing else."""

    def __init__(self) -> None:
        self.stills: dict[str, Still] = {}
        """By the name in their address."""
        self.clips: dict[str, MediaRef | Path] = {}
        """The same."""

    def still(self, still: Still) -> str:
        """An address of this server; the picture is made when it is asked for, so that it may be larger."""
        if still.longest_px == LARGE_PX:
            still = replace(still, longest_px=POSTER_PX)
        self.stills[still.key] = still
        return f"/stills/{still.key}"

    def clip(self, clip: Clip) -> str:
        """An address of this server."""
        self.clips[clip.key] = clip.source
        return f"/clips/{clip.key}"
