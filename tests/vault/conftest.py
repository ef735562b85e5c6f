from __future__ import annotations

import base64
import hashlib
import io
import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from uuid import uuid4

import pytest
from moto.moto_server.werkzeug_app import create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from onmodel.units import digest_of
from onmodel.vault import Intent, LocalStore, NearMedia, Slot, Store, Vault, open_vault
from onmodel.vault.s3 import S3Store
from onmodel.vault.s3_bucket import Bucket, connect

NewStore = Callable[[], Store]
"""Opens the same archive again, as another process would."""

StartResponse = Callable[..., Any]

AWS: Mapping[str, str] = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/nowhere",
    "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
    "NO_PROXY": "127.0.0.1",
}


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The time it shows."""
        return self.now

    def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


class S3Server:
    """A real HTTP server that speaks S3, with trouble on demand.

    moto checks a condition and then writes, in two steps, so one lock makes them one, as they are at Amazon;
    it does not verify checksums either, so that is done here.
    """

    def __init__(self) -> None:
        self._app = create_backend_app("s3")
        self._turn = Lock()
        self.asked: list[str] = []
        """Every request: `PUT /bucket/prefix/jobs/…`."""
        self.trouble: deque[tuple[str, str]] = deque()
        """What goes wrong next: method and part of the path, and a word of `_in_trouble`; `*`: for ever."""
        self.url = ""

    def start(self) -> Iterator[S3Server]:
        """Serve until the generator is closed."""
        server = make_server("127.0.0.1", 0, self, threaded=True, request_handler=_Quiet)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        """Answer one request, or let it go wrong."""
        line = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        length = int(environ.get("CONTENT_LENGTH") or 0)
        environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(length))
        with self._turn:
            self.asked.append(line)
            word = self._next(line)
        return self._in_trouble(word, environ, start)

    def _next(self, line: str) -> str:
        for one in self.trouble:
            beginning, word = one
            if line.startswith(beginning.split(" ")[0]) and beginning.split(" ")[1] in line:
                if not word.endswith("*"):
                    self.trouble.remove(one)
                return word.removesuffix("*")
        return ""

    def _in_trouble(self, word: str, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        if ":" in word:
            return _refuse(word, environ, start)
        if word == "html":
            start("200 OK", [("Content-Type", "text/html")])
            return [b"<html>Sign in</html>"]
        if word == "cut":
            return _hang_up(environ)
        if word == "deaf":  # as some look-alikes are to the conditions of a write
            environ.pop("HTTP_IF_NONE_MATCH", None)
            environ.pop("HTTP_IF_MATCH", None)
        if word == "flip-up":
            sent = bytearray(environ["wsgi.input"].getvalue())
            sent[len(sent) // 2] ^= 1
            environ["wsgi.input"] = io.BytesIO(bytes(sent))
        if not _is_whole(environ):
            return _refuse("400:BadDigest", environ, start)
        return self._answer(word, environ, start)

    def _answer(self, word: str, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        with self._turn:
            answer = _Answer(self._app, environ)
        if word == "lost":
            return _hang_up(environ)
        if word == "half":
            start(answer.status, answer.headers)(answer.body[: len(answer.body) // 2])
            return _hang_up(environ)
        if word == "flip":
            answer.body = bytes([answer.body[0] ^ 1]) + answer.body[1:]
        start(answer.status, answer.headers)
        return [answer.body]


class _Answer:
    def __init__(self, app: Any, environ: dict[str, Any]) -> None:
        self.status, self.headers = "", list[tuple[str, str]]()

        def start(status: str, headers: list[tuple[str, str]], *_: Any) -> Callable[[bytes], None]:
            self.status, self.headers = status, headers
            return lambda _: None

        found = app(environ, start)
        self.body = b"".join(found)
        with suppress(AttributeError):
            found.close()


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 (werkzeug names it so)
        pass

    def run_wsgi(self) -> None:
        with suppress(OSError):  # hung up on purpose
            super().run_wsgi()


def _refuse(word: str, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
    """Answer with a status and a code of S3's, `503:SlowDown`."""
    status, _, code = word.partition(":")
    start(f"{status} Trouble", [("x-amz-bucket-region", "eu-west-1")])
    said = f"<Error><Code>{code}</Code><Message>said so</Message></Error>".encode()
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [said]


