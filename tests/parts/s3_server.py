"""A real S3 server on loopback, shared by the tests that archive in a bucket."""

from __future__ import annotations

import base64
import hashlib
import io
import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from threading import Lock, Thread
from typing import Any

from moto.moto_server.werkzeug_app import create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

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
        self.calls: list[tuple[str, str]] = []
        """The same, each with what stood behind the question mark: `partNumber=1&uploadId=…`."""
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
            self.calls.append((line, environ.get("QUERY_STRING", "")))
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
            if "HTTP_IF_NONE_MATCH" in environ and environ["REQUEST_METHOD"] == "POST":
                # moto does not look at the condition under which an upload in parts is completed
                look = {"REQUEST_METHOD": "HEAD", "QUERY_STRING": "", "wsgi.input": io.BytesIO()}
                there = _Answer(self._app, {**environ, **look, "CONTENT_LENGTH": "0"})
                if there.status.startswith("200"):
                    return _refuse("412:PreconditionFailed", environ, start)
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
