"""Facts about the files that a production supplies: digest, size and length, remembered while unchanged."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from pathlib import Path
from typing import Any

from onmodel.errors import NotMedia
from onmodel.planning.sight import Sight
from onmodel.units import Size, sha256_of_file


@dataclass(frozen=True)
class FileFacts:
    """What is known of a supplied picture or clip."""

    path: Path
    sha256: str
    kind: str
    """`image`, `video` or `sound`."""
    size: Size
    """In pixels; 0x0 for a sound."""
    seconds: Fraction | None
    """Length of a clip or a sound; None for a picture."""
    has_audio: bool
    suffix: str
    """How a file of its container ends, with the dot: `.mp4`, `.png`; its own name may end in anything."""
    bytes: int | None = None
    fps: Fraction | None = None
    """Frames a second of a clip; None for a picture."""
    sight: Sight | None = None
    """What is seen on it; None where nothing could be measured."""


ReadFacts = Callable[[Path], FileFacts]
"""Facts of a file. Raises NotMedia where it is neither a picture nor a clip."""


def read_facts(path: Path) -> FileFacts:
    """Look at a file itself.

    Raises:
        NotMedia: it is neither a picture nor a clip, or cannot be decoded.
        OSError: it cannot be read.
    """
    from onmodel.planning.looking import look_at_clip, look_at_picture  # noqa: PLC0415 (as below)
    from onmodel.post.probe import probe  # noqa: PLC0415 (PyAV loads only for a file that is not remembered)

    found = probe(path)
    is_clip = found.kind == "video"
    fps = found.fps or Fraction(24)
    sight = look_at_clip(path, found.seconds, fps) if is_clip else look_at_picture(path)
    if sight is None and not is_clip:
        raise NotMedia(
            f"{path}: the picture breaks off: its beginning can be read, the rest cannot",
            hint="Fetch or export the file again.",
        )
    return FileFacts(
        path,
        sha256_of_file(path),
        found.kind,
        found.size,
        found.seconds if is_clip else None,
        found.has_audio,
        found.suffix,
        path.stat().st_size,
        found.fps,
        sight,
    )


def read_sound(path: Path) -> FileFacts:
    """Look at a file of sound itself.

    Raises:
        NotMedia: it has no sound that can be decoded.
        OSError: it cannot be read.
    """
    from onmodel.post.hearing import probe_sound  # noqa: PLC0415 (as in `read_facts`)

    found = probe_sound(path)
    return FileFacts(
        path,
        sha256_of_file(path),
        "sound",
        Size(0, 0),
        found.seconds,
        has_audio=True,
        suffix=found.suffix,
        bytes=path.stat().st_size,
    )


class RememberedFacts:
    """Facts kept in a small file, valid while a file's size and time of change stay the same.

    `check` and `plan` must answer at once, and decoding a reference takes longer than all the rest of a plan.
    """

    def __init__(self, cache: Path, look: ReadFacts = read_facts) -> None:
        self._cache = cache
        self._look = look
        self._known: dict[str, dict[str, Any]] = self._read()
        self._changed = False

    def __call__(self, path: Path) -> FileFacts:
        """The facts of `path`, from memory where it has not changed.

        Raises:
            NotMedia: it is neither a picture nor a clip.
        """
        stat = path.stat()
        key, stamp = str(path.resolve()), [stat.st_size, stat.st_mtime_ns, stat.st_ino]
        known = self._known.get(key)
        if known and known.get("stamp") == stamp:
            with suppress(KeyError, TypeError, ValueError):  # of another version, or edited: look again
                return _facts_of(path, known)
        facts = self._look(path)
        self._known[key] = {"stamp": stamp, **_record_of(facts)}
        self._changed = True
        return facts

    def save(self) -> None:
        """Write what is new. A cache that cannot be written is no loss: a full disk does not stop a plan."""
        if not self._changed:
            return
        try:
            self._cache.parent.mkdir(parents=True, exist_ok=True)
            unique = self._cache.with_name(f"{self._cache.name}.{os.getpid()}")
            unique.write_text(json.dumps(self._known, indent=1), encoding="utf-8")
            unique.replace(self._cache)
        except OSError:
            return
        self._changed = False

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            known = json.loads(self._cache.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        entries = known.items() if isinstance(known, dict) else ()
        return {key: entry for key, entry in entries if isinstance(entry, dict)}


def _record_of(facts: FileFacts) -> dict[str, Any]:
    record = asdict(facts)
    for key in _FRACTIONS:
        record[key] = None if record[key] is None else str(record[key])
    del record["path"]
    return record


_FRACTIONS = ("seconds", "fps")


def _facts_of(path: Path, record: dict[str, Any]) -> FileFacts:
    said = {key: record[key] for key in (one.name for one in fields(FileFacts)) if key != "path"}
    for key in _FRACTIONS:
        said[key] = None if said[key] is None else Fraction(said[key])
    said["size"] = Size(**said["size"])
    said["sight"] = None if said["sight"] is None else Sight(**said["sight"])
    return FileFacts(path, **said)
