from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from onmodel.errors import SetupError
from onmodel.vault import (
    Cut,
    Delivery,
    Frame,
    Intent,
    Ledger,
    LocalStore,
    Media,
    MediaRef,
    NearMedia,
    Outcome,
    Result,
    Sending,
    Store,
    open_vault,
    s3_bucket,
    s3_parts,
)
from onmodel.vault import s3 as s3_store
from onmodel.vault.archive import Archive, open_to_read
from onmodel.vault.books import verify_books
from onmodel.vault.s3 import S3Store
from onmodel.vault.s3_bucket import Bucket
from onmodel.vault.verifying import Flaw, spare_refs, take_stock, verify_media

NewStore = Callable[[], Store]
NewIntent = Callable[..., Intent]
Alter = Callable[[str, bytes], None]
NOW = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)


def flaws_of(archive: Archive, scope: str | None = None, *, read_back: bool = False) -> list[Flaw]:
    """Everything that is wrong with an archive."""
    stock = take_stock(archive, scope)
    wanted = [*stock.wanted.values(), *spare_refs(archive, stock.spare)]
    found = verify_media(archive, wanted, read_back=read_back, checked=lambda _: None)
    return sorted([*stock.flaws, *found])


class Shelves:
    """An archive with one finished job in it."""

    def __init__(self, store: Store, new_intent: NewIntent, folder: Path) -> None:
        self.store, self.media, self.folder = store, Media(store), folder
        self.first = self.keep(b"the first frame", ".png")
        self.clip = self.keep(b"a whole clip", ".mp4")
        self.intent = new_intent(arguments={"deep": [{"image": self.first.as_argument()}]})
        self.slot = self.intent.slot
        sending = Sending(
            attempt=1, nonce="n", session="s", host="h", arguments={"a": 1}, at=NOW, deadline=NOW
        )
        self.records = {
            "intent": self.intent,
            "sending.1": sending,
            "outcome.1": Outcome(attempt=1, kind="submitted", request_id="r-1", at=NOW),
            "result": Result(kind="ok", billed="yes", at=NOW),
            "media": Delivery(media=(self.clip,), at=NOW),
        }
        for word, record in self.records.items():
            store.create(self.slot.name_of(word), record.to_bytes())
        store.create(f"frames/{self.clip.sha256}.last.json", Frame(media=self.first).to_bytes())
        store.create(f"cuts/s01e01/{'ab' * 32}.json", Cut(media=self.clip, manifest={}, at=NOW).to_bytes())

    def keep(self, content: bytes, suffix: str) -> MediaRef:
        """Archive a medium."""
        path = self.folder / f"new{suffix}"
        path.write_bytes(content)
        return self.media.keep(path, suffix=suffix)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No power cut is expected within these tests."""
    monkeypatch.setattr("os.fsync", lambda _: None)


@pytest.fixture
def shelves(store: Store, new_intent: NewIntent, tmp_path: Path) -> Shelves:
    return Shelves(store, new_intent, tmp_path)


@pytest.fixture
def archive(shelves: Shelves, new_store: NewStore) -> Archive:
    return Archive(new_store(), "Test reel")


def test_a_whole_archive_has_no_flaw(archive: Archive, shelves: Shelves) -> None:
    """Every record is read, and every medium that one names, at any depth, is known by who names it."""
    assert flaws_of(archive) == flaws_of(archive, "s01e01") == flaws_of(archive, read_back=True) == []
    stock = take_stock(archive)
    assert (stock.jobs, stock.records, stock.spare) == (1, 7, [])
    assert {name: one.by for name, one in stock.wanted.items()} == {
        shelves.first.name: "the request of s01e01 · s010 · take 1 · image-to-video",
        shelves.clip.name: "s01e01 · s010 · take 1 · image-to-video",
    }


def test_altered_bytes_are_found(archive: Archive, shelves: Shelves, alter: Alter) -> None:
    """One other byte of the same length: altered, and who names it."""
    alter(shelves.clip.name, b"a whole clap")
    (flaw,) = flaws_of(archive)
    assert (flaw.kind, flaw.name) == ("altered", shelves.clip.name)
    assert "s01e01 · s010 · take 1" in flaw.what


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        (b'{"schema": "onmodel.result/1", "kind', "not JSON"),
        (b'{"schema": "onmodel.result/9"}', "its schema is 'onmodel.result/9'"),
        (b'{"schema": "onmodel.result/1", "kind": "good", "billed": "yes"}', "kind"),
    ],
)
def test_a_broken_record_is_named(
    archive: Archive, shelves: Shelves, alter: Alter, content: bytes, said: str
) -> None:
    """Empty, cut short, of a newer onmodel, edited by hand: the record, what was found, the next step."""
    alter(shelves.slot.name_of("result"), content)
    (flaw,) = flaws_of(archive)
    assert (flaw.kind, flaw.name) == ("unreadable", shelves.slot.name_of("result"))
    assert said in flaw.what
    assert "backup" in flaw.hint


def test_what_onmodel_did_not_write_is_foreign(archive: Archive, shelves: Shelves, alter: Alter) -> None:
    """Files beside the records, in a job's folder, among the media, or under names that no object has."""
    names = [
        "notes.txt",
        f"{shelves.slot.folder}/comment.json",
        f"{shelves.slot.folder}/intent.json.bak",
        f"media/{shelves.clip.sha256[:2]}/clip.mp4",
        "cuts/s01e01/latest.json",
        "my notes.txt",
    ]
    for name in names:
        alter(name, b"hello")
    found = flaws_of(archive)
    assert {flaw.name for flaw in found} == set(names)
    assert {flaw.kind for flaw in found} == {"foreign"}


