from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from onmodel.errors import RecordBroken, SetupError
from onmodel.vault import Cut, LocalStore, MediaRef, Vault, open_vault


def test_an_archive_is_found_again(tmp_path: Path) -> None:
    """What one process kept, the next one finds; the address is read from the production's folder."""
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"frames")
    run_folder = tmp_path / "run"
    with open_vault("takes/archive", root=tmp_path, production="Reel", run_folder=run_folder) as vault:
        ref = vault.media.keep(clip, suffix=".mp4")
    with open_vault(
        str(tmp_path / "takes" / "archive"), root=tmp_path, production="Reel", run_folder=run_folder
    ) as vault:
        assert vault.media.verify(ref).read_bytes() == b"frames"
        assert vault.store.address == str(tmp_path / "takes" / "archive")


def test_closing_ends_the_session(tmp_path: Path, vault: Vault) -> None:
    """A vault that was closed leaves no living session behind."""
    with open_vault("archive", root=tmp_path, production="Test reel", run_folder=tmp_path / "run") as other:
        assert not vault.session.is_dead(other.session.id, other.session.host)
    assert vault.session.is_dead(other.session.id, other.session.host)


def test_another_productions_archive_is_refused(tmp_path: Path, vault: Vault) -> None:
    """The message names both productions; nothing is written under the wrong name."""
    before = vault.store.names("")
    with pytest.raises(SetupError, match="belongs to the production 'Test reel', this one is 'Other reel'"):
        open_vault("archive", root=tmp_path, production="Other reel", run_folder=tmp_path / "run")
    assert vault.store.names("") == before


@pytest.mark.parametrize(
    "address", ["", "  ", "S3://bucket/prefix", "gs://bucket", "https://host/x", "file:///x"]
)
def test_an_address_that_is_no_folder_is_refused(tmp_path: Path, address: str) -> None:
    """The message says what an address may be today, and no odd folder is made of it."""
    with pytest.raises(SetupError, match="is not a folder") as caught:
        open_vault(address, root=tmp_path, production="Reel", run_folder=tmp_path / "run")
    assert "folder's path" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_is_a_file_is_refused(tmp_path: Path) -> None:
    """The message names the file."""
    (tmp_path / "archive").write_bytes(b"")
    with pytest.raises(SetupError, match="archive is a file"):
        open_vault("archive", root=tmp_path, production="Reel", run_folder=tmp_path / "run")


def test_a_careless_disk_is_refused_at_the_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store's two promises are tried before anything can be bought."""

    def always(store: LocalStore, name: str, content: bytes) -> bool:
        return True

    monkeypatch.setattr(LocalStore, "create", always)
    with pytest.raises(SetupError, match="second object of the same name"):
        open_vault("archive", root=tmp_path, production="Reel", run_folder=tmp_path / "run")


def test_a_cut_is_kept_once(vault: Vault) -> None:
    """A cut is found by what it was made from; the first record stands."""
    cut = Cut(media=MediaRef("ab" * 32, 6, ".mp4"), manifest={"shots": ["s010"]}, at=datetime.now(UTC))
    digest = "c" * 64
    assert vault.cuts.read("s01e01", digest) is None
    assert vault.cuts.keep("s01e01", digest, cut) == cut
    assert vault.cuts.keep("s01e01", digest, cut.model_copy(update={"manifest": {}})) == cut
    assert vault.cuts.read("s01e01", digest) == cut
    assert vault.cuts.read("s01e02", digest) is None


def test_a_frame_is_kept_once(vault: Vault) -> None:
    """One picture for each clip and frame: whoever extracts it again gets the first one's."""
    clip, picture = MediaRef("ab" * 32, 6, ".mp4"), MediaRef("cd" * 32, 5, ".png")
    assert vault.frames.read(clip, "last") is None
    assert vault.frames.keep(clip, "last", picture) == picture
    assert vault.frames.keep(clip, "last", MediaRef("ef" * 32, 5, ".png")) == picture
    assert vault.frames.read(clip, "last") == picture
    assert vault.frames.read(clip, "first") is None


def test_a_broken_cut_record_is_named(vault: Vault) -> None:
    """A cut whose record cannot be read is not silently made anew."""
    vault.store.create("cuts/s01e01/x.json", b"{")
    with pytest.raises(RecordBroken, match=r"cuts/s01e01/x\.json"):
        vault.cuts.read("s01e01", "x")
