from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from onmodel.units import digest_of
from onmodel.vault import Intent, LocalStore, NearMedia, Slot, Store, Vault, open_vault
from onmodel.vault.s3 import S3Store
from onmodel.vault.s3_bucket import Bucket, connect
from onmodel.vault.s3_patience import Patience
from s3_server import AWS, S3Server

NewStore = Callable[[], Store]
"""Opens the same archive again, as another process would."""


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The time it shows."""
        return self.now

    def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@pytest.fixture(scope="session")
def running_s3() -> Iterator[S3Server]:
    yield from S3Server().start()


@pytest.fixture
def s3(running_s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """The server, with nothing wrong, and an environment that leads to it and nowhere else."""
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in {**AWS, "AWS_ENDPOINT_URL": running_s3.url}.items():
        monkeypatch.setenv(name, value)
    running_s3.trouble.clear()
    running_s3.asked.clear()
    return running_s3


@pytest.fixture(scope="session")
def client(running_s3: S3Server) -> Any:
    """One client for all tests: making one takes longer than most of them."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**AWS, "AWS_ENDPOINT_URL": running_s3.url}.items():
            patch.setenv(name, value)
        made = connect("s3://for-tests", Patience(waits_s=0))
        made.list_buckets()  # the keys are looked up with the first request
    return made


@pytest.fixture
def bucket(s3: S3Server, client: Any) -> str:
    """The name of a new bucket."""
    name = f"b-{uuid4().hex}"
    client.create_bucket(Bucket=name)
    s3.asked.clear()
    return name


@pytest.fixture(params=["local", "s3"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> NewStore:
    """One per adapter: the contract suite runs over each."""
    if request.param == "local":
        return lambda: LocalStore(tmp_path / "archive")
    client, name, numbers = request.getfixturevalue("client"), request.getfixturevalue("bucket"), count()
    return lambda: S3Store(Bucket(client, name, "reel"), NearMedia(tmp_path / f"near-{next(numbers)}"))


@pytest.fixture
def alter(
    new_store: NewStore, request: pytest.FixtureRequest, tmp_path: Path
) -> Callable[[str, bytes], None]:
    """Changes an object behind the archive's back."""
    local = isinstance(new_store(), LocalStore)

    def change(name: str, content: bytes) -> None:
        if local:
            (tmp_path / "archive" / name).write_bytes(content)
        else:
            bucket = request.getfixturevalue("bucket")
            request.getfixturevalue("client").put_object(Bucket=bucket, Key=f"reel/{name}", Body=content)

    return change


@pytest.fixture
def store(new_store: NewStore) -> Store:
    return new_store()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault(tmp_path: Path, clock: Clock) -> Iterator[Vault]:
    with open_vault(
        "archive", root=tmp_path, production="Test reel", run_folder=tmp_path / "run", clock=clock
    ) as opened:
        yield opened


@pytest.fixture
def new_intent(clock: Clock) -> Callable[..., Intent]:
    """A frozen request; keyword arguments change the slot or the intent."""

    def new(subject: str = "s010", n: int = 1, **changes: Any) -> Intent:
        basis_content = {"action": "it blinks"}
        slot = Slot("Test reel", "s01e01", subject, "shoot", digest_of(basis_content), n)
        facts: dict[str, Any] = {
            "slot": slot,
            "label": f"s01e01 · {subject} · take {n} · image-to-video",
            "endpoint": "some/video/endpoint",
            "arguments": {"prompt": "it blinks", "image": {"$media": "ab" * 32, "suffix": ".png"}},
            "price_usd": Decimal("0.35"),
            "basis_content": basis_content,
            "made_at": clock(),
            "onmodel": "0.1.0",
        }
        return Intent(**(facts | changes))

    return new
