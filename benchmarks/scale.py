"""How much onmodel adds to what fal takes: long episodes, two stages, a thousand shots, two workers.

Fal is an account on this machine (`account.py`) whose jobs take L seconds, C of them at a time: the least that
N jobs can take is ceil(N/C) times L. What is over that is ours. Clips are a second of 160p, and nobody has to
be recognised in them, so that it is not x264 or a network that is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path

from benchmarks.account import ENDPOINTS, Account, account
from benchmarks.measuring import ONMODEL, PYTHON, Figure, run
from benchmarks.prefect import SETTLED_WITHIN_S, cpu_of_tree_s, recorded
from onmodel.flowkit.server import Server

SHOTS, SECONDS, AT_ONCE = 100, 5.0, 10
"""N, L and C of one episode."""
MANY, FEW, LEAST = 1000, 100, 10
"""Shots of the episodes whose cost a shot is compared; the least tells what every run costs."""
EPISODES = 8
"""For one worker and for two."""
ALONE = 5
"""Shots that are filmed one after the other, for what a hundred would take."""
SAMPLE_S = 0.1
FIRST_FLOW = """\
from prefect import flow, task

@task
async def nothing():
    pass

@flow
async def first():
    await nothing()

import asyncio
asyncio.run(first())
"""

FILMED = (
    "  s{n:04d}: {{first_frame: assets/first.png, endpoint: bench/film/image-to-video, "
    "setting: workshop {n}, start: bench {n}, action: the wheel turns}}\n"
)
STYLED = "  t{n:04d}: {{restyle: {{shot: s{n:04d}, look: watercolour {n}}}, endpoint: bench/film/video-edit}}\n"


@dataclass(frozen=True)
class Taken:
    """What one process took by itself; its workers are not in it."""

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


def measure() -> Iterator[Figure]:
    """Every row."""
    for rows in (one_episode, two_stages, many_shots, two_workers, nothing_changed):
        yield from rows()


# -- one episode ---------------------------------------------------------------------------------------------


def one_episode() -> Iterator[Figure]:
    """Wall against the least that fal can take: with and without Prefect, and of the guide's own script."""
    ideal = ceil(SHOTS / AT_ONCE) * SECONDS
    what = f"{SHOTS} shots of {SECONDS:g} s, {AT_ONCE} at a time"
    with stage(SECONDS, AT_ONCE) as on:
        write_episode(on.root, "s01e01", SHOTS)
        write_episode(on.root, "s01e02", SHOTS)
        off = on.produce("s01e01", "--prefect", "off")
        yield _against(f"{what}, without Prefect", off.wall_s, ideal, "at most 1.05")
        with serving(on.root):
            under = on.produce("s01e02", "--prefect", "on")
        yield _against(f"{what}, under a Prefect server", under.wall_s, ideal, "at most 1.10")
        script = partial(_script, on)
        yield _against("the same by a plain asyncio script over fal-client", script(SHOTS, 2 * AT_ONCE), ideal)
        each = script(ALONE, 1) / ALONE
        yield _against(
            f"the same as the guide does it, one after the other, reckoned from {ALONE}", each * SHOTS, ideal
        )


def two_stages() -> Iterator[Figure]:
    """The same with a style pass of every shot: twice the jobs, the second after the first."""
    ideal = ceil(2 * SHOTS / AT_ONCE) * SECONDS
    with stage(SECONDS, AT_ONCE) as on:
        write_episode(on.root, "s01e01", SHOTS, styled=True)
        with serving(on.root):
            took = on.produce("s01e01", "--prefect", "on")
        what = f"{SHOTS} shots and a style pass of each, under a Prefect server"
        yield _against(what, took.wall_s, ideal, "at most 1.15")


def _script(on: Set, shots: int, at_once: int) -> float:
    folder, first = on.root.parent / f"script-{at_once}", on.fal.folder / "first.png"
    command = [PYTHON, "-m", "benchmarks.rivals", str(folder), str(shots), str(at_once), str(first)]
    return watched(command, Path.cwd(), on.environment).wall_s


def _against(what: str, wall_s: float, ideal_s: float, target: str = "") -> Figure:
    least = f"{ideal_s:.0f} s, the least that this account can take"
    return Figure(what, f"{wall_s:.1f} s", least, f"{wall_s / ideal_s:.2f}", target)


# -- a thousand shots ----------------------------------------------------------------------------------------


def many_shots() -> Iterator[Figure]:
    """CPU a shot in the flow's process and in Prefect's server, and whether it grows with the episode."""
    with stage(0.2, 100, in_flight=120) as on:
        for number, shots in enumerate((LEAST, FEW, MANY), 1):
            write_episode(on.root, f"s01e{number:02d}", shots)
        with serving(on.root) as server:
            api, pid = server.url() or "", server.pid() or 0
            least = _with_server(on, "s01e01", LEAST, api, pid)
            few = _with_server(on, "s01e02", FEW, api, pid)
            many = _with_server(on, "s01e03", MANY, api, pid)
    of_few = (few[0].cpu_s - least[0].cpu_s) / (FEW - LEAST) * 1000
    of_many = (many[0].cpu_s - least[0].cpu_s) / (MANY - LEAST) * 1000
    served = (many[1] - least[1]) / (MANY - LEAST) * 1000
    yield Figure(
        f"{MANY} shots of 0.2 s, 100 at a time: CPU of the flow's process",
        f"{of_many:.1f} ms a shot",
        f"{of_few:.1f} ms a shot of {FEW}; {least[0].cpu_s:.1f} s in all for {LEAST}",
        f"{of_many / of_few:.2f}",
        "at most 60 ms; at most 1.2",
    )
    yield Figure("the same: CPU of Prefect's server", f"{served:.1f} ms a shot", target="at most 80 ms")
    yield Figure(
        "the same: memory of the flow's process", f"{many[0].peak_mb:.0f} MB", target="at most 300 MB"
    )
    yield Figure("the same: wall, media work on the same cores included", f"{many[0].wall_s:.0f} s")


