"""Productions of clips of a second, before a fal account on this machine; and what one process takes."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.account import ENDPOINTS, Account, account
from benchmarks.measuring import ONMODEL, run
from onmodel.flowkit.server import Server
from onmodel.post.ffmpeg import find_ffmpeg
from onmodel.stages.cores import usable_cores

SAMPLE_S = 0.1
FILMED = (
    "  s{n:04d}: {{first_frame: assets/first.png, endpoint: bench/film/image-to-video, "
    "setting: workshop {n}, start: bench {n}, action: the wheel turns}}\n"
)
STYLED = (
    "  t{n:04d}: {{restyle: {{shot: s{n:04d}, look: watercolour {n}}}, endpoint: bench/film/video-edit}}\n"
)


@dataclass(frozen=True)
class Taken:
    """What one process took by itself; its workers are not in it."""

    began: datetime
    wall_s: float
    cpu_s: float
    peak_mb: float


@dataclass(frozen=True)
class Set:
    """A production and the account that it buys from."""

    root: Path
    fal: Account
    environment: Mapping[str, str]

    def produce(self, *arguments: str) -> Taken:
        """Produce, and say what the flow's process took."""
        return watched([ONMODEL, "produce", *arguments], self.root, self.environment)


@contextmanager
def stage(
    seconds: float,
    at_once: int,
    *,
    in_flight: int | None = None,
    archive: str = "archive",
    also: Mapping[str, str] | None = None,
) -> Iterator[Set]:
    """A fresh production before an account; twice as many requests are under way as it works on at a time."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        root = Path(scratch) / "production"
        run([ONMODEL, "init", str(root)], root.parent)
        (root / "endpoints").mkdir(exist_ok=True)
        (root / "endpoints" / "bench.yaml").write_text(ENDPOINTS, encoding="utf-8")
        (root / "production.yaml").write_text(
            'production: 1\nname: bench\ntitle: Bench\nformat: {ratio: "16:9", resolution: 160p, fps: 24}\n'
            f"loudness: as-is\nin_flight: {in_flight or 2 * at_once}\narchive: {archive}\n",
            encoding="utf-8",
        )
        with account(Path(scratch) / "account", seconds=seconds, at_once=at_once) as fal:
            shutil.copy(fal.folder / "first.png", root / "assets" / "first.png")
            yield Set(root, fal, {**fal.environment, **(also or {}), "NO_COLOR": "1"})


def write_episode(root: Path, name: str, shots: int, *, styled: bool = False) -> None:
    """Write an episode of shots of a second, no two of which say the same."""
    lines = [FILMED.format(n=number) for number in range(shots)]
    lines += [STYLED.format(n=number) for number in range(shots if styled else 0)]
    text = "episode: 1\ntitle: T\ndefaults: {seconds: 1}\nshots:\n" + "".join(lines)
    (root / "episodes" / f"{name}.yaml").write_text(text, encoding="utf-8")


@contextmanager
def serving(root: Path) -> Iterator[Server]:
    """The production's own Prefect server, which has had its first flow."""
    server = Server(root)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def busy() -> Iterator[None]:
    """An encoder for each core that this process may use, until the block ends."""
    endless = ["-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=1280x720", "-threads", "1"]
    command = [str(find_ffmpeg()), *endless, "-c:v", "libx264", "-f", "null", "-"]
    encoders = [subprocess.Popen(command) for _ in range(usable_cores())]
    try:
        yield
    finally:
        for one in encoders:
            one.kill()
            one.wait()


def watched(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Taken:
    """Run a command to its end, and say what its own process took.

    Raises:
        subprocess.CalledProcessError: it failed; its output is in the error.
    """
    with tempfile.TemporaryFile() as output:
        at, began, peak = datetime.now(UTC), time.perf_counter(), 0.0
        process = subprocess.Popen(
            command, cwd=folder, env=dict(environment), stdout=output, stderr=subprocess.STDOUT
        )
        # Left unreaped until its own times were read: what its workers took would be added to them.
        while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            peak = max(peak, _peak_mb(process.pid))
            time.sleep(SAMPLE_S)
        wall, cpu = time.perf_counter() - began, _own_cpu_s(process.pid)
        if process.wait():
            output.seek(0)
            failed = subprocess.CalledProcessError(process.returncode, list(command))
            failed.add_note(output.read().decode(errors="replace")[-2000:])
            raise failed
    return Taken(at, wall, cpu, peak)


def _own_cpu_s(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _peak_mb(pid: int) -> float:
    """The most memory that a process has had so far, in 10^6 bytes; 0 where it is just ending."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0


@contextmanager
def bucket() -> Iterator[tuple[dict[str, str], Callable[[], int]]]:
    """An S3 server on this machine with the bucket `bench`, and how many requests it has had."""
    import boto3  # noqa: PLC0415 (for these rows only)

    from s3_server import AWS, S3Server  # noqa: PLC0415 (same)

    server = S3Server()
    serving_it = server.start()
    next(serving_it)
    address = {**AWS, "AWS_ENDPOINT_URL": server.url, "NO_PROXY": "127.0.0.1,localhost"}
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=server.url, **keys).create_bucket(Bucket="bench")
    try:
        yield address, lambda: len(server.asked)
    finally:
        serving_it.close()
