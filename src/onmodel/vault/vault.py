"""One production's archive, opened: media, journal, ledgers, cuts and frames over one store."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from onmodel.errors import SetupError
from onmodel.vault.derived import Cuts, Frames
from onmodel.vault.journal import Journal
from onmodel.vault.ledger import Ledger
from onmodel.vault.local import LocalStore
from onmodel.vault.media import Media
from onmodel.vault.records import Record, read_record
from onmodel.vault.session import Session, utc_now
from onmodel.vault.store import Store, probe

_MARKER = "production.json"


class _Marker(Record):
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
    session: Session

    def ledger(self, name: str) -> Ledger:
        """The reservations under one cap."""
        return Ledger(self.store, name)

    def close(self) -> None:
        """End this process's session; nothing is left half done in the archive."""
        self.session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_vault(
    address: str,
    *,
    root: Path,
    production: str,
    run_folder: Path,
    clock: Callable[[], datetime] = utc_now,
) -> Vault:
    """Open a production's archive, and make it on the first day.

    Args:
        address: `archive:` of production.yaml: a folder, relative to `root` or absolute.
        root: the production's folder.
        production: its name; an archive belongs to one production.
        run_folder: a folder of this machine for the locks of living processes.
        clock: the time, in UTC.

    Raises:
        SetupError: the address is not a folder, the store does not keep its promises, or the archive is
            another production's.
        VaultError: the archive cannot be read or written.
    """
    store = _store_at(address, root)
    probe(store)
    _check_owner(store, production)
    session = Session(run_folder, clock=clock)
    journal = Journal(store, production, session=session, clock=clock)
    return Vault(store, Media(store), journal, Cuts(store), Frames(store), session)


def _store_at(address: str, root: Path) -> Store:
    folder = root / Path(address).expanduser()
    if not address.strip() or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", address):
        raise SetupError(
            f"archive: {address!r} is not a folder",
            hint="Write a folder's path, absolute or relative to production.yaml: `archive: archive`.",
        )
    if folder.exists() and not folder.is_dir():
        raise SetupError(
            f"archive: {folder} is a file, an archive is a folder",
            hint="Set `archive:` in production.yaml to a folder; it is made when it is not there.",
        )
    return LocalStore(folder)


def _check_owner(store: Store, production: str) -> None:
    marker = _Marker(production=production)
    if store.create(_MARKER, marker.to_bytes()):
        return
    found = read_record(_Marker, store.read(_MARKER), f"{_MARKER} in {store.address}")
    if found.production != production:
        raise SetupError(
            f"the archive {store.address} belongs to the production {found.production!r}, "
            f"this one is {production!r}",
            hint="Set `archive:` in production.yaml to a folder of its own, or change its name back.",
        )