def _with_server(on: Set, episode: str, shots: int, api: str, pid: int) -> tuple[Taken, float]:
    """What the flow's process took, and the server's CPU seconds for that."""
    rows, before = recorded(api), cpu_of_tree_s(pid)
    took = on.produce(episode, "--prefect", "on")
    deadline = time.monotonic() + SETTLED_WITHIN_S
    while recorded(api) < rows + 2 * shots and time.monotonic() < deadline:
        time.sleep(0.5)
    return took, cpu_of_tree_s(pid) - before


# -- two workers ---------------------------------------------------------------------------------------------


def two_workers() -> Iterator[Figure]:
    """Episodes over two processes against the same over one, each with a quota of its own."""
    with stage(2.0, 100, in_flight=5) as on:
        episodes = [f"s01e{number:02d}" for number in range(1, 2 * EPISODES + 1)]
        for name in episodes:
            write_episode(on.root, name, 20)
        one = _worked(on, [episodes[:EPISODES]])
        rest = episodes[EPISODES:]
        two = _worked(on, [rest[::2], rest[1::2]])
    yield Figure(
        f"{EPISODES} episodes of 20 shots of 2 s over two workers of 5 requests each",
        f"{two:.1f} s",
        f"{one:.1f} s over one",
        f"{two / one:.2f}",
        "at most 0.6",
    )


def _worked(on: Set, shares: Sequence[Sequence[str]]) -> float:
    """Seconds until every worker has produced its share, one episode after the other."""

    def work(share: Sequence[str]) -> None:
        for episode in share:
            on.produce(episode, "--prefect", "off")

    began = time.perf_counter()
    with ThreadPoolExecutor(len(shares)) as pool:
        list(pool.map(work, shares))
    return time.perf_counter() - began


# -- nothing changed -----------------------------------------------------------------------------------------


def nothing_changed() -> Iterator[Figure]:
    """A second run of a long episode in a bucket: seconds beyond Prefect's own, requests to fal and to S3."""
    with bucket() as (store, asked), stage(0.2, 40, archive="s3://bench/reel", also=store) as on:
        write_episode(on.root, "s01e01", FEW)
        on.produce("s01e01", "--prefect", "off")
        bought = on.fal.requests
        with serving(on.root) as server:
            on.produce("s01e01", "--prefect", "on")
            before = asked()
            again = on.produce("s01e01", "--prefect", "on")
            calls = asked() - before
            first = watched(
                [PYTHON, "-c", FIRST_FLOW], on.root, {**on.environment, "PREFECT_API_URL": server.url() or ""}
            )
        yield Figure(
            f"nothing changed in {FEW} shots, under a Prefect server: {on.fal.requests - bought} requests to fal",
            f"{again.wall_s:.1f} s",
            f"{first.wall_s:.1f} s, a first flow of Prefect that does nothing",
            f"{again.wall_s - first.wall_s:.1f} s more",
            "at most 3 s more, 0 requests",
        )
        yield Figure("the same: calls of S3 with a warm cache", f"{calls}", target="at most 20")


@contextmanager
def bucket() -> Iterator[tuple[dict[str, str], Callable[[], int]]]:
    """An S3 server on this machine with the bucket `bench`, and how many requests it has had."""
    import boto3  # noqa: PLC0415 (for these rows only)
    from s3_server import AWS, S3Server  # noqa: PLC0415 (tests/parts is on the path once account is imported)

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


# -- the set -------------------------------------------------------------------------------------------------


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


def watched(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Taken:
    """Run a command to its end, and say what its own process took.

    Raises:
        subprocess.CalledProcessError: it failed; its output is in the error.
    """
    with tempfile.TemporaryFile() as output:
        began, peak = time.perf_counter(), 0.0
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
            said = output.read().decode(errors="replace")
            raise subprocess.CalledProcessError(process.returncode, list(command), said)
    return Taken(wall, cpu, peak)


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


ROWS: Mapping[str, Callable[[], Iterator[Figure]]] = {
    "episode": one_episode,
    "styled": two_stages,
    "many": many_shots,
    "workers": two_workers,
    "again": nothing_changed,
}


def main() -> None:
    """Measure all rows, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[*ROWS, []], help="which; all where nothing is said")
    for name in parser.parse_args().rows or ROWS:
        for figure in ROWS[name]():
            print(json.dumps(vars(figure)), flush=True)


if __name__ == "__main__":
    main()
