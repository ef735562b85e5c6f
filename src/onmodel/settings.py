"""What the environment of this machine says; everything about a production is in its files instead."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final

from onmodel.errors import KeyMissing, SetupError

VARIABLES: Final = {
    "FAL_KEY": "The key of your fal account. Needed to produce, not to check, plan or rehearse.",
    "ONMODEL_FFMPEG": "Another ffmpeg than the one that comes with the installation.",
    "ONMODEL_CACHE_GB": "GB that pieces of cuts and copies of a far archive may each take; 20 without it.",
    "ONMODEL_IN_FLIGHT": "A worker's quota: requests that a run may have under way; else `in_flight:`.",
    "ONMODEL_UPLOADS": "Files that a run may upload to fal at once; 4 without it.",
    "ONMODEL_SUBMITS_PER_MINUTE": "The most requests that a run sends in a minute; no limit without it.",
    "ONMODEL_PREFECT_LIMIT": "A concurrency limit of Prefect's that requests wait for, over all machines.",
    "PREFECT_API_URL": "The Prefect server to run under; without it, the production's own if it answers.",
}
"""Every variable that onmodel reads, with what it is for; `docs/settings.md` lists them, held by a test."""

UPLOADS: Final = 4
"""Uploads at once where nothing else is said: a home line is full with fewer."""

CACHE_BYTES: Final = 20_000_000_000
"""What a part of the cache may come to where nothing else is said."""


@dataclass(frozen=True)
class Settings:
    """The environment, read once."""

    fal_key: str = field(default="", repr=False)
    """Never shown: not in a repr, a log, an error or an artifact."""
    ffmpeg: str | None = None
    cache_bytes: int = CACHE_BYTES
    """The most that pieces of cuts and copies of a far archive may each take, save those in use."""
    in_flight: int | None = None
    """Requests that a run may have under way at once; None: what the production says."""
    uploads: int = UPLOADS
    """Files that a run may upload at once."""
    submits_per_minute: int | None = None
    """The most requests that a run sends in a minute."""
    prefect_limit: str | None = None
    """Name of a concurrency limit of Prefect's."""
    prefect_api_url: str | None = None

    def required_key(self) -> str:
        """The fal key.

        Raises:
            KeyMissing: none is set.
        """
        if not self.fal_key.strip():
            raise KeyMissing(
                "FAL_KEY is not set, and this command buys from fal.ai.",
                hint="export FAL_KEY=..., or rehearse for $0: onmodel produce EPISODE --rehearse",
            )
        return self.fal_key.strip()


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the environment.

    Raises:
        SetupError: a value is not of its form.
    """
    found = os.environ if environ is None else environ
    return Settings(
        fal_key=found.get("FAL_KEY", ""),
        ffmpeg=found.get("ONMODEL_FFMPEG") or None,
        cache_bytes=_cache_bytes(found.get("ONMODEL_CACHE_GB", "").strip()),
        in_flight=_count(found, "ONMODEL_IN_FLIGHT"),
        uploads=_count(found, "ONMODEL_UPLOADS") or UPLOADS,
        submits_per_minute=_count(found, "ONMODEL_SUBMITS_PER_MINUTE"),
        prefect_limit=found.get("ONMODEL_PREFECT_LIMIT", "").strip() or None,
        prefect_api_url=found.get("PREFECT_API_URL") or None,
    )


def _count(found: Mapping[str, str], name: str) -> int | None:
    given = found.get(name, "").strip()
    if not given:
        return None
    if not re.fullmatch(r"[1-9]\d{0,3}", given):
        raise SetupError(
            f"{name} is {given!r}, it takes a whole number from 1 to 9999", hint=f"export {name}=10"
        )
    return int(given)


def _cache_bytes(gigabytes: str) -> int:
    if not gigabytes:
        return CACHE_BYTES
    if not re.fullmatch(r"\d{1,6}(\.\d{1,3})?", gigabytes):
        raise SetupError(
            f"ONMODEL_CACHE_GB is {gigabytes!r}, it takes a number of gigabytes",
            hint="export ONMODEL_CACHE_GB=20",
        )
    return int(Decimal(gigabytes) * 10**9)


@dataclass(frozen=True)
class Folders:
    """Where a production keeps what it makes; the rehearsal has places of its own."""

    root: Path
    rehearsal: bool

    @property
    def hidden(self) -> Path:
        """All that can be made again, and the rehearsals."""
        return self.root / ".onmodel"

    @property
    def run(self) -> Path:
        """Locks of living processes."""
        return self.hidden / "run"

    @property
    def cache(self) -> Path:
        """May be deleted at any time."""
        return self.hidden / "cache"

    @property
    def fal_double(self) -> Path:
        """What the rehearsal's double of fal remembers."""
        return self.hidden / "rehearsal" / "fal"

    def archive(self, address: str) -> str:
        """The vault's address: nothing rehearsed is ever taken for bought."""
        return ".onmodel/rehearsal/archive" if self.rehearsal else address

    @property
    def deliverables(self) -> Path:
        """Finished episodes."""
        return self.root / "deliverables" / ("rehearsal" if self.rehearsal else "")
