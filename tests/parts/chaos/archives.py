"""Where the killed productions archive: folders, and a bucket of an S3 server in a process of its own."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Protocol

from chaos.audit import BucketFiles, Files, FolderFiles

Kind = Literal["folder", "bucket"]
KINDS: Final[tuple[Kind, ...]] = ("folder", "bucket")
BUCKET: Final = "chaos"


class Archives(Protocol):
    """Makes one archive after the other."""

    environ: tuple[tuple[str, str], ...]
    """What a run's environment has to say."""

    def new(self, name: str) -> tuple[str, Files]:
        """The address of a new archive, and its files."""
        ...


@dataclass(frozen=True)
class Folders:
    """Archives in folders."""

    base: Path
    environ: tuple[tuple[str, str], ...] = ()

    def new(self, name: str) -> tuple[str, Files]:
        """The address of a new archive, and its files."""
        folder = self.base / f"archive-{name}"
        return str(folder), FolderFiles(folder)


@dataclass(frozen=True)
class Prefixes:
    """Archives in a bucket."""

    client: Any
    environ: tuple[tuple[str, str], ...]

    def new(self, name: str) -> tuple[str, Files]:
        """The address of a new archive, and its files."""
        return f"s3://{BUCKET}/{name}", BucketFiles(self.client, BUCKET, name)


@contextmanager
def archives_of(kind: Kind, base: Path) -> Iterator[Archives]:
    """Make archives of a kind possible until the block ends."""
    if kind == "folder":
        yield Folders(base)
        return
    with _server() as environ:
        os.environ.update(environ)
        from onmodel.vault.s3_bucket import connect  # noqa: PLC0415 (boto3, for buckets only)

        client = connect(f"s3://{BUCKET}")
        client.create_bucket(Bucket=BUCKET)
        yield Prefixes(client, tuple(environ.items()))


@contextmanager
def _server() -> Iterator[dict[str, str]]:
    """The S3 test server in a forked process: whoever forks runs must have no threads."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _serve(writing)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        url = pipe.readline().strip()
    from s3_server import AWS  # noqa: PLC0415 (moto takes a second to import, for buckets only)

    try:
        yield {**AWS, "AWS_ENDPOINT_URL": url}
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _serve(told: int) -> None:
    try:
        from s3_server import S3Server  # noqa: PLC0415 (moto takes a second to import, for buckets only)

        for server in S3Server().start():
            os.write(told, f"{server.url}\n".encode())
            signal.pause()
    finally:
        os._exit(1)
