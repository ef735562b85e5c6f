"""The contract of every store; `new_store` runs it over each adapter."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onmodel.errors import MediaAltered, SetupError, VaultError
from onmodel.vault.store import ObjectMissing, Store, checked_name, probe

NewStore = Callable[[], Store]
RACERS = 8


def race(racers: int, run: Callable[[int], bool]) -> list[bool]:
    """Run all at the same moment, each in a thread of its own."""
    start = Barrier(racers)

    def at_once(number: int) -> bool:
        start.wait()
        return run(number)

    with ThreadPoolExecutor(racers) as pool:
        return list(pool.map(at_once, range(racers)))


def test_created_object_is_read_back_by_another_process(new_store: NewStore) -> None:
    """What `create` accepted is there for everybody, byte for byte."""
    assert new_store().create("jobs/a/intent.json", b"\x00one") is True
    assert new_store().read("jobs/a/intent.json") == b"\x00one"


def test_second_create_is_refused_and_changes_nothing(store: Store) -> None:
    """A name is taken once and for all."""
    store.create("a.json", b"first")
    assert store.create("a.json", b"second") is False
    assert store.read("a.json") == b"first"


def test_exactly_one_of_racing_creates_wins(new_store: NewStore) -> None:
    """Whoever races for a name: one winner, and its content stands whole."""
    for round_ in range(5):
        stores = [new_store() for _ in range(RACERS)]
        name = f"race/{round_}/sending.1.json"
        contents = [bytes([number]) * 5000 for number in range(RACERS)]
        won = race(RACERS, lambda n, s=stores, m=name, c=contents: s[n].create(m, c[n]))  # type: ignore[misc]
        assert won.count(True) == 1
        assert stores[0].read(name) == contents[won.index(True)]


def test_missing_objects(store: Store) -> None:
    """What is not there is said to be not there, a folder's name included."""
    store.create("jobs/a/intent.json", b"x")
    for name in ("none.json", "jobs/a", "jobs/a/intent.json/below"):
        with pytest.raises(ObjectMissing, match=name):
            store.read(name)
        with pytest.raises(ObjectMissing, match=name):
            store.file(name, "0" * 64)
        assert store.read_tagged(name) is None
    assert store.size("none.json") is None
    assert store.size("jobs/a") is None


def test_swap_needs_the_version_its_caller_saw(store: Store) -> None:
    """A change to a version that is gone is refused; a fresh tag lets it through."""
    tag = store.swap("ledger/a.json", b"1", None)
    assert tag is not None
    assert store.swap("ledger/a.json", b"other", None) is None
    first = store.read_tagged("ledger/a.json")
    assert first == (b"1", tag)
    new_tag = store.swap("ledger/a.json", b"2", tag)
    assert new_tag not in {None, tag}
    assert store.swap("ledger/a.json", b"3", tag) is None
    assert store.swap("ledger/none.json", b"3", tag) is None
    assert store.read_tagged("ledger/a.json") == (b"2", new_tag)


def test_exactly_one_of_racing_swaps_wins(new_store: NewStore) -> None:
    """Of several changes to one version, one happens."""
    stores = [new_store() for _ in range(RACERS)]
    stores[0].create("ledger/a.json", b"start")
    for _ in range(5):
        found = stores[0].read_tagged("ledger/a.json")
        assert found is not None
        tag = found[1]
        won = race(
            RACERS,
            lambda n, t=tag: stores[n].swap("ledger/a.json", f"{n} after {t}".encode(), t) is not None,  # type: ignore[misc]
        )
        assert won.count(True) == 1
        assert stores[0].read("ledger/a.json") == f"{won.index(True)} after {tag}".encode()


def test_names_begin_with_their_prefix_and_are_sorted(store: Store) -> None:
    """A listing is by the beginning of names, whether or not that ends at a slash, and nothing else."""
    for name in ("jobs/s01e02/b.json", "jobs/s01e01/a.json", "jobs/s01e01/b/c.json", "media/x"):
        store.create(name, b"")
    assert store.names("jobs/s01e01/") == ["jobs/s01e01/a.json", "jobs/s01e01/b/c.json"]
    assert store.names("jobs/s01e") == ["jobs/s01e01/a.json", "jobs/s01e01/b/c.json", "jobs/s01e02/b.json"]
    assert store.names("") == sorted(
        ["jobs/s01e01/a.json", "jobs/s01e01/b/c.json", "jobs/s01e02/b.json", "media/x"]
    )
    assert store.names("jobs/s09e09/") == []
    assert store.names("media/x/") == []


@pytest.mark.parametrize(
    "name", ["", "/a", "a/", "a//b", "../a", "a/./b", "a/..", "a b", "é", "a\\b", "a\n", "+lock"]
)
def test_other_names_are_refused(store: Store, name: str) -> None:
    """A name of another form reaches no disk, whatever asks for it."""
    for ask in (
        lambda: store.create(name, b""),
        lambda: store.read(name),
        lambda: store.read_tagged(name),
        lambda: store.swap(name, b"", None),
        lambda: store.swap(name, b"", "tag"),
        lambda: store.size(name),
        lambda: store.put_file(name, Path(__file__), "0" * 64),
        lambda: store.file(name, "0" * 64),
        lambda: store.address_of(name),
    ):
        with pytest.raises(VaultError, match="not a name"):
            ask()
    assert [found for found in store.names("") if "probe" not in found] == []


