"""Fal on loopback: real TLS under fal's own host names, so that fal-client runs as it is in a production.

A process that trusts a throw-away CA (SSL_CERT_FILE) and goes by a proxy (HTTPS_PROXY) takes it for fal. The
proxy leads every host of fal to one TLS server, and that server asks the rehearsal's double.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import re
import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h11
import httpx
import trustme
from PIL import Image

from onmodel.endpoints import Catalogue
from onmodel.studio.rehearsal.book import AcceptedJob
from onmodel.studio.rehearsal.double import Contracts, FalDouble
from onmodel.studio.rehearsal.orders import Artist, ArtOrder, Made

HOSTS = (
    "queue.fal.run",
    "queue.falrun.com",
    "rest.fal.ai",
    "api.fal.ai",
    "v3.fal.media",
    "storage.googleapis.com",
)
PATIENCE_S = 60
PICTURE = io.BytesIO()
Image.effect_noise((320, 180), 90).save(PICTURE, "PNG")  # noise: a file that comes in several pieces


@dataclass
class Painter:
    """Answers every order with the same picture; a prompt that says `slowly` waits for `let_go`."""

    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    async def make(self, order: ArtOrder) -> list[Made]:
        """Paint it."""
        if "slowly" in order.arguments["prompt"]:
            await self.let_go.wait()
        path = order.folder / "picture.png"
        path.write_bytes(PICTURE.getvalue())
        return [Made(path, "image/png", 320, 180, None)]


@dataclass
class Upset:
    """Something that goes wrong with the next requests that fit.

    drop: the connection is cut before fal has the request. drop-after: after fal has it. cut: in the middle
    of the answer. unframed: the same, in an answer that does not say how long it is. hang: no answer, ever.
    garble: a bit flips on the way. hold: no answer until the test lets go. A number: that status. A function
    changes the answer. At the proxy: refuse, or drop.
    """

    where: str
    """Found in `POST queue.fal.run/fal-ai/flux/dev`, as a regular expression."""
    what: str | int | Callable[[httpx.Response], httpx.Response]
    times: int


@dataclass(frozen=True)
class Seen:
    """One request that came over TLS."""

    line: str
    """`POST queue.fal.run/fal-ai/flux/dev`."""
    headers: dict[str, str]
    connection: int


@dataclass
class Loopback:
    """What the world knows as fal, on this machine."""

    folder: Path
    ca: trustme.CA
    double: FalDouble = field(init=False)
    artist: Artist | None = None
    """Who draws instead of the painter: for tests that film."""
    _painter: Painter = field(init=False)
    _loop: asyncio.AbstractEventLoop = field(init=False)
    proxy: str = ""
    """Its address."""
    seen: list[Seen] = field(default_factory=list)
    tunnels: list[str] = field(default_factory=list)
    upsets: list[Upset] = field(default_factory=list)
    endpoints: Contracts = field(default_factory=Catalogue.load)
    """What each endpoint takes."""
    at_once: int = 2
    """Jobs that are drawn at the same time; the others queue."""
    idle_s: float = 30.0
    """Seconds after which the server closes a kept-alive connection."""
    _garble: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _let_go: asyncio.Event = field(default_factory=asyncio.Event)

    # -- for the tests ---------------------------------------------------------------------------------------

    def upset(self, where: str, what: Any, times: int = 1) -> None:
        """Let something go wrong."""
        self.upsets.append(Upset(where, what, times))

    def accepted(self) -> list[AcceptedJob]:
        """What fal would bill."""
        return self.double.accepted()

    def lines(self, part: str) -> list[str]:
        """The requests that came, those whose line has `part`."""
        return [one.line for one in self.seen if re.search(part, one.line)]

    def wait_for(self, part: str, count: int = 1) -> None:
        """Wait until so many requests have come."""
        until = time.monotonic() + PATIENCE_S
        while len(self.lines(part)) < count:
            assert time.monotonic() < until, f"{part} never came; what came: {self.lines('')}"
            time.sleep(0.01)

    def wait_for_job(self) -> None:
        """Wait until a job is accepted."""
        until = time.monotonic() + PATIENCE_S
        while not self.accepted():
            assert time.monotonic() < until, f"no job came; what came: {self.lines('')}"
            time.sleep(0.01)

    def let_go(self) -> None:
        """Paint what waits for it, and send the answers that are held."""
        for event in (self._painter.let_go, self._let_go):
            self._loop.call_soon_threadsafe(event.set)

    # -- the server ------------------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Serve, until the block ends."""
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(*HOSTS).configure_cert(tls)
        self._loop = asyncio.get_running_loop()
        self._painter = Painter()
        self.double = FalDouble(
            self.folder,
            endpoints=self.endpoints,
            artist=self.artist or self._painter,
            concurrency=self.at_once,
        )
        server = await asyncio.start_server(self._tracked(self._serve), "127.0.0.1", 0, ssl=tls)
        port = server.sockets[0].getsockname()[1]
        proxy = await asyncio.start_server(self._tracked(self._tunnel(port)), "127.0.0.1", 0)
        self.proxy = f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
        try:
            yield
        finally:
            server.close()
            proxy.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self.double.aclose()

    def _tracked(self, serve: Any) -> Any:
        async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task
            self._tasks.add(task)
            try:
                await serve(reader, writer)
            except (OSError, asyncio.CancelledError, asyncio.IncompleteReadError, h11.RemoteProtocolError):
                pass  # the other side is gone, or the test is over
            finally:
                writer.transport.abort()
                self._tasks.discard(task)

        return one

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        while True:
            try:
                async with asyncio.timeout(self.idle_s):
                    request = await _read_request(connection, reader, id(writer))
            except TimeoutError:
                writer.close()
                await asyncio.sleep(0.05)  # the goodbye of TLS is sent before the connection goes
                return
            if request is None or not await self._answer(connection, writer, *request):
                return
            connection.start_next_cycle()

    async def _answer(
        self, connection: h11.Connection, writer: asyncio.StreamWriter, seen: Seen, request: httpx.Request
    ) -> bool:
        """Answer one request; False where the connection is to be cut."""
        self.seen.append(seen)
        what = self._strike(seen.line)
        if what == "hang":
            await asyncio.sleep(PATIENCE_S)
        if what in {"drop", "hang"}:
            return False
        try:
            if isinstance(what, int):
                response = httpx.Response(what, json={"detail": f"upset: {what}"})
            else:
                response = await self.double.handle_async_request(request)
            body = await response.aread()
        except httpx.TransportError:
            return False
        if what == "hold":
            await self._let_go.wait()
        if what == "drop-after":
            return False
        if callable(what):
            response = what(response)
            body = await response.aread()
        if what == "garble":
            self._garble += 1
        return await _send(connection, writer, response, body, cut=what if what in CUTS else "")

    def _strike(self, line: str) -> Any:
        for upset in self.upsets:
            if upset.times and re.search(upset.where, line):
                upset.times -= 1
                return upset.what
        return None

    # -- the proxy -------------------------------------------------------------------------------------------

    def _tunnel(self, port: int) -> Any:
        async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            method, target, _ = head.split("\r\n", 1)[0].split(" ")
            self.tunnels.append(target)
            what = self._strike(f"{method} {target}")
            if what == "drop":
                return
            host, _, wanted = target.partition(":")
            if what == "refuse" or (method, wanted) != ("CONNECT", "443") or host not in HOSTS:
                writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
                return
            there_reader, there = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._relay(reader, there, downstream=False))
                    both.create_task(self._relay(there_reader, writer, downstream=True))
            except* OSError:
                pass
            finally:
                there.transport.abort()

        return tunnel

    async def _relay(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, downstream: bool
    ) -> None:
        while piece := await source.read(65536):
            if downstream and self._garble:
                self._garble -= 1
                piece = piece[:-1] + bytes([piece[-1] ^ 1])
            sink.write(piece)
            await sink.drain()
        sink.close()


