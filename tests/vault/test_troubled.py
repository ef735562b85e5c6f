"""A store with trouble: what the adapter for S3 settles is settled, the rest comes in its words."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from onmodel.errors import VaultError
from onmodel.vault import LocalStore, Store, open_vault
from onmodel.vault import troubled as module
from onmodel.vault.troubled import READS, TRIES, TroubledStore

Make = Callable[..., TroubledStore]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.0)


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A store over a folder, with so many strikes of each fault."""

    def made(**strikes: int) -> TroubledStore:
        left = Counter({name.replace("_", "-"): count for name, count in strikes.items()})

        def strike(fault: str) -> bool:
            left[fault] -= 1
            return left[fault] >= 0

        return TroubledStore(LocalStore(tmp_path / "archive"), strike)

    return made


def test_without_trouble_it_is_the_store_behind_it(make: Make, tmp_path: Path) -> None:
    """Every request gives what the store gives."""
    store: Store = make()
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"clip")
    sha256 = hashlib.sha256(b"clip").hexdigest()
    assert (store.create("a/b", b"1"), store.create("a/b", b"2")) == (True, False)
    tagged = store.read_tagged("a/b")
    assert tagged is not None
    assert store.swap("a/b", b"3", tagged[1])
    store.put_file("media/x.mp4", clip, sha256)
    assert store.read("a/b") == b"3"
    assert store.names("") == store.gather("") == ["a/b", "media/x.mp4"]
    assert store.size("media/x.mp4") == 4
    assert store.file("media/x.mp4", sha256).read_bytes() == b"clip"
    assert store.sha256_of("media/x.mp4", sha256, read_back=True) == sha256
    assert store.address_of("a/b").endswith("a/b")
    assert store.strangers() == []
    store.close()


def test_a_slow_store_is_asked_again(make: Make) -> None:
    """Fewer refusals than tries are not noticed."""
    store = make(slow_down=TRIES - 1)
    assert store.create("x/a", b"1")
    assert store.read("x/a") == b"1"


def test_a_store_that_stays_slow_says_so(make: Make) -> None:
    """After the last try it is an error with the adapter's own words, and nothing was written."""
    with pytest.raises(VaultError, match=r"writing x/a failed: the store asks to slow down.*SlowDown"):
        make(slow_down=TRIES).create("x/a", b"1")
    assert make().size("x/a") is None


def test_damaged_reads_are_read_again(make: Make) -> None:
    """A bit that flips on its way is noticed and asked for again, up to the last read; writes do not mind."""
    make().create("x/a", b"1")
    assert make(bit_flip=READS - 1).read("x/a") == b"1"
    assert make(bit_flip=READS).create("x/b", b"1")
    with pytest.raises(VaultError, match="cut short or damaged"):
        make(bit_flip=READS).read_tagged("x/a")


def test_a_lost_answer_leaves_what_was_written(make: Make) -> None:
    """The writer is told that it failed, and it did not: whoever looks finds it."""
    with pytest.raises(VaultError, match="the answer was lost"):
        make(put_answer_lost=1).create("x/a", b"1")
    assert make().read("x/a") == b"1"


def test_denied_is_denied(make: Make) -> None:
    """Every request is refused, with what to look at."""
    store = make(denied=2)
    with pytest.raises(VaultError, match=r"access is denied \(AccessDenied: Access Denied\)") as caught:
        store.names("x/")
    assert "s3:ListBucket" in caught.value.hint
    with pytest.raises(VaultError, match="access is denied"):
        store.file("x/a", "0" * 64)


def test_a_vault_opens_over_it(make: Make, tmp_path: Path) -> None:
    """An archive is used through whatever is put before it; what its opening looks at meets no trouble."""
    asked: list[str] = []

    def around(store: Store) -> Store:
        asked.append(store.address)
        return TroubledStore(store, lambda fault: bool(asked.append(fault)))

    with open_vault(
        "archive", root=tmp_path, production="x", run_folder=tmp_path / "run", around=around
    ) as vault:
        assert len(asked) == 1
        vault.store.create("x/a", b"1")
    assert {"denied", "slow-down", "put-answer-lost"} < set(asked)
