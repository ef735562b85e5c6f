"""An archive opened to be read, whoever's it is: nothing is written into it, no lock, not even a probe.

So a backup on a read-only disk can be verified, and an episode restored from it, where no production is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from onmodel.errors import SetupError
from onmodel.vault.decisions import Decisions
from onmodel.vault.derived import Cuts
from onmodel.vault.jobs import Job, Keeper
from onmodel.vault.ledger import Ledger
from onmodel.vault.media import Media
from onmodel.vault.near import NearMedia
from onmodel.vault.records import read_record
from onmodel.vault.session import utc_now
from onmodel.vault.store import Store
from onmodel.vault.vault import MARKER, Marker, is_far, store_at


@dataclass(frozen=True)
class Archive:
    """What is archived of a production."""

    store: Store
    production: str
    """Whose it is, as the archive itself says."""

    @property
    def media(self) -> Media:
        """Pictures, clips and sounds."""
        return Media(self.store)

    @property
    def cuts(self) -> Cuts:
        """Finished cuts."""
        return Cuts(self.store)

    @property
    def decisions(self) -> Decisions:
        """What people decided."""
        return Decisions(self.store)

    def ledger(self, name: str) -> Ledger:
        """The reservations under one cap."""
        return Ledger(self.store, name)

    def jobs(self, scope: str | None = None) -> list[Job]:
        """The jobs of an episode, of `cast`, or of everything, in order; no record is opened yet.

        Without the locks of living processes, a sending counts as alive until its deadline.
        """
        keeper = Keeper(self.store, utc_now, lambda _session, _host: False)
        listed = self.store.gather(f"jobs/{scope}/" if scope else "jobs/")
        return keeper.jobs_among(self.production, listed)

    def scopes(self) -> list[str]:
        """Every episode of which something is archived, and `cast`, sorted."""
        return sorted(
            {name.split("/")[1] for shelf in ("jobs/", "cuts/") for name in self.store.names(shelf)}
        )

    def cut_names(self, scope: str | None = None) -> Iterator[tuple[str, str]]:
        """Episode and recipe digest of every archived cut, of one episode or of all."""
        for name in self.store.gather(f"cuts/{scope}/" if scope else "cuts/"):
            _, episode, file = (*name.split("/"), "", "")[:3]
            if file.endswith(".json"):
                yield episode, file.removesuffix(".json")


def open_to_read(address: str, *, root: Path, near: NearMedia | None = None) -> Archive:
    """Open an archive to read it; it is left exactly as it is.

    Args:
        address: a folder, relative to `root` or absolute, or `s3://bucket/prefix`.
        root: the folder that relative addresses start from.
        near: where copies of the media of a far archive are kept.

    Raises:
        SetupError: there is no archive there.
        VaultError: it cannot be read.
    """
    store = store_at(address, root, near, only_read=True)
    marker = store.read_tagged(MARKER)
    if marker is None:
        raise SetupError(f"there is no archive at {store.address}", hint=_where_else(address, root))
    found = read_record(Marker, marker[0], f"{MARKER} in {store.address}")
    return Archive(store, found.production)


def _where_else(address: str, root: Path) -> str:
    if not is_far(address):
        folder = root / Path(address).expanduser()
        for inside in (folder / "archive", folder / ".onmodel" / "rehearsal" / "archive"):
            if (inside / MARKER).is_file():
                return f"There is one at {inside}."
    return (
        f"An archive has {MARKER} in it. `archive:` in production.yaml says where a production's is; "
        "the first onmodel produce makes it."
    )
