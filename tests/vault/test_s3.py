"""The archive in a bucket, over a real HTTP server with trouble in between."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from botocore.retries.standard import ExponentialBackoff

from onmodel.errors import MediaAltered, SetupError, VaultError
from onmodel.vault import NearMedia, find_vault, open_vault, s3_bucket, s3_parts
from onmodel.vault import s3 as s3_store
from onmodel.vault.s3 import S3Store, open_s3
from onmodel.vault.s3_bucket import Bucket
from onmodel.vault.store import ObjectMissing, probe


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0)
    monkeypatch.setattr(s3_bucket, "_pause", lambda _: None)


@pytest.fixture
def store(client: Any, bucket: str, tmp_path: Path) -> S3Store:
    return S3Store(Bucket(client, bucket, "reel"), NearMedia(tmp_path / "near"))


@pytest.fixture
def clip(tmp_path: Path) -> tuple[Path, str]:
    """A clip and its sha256."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(bytes(range(256)) * 40)
    return path, hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files over 1,000 bytes go in parts."""
    for module in (s3_parts, s3_bucket, s3_store):
        monkeypatch.setattr(module, "PART_BYTES", 1000)
    monkeypatch.setattr(s3_bucket, "_CHUNK_BYTES", 100)
    monkeypatch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 10)


def far(store: S3Store, tmp_path: Path) -> S3Store:
    """The same archive from another machine: nothing is near at hand."""
    return S3Store(store._bucket, NearMedia(tmp_path / "elsewhere"))


@pytest.mark.parametrize("word", ["lost", "cut", "503:SlowDown", "500:InternalError", "409:OperationAborted"])
def test_a_write_that_stumbles_is_made_once(store: S3Store, s3: Any, word: str) -> None:
    """A lost answer, a cut connection, a busy store: the write is repeated, and one's own is known."""
    s3.trouble.append(("PUT a.json", word))
    assert store.create("a.json", b"mine") is True
    s3.trouble.append(("PUT ledger.json", word))
    tag = store.swap("ledger.json", b"1", None)
    assert tag is not None
    s3.trouble.append(("PUT ledger.json", word))
    new_tag = store.swap("ledger.json", b"2", tag)
    assert new_tag is not None
    assert store.swap("ledger.json", b"3", new_tag) is not None
    assert (store.read("a.json"), store.read("ledger.json")) == (b"mine", b"3")


def test_anothers_write_is_never_taken_for_ones_own(store: S3Store, s3: Any) -> None:
    """The connection is cut, another writes, and the repeated write loses, although it was repeated."""
    store.create("a.json", b"another's")
    tag = store.swap("ledger.json", b"1", None)
    store.swap("ledger.json", b"another's", tag)
    s3.trouble.extend([("PUT a.json", "cut"), ("PUT ledger.json", "cut")])
    assert store.create("a.json", b"mine") is False
    assert store.swap("ledger.json", b"mine", tag) is None
    assert (store.read("a.json"), store.read("ledger.json")) == (b"another's", b"another's")


@pytest.mark.parametrize("word", ["half", "flip", "cut", "503:SlowDown"])
def test_a_read_that_stumbles_is_repeated(
    store: S3Store, s3: Any, tmp_path: Path, clip: tuple[Path, str], word: str
) -> None:
    """Half an answer, a flipped bit, a cut connection: what is read in the end is what was written."""
    store.create("jobs/s01e01/a.json", b'{"schema": "x"}')
    store.put_file("media/c.mp4", *clip)
    s3.trouble.extend([("GET a.json", word), ("GET c.mp4", word)])
    other = far(store, tmp_path)
    assert other.read("jobs/s01e01/a.json") == b'{"schema": "x"}'
    assert other.file("media/c.mp4", clip[1]).read_bytes() == clip[0].read_bytes()
    assert not s3.trouble


