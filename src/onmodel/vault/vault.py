"""One production's archive, opened: media, journal, ledgers, cuts and frames over one store."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from onmodel.errors import SetupError
from onmodel.vault.decisions import Decisions
from onmodel.vault.derived import Cuts, Frames
from onmodel.vault.journal import Journal
from onmodel.vault.ledger import Ledger
from onmodel.vault.local import LocalStore
from onmodel.vault.media import Media
from onmodel.vault.near import NearMedia
from onmodel.vault.records import Record, read_record
from onmodel.vault.session import Session, utc_now
from onmodel.vault.store import Store, probe

MARKER: Final = "production.json"
"""The object that says whose archive it is."""


class Marker(Record):
    """Whose archive it is."""

    schema_name = "onmodel.production/1"

    production: str


@dataclass(frozen=True)
class Vault:
    """One production's archive; close it, or leave that to the process's end."""

    store: Store
    media: Media
    journal: Journal
    cuts: Cuts
    frames: Frames
    decisions: Decisions
    session: Session

    def ledger(self, name: str) -> Ledger:
        """The reservations under one cap."""
        return Ledger(self.store, name)

    def close(self) -> None:
        """End this process's session; nothing is left half done in the archive."""
        try:
            self.store.close()
        finally:
            self.session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:  # whoever is interrupted, or cannot reach the archive, does not wait for it once more
            self.session.close()


def open_vault(
    address: str,
    *,
    root: Path,
    production: str,
    run_folder: Path,
    near: NearMedia | None = None,
    clock: Callable[[], datetime] = utc_now,
    around: Callable[[Store], Store] | None = None,
) -> Vault:
    """Open a production's archive, and make it on the first day.

    Args:
        address: `archive:` of production.yaml: a folder, relative to `root` or absolute, or
            `s3://bucket/prefix`.
        root: the production's folder.
        production: its name; an archive belongs to one production.
        run_folder: a folder of this machine for the locks of living processes.
        near: where copies of the media of a far archive are kept; `.onmodel/cache/media` without it.
        clock: the time, in UTC.
        around: puts another store before the one at the address: trouble, in a rehearsal.

    Raises:
        SetupError: the address is neither a folder nor a prefix in a bucket, the store does not keep its
            promises, or the archive is another production's.
        VaultError: the archive cannot be read or written.
    """
    store = store_at(address, root, near)
    return _open(around(store) if around else store, production, run_folder, clock)


def find_vault(
    address: str, *, root: Path, production: str, run_folder: Path, near: NearMedia | None = None
) -> Vault | None:
    """Open a production's archive if it was ever made; None where it was not, and none is made for this.

    Raises:
        SetupError, VaultError: as `open_vault` does.
    """
    if not is_far(address) and not (root / Path(address).expanduser()).exists():
        return None
    store = store_at(address, root, near)
    if is_far(address) and store.size(MARKER) is None:
        return None
    return _open(store, production, run_folder, utc_now)


def _open(store: Store, production: str, run_folder: Path, clock: Callable[[], datetime]) -> Vault:
    probe(store)
    _check_owner(store, production)
    session = Session(run_folder, clock=clock)
    journal = Journal(store, production, session=session, clock=clock)
    return Vault(store, Media(store), journal, Cuts(store), Frames(store), Decisions(store), session)


def is_far(address: str) -> bool:
    """Whether an archive is in a bucket and not in a folder."""
    return address.strip().startswith("s3://")


def store_at(address: str, root: Path, near: NearMedia | None, *, only_read: bool = False) -> Store:
    """The store at an address; a folder that is only to be read is left exactly as it is.

    Raises:
        SetupError: the address is neither a folder nor a prefix in a bucket.
    """
    if is_far(address):
        from onmodel.vault.s3 import open_s3  # noqa: PLC0415 (boto3, for archives in a bucket only)

        return open_s3(address.strip(), near or NearMedia(root / ".onmodel" / "cache" / "media"))
    folder = root / Path(address).expanduser()
    if not address.strip() or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", address):
        raise SetupError(
            f"archive: {address!r} is not a folder, and no bucket",
            hint="Write a folder's path, absolute or relative to production.yaml: `archive: archive`; or "
            "`archive: s3://bucket/prefix`.",
        )
    if folder.exists() and not folder.is_dir():
        raise SetupError(
            f"archive: {folder} is a file, an archive is a folder",
            hint="Set `archive:` in production.yaml to a folder; it is made when it is not there.",
        )
    return LocalStore(folder, only_read=only_read)


def _check_owner(store: Store, production: str) -> None:
    marker = Marker(production=production)
    there = store.read_tagged(MARKER)
    if there is None and store.create(MARKER, marker.to_bytes()):
        return
    content = there[0] if there else store.read(MARKER)
    found = read_record(Marker, content, f"{MARKER} in {store.address}")
    if found.production != production:
        raise SetupError(
            f"the archive {store.address} belongs to the production {found.production!r}, "
            f"this one is {production!r}",
            hint="Set `archive:` in production.yaml to a folder or prefix of its own, or change its "
            "name back.",
        )
