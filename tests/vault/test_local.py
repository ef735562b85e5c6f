from __future__ import annotations

import errno
import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from onmodel.errors import VaultError, VaultFull
from onmodel.vault import LocalStore

WRITER = """
import sys
from pathlib import Path
from onmodel.vault import LocalStore
store = LocalStore(Path(sys.argv[1]))
print("ready", flush=True)
for k in range(10**6):
    store.create(f"jobs/{k}.json", b"x" * 200_000 + b"end")
    tagged = store.read_tagged("ledger.json")
    store.swap("ledger.json", b"%d " % k + b"y" * 200_000 + b"end", tagged[1] if tagged else None)
"""


def test_a_killed_writer_leaves_only_whole_records(tmp_path: Path) -> None:
    """SIGKILL at any instant: every object that has a name is whole, and the archive goes on."""
    for pause_s in (0.02, 0.05, 0.09):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(pause_s)
            writer.send_signal(signal.SIGKILL)
    store = LocalStore(tmp_path)
    names = store.names("")
    assert names
    assert all(store.read(name).endswith(b"end") for name in names)
    tagged = store.read_tagged("ledger.json")
    assert store.swap("ledger.json", b"after", tagged[1] if tagged else None)


def test_partial_files_are_ignored_and_tidied_after_a_day(tmp_path: Path) -> None:
    """What a killed process left is never listed; it is removed once no writer can still be at it."""
    LocalStore(tmp_path)
    old, young = tmp_path / "+partial" / "old", tmp_path / "+partial" / "young"
    old.write_bytes(b"half")
    young.write_bytes(b"half")
    day_ago_s = time.time() - 25 * 3600
    os.utime(old, (day_ago_s, day_ago_s))
    assert LocalStore(tmp_path).names("") == []
    assert not old.exists()
    assert young.exists()


def test_writing_leaves_no_partial_files(tmp_path: Path) -> None:
    """Won, lost or refused: nothing stays behind."""
    store = LocalStore(tmp_path)
    store.create("a", b"1")
    store.create("a", b"2")
    store.swap("a", b"3", hashlib.sha256(b"1").hexdigest())
    store.swap("a", b"4", "stale")
    (tmp_path / "source").write_bytes(b"5")
    store.put_file("b", tmp_path / "source", hashlib.sha256(b"5").hexdigest())
    assert list((tmp_path / "+partial").iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc which file was brought to disk")
def test_everything_is_on_disk_before_create_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The content, the name in its folder, and every new folder's name in its parent are brought to disk."""
    store = LocalStore(tmp_path)
    synced: list[str] = []
    real = os.fsync

    def note(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    store.create("jobs/s01e01/intent.json", b"x")
    assert synced[0].startswith(str(tmp_path / "+partial"))
    assert set(synced[1:]) == {str(tmp_path / "jobs/s01e01"), str(tmp_path / "jobs"), str(tmp_path)}
    assert synced[-1] == str(tmp_path / "jobs/s01e01")


@pytest.mark.parametrize(
    ("number", "kind", "says"),
    [
        (errno.ENOSPC, VaultFull, "no space is left"),
        (errno.EDQUOT, VaultFull, "no space is left"),
        (errno.EROFS, VaultError, "may not be written"),
        (errno.EACCES, VaultError, "may not be written"),
        (errno.EIO, VaultError, "failed"),
    ],
)
def test_the_systems_errors_become_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[VaultError], says: str
) -> None:
    """Nothing foreign escapes: a message names the archive and the next step, nothing half-done stays."""
    store = LocalStore(tmp_path / "archive")
    (tmp_path / "clip").write_bytes(b"x")
    store.create("ledger.json", b"1")

    def fail(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fail)
        for write in (
            lambda: store.create("a/b.json", b"x"),
            lambda: store.swap("ledger.json", b"2", hashlib.sha256(b"1").hexdigest()),
            lambda: store.put_file("media/c", tmp_path / "clip", hashlib.sha256(b"x").hexdigest()),
        ):
            with pytest.raises(kind, match=says) as caught:
                write()
            assert str(tmp_path / "archive") in caught.value.message
            assert caught.value.hint
    assert store.names("") == ["ledger.json"]
    assert store.read("ledger.json") == b"1"
    assert list((tmp_path / "archive" / "+partial").iterdir()) == []


@pytest.mark.parametrize("number", [errno.EPERM, errno.EXDEV])
def test_a_disk_without_hard_links_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Some file systems cannot link, and none links across two disks; the hint says which can."""
    store = LocalStore(tmp_path)

    def fail(source: Path, target: Path) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", fail)
    with pytest.raises(VaultError, match="hard-link a into place") as caught:
        store.create("a", b"")
    assert "one file system" in caught.value.hint


def test_files_that_are_no_objects_are_passed_over(tmp_path: Path) -> None:
    """A copy that some tool left is not listed."""
    store = LocalStore(tmp_path / "archive")
    store.create("jobs/a.json", b"x")
    (tmp_path / "archive/jobs/a (conflicted copy).json").write_bytes(b"y")
    assert store.names("") == ["jobs/a.json"]


def test_a_linked_folder_is_listed(tmp_path: Path) -> None:
    """Jobs that were moved to another disk and linked back are seen: unseen, they would be bought again."""
    LocalStore(tmp_path / "elsewhere").create("a.json", b"x")
    store = LocalStore(tmp_path / "archive")
    (tmp_path / "archive/jobs").symlink_to(tmp_path / "elsewhere")
    assert "jobs/a.json" in store.names("jobs/")
    assert store.read("jobs/a.json") == b"x"


def test_a_folder_that_is_a_file_is_refused_in_our_words(tmp_path: Path) -> None:
    """Opening says what is wrong instead of failing somewhere below."""
    (tmp_path / "archive").write_bytes(b"")
    with pytest.raises(VaultError, match="archive"):
        LocalStore(tmp_path / "archive")