def test_a_bit_that_flips_on_the_way_up_is_noticed_there(
    store: S3Store, s3: Any, tmp_path: Path, clip: tuple[Path, str]
) -> None:
    """The store checks what arrives against its sha256; it is sent again."""
    s3.trouble.extend([("PUT a.json", "flip-up"), ("PUT c.mp4", "flip-up")])
    assert store.create("a.json", b"mine") is True
    store.put_file("media/c.mp4", *clip)
    assert not s3.trouble
    assert store.read("a.json") == b"mine"
    assert far(store, tmp_path).file("media/c.mp4", clip[1]).read_bytes() == clip[0].read_bytes()


@pytest.mark.parametrize(
    ("word", "says", "hint"),
    [
        ("403:AccessDenied", "access is denied", "s3:PutObject"),
        ("400:ExpiredToken", "credentials have expired", "aws sso login"),
        ("403:InvalidAccessKeyId", "credentials are not accepted", "AWS_PROFILE"),
        ("403:RequestTimeTooSkewed", "clock is wrong: here it is", "clock"),
        ("503:SlowDown", "asks to slow down", "in_flight"),
        ("404:NoSuchBucket", "no such bucket", "aws s3 mb"),
        ("301:PermanentRedirect", "is in the region eu-west-1", "export AWS_REGION=eu-west-1"),
        ("501:NotImplemented", "does not know conditional writes", "folder"),
        ("500:InternalError", "trouble of its own", "Wait"),
        ("418:Teapot", "refused", "archive:"),
    ],
)
def test_each_refusal_has_its_message(
    store: S3Store, s3: Any, tmp_path: Path, clip: tuple[Path, str], word: str, says: str, hint: str
) -> None:
    """Whatever is asked: one of our errors, with the archive, what was tried, and the next step."""
    s3.trouble.append(("PUT a.json", f"{word}*"))
    with pytest.raises(VaultError, match=says) as caught:
        store.create("a.json", b"x")
    assert f"the archive {store.address}: writing a.json failed" in caught.value.message
    assert hint in caught.value.hint
    s3.trouble.append((f"GET /{store.address.split('/')[2]}", f"{word}*"))
    for ask in (
        lambda: store.read_tagged("b.json"),
        lambda: store.names(""),
        lambda: store.gather("jobs/"),
        lambda: store.file("media/c.mp4", clip[1]),
    ):
        with pytest.raises(VaultError, match=says):
            ask()


def test_a_head_that_is_refused_is_named(store: S3Store, s3: Any) -> None:
    """An answer to HEAD has no text, only a status."""
    s3.trouble.append(("HEAD a.json", "403:"))
    with pytest.raises(VaultError, match="access is denied"):
        store.size("a.json")


def test_a_page_that_is_no_s3_is_named(
    store: S3Store, s3: Any, tmp_path: Path, clip: tuple[Path, str]
) -> None:
    """A sign-in page with 200 in place of a listing or a clip is told from them, and nothing of it stays."""
    store.put_file("media/c.mp4", *clip)
    for method in ("GET", "PUT", "HEAD"):
        s3.trouble.append((f"{method} /", "html*"))
    near = tmp_path / "elsewhere"
    for ask in (
        lambda: store.names(""),
        lambda: store.create("a.json", b"x"),
        lambda: store.read("a.json"),
        lambda: store.size("a.json"),
        lambda: far(store, tmp_path).file("media/c.mp4", clip[1]),
    ):
        with pytest.raises(VaultError, match="does not speak S3"):
            ask()
    assert [path for path in near.rglob("*") if path.is_file()] == []


def test_media_altered_behind_our_back_are_named(
    store: S3Store, client: Any, bucket: str, tmp_path: Path, clip: tuple[Path, str]
) -> None:
    """An object that is not what its name says is no clip, however often it is read."""
    store.put_file("media/c.mp4", *clip)
    client.put_object(Bucket=bucket, Key="reel/media/c.mp4", Body=b"another film")
    with pytest.raises(MediaAltered, match=r"media/c\.mp4 in s3://.* was altered"):
        far(store, tmp_path).file("media/c.mp4", clip[1])


