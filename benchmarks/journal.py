"""What the journal costs."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from statistics import median

from benchmarks.measuring import Figure
from onmodel.vault import Delivery, Intent, MediaRef, Outcome, Result, Slot, Vault, Verdict, open_vault

JOBS = 200
LISTED = 10_000


def measure() -> Iterator[Figure]:
    """Milliseconds a job through all seven steps, and seconds to list ten thousand."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        with open_vault("archive", root=root, production="bench", run_folder=root / "run") as vault:
            took = []
            for number in range(JOBS):
                began = time.perf_counter()
                _one_job(vault, number)
                took.append(time.perf_counter() - began)
            yield Figure(
                "journal, one job through all steps", f"{median(took) * 1000:.1f} ms", target="at most 5 ms"
            )
            for number in range(JOBS, LISTED):
                vault.journal.open(_intent(_slot(number)))
            began = time.perf_counter()
            listed = len(vault.journal.jobs())
            yield Figure(
                f"journal, {listed:,} jobs listed",
                f"{time.perf_counter() - began:.2f} s",
                target="at most 1 s",
            )


def _slot(number: int) -> Slot:
    return Slot("bench", "s01e01", f"s{number:05d}", "shoot", sha256(b"basis").hexdigest(), 1)


def _intent(slot: Slot) -> Intent:
    return Intent(
        slot=slot,
        label="bench",
        endpoint="bench",
        arguments={},
        price_usd=Decimal("0.35"),
        basis_content={},
        made_at=datetime.now(UTC),
        onmodel="bench",
    )


def _one_job(vault: Vault, number: int) -> None:
    now = datetime.now(UTC)
    journal = vault.journal
    job = journal.open(_intent(_slot(number)))
    vault.ledger("production").reserve(job.slot.key, job.price_usd, None)
    sending = journal.claim(job, 300, {"prompt": "it blinks"})
    if sending is None:
        raise RuntimeError("the slot was taken")
    journal.record_outcome(job, Outcome(attempt=1, kind="submitted", request_id=f"r{number}", at=now))
    journal.record_result(job, Result(kind="ok", billed="yes", at=now))
    journal.record_media(job, Delivery(media=(MediaRef("0" * 64, 0, ".mp4"),), at=now))
    journal.record_verdict(job, Verdict(ok=True, at=now))
