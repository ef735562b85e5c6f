from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

OUTSIDE = "192.0.2.1"  # reserved for documentation (RFC 5737): it answers nobody
OUTSIDE_6 = "2001:db8::1"

REACHES: dict[str, Callable[[socket.socket], object]] = {
    "connect": lambda out: out.connect((OUTSIDE, 443)),
    "connect_ex": lambda out: out.connect_ex((OUTSIDE, 443)),
    "sendto": lambda out: out.sendto(b"x", (OUTSIDE, 443)),
    "sendto with flags": lambda out: out.sendto(b"x", 0, (OUTSIDE, 443)),
    "sendmsg": lambda out: out.sendmsg([b"x"], [], 0, (OUTSIDE, 443)),
    "an address that only looks like loopback": lambda out: out.connect(("127.0.0.1.example.com", 443)),
}


@pytest.mark.parametrize("reach", REACHES.values(), ids=REACHES)
def test_every_way_out_is_refused_with_the_address(reach: Callable[[socket.socket], object]) -> None:
    """Whichever call leaves this machine fails at once, and its message names the address."""
    kind = socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as out:
        out.settimeout(0.2)
        with pytest.raises(RuntimeError, match=r"reached for (192\.0\.2\.1|127\.0\.0\.1\.example\.com):443"):
            reach(out)


def test_ipv6_outside_is_refused() -> None:
    """The wall stands for IPv6 as well."""
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        out = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with out, pytest.raises(RuntimeError, match="2001:db8::1"):
        out.connect((OUTSIDE_6, 443, 0, 0))


def test_names_are_not_looked_up() -> None:
    """A name that would need a name server is refused before it is asked."""
    with pytest.raises(RuntimeError, match=r"queue\.example\.com:443"):
        socket.getaddrinfo("queue.example.com", 443)


def test_the_client_that_we_use_is_held_too() -> None:
    """Httpx, sync and async, cannot pass the wall, and no OSError hides the refusal from a retry loop."""

    async def ask() -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.get(f"http://{OUTSIDE}/")

    with httpx.Client(trust_env=False) as client, pytest.raises(RuntimeError, match=OUTSIDE):
        client.get(f"http://{OUTSIDE}/")
    refused = pytest.RaisesExc(RuntimeError, match=OUTSIDE)
    with pytest.RaisesGroup(refused, allow_unwrapped=True, flatten_subgroups=True):
        asyncio.run(ask())


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost"])
def test_loopback_passes(host: str) -> None:
    """A server on this machine can be talked to, by address or as localhost."""
    with socket.create_server(("127.0.0.1" if host == "localhost" else host, 0)) as server:

        def answer() -> None:
            server.accept()[0].close()

        thread = threading.Thread(target=answer)
        thread.start()
        with socket.create_connection((host, server.getsockname()[1]), timeout=5):
            pass
        thread.join(5)


def test_unix_sockets_pass(tmp_path: Path) -> None:
    """A unix socket never leaves the machine."""
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(path)
        server.listen()
        client.connect(path)
        server.accept()[0].close()
