"""A clip as a page plays it, or a picture as it is opened in full."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from onmodel.vault import MediaRef


@dataclass(frozen=True)
class Clip:
    """A clip of the archive, or a file of this machine."""

    source: MediaRef | Path
    tag: str
    """Tells one content from another: the sha256, or the beginning of it."""

    @property
    def key(self) -> str:
        """Its name in an address: no path is ever made of it."""
        suffix = self.source.suffix.lower() if isinstance(self.source, Path) else self.source.suffix
        return f"{self.tag}{suffix}"

    @classmethod
    def of(cls, ref: MediaRef) -> Clip:
        """An archived clip."""
        return cls(ref, ref.sha256)
