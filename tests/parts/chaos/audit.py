"""What truly happened: fal's own list of jobs against the archive's files, read without our journal."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Protocol

from onmodel.units import digest_of

CAPS: Final = ("production", "s01e01")
"""The ledgers of a run of the episode."""


class Files(Protocol):
    """The objects of an archive, by name."""

    def read_all(self) -> dict[str, bytes]:
        """Every JSON file under `jobs/` and `ledger/`, and every other object without its content."""
        ...


class FolderFiles:
    """An archive in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read_all(self) -> dict[str, bytes]:
        """Every JSON file under `jobs/` and `ledger/`, and every other object without its content."""
        found = {}
        for path in self._folder.rglob("*"):
            name = path.relative_to(self._folder).as_posix()
            if path.is_file() and not path.name.startswith("."):
                found[name] = path.read_bytes() if is_record(name) else b""
        return found


class BucketFiles:
    """An archive in a bucket."""

    def __init__(self, client: Any, bucket: str, prefix: str) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = f"{prefix}/"

    def read_all(self) -> dict[str, bytes]:
        """Every JSON file under `jobs/` and `ledger/`, and every other object without its content."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix
        )
        keys = [one["Key"] for page in pages for one in page.get("Contents", ())]
        names = [key.removeprefix(self._prefix) for key in keys]
        return {name: self._read(name) if is_record(name) else b"" for name in names}

    def _read(self, name: str) -> bytes:
        answer = self._client.get_object(Bucket=self._bucket, Key=f"{self._prefix}{name}")
        content: bytes = answer["Body"].read()
        return content


def is_record(name: str) -> bool:
    """Whether an object is a job's record or a ledger."""
    return name.startswith(("jobs/", "ledger/")) and name.endswith(".json")


@dataclass(frozen=True)
class Accepted:
    """One job that fal would bill."""

    request_id: str
    endpoint: str
    input: dict[str, Any]


def read_accepted(fal: Path) -> list[Accepted]:
    """Every submit that the double has accepted."""
    paths = (path for path in (fal / "jobs").glob("*.json") if not path.name.startswith("."))
    records = [json.loads(path.read_text()) for path in paths if not path.name.endswith(".answer.json")]
    return [Accepted(one["request_id"], one["endpoint"], one["input"]) for one in records]


@dataclass(frozen=True)
class Entry:
    """One job's records, as their files have them."""

    folder: str
    records: Mapping[str, dict[str, Any]]

    @cached_property
    def key(self) -> str:
        """The job key."""
        return digest_of(self.records["intent"]["slot"])

    @property
    def price_usd(self) -> Decimal:
        """What one try costs."""
        return Decimal(self.records["intent"]["price_usd"])

    def attempts(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Every claim to send that was not a withdrawal."""
        for name, record in self.records.items():
            kind, _, number = name.partition(".")
            if kind == "sending" and record["arguments"]:
                yield int(number), record

    def is_open(self) -> bool:
        """Whether the last claim has no outcome: nobody of the living knows what became of it."""
        last = max((attempt for attempt, _ in self.attempts()), default=None)
        return last is not None and f"outcome.{last}" not in self.records

    def knows(self, attempt: int, request_id: str) -> bool:
        """Whether an accepted submit can still be reached: it is open, or its request id is written down."""
        outcome = self.records.get(f"outcome.{attempt}")
        late = self.records.get(f"outcome.{attempt}.late", {})
        return outcome is None or request_id in {outcome["request_id"], late.get("request_id")}


class Audit:
    """The state of a production's money at one moment, while nobody is at it."""

    def __init__(self, files: Files, fal: Path) -> None:
        self._files = files.read_all()
        folders: dict[str, dict[str, Any]] = {}
        for name, content in self._files.items():
            folder, _, record = name.rpartition("/")
            if name.startswith("jobs/"):
                folders.setdefault(folder, {})[record.removesuffix(".json")] = json.loads(content)
        self.jobs = [Entry(folder, records) for folder, records in folders.items()]
        self.accepted = read_accepted(fal)
        self.owners = [self._owner(one) for one in self.accepted]
        """The job and attempt of each accepted submit; None where the journal knows of none."""

    def _owner(self, accepted: Accepted) -> tuple[Entry, int] | None:
        # What was accepted is what was claimed, word for word, upload addresses and all: so it is told apart.
        fitting = [
            (job, attempt)
            for job in self.jobs
            if job.records["intent"]["endpoint"] == accepted.endpoint
            for attempt, sending in job.attempts()
            if sending["arguments"] == accepted.input
        ]
        by_id = [(job, k) for job, k in fitting if job.knows(k, accepted.request_id)]
        return (by_id or fitting or [None])[0]

    @property
    def bought(self) -> Counter[str]:
        """How often each job was accepted, by job key."""
        return Counter(owner[0].key for owner in self.owners if owner)

    def lost(self) -> list[str]:
        """Accepted submits that nobody can reach any more."""
        return [
            one.request_id
            for one, owner in zip(self.accepted, self.owners, strict=True)
            if owner is None or not owner[0].knows(owner[1], one.request_id)
        ]

    def cost_usd(self) -> Decimal:
        """What fal would bill by the price table."""
        return sum((owner[0].price_usd for owner in self.owners if owner), Decimal(0))

    def reserved(self, cap: str) -> dict[str, Decimal]:
        """A ledger, by job key."""
        content = self._files.get(f"ledger/{cap}.json")
        return {k: Decimal(v) for k, v in json.loads(content)["usd"].items()} if content else {}

    def open_jobs(self) -> dict[str, str | None]:
        """Jobs of which nobody knows the end, by key, with fal's id where fal has them."""
        ids = {
            (owner[0].key, owner[1]): one.request_id
            for one, owner in zip(self.accepted, self.owners, strict=True)
            if owner
        }
        return {
            job.key: ids.get((job.key, max(attempt for attempt, _ in job.attempts())))
            for job in self.jobs
            if job.is_open()
        }

    @property
    def has_cut(self) -> bool:
        """Whether a finished cut is written down."""
        return any(name.startswith("cuts/") for name in self._files)

    def price_of(self, key: str) -> Decimal:
        """What one try of a job costs."""
        return next(job.price_usd for job in self.jobs if job.key == key)

    def count(self, record: str) -> int:
        """How many jobs have a record."""
        return sum(1 for job in self.jobs if any(name.split(".")[0] == record for name in job.records))

    def not_home(self) -> list[str]:
        """Accepted jobs whose media are not in the archive."""
        return [owner[0].key for owner in self.owners if owner and not self._is_home(owner[0])]

    def _is_home(self, job: Entry) -> bool:
        media = job.records.get("media", {}).get("media", ())
        return bool(media) and all(
            any(name.startswith("media/") and one["sha256"] in name for name in self._files) for one in media
        )
