from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from onmodel.studio import transport
from onmodel.studio.transport import Outward, is_submit

QUEUE = "https://queue.fal.run/fal-ai/flux"


@pytest.mark.parametrize(
    ("method", "url", "buys"),
    [
        ("POST", f"{QUEUE}/dev", True),
        ("POST", "https://queue.falrun.com/fal-ai/flux/dev", True),
        ("GET", f"{QUEUE}/requests/r1/status", False),
        ("PUT", f"{QUEUE}/requests/r1/cancel", False),
        ("POST", "https://rest.fal.ai/storage/auth/token", False),
        ("POST", "https://v3.fal.media/files/upload", False),
    ],
)
def test_a_submit_is_known_by_its_address(method: str, url: str, *, buys: bool) -> None:
    """A POST to the queue, or to its stand-in, buys; nothing else does."""
    assert is_submit(httpx.Request(method, url)) is buys


def test_each_live_submit_has_a_connection_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Polling keeps its connection; a submit never goes out on one that the server may just be closing."""
    monkeypatch.setattr(transport, "is_submit", lambda request: request.method == "POST")
    connections: list[str] = []
    handlers: list[Any] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = len(handlers)
        handlers.append(asyncio.current_task())
        while request := await reader.readline():
            length = 0
            while (line := await reader.readline()) != b"\r\n":
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            await reader.readexactly(length)
            connections.append(f"{request.split()[0].decode()} {number}")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def scene() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with httpx.AsyncClient(transport=Outward()) as client:
            for method in ("GET", "GET", "POST", "POST", "GET"):
                answer = await client.request(method, f"http://127.0.0.1:{port}/", content=b"{}")
                assert answer.text == "ok"
        await asyncio.gather(*handlers)
        server.close()
        await server.wait_closed()

    asyncio.run(scene())
    assert [one for one in connections if one.startswith("GET")] == ["GET 0"] * 3
    assert len({one for one in connections if one.startswith("POST")}) == 2
