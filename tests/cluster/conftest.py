from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import pytest
import trustme

from cluster.machines import Process, Server, bare_environment
from cluster.ports import free_port
from cluster.postgres import postgres, postgres_bin
from cluster.season import SlowArtist, write_season
from fal_loopback import Loopback, serving
from s3_server import AWS, S3Server

KEY = "rehearsal-S3CRET-k3y"
"""The one that the double knows."""
JOB_S = 1.5
AT_ONCE = 3
ONMODEL = (sys.executable, "-c", "from onmodel.cli import main; main()")


@dataclass
class Cluster:
    """Two machines that share nothing but the bucket, and what they talk to."""

    base: Path
    server: Server
    fal: Loopback
    bucket: S3Server
    environment: dict[str, str]
    workers: dict[str, Process] = field(default_factory=dict)

    def root(self, name: str) -> Path:
        """The production's folder on a machine."""
        return self.base / name / "production"

    def onmodel(self, machine: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Type a command on a machine."""
        return subprocess.run(
            [*ONMODEL, *arguments],
            cwd=self.root(machine),
            env=self.of(machine),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def of(self, machine: str) -> dict[str, str]:
        """A machine's environment."""
        return {
            **self.environment,
            "HOME": str(self.base / machine),
            "ONMODEL_PRODUCTION": str(self.root(machine)),
        }

    def start_worker(self, machine: str, *more: str) -> Process:
        """Start a worker on a machine."""
        command = [*ONMODEL, "worker", *more]
        worker = Process(command, self.root(machine), self.of(machine), self.base / f"{machine}.log")
        worker.start()
        self.workers[machine] = worker
        return worker


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Everything, with two machines that have the production and no worker yet."""
    binaries = postgres_bin()
    if binaries is None:
        pytest.skip("there is no PostgreSQL here: apt install postgresql")
    base = tmp_path_factory.mktemp("cluster")
    ca = trustme.CA(key_type=trustme.KeyType.ECDSA)
    ca.cert_pem.write_to_path(str(base / "ca.pem"))
    fal = Loopback(base / "fal", ca, artist=SlowArtist(base / "gallery", JOB_S), at_once=AT_ONCE)
    with postgres(binaries) as database, serving(fal), Bucket() as bucket:
        server = Server(database, base / "prefect", free_port())
        environment = (
            bare_environment()
            | AWS
            | {
                "PREFECT_API_URL": server.api,
                "AWS_ENDPOINT_URL": bucket.url,
                "SSL_CERT_FILE": str(base / "ca.pem"),
                "HTTPS_PROXY": fal.proxy,
                "FAL_KEY": KEY,
                "PATH": os.environ["PATH"],
            }
        )
        made = Cluster(base, server, fal, bucket, environment)
        for machine in ("one", "two"):
            write_season(made.root(machine))
        server.start()
        try:
            yield made
        finally:
            for worker in made.workers.values():
                worker.kill()
            server.process.stop()


class Bucket:
    """An S3 server with an empty bucket."""

    def __enter__(self) -> S3Server:
        """Start it."""
        self._serving = S3Server().start()
        server = next(self._serving)
        keys = {
            "aws_access_key_id": "testing",
            "aws_secret_access_key": "testing",
            "region_name": "us-east-1",
        }
        boto3.client("s3", endpoint_url=server.url, **keys).create_bucket(Bucket="reels")
        return server

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._serving.close()
