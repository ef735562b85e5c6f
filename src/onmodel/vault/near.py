"""Media near at hand: a bounded folder of copies, so that a far archive is asked for each clip once.

It may be deleted at any time. A file stands under the sha256 of its bytes and is read against it before its
first use in a process, so that a copy that a power cut left half written is never taken for a clip.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from onmodel.errors import MediaAltered, VaultError, VaultFull
from onmodel.settings import CACHE_BYTES
from onmodel.units import sha256_of_file
from onmodel.vault.local import FULL

IN_USE_S: Final = 3600.0
"""Seconds for which a file that was asked for stays, whatever the limit: a run may hold its path."""

LOOKED_AT: Final = 100
"""The folder is counted anew each time this process has added a hundredth of its limit: to count a season's
clips with each new one would take longer than to fetch it."""

_CHUNK_BYTES: Final = 1 << 20

Write = Callable[[BinaryIO], object]
"""Writes a file's whole content; what it returns does not matter."""

_Facts = tuple[int, int, int]


class NearMedia:
    """Copies of archived media on this machine, the ones used longest ago leaving first.

    Args:
        folder: made when it is needed.
        limit_bytes: what all of it may come to, and a hundredth more for each process that adds to it; what
            was used within the last hour is not counted out.
    """

    def __init__(self, folder: Path, limit_bytes: int = CACHE_BYTES) -> None:
        self._folder = folder
        self._limit_bytes = limit_bytes
        self._checked: dict[Path, _Facts] = {}
        self._turn = threading.Lock()
        self._uncounted_bytes = limit_bytes
        """Added by this process since the folder was counted; at first nobody knows."""

    def find(self, sha256: str, suffix: str) -> Path | None:
        """The copy of what has this sha256; None where there is none, or where it is not whole."""
        path = self._path(sha256, suffix)
        with self._explained():
            try:
                if self._checked.get(path) != _facts(path) and sha256_of_file(path) != sha256:
                    path.unlink()
                    return None
                os.utime(path)
                self._checked[path] = _facts(path)
            except FileNotFoundError:  # also where another process tidied a moment ago
                return None
        return path

    def keep(self, sha256: str, suffix: str, write: Write) -> Path:
        """Keep what `write` writes, once it is known to have this sha256.

        Raises:
            MediaAltered: it has not; nothing is kept.
            VaultFull: no space is left on this machine.
        """
        path = self._path(sha256, suffix)
        with self._explained():
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._partial(path.parent) as partial:
                with partial.open("w+b") as file:
                    write(file)
                    file.flush()
                    file.seek(0)
                    found = hashlib.file_digest(file, "sha256").hexdigest()
                    size = file.tell()
                if found != sha256:
                    raise MediaAltered(f"{size} bytes of sha256 {found[:12]}…, expected {sha256[:12]}…")
                partial.replace(path)
            self._checked[path] = _facts(path)
        self._uncounted_bytes += size
        if self._uncounted_bytes * LOOKED_AT >= self._limit_bytes:
            self._tidy()
        return path

    def _path(self, sha256: str, suffix: str) -> Path:
        return self._folder / sha256[:2] / f"{sha256}{suffix}"

    @contextmanager
    def _partial(self, folder: Path) -> Iterator[Path]:
        """A file of one's own; gone afterwards unless it was moved."""
        handle, name = tempfile.mkstemp(suffix=".part", dir=folder)
        os.close(handle)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

    def _tidy(self) -> None:
        """Let go of what was used longest ago, down to the limit; killed processes' parts are among it."""
        with self._turn, self._explained():
            self._uncounted_bytes = 0
            kept = []
            for path in self._folder.glob("*/*"):
                with suppress(FileNotFoundError):  # another process tidies too
                    facts = path.stat()
                    kept.append((facts.st_mtime, facts.st_size, path))
            over = sum(size for _, size, _ in kept) - self._limit_bytes
            for used, size, path in sorted(kept):
                if over <= 0 or used > time.time() - IN_USE_S:
                    return
                if _is_in_use(path):  # another process asked for it while this one was counting
                    continue
                path.unlink(missing_ok=True)
                self._checked.pop(path, None)
                over -= size

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            why = error.strerror or str(error)
            kind = VaultFull if error.errno in FULL else VaultError
            raise kind(
                f"archived media cannot be kept near at hand in {self._folder} ({why})",
                hint="Make room there and see that you may write to it, then run the same command again; "
                "it may be deleted at any time, and ONMODEL_CACHE_GB says how large it may grow.",
            ) from error


def copied_from(source: Path) -> Write:
    """Writes a copy of a file.

    The copy's writer raises:
        VaultError: the file cannot be read.
    """

    def write(file: BinaryIO) -> None:
        try:
            opened = source.open("rb")
        except OSError as error:
            raise VaultError(
                f"{source} cannot be read ({error.strerror})",
                hint="Check that the file is there and is yours to read.",
            ) from error
        with opened:
            while chunk := opened.read(_CHUNK_BYTES):
                file.write(chunk)

    return write


def _is_in_use(path: Path) -> bool:
    with suppress(FileNotFoundError):
        return path.stat().st_mtime > time.time() - IN_USE_S
    return False


def _facts(path: Path) -> _Facts:
    """What changes whenever a file is written to or replaced."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns
