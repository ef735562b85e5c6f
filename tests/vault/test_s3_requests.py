"""How often an archive in a bucket is asked: every request is a wait of its own, and is billed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from onmodel.errors import RecordBroken
from onmodel.vault import (
    Cut,
    Delivery,
    Intent,
    Job,
    MediaRef,
    Outcome,
    Result,
    Vault,
    Verdict,
    open_vault,
)
from onmodel.vault import s3 as s3_store

NewIntent = Callable[..., Intent]
SHOTS = tuple(f"s{number:03d}" for number in range(10, 70, 10))
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def opened(bucket: str, client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Vault]:
    """Opens the production's archive in a bucket, as a process of its own would."""
    monkeypatch.setattr(s3_store, "connect", lambda _: client)
    return lambda: open_vault(
        f"s3://{bucket}/reel", root=tmp_path, production="Test reel", run_folder=tmp_path / "run"
    )


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"frames")
    return path


def buy(vault: Vault, ledgers: list[Any], intent: Intent, clip: Path) -> Job:
    """What the desk and the gates do for one job, in their order."""
    job = vault.journal.open(intent)
    for ledger in ledgers:
        ledger.reserve(job.slot.key, job.price_usd, Decimal(50))
    assert vault.journal.claim(job, 300, {"prompt": "it blinks"}) is not None
    for ledger in ledgers:  # whoever tried before may have given it back
        ledger.reserve(job.slot.key, job.price_usd, Decimal(50))
    vault.journal.record_outcome(job, Outcome(attempt=1, kind="submitted", request_id="r", at=NOW))
    vault.journal.record_result(job, Result(kind="ok", billed="yes", at=NOW))
    clip.write_bytes(intent.slot.key.encode())
    ref = vault.media.keep(clip, suffix=".mp4")
    vault.journal.record_media(job, Delivery(media=(ref,), at=NOW))
    assert vault.media.path(ref).read_bytes() == intent.slot.key.encode()
    vault.journal.record_verdict(job, Verdict(ok=True, at=NOW))
    assert job.state == "done"
    return job


def look_over(vault: Vault, digest: str) -> list[MediaRef]:
    """What producing an unchanged episode asks of its archive: ledgers, jobs, clips, the cut, jobs again."""
    assert all(vault.ledger(name).entries() for name in ("production", "s01e01"))
    found = []
    for _ in range(2):
        for scope in ("cast", "s01e01"):
            for job in vault.journal.jobs(scope):
                assert job.state == "done"
                assert job.verdict is not None
                assert job.intent.price_usd
                assert job.delivery is not None
                found.append(job.delivery.media[0])
    for ref in found[: len(SHOTS)]:
        vault.media.path(ref)
    cut = vault.cuts.read("s01e01", digest)
    assert cut is not None
    assert vault.media.has(cut.media)
    return found


def produce(vault: Vault, new_intent: NewIntent, clip: Path, asked: list[str]) -> Iterator[int]:
    """Buy an episode of six shots and its model sheet; yields the requests of each job."""
    ledgers = [vault.ledger("production"), vault.ledger("s01e01")]
    for scope in ("cast", "s01e01"):
        vault.journal.jobs(scope)
    slots = [new_intent(name).slot for name in SHOTS]
    for slot in slots:
        for change in ({"stage": "keyframe"}, {"stage": "shoot"}, {"stage": "sheet", "scope": "cast"}):
            facts = {**{name: getattr(slot, name) for name in slot.__dataclass_fields__}, **change}
            asked.clear()
            buy(vault, ledgers, new_intent(slot=type(slot)(**facts)), clip)
            yield len(asked)
    clip.write_bytes(b"the cut")
    cut = Cut(media=vault.media.keep(clip, suffix=".mp4"), manifest={}, at=NOW)
    vault.cuts.keep("s01e01", "c" * 64, cut)


def test_a_job_takes_at_most_twelve_requests(
    opened: Callable[[], Vault], new_intent: NewIntent, clip: Path, s3: Any
) -> None:
    """Journal, ledgers and media together, from intent to verdict; the first job looks at the ledgers too."""
    with opened() as vault:
        counts = list(produce(vault, new_intent, clip, s3.asked))
    assert max(counts) <= 13
    assert max(counts[1:]) <= 12
    assert sum(counts) <= 12 * len(counts)


