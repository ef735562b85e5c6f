"""The port to wherever an archive lives: a handful of named byte strings with two guarantees.

Everything in the vault rests on these two: `create` succeeds once for a name, whoever races for it, and
`swap` succeeds only for the content its caller has seen. `probe` checks both before anything is bought,
because stores exist that promise them and do not keep them.
"""

from __future__ import annotations

import json
import re
import secrets
from pathlib import Path
from typing import Protocol

from onmodel.errors import SetupError, VaultError

_COMPONENT = re.compile(r"[A-Za-z0-9._-]+")
_PROBE = "probe.json"


class ObjectMissing(VaultError):
    """The archive holds no object of this name."""


class Store(Protocol):
    """Where an archive lives. Names are '/'-separated words of letters, digits, dot, dash and underscore.

    Every method raises `VaultError` for a name of another form and when the store itself fails, and
    `VaultFull` when there is no space left.
    """

    address: str
    """For people: the folder's path, or `s3://bucket/prefix`."""

    def create(self, name: str, content: bytes) -> bool:
        """Keep a new object, safe from a power cut on return; False when the name is already taken."""

    def read(self, name: str) -> bytes:
        """The whole content of an object.

        Raises:
            ObjectMissing: there is none of this name.
        """

    def read_tagged(self, name: str) -> tuple[bytes, str] | None:
        """Content and the tag that `swap` wants to see; None when there is no such object."""

    def swap(self, name: str, content: bytes, tag: str | None) -> str | None:
        """Replace an object if it is still the one of `tag`; a tag of None means: if there is none yet.

        Returns:
            The new tag; None where another has changed it, and nothing was replaced.
        """

    def names(self, prefix: str) -> list[str]:
        """All names that begin with `prefix`, sorted."""

    def strangers(self) -> list[str]:
        """What lies there under names that no object has, sorted: `names` passes it over."""

    def gather(self, prefix: str) -> list[str]:
        """The same as `names`, for objects that are never swapped: reading them is then no far journey."""

    def size(self, name: str) -> int | None:
        """Length of an object in bytes without reading it; None when there is no such object."""

    def sha256_of(self, name: str, expected: str, *, read_back: bool) -> str | None:
        """The sha256 of an object's bytes as they are archived now; None when there is no such object.

        Args:
            name: the object.
            expected: what was archived under it; a store may hold a proof that fits no other bytes.
            read_back: read every byte, also where such a proof is kept.
        """

    def put_file(self, name: str, path: Path, sha256: str) -> None:
        """Archive a file so that `name` holds exactly the bytes of `sha256`; the file stays where it is.

        Bytes that are already there are kept; anything else under the name is replaced.

        Raises:
            MediaAltered: the file is not what `sha256` says.
        """

    def file(self, name: str, sha256: str) -> Path:
        """A path on this machine that holds the object's content; to be read, never written.

        Args:
            name: the object.
            sha256: what was archived under it; a store checks by it what it had to bring from afar.

        Raises:
            ObjectMissing: there is none of this name.
            MediaAltered: what came from afar is something else.
        """

    def address_of(self, name: str) -> str:
        """Where a person can look at an object: a path, or an address that a browser opens for some hours."""

    def close(self) -> None:
        """Put in order what makes the next opening quick; nothing is lost without it."""


def is_component(word: str) -> bool:
    """Whether a word may stand between the slashes of an object's name."""
    return _COMPONENT.fullmatch(word) is not None and word not in {".", ".."}


def checked_name(name: str) -> str:
    """The name itself, once it is known to be acceptable to every store.

    Raises:
        VaultError: it is not.
    """
    if all(map(is_component, name.split("/"))):
        return name
    raise VaultError(
        f"{name!r} is not a name for something in the archive",
        hint="Use letters, digits, '.', '-' and '_' between single slashes; not '.' or '..' alone.",
    )


def checked_prefix(prefix: str) -> str:
    """The prefix itself, once it can be the beginning of an acceptable name.

    Raises:
        VaultError: it cannot.
    """
    folder, slash, start = prefix.rpartition("/")
    if slash:
        checked_name(folder)
    if start and _COMPONENT.fullmatch(start) is None:
        checked_name(start)
    return prefix


def probe(store: Store) -> None:
    """Refuse an archive that would let two processes buy the same thing.

    The probe object carries the tag of its own first version, so that every later opening can try a tag that
    is truly stale without writing anything.

    Raises:
        SetupError: the store accepted a second create, or a swap of a version that is gone.
    """
    stale = _stale_tag(store)
    if stale is None:
        store.create(_PROBE, _probe_content())
        if (first := store.read_tagged(_PROBE)) is not None:
            store.swap(_PROBE, _probe_content(stale=first[1]), first[1])
        stale = _stale_tag(store)
    if store.create(_PROBE, _probe_content()):
        _refuse(store, "accepted a second object of the same name")
    if stale is None or store.swap(_PROBE, _probe_content(), stale):
        _refuse(store, "accepted a change to a version that was no longer there")


def _stale_tag(store: Store) -> str | None:
    found = store.read_tagged(_PROBE)
    try:
        stale = json.loads(found[0])["stale"] if found else None
    except (ValueError, KeyError, TypeError):
        return None
    return stale if isinstance(stale, str) and found and stale != found[1] else None


def _probe_content(**more: str) -> bytes:
    # The random word keeps every version's tag its own where tags are made from content.
    return json.dumps({"schema": "onmodel.probe/1", "word": secrets.token_hex(8), **more}).encode()


def _refuse(store: Store, what: str) -> None:
    raise SetupError(
        f"the archive {store.address} {what}: two processes could buy the same shot twice there",
        hint="Set `archive:` in production.yaml to a folder on a local disk, or to a bucket of a store that "
        "keeps conditional writes, as Amazon S3 and MinIO do.",
    )
