"""The double's storage: uploads arrive, media is served, all of it as files in one folder.

Each address holds one file: `https://v3.fal.media/files/rehearsal/<place>/<name>`. Uploads get a fresh place
each time, as with fal; a job's media lies at the place named after its request.
"""

from __future__ import annotations

import json
import mimetypes
import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, unquote

import httpx

MEDIA_HOST = "v3.fal.media"
BUCKET_HOST = "storage.googleapis.com"
REST_HOST = "rest.fal.ai"
"""Source: fal-client 1.0.3, 2026-11."""

_PREFIX = "/files/rehearsal/"
_TOKEN = "rehearsal-upload-token"  # noqa: S105 - it opens nothing


@dataclass
class Storage:
    """Files by public address, under `folder`."""

    folder: Path
    _parts: dict[str, dict[int, bytes]] = field(default_factory=dict)

    def address(self, path: Path) -> str:
        """The public address of a file in the folder."""
        return f"https://{MEDIA_HOST}{_PREFIX}{quote(str(path.relative_to(self.folder)))}"

    def path(self, url: str) -> Path | None:
        """The file behind an address; None where it is none of ours."""
        found = re.fullmatch(rf"https://{re.escape(MEDIA_HOST)}{_PREFIX}([\w.-]+)/([\w.-]+)", unquote(url))
        if found is None or {found[1], found[2]} & {".", ".."}:
            return None
        path = self.folder / found[1] / found[2]
        return path if path.is_file() else None

    def keep(self, name: str, content: bytes) -> str:
        """Store an upload at a fresh address."""
        path = self._fresh(name)
        path.write_bytes(content)
        return self.address(path)

    def _fresh(self, name: str) -> Path:
        safe = re.sub(r"[^A-Za-z0-9._-]", "_", Path(name).name).strip(".") or "upload.bin"
        place = self.folder / uuid.uuid4().hex
        place.mkdir(parents=True)
        return place / safe

    def receive(self, request: httpx.Request, body: bytes) -> httpx.Response:
        """Answer one request of an upload: token, whole file, parts, or the older storage's two steps."""
        host, path = request.url.host, request.url.path
        if host == REST_HOST:
            return self._initiate(body) if path.endswith("/initiate") else _token()
        if host == BUCKET_HOST:
            return self._put(path, body)
        if request.headers.get("Authorization") != f"Bearer {_TOKEN}":
            return httpx.Response(401, json={"detail": "Unauthorized"})
        name = request.headers.get("X-Fal-File-Name", "upload.bin")
        if path == "/files/upload":
            return httpx.Response(200, json={"access_url": self.keep(name, body)})
        if path == "/files/upload/multipart":
            upload = uuid.uuid4().hex
            self._parts[upload] = {}
            return httpx.Response(
                200, json={"access_url": self.address(self._fresh(name)), "uploadId": upload}
            )
        return self._part(path, body)

    def _initiate(self, body: bytes) -> httpx.Response:
        asked = json.loads(body)
        file_url = self.address(self._fresh(str(asked.get("file_name", "upload.bin"))))
        upload_url = file_url.replace(MEDIA_HOST, BUCKET_HOST)
        return httpx.Response(200, json={"upload_url": upload_url, "file_url": file_url})

    def _put(self, path: str, body: bytes) -> httpx.Response:
        target = self.folder / path.removeprefix(_PREFIX)
        if not path.startswith(_PREFIX) or not target.parent.is_dir():
            return httpx.Response(403)
        target.write_bytes(body)
        return httpx.Response(200)

    def _part(self, path: str, body: bytes) -> httpx.Response:
        found = re.fullmatch(rf"{_PREFIX}([\w.-]+/[\w.-]+)/multipart/(\w+)/(\d+|complete)", path)
        if found is None or found[2] not in self._parts:
            return httpx.Response(404, json={"detail": "Not found"})
        parts = self._parts[found[2]]
        if found[3] != "complete":
            parts[int(found[3])] = body
            return httpx.Response(200, headers={"ETag": f'"{found[3]}"'})
        named = [part["partNumber"] for part in json.loads(body)["parts"]]
        if sorted(named) != sorted(parts):
            return httpx.Response(400, json={"detail": "Parts are missing"})
        target = self.folder / found[1]
        target.write_bytes(b"".join(parts[number] for number in sorted(parts)))
        del self._parts[found[2]]
        return httpx.Response(200, json={})

    def made_by(self, request_id: str) -> list[Path]:
        """The files that a job has made, by name."""
        folder = self.folder / request_id
        return sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []

    def serve(self, request: httpx.Request, fault: str | None, instead: Path | None = None) -> httpx.Response:
        """Answer a GET of media, from any byte on; `instead`: with another file's bytes."""
        path = instead or self.path(str(request.url.copy_with(query=None)))
        if path is None or fault == "expired":
            return httpx.Response(404, json={"detail": "Not found"})
        if fault == "html":
            return httpx.Response(200, html="<!doctype html><title>Sign in</title>")
        content = path.read_bytes()
        etag = f'"{path.stat().st_mtime_ns:x}-{len(content):x}"'
        kind = content_type_of(path)
        if fault == "wrong-type":
            kind = "image/png" if kind.startswith("video/") else "video/mp4"
        headers = {"Content-Type": kind, "ETag": etag, "Accept-Ranges": "bytes"}
        start = _start(request, etag)
        if start >= len(content) > 0:
            return httpx.Response(416, headers={"Content-Range": f"bytes */{len(content)}"})
        rest = content[start:]
        headers["Content-Length"] = str(len(rest))
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        status = 206 if start else 200
        if fault == "truncate":
            return httpx.Response(status, headers=headers, stream=_Cut(rest[: len(rest) // 2]))
        return httpx.Response(status, headers=headers, content=rest)


class _Cut(httpx.AsyncByteStream):
    """A body whose connection is lost before its end."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content
        raise httpx.ReadError("rehearsed: the connection was lost")


def _token() -> httpx.Response:
    soon = datetime.now(UTC) + timedelta(hours=1)
    answer = {"token": _TOKEN, "token_type": "Bearer", "base_url": f"https://{MEDIA_HOST}"}
    return httpx.Response(200, json={**answer, "expires_at": soon.isoformat()})


def content_type_of(path: Path) -> str:
    """The media type that a file's suffix names."""
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def _start(request: httpx.Request, etag: str) -> int:
    """The first byte that is asked for; 0 where the range does not hold for this file any more."""
    found = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", ""))
    return int(found[1]) if found and request.headers.get("If-Range", etag) == etag else 0