def test_a_medium_that_nobody_names_is_spare(archive: Archive, shelves: Shelves, alter: Alter) -> None:
    """A killed run leaves one: no flaw while it is what its name says."""
    spare = shelves.keep(b"fetched, not written down", ".mp4")
    assert (take_stock(archive).spare, flaws_of(archive)) == ([spare.name], [])
    alter(spare.name, b"something else")
    assert [(flaw.kind, flaw.name) for flaw in flaws_of(archive)] == [("altered", spare.name)]
    assert take_stock(archive, "s01e01").spare == []


@pytest.mark.parametrize(
    ("gone", "found"),
    [
        ("intent", "intent"),
        ("sending.1", "sending.1"),
        ("outcome.1", "outcome.1"),
        ("result", "result"),
    ],
)
def test_a_record_that_later_ones_need_is_missed(
    tmp_path: Path, new_intent: NewIntent, gone: str, found: str
) -> None:
    """A hole in a journal is named by the record that is not there."""
    shelves = Shelves(LocalStore(tmp_path / "archive"), new_intent, tmp_path)
    (tmp_path / "archive" / shelves.slot.name_of(gone)).unlink()
    flaws = flaws_of(Archive(shelves.store, "Test reel"))
    assert [(flaw.kind, flaw.name) for flaw in flaws] == [("missing", shelves.slot.name_of(found))]


def test_a_missing_medium_says_what_helps(tmp_path: Path, new_intent: NewIntent) -> None:
    """A clip comes from a backup; a cut can be made again."""
    shelves = Shelves(LocalStore(tmp_path / "archive"), new_intent, tmp_path)
    cut = shelves.keep(b"a cut", ".mp4")
    shelves.store.create(f"cuts/s01e01/{'cd' * 32}.json", Cut(media=cut, manifest={}, at=NOW).to_bytes())
    for ref in (cut, shelves.clip):
        (tmp_path / "archive" / ref.name).unlink()
    flaws = {flaw.name: flaw for flaw in flaws_of(Archive(shelves.store, "Test reel"))}
    assert flaws[cut.name].hint.startswith("onmodel restore s01e01")
    assert "backup" in flaws[shelves.clip.name].hint


def test_a_request_of_another_slot_disagrees(
    archive: Archive, shelves: Shelves, new_intent: NewIntent, alter: Alter
) -> None:
    """A record that was moved into another job's folder is found by what it says."""
    alter(shelves.slot.name_of("intent"), new_intent("s020", arguments={}).to_bytes())
    assert [flaw.kind for flaw in flaws_of(archive)] == ["disagrees"]


def test_a_medium_that_a_request_names_wrongly_is_told(
    archive: Archive, shelves: Shelves, alter: Alter
) -> None:
    """A reference edited by hand is a flaw of the record, not a crash."""
    broken = json.loads(shelves.intent.to_bytes())
    broken["arguments"] = {"image": {"$media": "no sha"}}
    alter(shelves.slot.name_of("intent"), json.dumps(broken).encode())
    assert [(flaw.kind, flaw.name) for flaw in flaws_of(archive)] == [
        ("unreadable", shelves.slot.name_of("intent"))
    ]