@pytest.mark.usefixtures("small_parts")
def test_a_large_file_goes_in_parts_and_comes_back_whole(
    store: S3Store, s3: Any, tmp_path: Path, clip: tuple[Path, str]
) -> None:
    """Parts are sent and read side by side, each checked; stumbling parts are repeated."""
    s3.trouble.extend([("PUT c.mp4", "503:SlowDown"), ("PUT c.mp4", "lost"), ("PUT c.mp4", "cut")])
    store.put_file("media/c.mp4", *clip)
    assert sum(line.startswith("PUT") for line in s3.asked) == 11 + 3
    s3.trouble.extend([("GET c.mp4", "half"), ("GET c.mp4", "cut"), ("GET c.mp4", "half")])
    assert far(store, tmp_path).file("media/c.mp4", clip[1]).read_bytes() == clip[0].read_bytes()
    s3.asked.clear()
    far(store, tmp_path / "third").put_file("media/c.mp4", *clip)
    assert [line.split()[0] for line in s3.asked] == ["HEAD"]


@pytest.mark.usefixtures("small_parts")
def test_a_large_file_never_replaces_a_racing_ones_object_with_less(
    store: S3Store, s3: Any, client: Any, bucket: str, clip: tuple[Path, str]
) -> None:
    """Who finishes second finds the first one's whole file and leaves it; its own parts are dropped."""
    store.put_file("media/c.mp4", *clip)
    before = client.head_object(Bucket=bucket, Key="reel/media/c.mp4")["LastModified"]
    s3.trouble.append(("HEAD c.mp4", "404:"))  # as if the other had not finished yet
    s3.asked.clear()
    store.put_file("media/c.mp4", *clip)
    assert [line.split()[0] for line in s3.asked].count("POST") == 2
    assert s3.asked[-1].startswith("HEAD")
    assert client.head_object(Bucket=bucket, Key="reel/media/c.mp4")["LastModified"] == before
    assert "Uploads" not in client.list_multipart_uploads(Bucket=bucket)


@pytest.mark.usefixtures("small_parts")
def test_an_upload_that_fails_leaves_no_parts(
    store: S3Store, s3: Any, client: Any, bucket: str, clip: tuple[Path, str]
) -> None:
    """Parts of an unfinished file are billed until they are dropped."""
    s3.trouble.append(("PUT c.mp4", "403:AccessDenied*"))
    with pytest.raises(VaultError, match="access is denied"):
        store.put_file("media/c.mp4", *clip)
    assert "Uploads" not in client.list_multipart_uploads(Bucket=bucket)
    assert store.size("media/c.mp4") is None


@pytest.mark.usefixtures("small_parts")
def test_an_upload_whose_last_answer_is_lost_is_there(
    store: S3Store, s3: Any, tmp_path: Path, clip: tuple[Path, str]
) -> None:
    """Asked to complete it once more, S3 knows no such upload: what counts is whether the file is there."""
    s3.trouble.extend([("POST c.mp4", ""), ("POST c.mp4", "lost"), ("POST c.mp4", "404:NoSuchUpload")])
    store.put_file("media/c.mp4", *clip)
    assert not s3.trouble
    assert far(store, tmp_path).file("media/c.mp4", clip[1]).read_bytes() == clip[0].read_bytes()
    s3.trouble.extend([("POST d.mp4", ""), ("POST d.mp4", "404:NoSuchUpload")])
    with pytest.raises(VaultError, match="NoSuchUpload"):
        store.put_file("media/d.mp4", *clip)
    assert store.size("media/d.mp4") is None


def test_an_empty_object_is_a_file_too(store: S3Store, tmp_path: Path) -> None:
    """A range of nothing is refused by S3; it is read all the same."""
    (tmp_path / "empty").touch()
    nothing = hashlib.sha256(b"").hexdigest()
    store.put_file("media/e.bin", tmp_path / "empty", nothing)
    assert far(store, tmp_path).file("media/e.bin", nothing).read_bytes() == b""