CUTS = {"cut", "unframed"}


async def _read_request(
    connection: h11.Connection, reader: asyncio.StreamReader, number: int
) -> tuple[Seen, httpx.Request] | None:
    """The next request of a connection; None where there is none."""
    head: h11.Request | None = None
    body: list[bytes] = []
    while True:
        match connection.next_event():
            case h11.NEED_DATA:
                connection.receive_data(await reader.read(262144))
            case h11.Request() as head:
                pass
            case h11.Data(data=piece):
                body.append(bytes(piece))
            case h11.EndOfMessage():
                break
            case _:
                return None
    assert head
    headers = {name.decode(): value.decode() for name, value in head.headers}
    target = head.target.decode()
    request = httpx.Request(
        head.method.decode(), f"https://{headers['host']}{target}", headers=headers, content=b"".join(body)
    )
    seen = Seen(f"{request.method} {headers['host']}{target}", headers, number)
    return seen, request


async def _send(
    connection: h11.Connection, writer: asyncio.StreamWriter, response: httpx.Response, body: bytes, cut: str
) -> bool:
    """Send an answer, or the first half of it; False where the connection is to be cut."""
    headers = {name: value for name, value in response.headers.items() if name != "transfer-encoding"}
    headers["content-length"] = str(len(body))
    if cut == "unframed":
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nConnection: close\r\n\r\n")
    else:
        head = h11.Response(status_code=response.status_code, headers=list(headers.items()))
        writer.write(connection.send(head) or b"")
    if cut:
        writer.write(body[: len(body) // 2])
        await writer.drain()
        await asyncio.sleep(0.05)  # let it leave before the line is cut
        return False
    writer.write((connection.send(h11.Data(data=body)) or b"") + (connection.send(h11.EndOfMessage()) or b""))
    await writer.drain()
    return connection.our_state is not h11.MUST_CLOSE


@contextlib.contextmanager
def serving(loopback: Loopback) -> Iterator[Loopback]:
    """Serve in a thread of its own, until the block ends."""
    ready, loop = threading.Event(), asyncio.new_event_loop()
    over = asyncio.Event()

    async def serve() -> None:
        async with loopback.open():
            ready.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(PATIENCE_S)
    try:
        yield loopback
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(PATIENCE_S)
        loop.close()
