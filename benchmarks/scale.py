"""How much onmodel adds to what fal takes: long episodes, two stages, a thousand shots, two workers.

Fal is an account on this machine (`account.py`) whose jobs take L seconds, C of them at a time: the least
that N jobs can take is ceil(N/C) times L. What is over that is ours. Clips are a second of 160p, and nobody
has to be recognised in them, so that it is not x264 or a network that is measured.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import count
from math import ceil
from pathlib import Path

from benchmarks.measuring import PYTHON, Figure
from benchmarks.prefect import SETTLED_WITHIN_S, cpu_of_tree_s, recorded
from benchmarks.sets import Set, Taken, bucket, busy, serving, stage, watched, write_episode
from benchmarks.workers import two_workers

SHOTS, SECONDS, AT_ONCE = 100, 5.0, 10
"""N, L and C of one episode."""
MANY, FEW, LEAST = 1000, 100, 10
"""Shots of the episodes whose cost a shot is compared; the least tells what every run costs."""
ALONE = 5
"""Shots that are filmed one after the other, for what a hundred would take."""
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
        yield from _against_fal(on, "s01e01", off, f"{what}, without Prefect", ideal, "at most 1.05")
        with serving(on.root):
            under = on.produce("s01e02", "--prefect", "on")
        yield from _against_fal(on, "s01e02", under, f"{what}, under a Prefect server", ideal, "at most 1.10")
        script = partial(_script, on)
        yield _against(
            "the same by a plain asyncio script over fal-client", script(SHOTS, 2 * AT_ONCE), ideal
        )
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
        yield from _against_fal(on, "s01e01", took, what, ideal, "at most 1.15")


def _against_fal(
    on: Set, episode: str, took: Taken, what: str, ideal_s: float, target: str
) -> Iterator[Figure]:
    """From the command to its end; and until the last clip was home, after which only media work is left."""
    yield _against(f"{what}: command to finished file", took.wall_s, ideal_s, target)
    records = (on.root / "archive" / "jobs" / episode).glob("*/*/media.json")
    home = max(datetime.fromisoformat(json.loads(path.read_text())["at"]) for path in records)
    yield _against(f"{what}: until the last clip was home", (home - took.began).total_seconds(), ideal_s)


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
    numbers = count(1)
    with stage(0.2, 100, in_flight=120) as on, serving(on.root) as server:

        def filmed(shots: int) -> tuple[Taken, float]:
            name = f"s01e{next(numbers):02d}"
            write_episode(on.root, name, shots)
            return _with_server(on, name, shots, server.url() or "", server.pid() or 0)

        least, few = filmed(LEAST), filmed(FEW)
        # A thousand shots keep the cores busy with clips all the time, and then everything takes more CPU.
        with busy():
            busy_least, busy_few = filmed(LEAST), filmed(FEW)
        many = filmed(MANY)
    of_few = _more_ms(least[0].cpu_s, few[0].cpu_s, FEW)
    of_busy = _more_ms(busy_least[0].cpu_s, busy_few[0].cpu_s, FEW)
    of_many = _more_ms(least[0].cpu_s, many[0].cpu_s, MANY)
    what = f"{MANY} shots of 0.2 s, 100 at a time: CPU of the flow's process"
    figure, least_s = f"{of_many:.1f} ms a shot", f"{least[0].cpu_s:.1f} s in all for {LEAST}"
    for told, each, target in (
        (f"a shot of {FEW}; {least_s}", of_few, "at most 60 ms; at most 1.2"),
        (f"a shot of {FEW}, beside two encoders that keep the cores busy", of_busy, "at most 1.2"),
    ):
        yield Figure(what, figure, f"{each:.1f} ms {told}", f"{of_many / each:.2f}", target)
    served = _more_ms(least[1], many[1], MANY)
    yield Figure("the same: CPU of Prefect's server", f"{served:.1f} ms a shot", target="at most 80 ms")
    yield Figure(
        "the same: memory of the flow's process", f"{many[0].peak_mb:.0f} MB", target="at most 300 MB"
    )
    yield Figure("the same: wall, media work on the same cores included", f"{many[0].wall_s:.0f} s")


def _more_ms(least_s: float, took_s: float, shots: int) -> float:
    """What each shot over the least took, in milliseconds."""
    return (took_s - least_s) / (shots - LEAST) * 1000


def _with_server(on: Set, episode: str, shots: int, api: str, pid: int) -> tuple[Taken, float]:
    """What the flow's process took, and the server's CPU seconds for that."""
    rows, before = recorded(api), cpu_of_tree_s(pid)
    took = on.produce(episode, "--prefect", "on")
    deadline = time.monotonic() + SETTLED_WITHIN_S
    while recorded(api) < rows + 2 * shots and time.monotonic() < deadline:
        time.sleep(0.5)
    return took, cpu_of_tree_s(pid) - before


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
        requests = on.fal.requests - bought
        yield Figure(
            f"nothing changed in {FEW} shots, under a Prefect server: {requests} requests to fal",
            f"{again.wall_s:.1f} s",
            f"{first.wall_s:.1f} s, a first flow of Prefect that does nothing",
            f"{again.wall_s - first.wall_s:.1f} s more",
            "at most 3 s more, 0 requests",
        )
        yield Figure("the same: calls of S3 with a warm cache", f"{calls}", target="at most 20")


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
