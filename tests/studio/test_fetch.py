from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from onmodel.errors import FetchFailed
from onmodel.studio import landing

URL = "https://v3.fal.media/files/a/clip.mp4"
CLIP = bytes(range(1, 256)) * 40
MP4 = {"Content-Type": "video/mp4", "ETag": '"1"'}


class Cut(httpx.AsyncByteStream):
    """A body that breaks off."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.content
        raise httpx.RemoteProtocolError("peer closed connection")


def server(
    cuts: list[int], *, etag: str = '"1"', ranges: bool = True
) -> Callable[[httpx.Request], httpx.Response]:
    """Serves the clip; the n-th answer breaks off after `cuts[n]` bytes."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked = request.headers.get("Range", "bytes=0-")
        start = int(asked.removeprefix("bytes=").rstrip("-")) if ranges else 0
        rest = CLIP[start:]
        headers = {"Content-Type": "video/mp4", "ETag": etag, "Content-Length": str(len(rest))}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(CLIP) - 1}/{len(CLIP)}"
        code = 206 if start else 200
        if cuts:
            return httpx.Response(code, headers=headers, stream=Cut(rest[: cuts.pop(0)]))
        return httpx.Response(code, headers=headers, stream=httpx.ByteStream(rest))

    return answer


def fetch(into: Path, limit: int = 10**6, url: str = URL) -> Callable[[Any], Any]:
    return lambda wire: wire.fetch(url, into, limit_bytes=limit)


def check(end: Any, into: Path) -> None:
    assert end == "video/mp4"
    assert into.read_bytes() == CLIP
    assert [path.name for path in into.parent.iterdir()] == [into.name]


def test_a_clip_comes_home_without_the_key(scripted: Any, tmp_path: Path) -> None:
    """Media has public addresses: its bytes arrive whole, and no key is sent for them."""
    end, (request,) = scripted(server([]), fetch(tmp_path / "take.mp4"))
    check(end, tmp_path / "take.mp4")
    assert "Authorization" not in request.headers


def test_a_broken_download_goes_on_where_it_broke(scripted: Any, tmp_path: Path) -> None:
    """What has come is kept: the next attempts ask for the rest of the same file only."""
    end, requests = scripted(server([100, 50]), fetch(tmp_path / "take.mp4"))
    check(end, tmp_path / "take.mp4")
    assert [r.headers.get("Range") for r in requests] == [None, "bytes=100-", "bytes=150-"]
    assert requests[1].headers["If-Range"] == '"1"'


@pytest.mark.parametrize("options", [{"ranges": False}, {"etag": ""}, {"etag": 'W/"1"'}])
def test_where_nothing_can_be_resumed_it_begins_again(
    scripted: Any, tmp_path: Path, options: dict[str, Any]
) -> None:
    """Without ranges, or without a name for the bytes, the whole clip is sent again: never a mixture."""
    end, _ = scripted(server([100, 9], **options), fetch(tmp_path / "take.mp4"))
    check(end, tmp_path / "take.mp4")


@pytest.mark.parametrize("etag", ['"1"', ""])
def test_an_answer_that_does_not_say_its_length_is_believed_the_second_time(
    scripted: Any, tmp_path: Path, etag: str
) -> None:
    """It ends as a lost connection does: half a clip is not taken for one, two equal answers are."""
    bodies = [CLIP[:500], CLIP, CLIP]

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={**MP4, "ETag": etag}, stream=httpx.ByteStream(bodies.pop(0)))

    end, requests = scripted(answer, fetch(tmp_path / "take.mp4"))
    check(end, tmp_path / "take.mp4")
    assert [request.headers.get("Range") for request in requests] == [None, None, None]


