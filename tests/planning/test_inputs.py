from __future__ import annotations

import json
import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from onmodel.errors import NotMedia
from onmodel.planning import FileFacts, RememberedFacts
from onmodel.planning.inputs import read_facts
from onmodel.units import Size


class Look:
    """Looks at a file, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, path: Path) -> FileFacts:
        """Look."""
        self.times += 1
        if path.read_bytes().startswith(b"<"):
            raise NotMedia(f"{path.name} is a page")
        return FileFacts(
            path, "ab" * 32, "video", Size(320, 180), Fraction(7, 3), has_audio=True, suffix=".mp4"
        )


@pytest.fixture
def look() -> Look:
    return Look()


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "sway.mp4"
    path.write_bytes(b"clip")
    return path


def remembered(cache: Path, look: Look, clip: Path) -> FileFacts:
    """Facts in one run of the program."""
    facts = RememberedFacts(cache, look)
    found = facts(clip)
    facts.save()
    return found


def test_a_file_is_looked_at_once_while_it_is_unchanged(tmp_path: Path, look: Look, clip: Path) -> None:
    """What comes from memory is exactly what was seen, fractions included."""
    cache = tmp_path / "new" / "inputs.json"
    first = remembered(cache, look, clip)
    assert remembered(cache, look, clip) == first
    assert look.times == 1


@pytest.mark.parametrize("change", ["bytes", "time", "other file of the same length"])
def test_a_changed_file_is_looked_at_again(tmp_path: Path, look: Look, clip: Path, change: str) -> None:
    """Another size, another time of change, or another file put in its place."""
    cache = tmp_path / "inputs.json"
    remembered(cache, look, clip)
    stat = clip.stat()
    if change == "bytes":
        clip.write_bytes(b"longer clip")
        os.utime(clip, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    elif change == "time":
        os.utime(clip, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    else:
        other = tmp_path / "other.mp4"
        other.write_bytes(b"pilc")
        os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        other.replace(clip)
    remembered(cache, look, clip)
    assert look.times == 2


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"KEY": 1}', b'{"KEY": {}}', b'{"KEY": {"stamp": STAMP}}'],
)
def test_a_damaged_cache_is_looked_past(tmp_path: Path, look: Look, clip: Path, content: bytes) -> None:
    """A file that was cut short, edited, or written by another version is no error, and is made anew."""
    cache = tmp_path / "inputs.json"
    stat = clip.stat()
    stamp = str([stat.st_size, stat.st_mtime_ns, stat.st_ino]).encode()
    cache.write_bytes(content.replace(b"KEY", str(clip.resolve()).encode()).replace(b"STAMP", stamp))
    remembered(cache, look, clip)
    remembered(cache, look, clip)
    assert look.times == 1


def test_what_an_older_version_remembered_is_looked_at_again(tmp_path: Path, look: Look, clip: Path) -> None:
    """An entry that does not say how the file ends is no error: the file is looked at once more."""
    cache = tmp_path / "inputs.json"
    first = remembered(cache, look, clip)
    known = json.loads(cache.read_text())
    for entry in known.values():
        assert entry.pop("suffix") == ".mp4"
    cache.write_text(json.dumps(known))
    assert [remembered(cache, look, clip), remembered(cache, look, clip)] == [first, first]
    assert look.times == 2


def test_a_file_is_known_by_its_content_not_by_its_name(tmp_path: Path) -> None:
    """A supplied picture may be named anything; how it ends in the archive is what it is."""
    path = tmp_path / "sway.v2_final"
    Image.new("RGB", (32, 18), "teal").save(path, "WEBP")
    assert read_facts(path).suffix == ".webp"


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path, look: Look, clip: Path) -> None:
    """A full disk does not stop a plan: the file is looked at each time."""
    (tmp_path / "file").write_text("in the way")
    for _ in range(2):
        assert remembered(tmp_path / "file" / "inputs.json", look, clip).has_audio
    assert look.times == 2


def test_what_is_no_media_is_not_remembered(tmp_path: Path, look: Look, clip: Path) -> None:
    """The error comes each time, until the file is another."""
    clip.write_bytes(b"<html>")
    for _ in range(2):
        with pytest.raises(NotMedia):
            remembered(tmp_path / "inputs.json", look, clip)
    clip.write_bytes(b"clip")
    assert remembered(tmp_path / "inputs.json", look, clip).kind == "video"


def test_nothing_new_writes_nothing(tmp_path: Path, look: Look, clip: Path) -> None:
    """A plan that learnt nothing leaves the cache as it is."""
    cache = tmp_path / "inputs.json"
    remembered(cache, look, clip)
    before: Any = cache.stat().st_mtime_ns, cache.stat().st_ino
    remembered(cache, look, clip)
    assert (cache.stat().st_mtime_ns, cache.stat().st_ino) == before
