"""The double's memory: every accepted job and every answer, on disk before anybody hears of it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from onmodel.units import digest_of


@dataclass(frozen=True)
class AcceptedJob:
    """One job that a submit has made."""

    request_id: str
    endpoint: str
    job: str
    """The job's key as the rehearsal's header names it; without one, the digest of endpoint and arguments."""
    label: str
    """First line of the slate."""
    input: dict[str, Any]
    """The arguments as they came."""
    at: datetime
    """When it was accepted, UTC."""

    @property
    def seed(self) -> int:
        """All that is random in the answer comes from it: the request's own, else one of the job's key."""
        asked = self.input.get("seed")
        if isinstance(asked, int) and not isinstance(asked, bool):
            return asked
        return int.from_bytes(hashlib.sha256(self.job.encode()).digest()[:4], "big")


class Book:
    """Jobs and answers as JSON files in one folder; a process that comes later finds them all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def accept(self, endpoint: str, arguments: dict[str, Any], header: Mapping[str, Any]) -> AcceptedJob:
        """Write a new job down. The same job submitted again is a second job, as with fal."""
        key = str(header.get("job") or digest_of({"endpoint": endpoint, "arguments": arguments}))
        label = str(header.get("label") or endpoint)
        count = 0
        while True:
            request_id = _request_id(key, count)
            job = AcceptedJob(request_id, endpoint, key, label, arguments, datetime.now(UTC))
            record = {**asdict(job), "at": job.at.isoformat()}
            if _create(self._folder / f"{request_id}.json", record):
                return job
            count += 1

    def job(self, request_id: str) -> AcceptedJob | None:
        """The job of a request id, if it was ever accepted."""
        record = _read(self._folder / f"{request_id}.json")
        return None if record is None else _job(record)

    def jobs(self) -> list[AcceptedJob]:
        """Every accepted job, oldest first."""
        names = (path for path in self._folder.glob("*.json") if not path.name.endswith(".answer.json"))
        records = (_read(path) for path in names)
        found = [_job(record) for record in records if record is not None]
        return sorted(found, key=lambda job: (job.at, job.request_id))

    def answer(self, request_id: str) -> tuple[int, Any] | None:
        """The status and body that a finished job answers with."""
        record = _read(self._folder / f"{request_id}.answer.json")
        return None if record is None else (record["status"], record["body"])

    def write_answer(self, request_id: str, status: int, body: Any) -> None:
        """Finish a job; the first answer stands."""
        _create(self._folder / f"{request_id}.answer.json", {"status": status, "body": body})


def _request_id(key: str, count: int) -> str:
    """An id in fal's form, the same in every run for the n-th submit of a job."""
    digits = hashlib.sha256(f"{key}/{count}".encode()).hexdigest()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]))


def _job(record: dict[str, Any]) -> AcceptedJob:
    return AcceptedJob(**{**record, "at": datetime.fromisoformat(record["at"])})


def _create(path: Path, record: Mapping[str, Any]) -> bool:
    """Write a file whole and for good, or leave the one that is there."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(record, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # fails where the name is taken, and never shows half a file
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return True


def _read(path: Path) -> dict[str, Any] | None:
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return record
