from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import pytest

from onmodel.errors import MediaAltered, VaultError
from onmodel.vault import Media, MediaRef, ObjectMissing, Store

NewStore = Callable[[], Store]
Alter = Callable[[str, bytes], None]


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "a 'clip'.mp4"
    path.write_bytes(b"frames")
    return path


def test_media_stand_under_their_content(store: Store, clip: Path) -> None:
    """Keeping says what was kept; the path holds exactly that, and a second time is the same."""
    media = Media(store)
    ref = media.keep(clip, suffix=".mp4")
    digest = hashlib.sha256(b"frames").hexdigest()
    assert ref == MediaRef(digest, 6, ".mp4") == media.keep(clip, suffix=".mp4")
    assert media.path(ref).read_bytes() == b"frames"
    assert media.verify(ref) == media.path(ref)
    assert store.names("media/") == [f"media/{digest[:2]}/{digest}.mp4"]


def test_has_tells_whole_from_missing_and_cut_short(store: Store, clip: Path, alter: Alter) -> None:
    """Whether a clip is in the archive, in its full length."""
    media = Media(store)
    ref = MediaRef(hashlib.sha256(b"frames").hexdigest(), 6, ".mp4")
    assert not media.has(ref)
    media.keep(clip, suffix=".mp4")
    assert media.has(ref)
    alter(ref.name, b"fra")
    assert not media.has(ref)


def test_altered_media_are_named(new_store: NewStore, clip: Path, alter: Alter) -> None:
    """One changed byte of the same length is found; the message names the object and the way on."""
    ref = Media(new_store()).keep(clip, suffix=".mp4")
    alter(ref.name, b"framez")
    with pytest.raises(MediaAltered, match=ref.name) as caught:
        Media(new_store()).verify(ref)
    assert "backup" in caught.value.hint
    Media(new_store()).keep(clip, suffix=".mp4")
    assert Media(new_store()).verify(ref).read_bytes() == b"frames"


def test_a_person_can_look_at_media(store: Store, clip: Path) -> None:
    """The address opens exactly the archived bytes, by itself: a file, or a signed address in a browser."""
    media = Media(store)
    address = media.address(media.keep(clip, suffix=".mp4"))
    if not address.startswith("http"):
        address = Path(address).as_uri()
    with urlopen(address) as opened:  # noqa: S310 (our own address, on this machine)
        assert opened.read() == b"frames"


def test_missing_media_are_named(store: Store, tmp_path: Path) -> None:
    """Asking for what is not there says which, in the archive or beside it."""
    media = Media(store)
    ref = MediaRef("ab" * 32, 6, ".mp4")
    for ask in (media.path, media.verify):
        with pytest.raises(ObjectMissing, match=ref.name):
            ask(ref)
    with pytest.raises(VaultError, match=r"gone\.mp4 cannot be read"):
        media.keep(tmp_path / "gone.mp4", suffix=".mp4")


def test_a_reference_survives_a_request() -> None:
    """What a frozen request names is found again."""
    ref = MediaRef("ab" * 32, 6, ".mp4")
    assert MediaRef.from_argument(ref.as_argument()) == ref


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"$media": "ab" * 32, "size": 6},
        {"$media": "AB" * 32, "size": 6, "suffix": ".mp4"},
        {"$media": "ab" * 32, "size": "6", "suffix": ".mp4"},
        {"$media": "ab" * 32, "size": -1, "suffix": ".mp4"},
        {"$media": "ab" * 32, "size": 6, "suffix": "mp4"},
        {"$media": "ab" * 32, "size": 6, "suffix": "./../x"},
        {"$media": "ab" * 32, "size": 6, "suffix": ".mp4", "url": "x"},
    ],
)
def test_other_objects_are_no_references(value: dict[str, object]) -> None:
    """A reference is closed: nothing is missing, nothing more, every field of its form."""
    with pytest.raises(ValueError, match=r"sha256|media|size|suffix"):
        MediaRef.from_argument(value)
