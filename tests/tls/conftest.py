"""Fal on loopback for tests of TLS: see `fal_loopback` in tests/parts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from fal_loopback import Loopback, serving
from onmodel.studio.rehearsal.orders import Artist


@pytest.fixture(scope="session")
def ca() -> trustme.CA:
    """Whom the children trust."""
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


@pytest.fixture
def artist() -> Artist | None:
    """Nobody: the painter's small pictures will do. Tests that film name somebody."""
    return None


@pytest.fixture
def fal(tmp_path: Path, ca: trustme.CA, artist: Artist | None) -> Iterator[Loopback]:
    """Fal on loopback, in a thread of its own."""
    with serving(Loopback(tmp_path / "fal", ca, artist=artist)) as loopback:
        yield loopback
