from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from onmodel.units import digest_of
from onmodel.vault import Intent, LocalStore, Slot, Store, Vault, open_vault

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


@pytest.fixture(params=["local"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> NewStore:
    """One per adapter: the contract suite runs over each."""
    adapters: dict[str, NewStore] = {"local": lambda: LocalStore(tmp_path / "archive")}
    return adapters[str(request.param)]


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
