"""A rehearsal's promise that nothing leaves this machine, kept by the whole process and not only by the wire.

The rehearsal's wire has no network code to begin with. The guard is for everything else in the process: a
library that phones home, a production's own flow with a download in it. A Prefect server on loopback stays
reachable, and one elsewhere if it is named.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any


@contextmanager
def refuse_sockets(allow: Collection[str] = ()) -> Iterator[None]:
    """Refuse every connection and name look-up that does not stay on this machine, while the block runs.

    Libraries see a refused connection, as on a machine with no network, and behave as they would there.

    Args:
        allow: host names or addresses that may be reached all the same: the production's Prefect server.
    """
    guard = _Guard(allow)
    originals = (socket.socket.connect, socket.socket.connect_ex, socket.socket.sendto, socket.getaddrinfo)
    connect, connect_ex, sendto, getaddrinfo = originals

    def guarded_connect(self: socket.socket, address: Any) -> None:
        guard.check(self.family, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        guard.check(self.family, address)
        return connect_ex(self, address)

    def guarded_sendto(self: socket.socket, payload: Any, *rest: Any) -> int:
        guard.check(self.family, rest[-1])
        return sendto(self, payload, *rest)

    def guarded_getaddrinfo(host: Any, *rest: Any, **named: Any) -> list[Any]:
        guard.check_name(host)
        found = getaddrinfo(host, *rest, **named)
        guard.remember(host, found)
        return found

    with ExitStack() as stack:
        for name, method in (
            ("connect", guarded_connect),
            ("connect_ex", guarded_connect_ex),
            ("sendto", guarded_sendto),
        ):
            stack.enter_context(_swapped(socket.socket, name, method))
        stack.enter_context(_swapped(socket, "getaddrinfo", guarded_getaddrinfo))
        yield


@contextmanager
def _swapped(owner: Any, name: str, stand_in: Any) -> Iterator[None]:
    own = vars(owner).get(name)  # socket.socket inherits its methods; then there is nothing to put back
    setattr(owner, name, stand_in)
    try:
        yield
    finally:
        if own is None:
            delattr(owner, name)
        else:
            setattr(owner, name, own)


class _Guard:
    """Knows which addresses stay here."""

    def __init__(self, allow: Collection[str]) -> None:
        self._allowed = {"localhost", *allow}

    def check(self, family: int, address: Any) -> None:
        if family not in {socket.AF_INET, socket.AF_INET6}:
            return  # a Unix socket cannot leave the machine
        self.check_name(address[0])

    def check_name(self, host: Any) -> None:
        name = host.decode() if isinstance(host, bytes) else host
        if not name or name in self._allowed or _is_loopback(name):
            return
        raise ConnectionRefusedError(f"this is a rehearsal: nothing may connect to {name}")

    def remember(self, host: Any, found: list[Any]) -> None:
        """An allowed name's addresses are allowed too."""
        if host in self._allowed:
            self._allowed.update(entry[4][0] for entry in found)


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False
