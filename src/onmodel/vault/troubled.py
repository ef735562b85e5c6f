"""A store with trouble on purpose, for rehearsals: what a far archive does, as seen from here.

What the adapter for S3 settles by itself is settled here in the same way, by asking again; what it cannot
settle comes out in its words. The adapter itself is tried against a real server, in `tests/vault`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from onmodel.errors import VaultError
from onmodel.vault.store import Store

T = TypeVar("T")

TRIES: Final = 5
"""How often the adapter for S3 asks a store that wants it to slow down."""

READS: Final = 4
"""How often it asks for a body that does not arrive whole."""

FIRST_PAUSE_S: Final = 0.05
"""Seconds before the second try; doubled each time."""

Strike = Callable[[str], bool]
"""Whether `slow-down`, `denied`, `put-answer-lost` or `bit-flip` strikes now; it is used up by that."""


class TroubledStore:
    """A `Store` before another one, with trouble; names without a folder, which openings look at, are spared.

    Args:
        store: where everything really is.
        strike: asked at every request.
    """

    def __init__(self, store: Store, strike: Strike) -> None:
        self.address = store.address
        self._store = store
        self._strike = strike

    def create(self, name: str, content: bytes) -> bool:
        """Keep a new object; False when the name is already taken."""
        self._ask("writing", name)
        return self._answered(self._store.create(name, content), name)

    def read(self, name: str) -> bytes:
        """The whole content of an object.

        Raises:
            ObjectMissing: there is none of this name.
        """
        self._ask("reading", name, reads=True)
        return self._store.read(name)

    def read_tagged(self, name: str) -> tuple[bytes, str] | None:
        """Content and the tag that `swap` wants to see; None when there is no such object."""
        self._ask("reading", name, reads=True)
        return self._store.read_tagged(name)

    def swap(self, name: str, content: bytes, tag: str | None) -> str | None:
        """Replace an object if it is still the one of `tag`; the new tag, None where another changed it."""
        self._ask("writing", name)
        return self._answered(self._store.swap(name, content, tag), name)

    def names(self, prefix: str) -> list[str]:
        """All names that begin with `prefix`, sorted."""
        self._ask("listing", prefix)
        return self._store.names(prefix)

    def strangers(self) -> list[str]:
        """What lies there under names that no object has, sorted."""
        self._ask("listing", "")
        return self._store.strangers()

    def gather(self, prefix: str) -> list[str]:
        """The same as `names`, for objects that are never swapped."""
        self._ask("listing", prefix)
        return self._store.gather(prefix)

    def size(self, name: str) -> int | None:
        """Length of an object in bytes; None when there is no such object."""
        self._ask("looking for", name)
        return self._store.size(name)

    def sha256_of(self, name: str, expected: str, *, read_back: bool) -> str | None:
        """The sha256 of an object's bytes as they are archived now; None when there is no such object."""
        self._ask("reading", name, reads=True)
        return self._store.sha256_of(name, expected, read_back=read_back)

    def put_file(self, name: str, path: Path, sha256: str) -> None:
        """Archive a file so that `name` holds exactly the bytes of `sha256`.

        Raises:
            MediaAltered: the file is not what `sha256` says.
        """
        self._ask("writing", name)
        self._store.put_file(name, path, sha256)
        self._answered(None, name)

    def file(self, name: str, sha256: str) -> Path:
        """A path on this machine that holds the object's content; to be read, never written.

        Raises:
            ObjectMissing: there is none of this name.
        """
        self._ask("reading", name, reads=True)
        return self._store.file(name, sha256)

    def address_of(self, name: str) -> str:
        """Where a person can look at an object."""
        return self._store.address_of(name)

    def close(self) -> None:
        """Put in order what makes the next opening quick."""
        self._store.close()

    def _ask(self, what: str, name: str, *, reads: bool = False) -> None:
        """Let a request through, after as many tries as it takes, or not at all."""
        if "/" not in name:
            return
        doing = f"{what} {name}"
        if self._strike("denied"):
            raise self._refusal("AccessDenied", "Access Denied", doing)
        if not self._passes("slow-down", TRIES):
            raise self._refusal("SlowDown", "Please reduce your request rate.", doing)
        if reads and not self._passes("bit-flip", READS):
            raise self._refusal("BadDigest", "The checksum is not that of what was read.", doing)

    def _passes(self, fault: str, tries: int) -> bool:
        for attempt in range(tries):
            if not self._strike(fault):
                return True
            time.sleep(FIRST_PAUSE_S * 2**attempt)
        return False

    def _answered(self, done: T, name: str) -> T:
        """The answer to a write that was carried out, unless it is lost on its way."""
        if "/" in name and self._strike("put-answer-lost"):
            raise self._refusal(
                "500", "rehearsed: it was written, and the answer was lost", f"writing {name}"
            )
        return done

    def _refusal(self, code: str, message: str, doing: str) -> VaultError:
        from botocore.exceptions import ClientError  # noqa: PLC0415 (for trouble that strikes, only)

        from onmodel.vault.s3_faults import explained  # noqa: PLC0415 (same: boto3 takes 0.3 s)

        said = ClientError({"Error": {"Code": code, "Message": message}}, doing)
        return explained(said, self.address, doing)
