"""`deploy/bucket-policy.json` allows what an archive in a bucket asks for, and nothing that it never uses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from onmodel.errors import VaultError
from onmodel.vault import Vault, open_vault, s3_bucket, s3_parts
from onmodel.vault import s3 as s3_store
from s3_policy import Call, allows, calls_of, granted
from s3_server import S3Server

DEPLOY = Path(__file__).parents[2] / "deploy"
PREFIX = "reel"


def policy(bucket: str) -> dict[str, Any]:
    """The policy of a bucket, as its owner fills it in."""
    text = (DEPLOY / "bucket-policy.json").read_text(encoding="utf-8")
    filled: dict[str, Any] = json.loads(text.replace("BUCKET", bucket).replace("PREFIX", PREFIX))
    return filled


@pytest.fixture
def opened(bucket: str, client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Vault]:
    """Opens the production's archive in a bucket, in which 8 MB are large already."""
    monkeypatch.setattr(s3_store, "connect", lambda _: client)
    for module in (s3_bucket, s3_parts):
        monkeypatch.setattr(module, "PART_BYTES", 5 << 20)  # the smallest part that S3 takes
    return lambda: open_vault(
        f"s3://{bucket}/{PREFIX}", root=tmp_path, production="Test reel", run_folder=tmp_path / "run"
    )


def test_the_policy_is_what_an_archive_needs(
    opened: Callable[[], Vault], new_intent: Any, s3: S3Server, bucket: str, tmp_path: Path
) -> None:
    """Journal, ledger, media, an upload that breaks off: all of it is allowed, and nothing else is."""
    s3.calls.clear()
    large = tmp_path / "clip.mp4"
    large.write_bytes(b"frames" * (1 << 20))
    with opened() as vault:
        job = vault.journal.open(new_intent())
        vault.ledger("s01e01").reserve(job.slot.key, job.price_usd, job.price_usd)
        kept = vault.media.keep(large, suffix=".mp4")
        s3.trouble.append((f"PUT /{bucket}", "400:NoSuchUpload*"))
        large.write_bytes(b"others" * (1 << 20))
        with pytest.raises(VaultError):
            vault.media.keep(large, suffix=".mp4")
        s3.trouble.clear()
    with opened() as vault:
        assert vault.journal.jobs("s01e01")
        vault.media.verify(kept)
    asked = set(calls_of(s3.calls))
    refused = [call for call in asked if not allows(policy(bucket), call)]
    assert refused == []
    assert {call.action for call in asked} == granted(policy(bucket))


@pytest.mark.parametrize(
    "call",
    [
        Call("s3:DeleteObject", "arn:aws:s3:::b/reel/media/x", ""),
        Call("s3:GetObject", "arn:aws:s3:::b/other/media/x", ""),
        Call("s3:PutObject", "arn:aws:s3:::other/reel/media/x", ""),
        Call("s3:ListBucket", "arn:aws:s3:::b", ""),
        Call("s3:ListBucket", "arn:aws:s3:::b", "other/"),
        Call("s3:CreateBucket", "arn:aws:s3:::b", ""),
    ],
)
def test_a_neighbour_is_left_alone(call: Call) -> None:
    """Nothing is deleted, and nothing outside the production's prefix is read, written or listed."""
    assert not allows(policy("b"), call)


def test_the_lifecycle_rule_is_one_that_s3_takes(client: Any, bucket: str) -> None:
    """Parts of uploads that nothing completes go away by themselves; objects never do."""
    text = (DEPLOY / "lifecycle.json").read_text(encoding="utf-8").replace("PREFIX", PREFIX)
    client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=json.loads(text))
    (rule,) = client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] >= 1
    assert not {"Expiration", "Transitions", "NoncurrentVersionExpiration"} & rule.keys()