def test_an_unchanged_episode_takes_few_requests(
    opened: Callable[[], Vault], new_intent: NewIntent, clip: Path, s3: Any, tmp_path: Path
) -> None:
    """At most 20 with media near at hand; with nothing near, at most 3 a shot and 20."""
    with opened() as vault:
        list(produce(vault, new_intent, clip, s3.asked))
    for limit in (20, 20 + 3 * len(SHOTS)):
        s3.asked.clear()
        with opened() as vault:
            assert len(look_over(vault, "c" * 64)) == 2 * 3 * len(SHOTS)
        assert len(s3.asked) <= limit
        shutil.rmtree(tmp_path / ".onmodel")


def test_a_killed_run_is_read_record_by_record_once(
    opened: Callable[[], Vault], new_intent: NewIntent, clip: Path, s3: Any
) -> None:
    """What no binder has is read side by side, and is in one for the time after that."""
    killed = opened()
    list(produce(killed, new_intent, clip, s3.asked))
    killed.session.close()
    s3.asked.clear()
    with opened() as vault:
        look_over(vault, "c" * 64)
    assert len(s3.asked) > 100
    s3.asked.clear()
    with opened() as vault:
        look_over(vault, "c" * 64)
    assert len(s3.asked) <= 20


def test_a_record_altered_behind_our_back_is_not_read_from_a_binder(
    opened: Callable[[], Vault], new_intent: NewIntent, clip: Path, client: Any, bucket: str
) -> None:
    """A binder's copy counts only while the archive has the same version; the rest of it still does."""
    with opened() as vault:
        list(produce(vault, new_intent, clip, []))
    slot = new_intent(SHOTS[0]).slot
    client.put_object(Bucket=bucket, Key=f"reel/{slot.name_of('verdict')}", Body=b"{}")
    with opened() as vault:
        jobs = {job.slot: job for job in vault.journal.jobs("s01e01")}
        with pytest.raises(RecordBroken, match=r"verdict\.json"):
            _ = jobs[slot].verdict
        assert all(job.verdict is not None for key, job in jobs.items() if key != slot)


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b damaged"])
def test_a_damaged_binder_is_made_anew(
    opened: Callable[[], Vault],
    new_intent: NewIntent,
    clip: Path,
    client: Any,
    bucket: str,
    content: bytes,
    s3: Any,
) -> None:
    """It is only a copy: nothing is lost with it."""
    with opened() as vault:
        list(produce(vault, new_intent, clip, []))
    client.put_object(Bucket=bucket, Key="reel/binders/jobs/s01e01.json.gz", Body=content)
    for _ in range(2):
        s3.asked.clear()
        with opened() as vault:
            look_over(vault, "c" * 64)
    assert len(s3.asked) <= 20


def test_a_claim_whose_answer_was_lost_is_ones_own(
    opened: Callable[[], Vault], new_intent: NewIntent, s3: Any
) -> None:
    """The record is there, its answer was lost, the repeated write is refused: the claim stands, once."""
    with opened() as vault, opened() as other:
        job = vault.journal.open(new_intent())
        adopted = other.journal.open(new_intent())
        s3.trouble.append(("PUT sending.1", "lost"))
        assert vault.journal.claim(job, 300, {"prompt": "it blinks"}) is not None
        assert other.journal.claim(adopted, 300, {"prompt": "it blinks"}) is None
        assert adopted.state == "sending"


def test_binding_that_is_refused_loses_nothing(
    opened: Callable[[], Vault], new_intent: NewIntent, clip: Path, s3: Any
) -> None:
    """An archive is closed in peace where its binder cannot be written."""
    s3.trouble.append(("PUT binders", "403:AccessDenied*"))
    with opened() as vault:
        list(produce(vault, new_intent, clip, []))
    s3.trouble.clear()
    with opened() as vault:
        assert len(vault.journal.jobs("s01e01")) == 2 * len(SHOTS)


def test_whoever_looked_at_one_job_only_leaves_the_others_bound(
    opened: Callable[[], Vault], new_intent: NewIntent, clip: Path, s3: Any
) -> None:
    """A process that settles one job writes a binder too: with all that was in it before."""
    with opened() as vault:
        list(produce(vault, new_intent, clip, []))
    with opened() as vault:
        job = vault.journal.open(new_intent(SHOTS[0]))
        vault.journal.record_outcome(job, Outcome(attempt=1, kind="submitted", request_id="late", at=NOW))
    s3.asked.clear()
    with opened() as vault:
        look_over(vault, "c" * 64)
    assert len(s3.asked) <= 20
