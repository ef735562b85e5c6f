"""A binder: the write-once records of one scope in one object, one request for a whole episode.

It is a copy, made when a vault is closed, and may be missing, old or damaged: a record in it counts only
while the archive lists the same version under the same name; what it lacks is read from the archive itself.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping
from typing import Final, NamedTuple

SCHEMA: Final = "onmodel.binder/1"


class Held(NamedTuple):
    """A record that was read or written, and which version of it."""

    tag: str
    content: bytes


class Binder(NamedTuple):
    """A binder as it was read."""

    records: dict[str, Held]
    tag: str | None
    """Its own version; None where there was none."""


def shelf_of(name: str) -> str:
    """Whose binder a record is in: `jobs/s01e01` for every record of that episode."""
    return "/".join(name.split("/")[:2])


def name_of(shelf: str) -> str:
    """The binder's own name in the archive."""
    return f"binders/{shelf}.json.gz"


def bound(records: Mapping[str, Held]) -> bytes:
    """A binder's content; the same records make the same bytes."""
    pages = {
        name: {"tag": held.tag, "text": held.content.decode("utf-8", "surrogateescape")}
        for name, held in sorted(records.items())
    }
    return gzip.compress(json.dumps({"schema": SCHEMA, "records": pages}).encode(), mtime=0)


def unbound(content: bytes) -> dict[str, Held]:
    """The records of a binder; none where it is damaged or from another version: it will be made anew."""
    try:
        value = json.loads(gzip.decompress(content))
        if value["schema"] != SCHEMA:
            return {}
        return {
            name: Held(str(page["tag"]), page["text"].encode("utf-8", "surrogateescape"))
            for name, page in value["records"].items()
        }
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, AttributeError):
        return {}