def test_a_resume_at_another_place_is_not_stitched(scripted: Any, tmp_path: Path) -> None:
    """An answer that begins elsewhere than asked is thrown away."""
    right = server([100])
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get("Range"))
        if len(asked) == 2:
            return httpx.Response(
                206, headers={**MP4, "Content-Range": f"bytes 7-9/{len(CLIP)}"}, content=b"abc"
            )
        return right(request)

    check(scripted(answer, fetch(tmp_path / "take.mp4"))[0], tmp_path / "take.mp4")
    assert asked == [None, "bytes=100-", None]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda _: httpx.Response(404), "expired"),
        (lambda _: httpx.Response(410), "expired"),
        (lambda _: httpx.Response(403), "answered 403"),
        (lambda _: httpx.Response(200, html="<!doctype html>"), "text/html"),
        (lambda _: httpx.Response(200, json={"detail": "gone fishing"}), "gone fishing"),
        (lambda _: httpx.Response(200, headers=MP4, content=b"  <html>Sign in"), "Sign in"),
        (
            lambda _: httpx.Response(200, headers={**MP4, "Content-Length": "2000001"}, content=b"x"),
            "more than",
        ),
        (lambda _: httpx.Response(200, headers=MP4, content=bytes(2_000_001)), "more than"),
    ],
)
def test_what_cannot_be_the_clip_is_refused_at_once(
    scripted: Any, tmp_path: Path, answer: Any, message: str
) -> None:
    """Expired, forbidden, a page, a message, too large: one request, one error, nothing left behind."""
    error, requests = scripted(answer, fetch(tmp_path / "take.mp4", 2_000_000))
    assert isinstance(error, FetchFailed)
    assert message in str(error)
    assert len(requests) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: httpx.Response(503),
        lambda _: httpx.Response(200, headers=MP4),
        lambda _: httpx.Response(
            200, headers={**MP4, "Content-Length": "99"}, stream=httpx.ByteStream(b"\x00" * 98)
        ),
        lambda _: httpx.Response(200, headers=MP4, stream=Cut(b"\x00")),
    ],
)
def test_what_may_pass_is_tried_a_few_times(scripted: Any, tmp_path: Path, answer: Any) -> None:
    """A busy server, an empty or short body: tried again, not for ever, and the job is said to be kept."""
    error, requests = scripted(answer, fetch(tmp_path / "take.mp4"))
    assert isinstance(error, FetchFailed)
    assert "job is kept" in error.hint
    assert len(requests) == landing.ATTEMPTS
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_takes_nothing_is_named(scripted: Any, tmp_path: Path) -> None:
    """A full disk or a missing folder is said with the path; the paid clip is not lost by it."""
    error, _ = scripted(server([]), fetch(tmp_path / "none" / "take.mp4"))
    assert isinstance(error, FetchFailed)
    assert "none" in str(error)


@pytest.mark.parametrize(
    "url", ["http://v3.fal.media/a", "file:///etc/passwd", "data:video/mp4;base64,AA", ""]
)
def test_only_https_is_fetched(scripted: Any, tmp_path: Path, url: str) -> None:
    """An answer that names anything else is not followed."""
    error, requests = scripted(server([]), fetch(tmp_path / "take.mp4", url=url))
    assert isinstance(error, FetchFailed)
    assert requests == []


@pytest.mark.parametrize(
    ("fault", "comes_home"),
    [("truncate", True), ("connect", True), ("5xx", True), ("html", False), ("expired", False)],
)
def test_rehearsed_trouble_on_the_way_home(perform: Any, fault: str, *, comes_home: bool) -> None:
    """Passing trouble is overcome in the same fetch; a page or an expired address is told."""

    async def scene(stage: Any) -> None:
        url = await stage.picture()
        answer = await stage.buy_and_wait("fal-ai/flux-pro/kontext", {"prompt": "Pip", "image_urls": [url]})
        made = stage.folder / "media" / stage.double.accepted()[0].request_id / "picture.png"
        into = stage.folder / "got.png"
        home = stage.wire.fetch(answer["images"][0]["url"], into, limit_bytes=10**6)
        if comes_home:
            await home
            assert into.read_bytes() == made.read_bytes()
        else:
            with pytest.raises(FetchFailed):
                await home

    perform(scene, trouble=[{"on": "media", "fault": fault, "times": 2 if comes_home else 1}])
