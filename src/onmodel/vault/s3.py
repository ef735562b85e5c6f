"""An archive in a bucket: `s3://bucket/prefix`, at Amazon or at any store that keeps conditional writes.

Records that are written once are held in memory from the moment they are listed or written, and together in
binders in the archive; media are kept near at hand. So a second run asks for little.
"""

from __future__ import annotations

import base64
import hashlib
import re
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, NoReturn

from onmodel.errors import MediaAltered, SetupError, VaultError
from onmodel.vault.binder import Binder, Held, bound, name_of, shelf_of, unbound
from onmodel.vault.near import NearMedia, copied_from
from onmodel.vault.s3_bucket import AT_ONCE, Bucket, connect
from onmodel.vault.s3_parts import PART_BYTES, composite_of
from onmodel.vault.store import ObjectMissing, checked_name, checked_prefix, is_component

LOOK_S: Final = 24 * 3600
"""Seconds for which an address that is shown to a person opens, if the keys it is signed with last."""

WORTH_A_BINDER: Final = 3
"""Records that must be missing before the binder is asked for them: fewer are quicker read one by one."""

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


class S3Store:
    """A `Store` in a bucket."""

    def __init__(self, bucket: Bucket, near: NearMedia) -> None:
        self.address = bucket.address
        self._bucket = bucket
        self._near = near
        self._held: dict[str, Held] = {}
        self._binders: dict[str, Binder] = {}
        """The binders that were read, by shelf."""
        self._shelves: set[str] = set()
        """Shelves that somebody gathers from: what is created on them is held too."""
        self._unbound: set[str] = set()
        """Shelves with records that their binder lacks."""

    # -- records ---------------------------------------------------------------------------------------------

    def create(self, name: str, content: bytes) -> bool:
        """Keep a new object, safe on return; False when the name is already taken."""
        tag = self._bucket.put(checked_name(name), content)
        if tag is not None and shelf_of(name) in self._shelves:
            self._hold({name: Held(tag, content)})
        return tag is not None

    def read(self, name: str) -> bytes:
        """The whole content of an object.

        Raises:
            ObjectMissing: there is none of this name.
        """
        held = self._held.get(checked_name(name))
        if held is not None:
            return held.content
        found = self._bucket.get(name)
        return found[0] if found else self._missing(name)

    def read_tagged(self, name: str) -> tuple[bytes, str] | None:
        """Content and its ETag; None when there is no such object."""
        return self._bucket.get(checked_name(name))

    def swap(self, name: str, content: bytes, tag: str | None) -> str | None:
        """Replace an object if it is still the one of `tag`; the new tag, None where another changed it."""
        condition = {"IfNoneMatch": "*"} if tag is None else {"IfMatch": tag}
        return self._bucket.put(checked_name(name), content, condition)

    def names(self, prefix: str) -> list[str]:
        """All names that begin with `prefix`, sorted."""
        return sorted(filter(_is_name, self._bucket.listing(checked_prefix(prefix))))

    def strangers(self) -> list[str]:
        """What lies under the prefix under other names, sorted."""
        return sorted(name for name in self._bucket.listing("") if not _is_name(name))

    def gather(self, prefix: str) -> list[str]:
        """The same as `names`, with everything listed at hand: from the binders, the rest side by side."""
        listed = {
            name: one.tag
            for name, one in self._bucket.listing(checked_prefix(prefix)).items()
            if _is_name(name)
        }
        self._shelves |= {shelf_of(prefix), *map(shelf_of, listed)}
        missing = self._not_held(listed)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            if len(missing) >= WORTH_A_BINDER:
                unread = {shelf_of(name) for name in missing} - self._binders.keys()
                self._binders |= zip(sorted(unread), pool.map(self._read_binder, sorted(unread)), strict=True)
            self._held |= {name: held for name in missing if (held := self._in_binder(name, listed[name]))}
            missing = self._not_held(listed)
            found = zip(missing, pool.map(self._bucket.get, missing), strict=True)
            self._hold({name: Held(one[1], one[0]) for name, one in found if one})
        return sorted(listed)

    # -- media -----------------------------------------------------------------------------------------------

    def size(self, name: str) -> int | None:
        """Length of an object in bytes; None when there is no such object."""
        found = self._bucket.head(checked_name(name))
        return found.size if found else None

    def sha256_of(self, name: str, expected: str, *, read_back: bool) -> str | None:
        """The sha256 of an object's bytes; None when there is no such object.

        S3 keeps the checksum that it verified when the bytes came. Of a file that came in parts it keeps one
        of the parts: that proves it where a copy is near at hand. What is not proven so is brought and read.
        """
        found = self._bucket.head(checked_name(name))
        if found is None:
            return None
        if found.checksum and not read_back:
            if found.checksum == base64.b64encode(bytes.fromhex(expected)).decode():
                return expected
            copy = self._near.find(expected, PurePosixPath(name).suffix)
            if copy is not None and found.checksum == composite_of(copy):
                return expected
        with tempfile.TemporaryFile() as file:
            if not self._bucket.download(name, file):
                return None
            file.seek(0)
            return hashlib.file_digest(file, "sha256").hexdigest()

    def put_file(self, name: str, path: Path, sha256: str) -> None:
        """Archive a file so that `name` holds exactly the bytes of `sha256`; a copy stays near at hand.

        Raises:
            MediaAltered: the file is not what `sha256` says.
        """
        suffix = PurePosixPath(checked_name(name)).suffix
        copy = self._near.find(sha256, suffix)
        if copy is None:
            try:
                copy = self._near.keep(sha256, suffix, copied_from(path))
            except MediaAltered as error:
                raise MediaAltered(
                    f"{path} changed while it was being archived: {error.message}",
                    hint="Run the same command again; nothing was stored.",
                ) from error
        # What is sent is the copy: nobody changes it meanwhile. A small one is sent without looking first.
        there = self._bucket.holds(name, copy) if copy.stat().st_size > PART_BYTES else None
        if there is None:
            there = self._bucket.upload(name, copy, only_new=True) or self._bucket.holds(name, copy)
        if not there:
            self._bucket.upload(name, copy, only_new=False)

    def file(self, name: str, sha256: str) -> Path:
        """A copy near at hand, brought there if it is not yet; to be read, never written.

        Raises:
            ObjectMissing: there is none of this name.
            MediaAltered: what is archived under it is something else.
        """
        suffix = PurePosixPath(checked_name(name)).suffix
        copy = self._near.find(sha256, suffix)
        if copy is not None:
            return copy

        def bring(file: BinaryIO) -> None:
            if not self._bucket.download(name, file):
                self._missing(name)

        with suppress(MediaAltered):  # damaged on its way, maybe: once more
            return self._near.keep(sha256, suffix, bring)
        try:
            return self._near.keep(sha256, suffix, bring)
        except MediaAltered as error:
            raise MediaAltered(
                f"{name} in {self.address} was altered: {error.message}",
                hint="Restore this one object from a backup or an earlier version of it, then run the same "
                "command again.",
            ) from error

    def address_of(self, name: str) -> str:
        """A signed address that a browser opens for a day; the bucket stays closed to everybody else."""
        return self._bucket.link(checked_name(name), LOOK_S)

    def close(self) -> None:
        """Bind what is new, for whoever opens the archive next; where that fails, they read one by one."""
        with suppress(VaultError):  # around all: a bucket that is away would be waited for at each shelf
            for shelf in sorted(self._unbound):
                records = {name: held for name, held in self._held.items() if shelf_of(name) == shelf}
                old = self._binders.get(shelf) or self._read_binder(shelf)
                self.swap(name_of(shelf), bound({**old.records, **records}), old.tag)
        self._unbound.clear()

    # -- inside ----------------------------------------------------------------------------------------------

    def _not_held(self, listed: dict[str, str]) -> list[str]:
        return [n for n, tag in listed.items() if n not in self._held or self._held[n].tag != tag]

    def _hold(self, records: dict[str, Held]) -> None:
        self._held |= records
        self._unbound |= set(map(shelf_of, records))

    def _read_binder(self, shelf: str) -> Binder:
        found = self._bucket.get(name_of(shelf))
        return Binder(unbound(found[0]), found[1]) if found else Binder({}, None)

    def _in_binder(self, name: str, tag: str) -> Held | None:
        binder = self._binders.get(shelf_of(name))
        held = binder.records.get(name) if binder else None
        return held if held and held.tag == tag else None

    def _missing(self, name: str) -> NoReturn:
        raise ObjectMissing(
            f"{name} is not in the archive {self.address}",
            hint="Restore it from a backup or an earlier version, or check `archive:` in production.yaml.",
        )


def open_s3(address: str, near: NearMedia) -> S3Store:
    """The store at `s3://bucket/prefix`; nothing is asked of it yet.

    Raises:
        SetupError: it is no such address.
        VaultError: this machine's AWS settings cannot be used.
    """
    name, _, prefix = address.removeprefix("s3://").partition("/")
    words = prefix.removesuffix("/").split("/") if prefix else []
    if not _BUCKET.fullmatch(name) or not all(map(is_component, words)):
        raise SetupError(
            f"archive: {address!r} is not the address of a prefix in a bucket",
            hint="Write `archive: s3://bucket/prefix`: the bucket's name, then words of letters, digits, "
            "'.', '-' and '_' between single slashes.",
        )
    return S3Store(Bucket(connect(address), name, "/".join(words)), near)


def _is_name(name: str) -> bool:
    return all(map(is_component, name.split("/")))