def test_the_checksum_that_s3_keeps_proves_a_medium(
    s3: Any, client: Any, bucket: str, new_intent: NewIntent, tmp_path: Path
) -> None:
    """No byte of a medium is fetched; with `read_back` every one is."""
    one, other = (S3Store(Bucket(client, bucket, "reel"), NearMedia(tmp_path / near)) for near in "ab")
    Shelves(one, new_intent, tmp_path)
    archive = Archive(other, "Test reel")

    def fetched() -> list[str]:
        return [one for one in s3.asked if one.startswith("GET") and "/media/" in one]

    assert flaws_of(archive) == []
    assert fetched() == []
    assert flaws_of(archive, read_back=True) == []
    assert len(fetched()) == 2
    assert not list((tmp_path / "b").rglob("*.mp4"))


def test_a_file_that_came_in_parts_is_proven_by_a_copy_or_read(
    s3: Any, client: Any, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S3 keeps a checksum of the parts: with a copy at hand that is proof, without one the bytes are read."""
    for module in (s3_parts, s3_bucket, s3_store):
        monkeypatch.setattr(module, "PART_BYTES", 5 << 20)
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(bytes(range(256)) * (6 << 12))
    at_home = S3Store(Bucket(client, bucket, "reel"), NearMedia(tmp_path / "a"))
    ref = Media(at_home).keep(clip, suffix=".mp4")
    s3.asked.clear()
    assert at_home.sha256_of(ref.name, ref.sha256, read_back=False) == ref.sha256
    assert not [one for one in s3.asked if one.startswith("GET")]
    away = S3Store(Bucket(client, bucket, "reel"), NearMedia(tmp_path / "b"))
    assert away.sha256_of(ref.name, ref.sha256, read_back=False) == ref.sha256
    assert [one for one in s3.asked if one.startswith("GET")]
    assert away.sha256_of("media/ab/none.mp4", ref.sha256, read_back=False) is None


def test_reading_leaves_an_archive_as_it_is(tmp_path: Path, new_intent: NewIntent) -> None:
    """Verifying writes nothing at all: no lock, no probe, no folder; a backup may be read-only."""
    with open_vault("archive", root=tmp_path, production="Test reel", run_folder=tmp_path / "run") as vault:
        Shelves(vault.store, new_intent, tmp_path)
    folder = tmp_path / "archive"

    def state() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in (folder, *folder.rglob("*"))}

    before = state()
    archive = open_to_read("archive", root=tmp_path)
    assert (archive.production, archive.scopes()) == ("Test reel", ["s01e01"])
    assert flaws_of(archive) == []
    assert state() == before


def test_where_no_archive_is_none_is_made(tmp_path: Path) -> None:
    """The message says where one is, if it is inside the folder that was named."""
    with pytest.raises(SetupError, match="no archive"):
        open_to_read("nowhere", root=tmp_path)
    assert not (tmp_path / "nowhere").exists()
    with open_vault("ours/archive", root=tmp_path, production="p", run_folder=tmp_path / "run"):
        pass
    with pytest.raises(SetupError) as caught:
        open_to_read("ours", root=tmp_path)
    assert str(tmp_path / "ours/archive") in caught.value.hint


def test_the_ledger_must_have_all_that_was_bought(archive: Archive, shelves: Shelves, alter: Alter) -> None:
    """Gone, too little in it, something that no journal has, unreadable: each is told; more is no flaw."""
    key, name = shelves.slot.key, "ledger/production.json"
    assert [(flaw.kind, flaw.name) for flaw in verify_books(archive)] == [("missing", name)]
    ledger = Ledger(shelves.store, "production")
    ledger.reserve(key, Decimal("0.35"), None)
    assert list(verify_books(archive)) == []
    ledger.reserve("f" * 64, Decimal(1), None)
    (flaw,) = verify_books(archive)
    assert (flaw.kind, "$1.00 are reserved for ffffffffffff…" in flaw.what) == ("disagrees", True)
    ledger.lower("f" * 64, Decimal)
    ledger.lower(key, Decimal)
    ledger.reserve(key, Decimal("0.10"), None)
    (flaw,) = verify_books(archive)
    assert "may have cost $0.35, it has $0.10" in flaw.what
    alter(name, b"{}")
    assert [flaw.kind for flaw in verify_books(archive)] == ["unreadable"]
