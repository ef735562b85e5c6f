"""The socket wall: a test that reaches for the network fails, because behind the network calls cost money."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import pytest


class NetworkRefused(RuntimeError):
    """A test wanted to leave this machine. No OSError, or a retry loop would swallow it."""


def refuse_unless_loopback(address: Any) -> None:
    """Let loopback and unix sockets through.

    Raises:
        NetworkRefused: the address is anything else, a name that needs a name server included.
    """
    if not isinstance(address, tuple):
        return  # a path or an abstract name: a unix socket
    host = address[0].decode() if isinstance(address[0], bytes) else address[0]
    if host in (None, "", "localhost"):
        return
    try:
        inside = ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise NetworkRefused(f"a test reached for {host}:{address[1]}; only loopback is allowed in tests")


@pytest.fixture(autouse=True, scope="session")
def socket_wall() -> Iterator[None]:
    real = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex", "sendto", "sendmsg")}
    real_getaddrinfo = socket.getaddrinfo

    def connect(self: socket.socket, address: Any) -> None:
        refuse_unless_loopback(address)
        real["connect"](self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        refuse_unless_loopback(address)
        return int(real["connect_ex"](self, address))

    def sendto(self: socket.socket, data: Any, *flags_and_address: Any) -> int:
        refuse_unless_loopback(flags_and_address[-1])
        return int(real["sendto"](self, data, *flags_and_address))

    def sendmsg(self: socket.socket, *arguments: Any) -> int:
        if len(arguments) > 3 and arguments[3] is not None:
            refuse_unless_loopback(arguments[3])
        return int(real["sendmsg"](self, *arguments))

    def getaddrinfo(host: Any, port: Any, *arguments: Any, **named: Any) -> Any:
        refuse_unless_loopback((host, port))
        return real_getaddrinfo(host, port, *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        for wall in (connect, connect_ex, sendto, sendmsg):
            patch.setattr(socket.socket, wall.__name__, wall)
        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        yield
