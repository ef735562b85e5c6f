"""The motion-control episode of the demo, live: fal over TLS, the archive over S3, and nothing rehearsed."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from onmodel.scaffold import write_starter
from onmodel.story import read_story
from onmodel.studio.rehearsal.artist import RehearsalArtist
from onmodel.studio.rehearsal.looks import CharacterLook
from onmodel.units import sha256_of_file
from s3_server import AWS, S3Server

pytestmark = [pytest.mark.process, pytest.mark.cluster]
PATIENCE_S = 240


@pytest.fixture
def production(tmp_path: Path) -> Path:
    """The demo, in a small format, with its archive in a bucket."""
    root = tmp_path / "demo"
    write_starter(root)
    file = root / "production.yaml"
    text = file.read_text(encoding="utf-8").replace("720p", "180p")
    file.write_text(text.replace("archive: archive", "archive: s3://reels/full-circle"), encoding="utf-8")
    return root


@pytest.fixture
def artist(production: Path) -> RehearsalArtist:
    """Somebody who films the demo's characters, in a thread of the server."""
    bibles = read_story(production).bibles
    looks = [
        CharacterLook(
            name, one.name, one.kind, one.looks, tuple(one.always), dict(one.palette), dict(one.wardrobe)
        )
        for name, one in bibles.items()
    ]
    return RehearsalArtist(looks, asyncio.to_thread)


@pytest.fixture
def bucket() -> Iterator[S3Server]:
    """A server with an empty bucket."""
    serving = S3Server().start()
    server = next(serving)
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=server.url, **keys).create_bucket(Bucket="reels")
    yield server
    serving.close()


def test_an_episode_is_produced_over_s3_and_tls(
    production: Path, fal: Any, bucket: S3Server, child: Any
) -> None:
    """Seven jobs are accepted, each once; the film is whole; a second run sends nothing."""
    environment = child.environment | AWS | {"AWS_ENDPOINT_URL": bucket.url, "HOME": str(production)}
    environment.pop("PYTHONWARNINGS")

    def produce() -> dict[str, Any]:
        onmodel = Path(sys.executable).with_name("onmodel")
        done = subprocess.run(
            [onmodel, "produce", "s01e02", "--prefect", "off", "--max-usd", "2", "--json"],
            cwd=production,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert environment["FAL_KEY"] not in done.stdout + done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    first = produce()
    accepted = fal.accepted()
    assert len(accepted) == len(fal.lines(r"^POST .*queue\.fal\.run")) == first["submitted"] == 7
    assert any("motion-control" in job.endpoint for job in accepted)
    assert first["spent_usd"] == "0.815"
    cut = Path(first["cut"])
    assert sha256_of_file(cut) == first["cut_sha256"]
    assert not (production / "archive").exists()
    bucket.asked.clear()
    again = produce()
    assert (again["submitted"], again["cut_sha256"]) == (0, first["cut_sha256"])
    assert len(fal.accepted()) == 7
    assert len(bucket.asked) <= 20, bucket.asked
