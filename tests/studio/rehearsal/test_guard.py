from __future__ import annotations

import asyncio
import socket

import httpx
import pytest

from onmodel.studio.rehearsal.guard import refuse_sockets

ELSEWHERE = ("192.0.2.1", 9)  # reserved for documentation: nothing is there


def test_nothing_leaves_the_machine() -> None:
    """Connecting, sending and looking up a name are refused, with the name in the message."""
    with refuse_sockets(), socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagram:
        for attempt in (
            lambda: stream.connect(ELSEWHERE),
            lambda: stream.connect_ex(ELSEWHERE),
            lambda: datagram.sendto(b"x", ELSEWHERE),
            lambda: datagram.sendto(b"x", 0, ELSEWHERE),
            lambda: socket.create_connection(ELSEWHERE, timeout=1),
        ):
            with pytest.raises(ConnectionRefusedError, match=r"192\.0\.2\.1"):
                attempt()
        for host in ("queue.fal.run", b"queue.fal.run"):
            with pytest.raises(ConnectionRefusedError, match=r"queue\.fal\.run"):
                socket.getaddrinfo(host, 443)


def test_httpx_and_asyncio_are_refused_too() -> None:
    """What a library of the process sends is refused as it would be on a machine without a network."""

    async def scene() -> None:
        async with httpx.AsyncClient() as client:
            with pytest.raises(httpx.ConnectError):
                await client.get("http://192.0.2.1:9/")
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("queue.fal.run", 443)

    with refuse_sockets():
        asyncio.run(scene())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_stays_open(host: str) -> None:
    """A Prefect server on this machine is reached as before."""
    with refuse_sockets(), socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection((host, server.getsockname()[1]), timeout=5).close()


def test_a_named_host_may_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Prefect server elsewhere is allowed by its name, with the addresses behind it, and no others."""
    reached: list[object] = []
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.7", 4200))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: found)
    monkeypatch.setattr(socket.socket, "connect", lambda _, address: reached.append(address))
    with refuse_sockets(allow=["prefect"]), socket.socket() as stream:
        (entry,) = socket.getaddrinfo("prefect", 4200)
        stream.connect(entry[4])
        with pytest.raises(ConnectionRefusedError):
            stream.connect(ELSEWHERE)
        with pytest.raises(ConnectionRefusedError):
            socket.getaddrinfo("prefect.elsewhere", 4200)
    assert reached == [("192.0.2.7", 4200)]


def test_the_guard_leaves_no_trace() -> None:
    """After the block sockets are as they were, also after an error and inside another guard."""
    before = (dict(vars(socket.socket)), socket.getaddrinfo)
    with refuse_sockets():
        with pytest.raises(KeyError), refuse_sockets():
            raise KeyError
        with pytest.raises(ConnectionRefusedError):
            socket.getaddrinfo("fal.ai", 443)
    assert (dict(vars(socket.socket)), socket.getaddrinfo) == before
