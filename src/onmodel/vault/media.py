"""Pictures, clips and sound in the archive, each under the sha256 of its bytes.

One content has one place, so that archiving twice costs nothing and a file can always be checked against its
name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from onmodel.errors import MediaAltered, VaultError
from onmodel.units import sha256_of_file
from onmodel.vault.store import Store

_SHA256 = re.compile(r"[0-9a-f]{64}")
MARK: Final = "$media"
"""The key by which a medium of the archive is known inside a request."""

_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")


@dataclass(frozen=True)
class MediaRef:
    """An archived picture, clip or sound, by content.

    Raises:
        ValueError: a field is not of its form.
    """

    sha256: str
    """64 hex digits."""
    size: int
    """Length in bytes."""
    suffix: str
    """File suffix with its dot, lower case: `.mp4`, `.png`."""

    def __post_init__(self) -> None:
        if not _SHA256.fullmatch(self.sha256):
            raise ValueError(f"sha256 is {self.sha256!r}, it takes 64 lower-case hex digits")
        if not _SUFFIX.fullmatch(self.suffix):
            raise ValueError(
                f"suffix is {self.suffix!r}, it takes a dot and 1 to 8 lower-case letters or digits"
            )
        if self.size < 0:
            raise ValueError(f"size is {self.size}, it takes 0 or more bytes")

    @property
    def name(self) -> str:
        """The object's name in the archive."""
        return f"media/{self.sha256[:2]}/{self.sha256}{self.suffix}"

    def as_argument(self) -> dict[str, Any]:
        """How a frozen request names it, in the place of an address."""
        return {MARK: self.sha256, "size": self.size, "suffix": self.suffix}

    @classmethod
    def from_argument(cls, value: Mapping[str, Any]) -> MediaRef:
        """The reference that `as_argument` wrote.

        Raises:
            ValueError: it is not such an object.
        """
        match value:
            case {"$media": str(sha256), "size": int(size), "suffix": str(suffix), **rest} if not rest:
                return cls(sha256, size, suffix)
        raise ValueError(f"{value!r} is not a media reference: it takes {MARK}, size and suffix")


class Media:
    """The archive's pictures, clips and sounds."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, path: Path, *, suffix: str) -> MediaRef:
        """Archive a file by content; the file stays where it is, and a second time costs no space.

        Raises:
            MediaAltered: the file changed while it was being archived.
            VaultError: the file cannot be read, or the archive cannot be written.
        """
        try:
            ref = MediaRef(sha256_of_file(path), path.stat().st_size, suffix)
        except OSError as error:
            raise VaultError(
                f"{path} cannot be read ({error.strerror})",
                hint="Check that the file is there and is yours to read.",
            ) from error
        self._store.put_file(ref.name, path, ref.sha256)
        return ref

    def has(self, ref: MediaRef) -> bool:
        """Whether it is in the archive in its full length; the bytes are not read."""
        return self._store.size(ref.name) == ref.size

    def path(self, ref: MediaRef) -> Path:
        """A file on this machine with the content; to be read, never written.

        Raises:
            ObjectMissing: it is not in the archive.
        """
        return self._store.file(ref.name, ref.sha256)

    def address(self, ref: MediaRef) -> str:
        """Where a person can look at it: a path, or an address that a browser opens for some hours."""
        return self._store.address_of(ref.name)

    def verify(self, ref: MediaRef) -> Path:
        """The same as `path`, once the bytes are known to be the ones that were archived.

        Raises:
            ObjectMissing: it is not in the archive.
            MediaAltered: its bytes are not what its name says.
        """
        path = self._store.file(ref.name, ref.sha256)
        found = sha256_of_file(path)
        if found != ref.sha256:
            raise MediaAltered(
                f"{ref.name} in {self._store.address} was altered: "
                f"{path.stat().st_size} bytes of sha256 {found[:12]}…, archived were {ref.size} bytes",
                hint="Restore this one file from a backup of the archive, then run the same command again.",
            )
        return path
