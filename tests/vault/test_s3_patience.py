"""A bucket that is away in the middle of a run is waited for; one that never answered is not."""

from __future__ import annotations

import time
from pathlib import Path
from threading import Timer

import pytest

from onmodel.errors import VaultError
from onmodel.vault import NearMedia
from onmodel.vault.s3 import S3Store
from onmodel.vault.s3_bucket import Bucket, connect
from onmodel.vault.s3_patience import PAUSE_S, WAITS_S, Patience
from s3_server import S3Server

METHODS = ("GET", "HEAD", "PUT", "POST")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's own pauses, made short."""
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.01)


def take_away(s3: S3Server, word: str) -> None:
    """Have the bucket answer nobody."""
    s3.trouble.extend((f"{method} /", f"{word}*") for method in METHODS)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("word", ["503:ServiceUnavailable", "500:InternalError", "cut"])
def test_a_bucket_that_comes_back_is_waited_for(s3: S3Server, bucket: str, word: str) -> None:
    """Longer than the client library waits by itself; the write arrives, and once."""
    there = Bucket(connect("s3://x", Patience(pause_s=0.1, waits_s=30)), bucket, "reel")
    assert there.head("a") is None
    take_away(s3, word)
    began = time.monotonic()
    Timer(1.0, s3.trouble.clear).start()
    assert there.put("a", b"kept") is not None
    assert time.monotonic() - began >= 1.0
    found = there.get("a")
    assert found is not None
    assert found[0] == b"kept"


@pytest.mark.usefixtures("quick")
def test_patience_has_an_end(s3: S3Server, bucket: str) -> None:
    """After so many seconds, however long each try took, the error says what to do."""
    there = Bucket(connect("s3://x", Patience(pause_s=0.05, waits_s=1)), bucket, "reel")
    there.head("a")
    take_away(s3, "503:ServiceUnavailable")
    began = time.monotonic()
    with pytest.raises(VaultError, match="the store has trouble of its own"):
        there.get("a")
    assert 1 <= time.monotonic() - began < 10


@pytest.mark.usefixtures("quick")
def test_a_bucket_that_never_answered_is_not_waited_for(s3: S3Server, bucket: str) -> None:
    """A mistyped address is told as soon as the library gives up."""
    take_away(s3, "503:ServiceUnavailable")
    there = Bucket(connect("s3://x", Patience(pause_s=60)), bucket, "reel")
    with pytest.raises(VaultError, match="the store has trouble of its own"):
        there.get("a")


@pytest.mark.usefixtures("quick")
def test_a_run_that_ends_waits_for_its_bucket_once(s3: S3Server, bucket: str, tmp_path: Path) -> None:
    """Nothing is lost without its binders: an end that took minutes would be."""
    client = connect("s3://x", Patience(pause_s=0.05, waits_s=1))
    store = S3Store(Bucket(client, bucket, "reel"), NearMedia(tmp_path))
    for shelf in ("jobs/s01e01", "jobs/s01e02", "decisions/cast"):
        store.gather(f"{shelf}/")
        assert store.create(f"{shelf}/one.json", b"{}")
    take_away(s3, "503:ServiceUnavailable")
    began = time.monotonic()
    store.close()
    assert 1 <= time.monotonic() - began < 2


def test_a_minute_is_not_too_long() -> None:
    """A bucket that is away for 60 s costs nobody a night's work."""
    assert WAITS_S - PAUSE_S > 60
