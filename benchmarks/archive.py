"""What a large clip costs on its way into an archive in a bucket: memory above the base, and time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import Figure

CLIP_BYTES = 500_000_000

SERVER = """
import threading
from werkzeug.serving import make_server, WSGIRequestHandler
from moto.moto_server.werkzeug_app import create_backend_app
class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    def log(self, *_, **__): pass
server = make_server("127.0.0.1", 0, create_backend_app("s3"), threaded=True, request_handler=Quiet)
print(server.server_port, flush=True)
server.serve_forever()
"""

CLIENT = """
import json, resource, sys, time
from pathlib import Path
from onmodel.vault import NearMedia, open_vault
from onmodel.vault.s3_bucket import connect

def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6

root = Path(sys.argv[1])
connect("s3://bench").create_bucket(Bucket="bench")

def opened(near):
    return open_vault("s3://bench/reel", root=root, production="bench", run_folder=root / "run",
                      near=NearMedia(root / near))

with opened("near") as vault:
    small = root / "small.mp4"
    small.write_bytes(b"frames")
    vault.media.verify(vault.media.keep(small, suffix=".mp4"))
    base = peak_mb()
    began = time.perf_counter()
    ref = vault.media.keep(root / "clip.mp4", suffix=".mp4")
    up_s, up = time.perf_counter() - began, peak_mb()
with opened("elsewhere") as vault:
    began = time.perf_counter()
    vault.media.path(ref)
    down_s, down = time.perf_counter() - began, peak_mb()
print(json.dumps({"up_mb": up - base, "down_mb": down - base, "up_s": up_s, "down_s": down_s}))
"""


def measure() -> Iterator[Figure]:
    """Megabytes above the base, in 10^6, and seconds, for a clip of 500 MB up and home again."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        with (root / "clip.mp4").open("wb") as clip:
            for _ in range(CLIP_BYTES // 1_000_000):
                clip.write(os.urandom(1_000_000))
        with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as server:
            try:
                port = server.stdout.readline().strip() if server.stdout else ""
                found = json.loads(
                    subprocess.run(
                        [sys.executable, "-c", CLIENT, scratch],
                        env=_environment(port),
                        check=True,
                        capture_output=True,
                        text=True,
                    ).stdout
                )
            finally:
                server.terminate()
    yield Figure(
        "archive in a bucket, 500 MB up", f"{found['up_mb']:.0f} MB above the base", target="at most 64 MB"
    )
    yield Figure("the same home again", f"{found['down_mb']:.0f} MB above the base")
    yield Figure(
        "time, with a stand-in for S3 on the same cores",
        f"{found['up_s']:.0f} s up, {found['down_s']:.0f} s home",
    )


def _environment(port: str) -> dict[str, str]:
    return {
        **os.environ,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_REGION": "us-east-1",
        "NO_PROXY": "127.0.0.1",
    }
