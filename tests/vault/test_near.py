from __future__ import annotations

import errno
import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from onmodel.errors import MediaAltered, VaultError, VaultFull
from onmodel.vault.near import IN_USE_S, NearMedia, copied_from


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def keep(near: NearMedia, content: bytes) -> Path:
    return near.keep(digest(content), ".mp4", lambda file: file.write(content))


def age(path: Path, seconds: float) -> None:
    os.utime(path, (time.time() - seconds, time.time() - seconds))


def test_what_was_kept_is_found_again(tmp_path: Path) -> None:
    """By this process and by the next, under the sha256 of its bytes."""
    path = keep(NearMedia(tmp_path), b"clip")
    assert path.read_bytes() == b"clip"
    assert NearMedia(tmp_path).find(digest(b"clip"), ".mp4") == path
    assert NearMedia(tmp_path).find(digest(b"clip"), ".png") is None
    assert NearMedia(tmp_path).find(digest(b"other"), ".mp4") is None


def test_a_copy_that_is_not_whole_is_let_go(tmp_path: Path) -> None:
    """Cut short by a power cut or changed by a hand, in this process or before: it is the clip no more."""
    near = NearMedia(tmp_path)
    for other in (near, NearMedia(tmp_path)):
        path = keep(near, b"clip")
        path.write_bytes(b"cl")
        assert other.find(digest(b"clip"), ".mp4") is None
        assert not path.exists()


def test_other_bytes_are_not_kept(tmp_path: Path) -> None:
    """Nothing stays of what is not what its name says."""
    with pytest.raises(MediaAltered, match="5 bytes of sha256"):
        NearMedia(tmp_path).keep("0" * 64, ".mp4", lambda file: file.write(b"other"))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_was_used_longest_ago_leaves_first(tmp_path: Path) -> None:
    """Over the limit, the oldest go; asking for a file makes it young."""
    near = NearMedia(tmp_path, limit_bytes=250)
    first, second = keep(near, b"a" * 100), keep(near, b"b" * 100)
    age(first, IN_USE_S + 200)
    age(second, IN_USE_S + 100)
    assert NearMedia(tmp_path).find(digest(b"a" * 100), ".mp4") == first
    third = keep(near, b"c" * 100)
    assert [first.exists(), second.exists(), third.exists()] == [True, False, True]


def test_what_a_run_may_be_using_stays(tmp_path: Path) -> None:
    """A limit that one run passes is no reason to take a clip away from under it."""
    near = NearMedia(tmp_path, limit_bytes=1)
    paths = [keep(near, bytes([number]) * 100) for number in range(3)]
    assert all(path.exists() for path in paths)


def test_a_large_folder_is_not_counted_for_each_clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A season's clips are counted when a hundredth of the limit was added, not with every clip of it."""
    counted = []
    glob = Path.glob

    def counting(self: Path, pattern: str) -> Iterator[Path]:
        counted.append(pattern)
        return glob(self, pattern)

    monkeypatch.setattr(Path, "glob", counting)
    near = NearMedia(tmp_path, limit_bytes=100_000)
    for number in range(30):
        keep(near, bytes([number]) * 100)
    assert len(counted) == 1 + 2  # the first, and after each ten clips of a thousandth


def test_several_processes_keep_one_limit(tmp_path: Path) -> None:
    """Whoever adds tidies for all; a clip that another asked for while it was counting stays."""
    ours, theirs = NearMedia(tmp_path, limit_bytes=250), NearMedia(tmp_path, limit_bytes=250)
    old = [keep(ours if number % 2 else theirs, bytes([number]) * 100) for number in range(2)]
    for path in old:
        age(path, IN_USE_S + 100)
    kept = keep(theirs, b"c" * 100)
    assert sorted(path.exists() for path in old) == [False, True]
    left = next(path for path in old if path.exists())
    assert theirs.find(left.stem, ".mp4") == left
    keep(ours, b"d" * 100)
    assert left.exists()
    assert kept.exists()


def test_a_clip_asked_for_meanwhile_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between counting and letting go, another process may ask for the oldest: it is looked at again."""
    near, theirs = NearMedia(tmp_path, limit_bytes=150), NearMedia(tmp_path, limit_bytes=150)
    first = keep(near, b"a" * 100)
    age(first, IN_USE_S + 100)
    glob = Path.glob

    def asked_for_then(self: Path, pattern: str) -> Iterator[Path]:
        yield from list(glob(self, pattern))
        theirs.find(digest(b"a" * 100), ".mp4")  # after it was counted as old

    monkeypatch.setattr(Path, "glob", asked_for_then)
    keep(near, b"b" * 100)
    assert first.exists()


def test_a_killed_processs_part_leaves_too(tmp_path: Path) -> None:
    """What a kill left half written is among what leaves, and is never found."""
    near = NearMedia(tmp_path, limit_bytes=100)
    left = tmp_path / "ab" / "x.part"
    left.parent.mkdir()
    left.write_bytes(b"half")
    age(left, IN_USE_S + 1)
    keep(near, b"a" * 100)
    assert not left.exists()


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    """The message says which folder, and that it may be deleted."""

    def fail(_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(VaultFull, match=str(tmp_path)) as caught:
        NearMedia(tmp_path).keep("0" * 64, ".mp4", fail)
    assert "ONMODEL_CACHE_GB" in caught.value.hint
    with pytest.raises(VaultError, match=r"gone\.mp4 cannot be read"):
        NearMedia(tmp_path).keep("0" * 64, ".mp4", copied_from(tmp_path / "gone.mp4"))
