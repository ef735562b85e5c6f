"""An archive in a folder: plain files that survive a kill at any instant.

A file is written under `+partial/`, brought to disk, and only then given its name by a hard link, which fails
when the name is taken: nobody ever sees half a record, and exactly one of several writers wins. ('+' is in no
object's name, so `+partial` and `+lock` can never be mistaken for objects.)
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NoReturn

from onmodel.errors import MediaAltered, VaultError, VaultFull
from onmodel.units import sha256_of_file
from onmodel.vault.store import ObjectMissing, checked_name, checked_prefix, is_component

_CHUNK_BYTES = 1 << 20
_STALE_S = 24 * 3600
"""Age at which a partial file is surely a killed process's: no single write takes a day."""
FULL = {errno.ENOSPC, errno.EDQUOT}
"""What the system says when no space is left, or no more of one's share."""
_FORBIDDEN = {errno.EACCES, errno.EROFS}
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EXDEV, errno.EMLINK}


class LocalStore:
    """A `Store` in a folder of this machine, which is made when it is not there.

    Args:
        folder: the archive.
        only_read: leave it exactly as it is: it may be on a read-only disk.
    """

    def __init__(self, folder: Path, *, only_read: bool = False) -> None:
        self.address = str(folder)
        self._folder = folder
        self._partial = folder / "+partial"
        self._durable: set[Path] = set()
        if only_read:
            return
        with self._explained():
            self._partial.mkdir(parents=True, exist_ok=True)
            self._drop_stale()

    def create(self, name: str, content: bytes) -> bool:
        """Keep a new object, safe from a power cut on return; False when the name is already taken."""
        final = self._path(name)
        with self._explained(), self._written([content]) as partial:
            self._make_folder(final.parent)
            if not self._link(partial, final):
                return False
            _sync_folder(final.parent)
        return True

    def read(self, name: str) -> bytes:
        """The whole content of an object.

        Raises:
            ObjectMissing: there is none of this name.
        """
        with self._explained():
            try:
                return self._path(name).read_bytes()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                self._missing(name)

    def read_tagged(self, name: str) -> tuple[bytes, str] | None:
        """Content and its sha256, which is the tag here; None when there is no such object."""
        try:
            content = self.read(name)
        except ObjectMissing:
            return None
        return content, hashlib.sha256(content).hexdigest()

    def swap(self, name: str, content: bytes, tag: str | None) -> str | None:
        """Replace an object if it is still the one of `tag`; the new tag, None where another changed it."""
        new_tag = hashlib.sha256(content).hexdigest()
        if tag is None:
            return new_tag if self.create(name, content) else None
        final = self._path(name)
        with self._explained(), self._locked():
            found = self.read_tagged(name)
            if found is None or found[1] != tag:
                return None
            with self._written([content]) as partial:
                partial.replace(final)
                _sync_folder(final.parent)
        return new_tag

    def names(self, prefix: str) -> list[str]:
        """All names that begin with `prefix`, sorted."""
        within = checked_prefix(prefix).rpartition("/")[0]
        with self._explained():
            return sorted(name for name in self._walk(within) if name.startswith(prefix))

    def strangers(self) -> list[str]:
        """What lies in the folder under other names, sorted; `+partial` and `+lock` are the store's."""
        own = {"+partial", "+lock"}
        found = (path.relative_to(self._folder) for path in self._folder.rglob("*") if path.is_file())
        with self._explained():
            return sorted(
                str(one) for one in found if one.parts[0] not in own and not all(map(is_component, one.parts))
            )

    def gather(self, prefix: str) -> list[str]:
        """The same as `names`: here nothing is far."""
        return self.names(prefix)

    def size(self, name: str) -> int | None:
        """Length of an object in bytes; None when there is no such object."""
        with self._explained():
            path = self._path(name)
            try:
                return path.stat().st_size if path.is_file() else None
            except FileNotFoundError:  # it went between the two questions
                return None

    def sha256_of(self, name: str, expected: str, *, read_back: bool) -> str | None:  # noqa: ARG002 (a folder keeps no proof: every byte is read)
        """The sha256 of an object's bytes; None when there is no such object."""
        with self._explained():
            try:
                return sha256_of_file(self._path(name))
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return None

    def put_file(self, name: str, path: Path, sha256: str) -> None:
        """Archive a copy of a file so that `name` holds exactly the bytes of `sha256`.

        Raises:
            MediaAltered: the file is not what `sha256` says.
        """
        final = self._path(name)
        with self._explained():
            if final.is_file() and sha256_of_file(final) == sha256:
                # Another process may have linked it a moment ago and not yet brought the folder to disk.
                _sync_folder(final.parent)
                return
        running = hashlib.sha256()
        with self._explained(), self._written(_chunks(path, running)) as partial:
            if running.hexdigest() != sha256:
                raise MediaAltered(
                    f"{path} changed while it was being archived: its sha256 is {running.hexdigest()[:12]}…, "
                    f"expected {sha256[:12]}…",
                    hint="Run the same command again; nothing was stored.",
                )
            self._make_folder(final.parent)
            if not self._link(partial, final):
                partial.replace(
                    final
                )  # the same bytes from a racing writer, or damaged ones: ours are verified
            _sync_folder(final.parent)

    def file(self, name: str, sha256: str) -> Path:  # noqa: ARG002 (nothing came from afar: `Media.verify` reads it)
        """The object's own file; to be read, never written.

        Raises:
            ObjectMissing: there is none of this name.
        """
        path = self._path(name)
        if not path.is_file():
            self._missing(name)
        return path

    def address_of(self, name: str) -> str:
        """The object's path."""
        return str(self._path(name))

    def close(self) -> None:
        """Nothing is open."""

    def _path(self, name: str) -> Path:
        return self._folder / checked_name(name)

    def _missing(self, name: str) -> NoReturn:
        raise ObjectMissing(
            f"{name} is not in the archive {self.address}",
            hint="Restore it from a backup, or check `archive:` in production.yaml.",
        )

    @contextmanager
    def _written(self, chunks: Iterable[bytes]) -> Iterator[Path]:
        """A partial file that is safely on disk; gone afterwards unless it was moved."""
        partial = self._partial / secrets.token_hex(16)
        try:
            with self._opened(partial) as file:
                for chunk in chunks:
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            yield partial
        finally:
            partial.unlink(missing_ok=True)

    def _opened(self, partial: Path) -> BinaryIO:
        try:
            return partial.open("xb")
        except FileNotFoundError:  # somebody tidied the folder away
            self._partial.mkdir(parents=True, exist_ok=True)
            return partial.open("xb")

    def _link(self, partial: Path, final: Path) -> bool:
        try:
            os.link(partial, final)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            raise VaultError(
                f"the archive {self.address} cannot hard-link {final.name} into place ({error.strerror})",
                hint="Keep the whole archive on one file system that has hard links (ext4, xfs, btrfs, APFS, "
                "NFS); to move it, move its folder and set `archive:` in production.yaml.",
            ) from error
        return True

    def _make_folder(self, folder: Path) -> None:
        """Make a folder durably: a name inside it is only as safe as the folder's own name in its parent."""
        if folder in self._durable and folder.is_dir():
            return
        folder.mkdir(parents=True, exist_ok=True)
        for made in (folder, *folder.parents):
            if made == self._folder or made in self._durable:
                return
            _sync_folder(made.parent)
            self._durable.add(made)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = os.open(self._folder / "+lock", os.O_CREAT | os.O_RDWR, 0o666)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _walk(self, within: str) -> Iterator[str]:
        pending = [within]
        while pending:
            folder = pending.pop()
            try:
                entries = list(os.scandir(f"{self.address}/{folder}"))  # a Path each would double the time
            except (FileNotFoundError, NotADirectoryError):
                continue
            for entry in entries:
                if not is_component(entry.name):
                    continue
                name = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_dir():  # links are followed: a job that nobody sees would be bought again
                    pending.append(name)
                else:
                    yield name

    def _drop_stale(self) -> None:
        oldest = time.time() - _STALE_S
        for entry in os.scandir(self._partial):
            with suppress(FileNotFoundError):  # another process tidies too
                if entry.stat().st_mtime < oldest:
                    Path(entry.path).unlink()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Foreign errors become ours here, once for the whole adapter."""
        try:
            yield
        except OSError as error:
            why = error.strerror or str(error)
            if error.errno in FULL:
                raise VaultFull(
                    f"no space is left for the archive {self.address} ({why})",
                    hint="Free some space there and run the same command again: what is paid is not lost.",
                ) from error
            if error.errno in _FORBIDDEN:
                raise VaultError(
                    f"the archive {self.address} may not be written or read here ({why}: {error.filename})",
                    hint="Give yourself read and write permission, or change `archive:` in production.yaml.",
                ) from error
            raise VaultError(
                f"the archive {self.address} failed ({why}: {error.filename})",
                hint="Check the disk and `archive:` in production.yaml, then run the same command again.",
            ) from error


def _chunks(path: Path, running: hashlib._Hash) -> Iterator[bytes]:
    try:
        with path.open("rb") as source:
            while chunk := source.read(_CHUNK_BYTES):
                running.update(chunk)
                yield chunk
    except OSError as error:
        raise VaultError(
            f"{path} cannot be read ({error.strerror})",
            hint="Check that the file is there and is yours to read.",
        ) from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