def _hang_up(environ: dict[str, Any]) -> Iterable[bytes]:
    with suppress(OSError):
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError("hung up")


def _is_whole(environ: dict[str, Any]) -> bool:
    said = environ.get("HTTP_X_AMZ_CHECKSUM_SHA256")
    digest = hashlib.sha256(environ["wsgi.input"].getvalue()).digest()
    return said is None or base64.b64encode(digest).decode() == said


@pytest.fixture(scope="session")
def running_s3() -> Iterator[S3Server]:
    yield from S3Server().start()


@pytest.fixture
def s3(running_s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """The server, with nothing wrong, and an environment that leads to it and nowhere else."""
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in {**AWS, "AWS_ENDPOINT_URL": running_s3.url}.items():
        monkeypatch.setenv(name, value)
    running_s3.trouble.clear()
    running_s3.asked.clear()
    return running_s3


@pytest.fixture(scope="session")
def client(running_s3: S3Server) -> Any:
    """One client for all tests: making one takes longer than most of them."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**AWS, "AWS_ENDPOINT_URL": running_s3.url}.items():
            patch.setenv(name, value)
        made = connect("s3://for-tests")
        made.list_buckets()  # the keys are looked up with the first request
    return made


@pytest.fixture
def bucket(s3: S3Server, client: Any) -> str:
    """The name of a new bucket."""
    name = f"b-{uuid4().hex}"
    client.create_bucket(Bucket=name)
    s3.asked.clear()
    return name


@pytest.fixture(params=["local", "s3"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> NewStore:
    """One per adapter: the contract suite runs over each."""
    if request.param == "local":
        return lambda: LocalStore(tmp_path / "archive")
    client, name, numbers = request.getfixturevalue("client"), request.getfixturevalue("bucket"), count()
    return lambda: S3Store(Bucket(client, name, "reel"), NearMedia(tmp_path / f"near-{next(numbers)}"))


@pytest.fixture
def alter(
    new_store: NewStore, request: pytest.FixtureRequest, tmp_path: Path
) -> Callable[[str, bytes], None]:
    """Changes an object behind the archive's back."""
    local = isinstance(new_store(), LocalStore)

    def change(name: str, content: bytes) -> None:
        if local:
            (tmp_path / "archive" / name).write_bytes(content)
        else:
            bucket = request.getfixturevalue("bucket")
            request.getfixturevalue("client").put_object(Bucket=bucket, Key=f"reel/{name}", Body=content)

    return change


@pytest.fixture
def store(new_store: NewStore) -> Store:
    return new_store()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault(tmp_path: Path, clock: Clock) -> Iterator[Vault]:
    with open_vault(
        "archive", root=tmp_path, production="Test reel", run_folder=tmp_path / "run", clock=clock
    ) as opened:
        yield opened


@pytest.fixture
def new_intent(clock: Clock) -> Callable[..., Intent]:
    """A frozen request; keyword arguments change the slot or the intent."""

    def new(subject: str = "s010", n: int = 1, **changes: Any) -> Intent:
        basis_content = {"action": "it blinks"}
        slot = Slot("Test reel", "s01e01", subject, "shoot", digest_of(basis_content), n)
        facts: dict[str, Any] = {
            "slot": slot,
            "label": f"s01e01 · {subject} · take {n} · image-to-video",
            "endpoint": "some/video/endpoint",
            "arguments": {"prompt": "it blinks", "image": {"$media": "ab" * 32, "suffix": ".png"}},
            "price_usd": Decimal("0.35"),
            "basis_content": basis_content,
            "made_at": clock(),
            "onmodel": "0.1.0",
        }
        return Intent(**(facts | changes))

    return new
