"""Large files in parts: what is sent at once, and the checksum that S3 makes of the whole."""

from __future__ import annotations

import base64
import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

PART_BYTES: Final = 32 << 20
"""Length of a part in bytes. A file up to this long is one request; S3 takes 5 MiB to 5 GiB, 10,000 parts.
Source: AWS's documentation of multipart limits, 2026-11."""

_CHUNK_BYTES: Final = 1 << 20


class Part(NamedTuple):
    """A stretch of a file, in bytes."""

    start: int
    length: int

    @contextmanager
    def opened(self, path: Path) -> Iterator[io.RawIOBase]:
        """The stretch as a file of its own: sent from disk, never held in memory."""
        with path.open("rb", buffering=0) as file:
            yield _Stretch(file, self)


class _Stretch(io.RawIOBase):
    """Reads a stretch of a file; the library seeks in it when it sends a part again."""

    def __init__(self, file: io.FileIO, part: Part) -> None:
        self._file = file
        self._part = part
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # typeshed's Buffer has no length
        wanted = min(len(buffer), self._part.length - self._at)
        found = os.pread(self._file.fileno(), wanted, self._part.start + self._at)
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._part.length}[whence]
        self._at = max(0, base + offset)
        return self._at


def parts_of(size: int) -> list[Part]:
    """The parts of a file of so many bytes."""
    return [Part(start, min(PART_BYTES, size - start)) for start in range(0, size, PART_BYTES)]


def sha256_b64_of(path: Path, part: Part) -> str:
    """Base64 of a part's sha256, as S3 wants it."""
    return base64.b64encode(_sha256_of(path, part)).decode()


def composite_of(path: Path) -> str:
    """What S3 says is the checksum of a file that was uploaded as we upload it.

    A file in one part has its own sha256; one in several the sha256 of its parts' sha256s.
    """
    size = path.stat().st_size
    parts = parts_of(size) or [Part(0, 0)]
    digests = [_sha256_of(path, part) for part in parts]
    if len(digests) == 1:
        return base64.b64encode(digests[0]).decode()
    return base64.b64encode(hashlib.sha256(b"".join(digests)).digest()).decode()


def _sha256_of(path: Path, part: Part) -> bytes:
    running = hashlib.sha256()
    with part.opened(path) as stretch:
        while chunk := stretch.read(_CHUNK_BYTES):
            running.update(chunk)
    return running.digest()