def test_a_look_alike_that_ignores_conditions_is_refused(store: S3Store, s3: Any) -> None:
    """A store that takes a second object of one name, or a change to an old version, is never bought with."""
    s3.trouble.append(("PUT probe.json", "deaf*"))
    for _ in range(2):
        with pytest.raises(SetupError, match="two processes could buy the same shot twice"):
            probe(store)


def test_no_credentials_are_named(s3: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine that never signed in hears how, and nothing was asked of the store."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(VaultError, match="no usable credentials") as caught:
        open_s3("s3://bucket/reel", NearMedia(tmp_path)).names("")
    assert "AWS_PROFILE" in caught.value.hint
    assert s3.asked == []


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("AWS_PROFILE", "nobody", "AWS settings"),
        ("AWS_ENDPOINT_URL", "no address", "AWS_ENDPOINT_URL"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1", "cannot be reached"),
    ],
)
@pytest.mark.usefixtures("s3")
def test_settings_that_lead_nowhere_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str, says: str
) -> None:
    """A profile that is not there, an address that is none or that nobody answers: which setting, and how."""
    monkeypatch.setenv(name, value)
    with pytest.raises(VaultError) as caught:
        open_s3("s3://bucket/reel", NearMedia(tmp_path)).names("")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "address",
    ["s3://", "s3:///reel", "s3://B/x", "s3://b", "s3://bucket//x", "s3://bucket/a b", "s3://bucket/.."],
)
def test_other_addresses_are_refused(tmp_path: Path, address: str) -> None:
    """What an address looks like is said before anything is asked."""
    with pytest.raises(SetupError, match="not the address of a prefix") as caught:
        open_s3(address, NearMedia(tmp_path))
    assert "s3://bucket/prefix" in caught.value.hint


def test_a_vault_in_a_bucket_belongs_to_one_production(bucket: str, tmp_path: Path) -> None:
    """It is found where it was made, never made by looking, and refused to another production."""

    def facts(name: str, prefix: str) -> dict[str, Any]:
        address = f"s3://{bucket}/{prefix}/"
        return {"address": address, "root": tmp_path, "production": name, "run_folder": tmp_path / "run"}

    assert find_vault(**facts("Reel", "a")) is None
    with open_vault(**facts("Reel", "a")) as vault:
        assert vault.store.address == f"s3://{bucket}/a"
    found = find_vault(**facts("Reel", "a"))
    assert found is not None
    found.close()
    with pytest.raises(SetupError, match="belongs to the production 'Reel', this one is 'Other'"):
        open_vault(**facts("Other", "a"))
    open_vault(**facts("Other", "b")).close()


def test_an_object_that_is_gone_is_named(store: S3Store, clip: tuple[Path, str]) -> None:
    """Media that nobody archived, or that somebody removed, are not found, and nothing is kept for them."""
    with pytest.raises(ObjectMissing, match=r"media/c\.mp4 is not in the archive s3://"):
        store.file("media/c.mp4", clip[1])


@pytest.mark.usefixtures("small_parts")
def test_a_part_that_broke_off_goes_on_where_it_was(
    store: S3Store, s3: Any, tmp_path: Path, clip: tuple[Path, str]
) -> None:
    """What has come is not asked for again, and the rest lands in its place."""
    store.put_file("media/c.mp4", *clip)
    s3.trouble.extend([("GET c.mp4", "half"), ("GET c.mp4", "half"), ("GET c.mp4", "half")])
    s3.asked.clear()
    with (tmp_path / "home").open("w+b") as file:
        assert store._bucket.download("media/c.mp4", file) is True
    assert (tmp_path / "home").read_bytes() == clip[0].read_bytes()
    assert len(s3.asked) == 11 + 3
