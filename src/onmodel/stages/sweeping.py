"""Sweeping the cache: what a killed run left half done goes, and the oldest pieces when it grows too large.

All of the cache can be made again, so nothing paid for is ever swept.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

DAY_S: Final = 86_400.0
"""What changed within a day stays: another process may be at it."""

LEFT_BEHIND: Final = ("cut-", "fetch-", ".")
"""How the names of unfinished files and folders begin: a cut's, a download's, ffmpeg's."""

MADE: Final = ("conform", "sound", "frames", "lettering")
"""The folders of finished pieces."""


def sweep(cache: Path, limit_bytes: int) -> int:
    """Tidy the cache; return how many files and folders went.

    Args:
        cache: `.onmodel/cache`; it need not exist.
        limit_bytes: what the finished pieces may come to.
    """
    now = time.time()
    gone = 0
    for path, changed, _ in _entries(cache, (".", *MADE)):
        if path.name.startswith(LEFT_BEHIND) and now - changed > DAY_S:
            _remove(path)
            gone += 1
    pieces = sorted(_entries(cache, MADE), key=lambda entry: entry[1], reverse=True)
    total = 0
    for path, changed, size in pieces:
        total += size
        if total > limit_bytes and now - changed > DAY_S:
            _remove(path)
            gone += 1
    return gone


def _entries(cache: Path, folders: tuple[str, ...]) -> Iterator[tuple[Path, float, int]]:
    """What lies in these folders of the cache, with its time of change and size."""
    for name in folders:
        folder = cache / name
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            try:
                stat = path.lstat()
            except FileNotFoundError:  # another process swept it a moment ago
                continue
            yield path, stat.st_mtime, stat.st_size


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
