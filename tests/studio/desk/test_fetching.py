from __future__ import annotations

import errno
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from onmodel.errors import FetchFailed, ResultGone, VaultFull
from onmodel.studio import landing
from onmodel.studio.containers import container_of
from onmodel.studio.homecoming import checked_suffix
from onmodel.studio.wire import Progress, Wire

Act = Callable[..., Any]
PRICE = Decimal("0.04")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
MP4 = b"\x00\x00\x00\x18ftypisom" + bytes(8)


@pytest.mark.parametrize(
    ("head", "kind", "url", "sort", "suffix"),
    [
        (PNG, "image/png", "https://a/b", "image", ".png"),
        (PNG, "", "https://a/b", "image", ".png"),
        (PNG, "application/octet-stream", "https://a/b.png?x", "image", ".png"),
        (MP4, "video/mp4", "https://a/b", "video", ".mp4"),
        (MP4, "audio/mp4", "https://a/b.m4a", "audio", None),
        (b"\xff\xd8\xff\xe0" + bytes(9), "image/jpeg", "https://a/b", "image", ".jpg"),
    ],
)
def test_what_was_bought_is_archived(
    tmp_path: Path, head: bytes, kind: str, url: str, sort: str, suffix: str | None
) -> None:
    """Bytes, the server's word and the order agree; a server that says nothing is not needed."""
    path = tmp_path / "0"
    path.write_bytes(head)
    found = checked_suffix(path, kind, url, sort)
    assert suffix in (None, found)


@pytest.mark.parametrize(
    ("head", "kind", "sort"),
    [
        (MP4, "image/png", "image"),
        (PNG, "video/mp4", "video"),
        (PNG, "video/mp4", "image"),
        (bytes(16), "image/png", "image"),
        (b"", "video/mp4", "video"),
        (b"RIFF\x00\x00\x00\x00AVI ", "video/x-msvideo", "video"),
    ],
)
def test_something_else_is_not_archived(tmp_path: Path, head: bytes, kind: str, sort: str) -> None:
    """Other bytes than were bought, or under another name: told with what came, and the job is kept."""
    path = tmp_path / "0"
    path.write_bytes(head)
    with pytest.raises(FetchFailed, match=f"where {sort} was bought") as caught:
        checked_suffix(path, kind, "https://a/b", sort)
    assert "The job is kept" in caught.value.hint


def test_containers_are_known_by_their_first_bytes() -> None:
    """Every format that fal sells, and nothing for what is none."""
    heads = {
        b"GIF89a": ".gif",
        b"RIFF1234WEBP": ".webp",
        b"\x00\x00\x00\x20ftypavif": ".avif",
        b"ID3\x04": ".mp3",
    }
    assert {head: container_of(head).suffix for head in heads} == heads  # type: ignore[union-attr] (each is known)
    assert container_of(b"<html>") is None


def test_a_full_disk_for_downloads_ends_buying(act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    """No space on this machine: one reason with its next step, no more is bought, all comes home later."""

    async def scene(day: Any) -> None:
        with pytest.MonkeyPatch.context() as patch:

            def full(*_: Any, **__: Any) -> Any:
                raise OSError(errno.ENOSPC, "No space left on device")

            patch.setattr(landing.tempfile, "mkstemp", full)
            with pytest.raises(VaultFull, match="no space is left on this machine") as caught:
                await day.produce("s010")
            assert caught.value.hint.startswith("Make room there")
            with pytest.raises(VaultFull):
                await day.produce("s020")
        assert len(day.accepted()) == 1

    act(scene)
    assert act(lambda day: day.produce("s010")).state == "done"


@pytest.mark.parametrize("fresh", [True, False])
def test_an_expired_address_has_its_result_read_once_more(
    act: Act, monkeypatch: pytest.MonkeyPatch, *, fresh: bool
) -> None:
    """Fal may name another address by now; where it does not, the request and the ways out are told."""

    async def scene(day: Any) -> None:
        real_fetch, real_result = Wire.fetch, Wire.result
        results: list[Any] = []

        async def result(self: Wire, *args: Any) -> Any:
            payload = await real_result(self, *args)
            results.append(payload)
            if len(results) == 1 and fresh:
                return {"images": [{"url": "https://v3.fal.media/files/old/picture.png"}]}
            return payload

        async def fetch(self: Wire, url: str, into: Path, *, limit_bytes: int) -> str:
            if not fresh or "/old/" in url:
                raise ResultGone(f"{url} has expired", hint="fal keeps media for about a week")
            return await real_fetch(self, url, into, limit_bytes=limit_bytes)

        monkeypatch.setattr(Wire, "result", result)
        monkeypatch.setattr(Wire, "fetch", fetch)
        if fresh:
            assert (await day.produce()).state == "done"
            return
        with pytest.raises(ResultGone) as caught:
            await day.produce()
        request_id = day.double.accepted()[0].request_id
        assert request_id in caught.value.message
        assert f"onmodel jobs resolve {day.job().slot.key[:12]} --lost" in caught.value.hint
        assert caught.value.spent_usd == PRICE
        assert f"Counted as spent: ${PRICE}." in str(caught.value)
        assert len(results) == 2

    act(scene)


def test_an_unreachable_fal_is_waited_for_and_told_once(act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long it lasts: one word since when, and the job goes on when fal is back."""
    real = Wire.watch

    async def watch(self: Wire, endpoint: str, request_id: str, heard: Any, interval_s: float = 0.5) -> None:
        for _ in range(50):
            heard(Progress("unreachable", detail="ConnectError: no route"))
        await real(self, endpoint, request_id, heard, interval_s)

    monkeypatch.setattr(Wire, "watch", watch)

    async def scene(day: Any) -> None:
        assert (await day.produce()).state == "done"
        waits = [detail for state, detail in day.told if state == "waiting"]
        assert len(waits) == 1
        assert waits[0].startswith("fal cannot be reached since ")
        assert waits[0].endswith(": ConnectError: no route")

    act(scene)