@pytest.mark.parametrize("prefix", ["/", "../", "a/../", "a//", "a b"])
def test_other_prefixes_are_refused(store: Store, prefix: str) -> None:
    """A listing never leaves the archive."""
    with pytest.raises(VaultError, match="not a name"):
        store.names(prefix)


@given(st.text())
def test_a_checked_name_never_leaves_its_folder(name: str) -> None:
    """Whatever the text: it is refused, or it is a path below the folder."""
    try:
        checked_name(name)
    except VaultError:
        return
    assert not Path(name).is_absolute()
    assert ".." not in Path(name).parts
    assert str(Path(name)) == name


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_any_bytes_are_kept(store: Store, content: bytes) -> None:
    """Content is bytes: nothing about them is interpreted."""
    name = f"any/{hashlib.sha256(content).hexdigest()}"
    store.create(name, content)
    assert store.read(name) == content
    assert store.size(name) == len(content)


def test_a_file_is_archived_and_stays_where_it_is(store: Store, tmp_path: Path) -> None:
    """Archiving copies: later changes to the source change nothing in the archive; a second time is fine."""
    clip = tmp_path / "a clip.mp4"
    clip.write_bytes(b"frames" * 300_000)
    digest = hashlib.sha256(clip.read_bytes()).hexdigest()
    store.put_file("media/ab/clip.mp4", clip, digest)
    store.put_file("media/ab/clip.mp4", clip, digest)
    clip.write_bytes(b"else")
    assert hashlib.sha256(store.file("media/ab/clip.mp4", digest).read_bytes()).hexdigest() == digest


def test_a_file_that_is_not_its_sha256_is_not_archived(store: Store, tmp_path: Path) -> None:
    """The bytes that were stored are what is checked, and nothing of them is left."""
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"changed meanwhile")
    with pytest.raises(MediaAltered, match=r"clip\.mp4 changed"):
        store.put_file("media/ab/clip.mp4", clip, "0" * 64)
    assert store.names("media/") == []


def test_damaged_media_are_healed_by_archiving_them_again(store: Store, tmp_path: Path) -> None:
    """After `put_file` the object is what its sha256 says, whatever stood there before."""
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"good")
    store.create("media/ab/clip.mp4", b"bad!")
    store.put_file("media/ab/clip.mp4", clip, hashlib.sha256(b"good").hexdigest())
    assert store.read("media/ab/clip.mp4") == b"good"


def test_racing_archivers_of_one_file_all_succeed(new_store: NewStore, tmp_path: Path) -> None:
    """Several processes may archive the same clip at the same time."""
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"frames" * 10_000)
    digest = hashlib.sha256(clip.read_bytes()).hexdigest()
    stores = [new_store() for _ in range(RACERS)]

    def archive(number: int) -> bool:
        stores[number].put_file("media/ab/clip.mp4", clip, digest)
        return True

    assert race(RACERS, archive) == [True] * RACERS
    assert stores[0].read("media/ab/clip.mp4") == clip.read_bytes()


def test_a_source_that_cannot_be_read_is_named(store: Store, tmp_path: Path) -> None:
    """It is the file that is missing, not the archive that failed."""
    with pytest.raises(VaultError, match=r"gone\.mp4 cannot be read"):
        store.put_file("media/ab/clip.mp4", tmp_path / "gone.mp4", "0" * 64)


def test_a_sound_store_passes_the_probe_every_time(new_store: NewStore) -> None:
    """Probing leaves one small object and needs no change to it later."""
    probe(new_store())
    before = new_store().read("probe.json")
    probe(new_store())
    assert new_store().read("probe.json") == before


def test_the_probe_survives_a_damaged_probe_object(store: Store) -> None:
    """A probe object that nobody can read is no reason to refuse a sound store."""
    store.create("probe.json", b"")
    probe(store)


class _Careless:
    """A store that forgets one of its promises, as some S3 look-alikes do."""

    def __init__(self, store: Store, forgets: str) -> None:
        self._store, self._forgets, self.address = store, forgets, "careless"

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def create(self, name: str, content: bytes) -> bool:
        return self._store.create(name, content) or self._forgets == "create"

    def swap(self, name: str, content: bytes, tag: str | None) -> str | None:
        return self._store.swap(name, content, tag) or ("new" if self._forgets == "swap" else None)


@pytest.mark.parametrize(("forgets", "says"), [("create", "second object"), ("swap", "no longer there")])
def test_a_careless_store_is_refused(store: Store, forgets: str, says: str) -> None:
    """A store that lets two processes buy the same thing is refused, the first time and every time."""
    for _ in range(2):
        with pytest.raises(SetupError, match=says):
            probe(_Careless(store, forgets))  # type: ignore[arg-type]
