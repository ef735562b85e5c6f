"""How much sooner a season's episodes are finished over two workers than over one.

Real parts: a Prefect server, `onmodel deploy`, `onmodel worker` processes. A worker films one episode at a
time with five requests at fal, so two of them have twice as many under way, and what is compared is waiting.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import FlowRun
from prefect.settings import PREFECT_API_URL, temporary_settings

from benchmarks.measuring import ONMODEL, Figure
from benchmarks.sets import serving, stage, watched, write_episode

EPISODES: Final = 8
"""For one worker and for two."""
SHOTS, SECONDS, QUOTA = 10, 8.0, 5
"""Of an episode, of a job at fal, and requests that a worker has under way."""
ENOUGH: Final = 100
"""Jobs at a time of the account: more than the workers ask for."""
WITHIN_S: Final = 900.0
LOOK_S: Final = 0.5


def two_workers() -> Iterator[Figure]:
    """As many runs of the deployment over two workers and over one: from scheduling them to the last end."""
    with stage(SECONDS, ENOUGH, in_flight=QUOTA) as on, serving(on.root) as server:
        api = server.url() or ""
        environment = {**on.environment, "PREFECT_API_URL": api}
        episodes = [f"s01e{number:02d}" for number in range(1, 2 * EPISODES + 1)]
        for name in episodes:
            write_episode(on.root, name, SHOTS)
        watched([ONMODEL, "deploy"], on.root, environment)
        loads = [os.getloadavg()[0]]
        with working(1, on.root, environment):
            one = _filmed(api, episodes[:EPISODES])
        loads.append(os.getloadavg()[0])
        with working(2, on.root, environment):
            two = _filmed(api, episodes[EPISODES:])
        loads.append(os.getloadavg()[0])
    least = EPISODES * SHOTS / QUOTA * SECONDS
    yield Figure(
        f"{EPISODES} episodes of {SHOTS} shots of {SECONDS:g} s over two workers of {QUOTA} requests each",
        f"{two:.1f} s, load {' '.join(f'{load:.1f}' for load in loads)} before, between, after",
        f"{one:.1f} s over one, which fal alone keeps {least:.0f} s",
        f"{two / one:.2f}",
        "at most 0.6",
    )


@contextmanager
def working(count: int, root: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """So many workers that are ready for runs, one at a time each; until the block ends."""
    with tempfile.TemporaryDirectory() as scratch:
        logs = [Path(scratch) / f"worker-{number}.log" for number in range(count)]
        workers = [_begun(log, root, environment) for log in logs]
        try:
            _wait(lambda: all("started!" in log.read_text() for log in logs), "the workers")
            yield
        finally:
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.wait(60)


def _begun(log: Path, root: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(
            [ONMODEL, "worker", "--limit", "1"],
            cwd=root,
            env=dict(environment),
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def _filmed(api: str, episodes: Sequence[str]) -> float:
    """Seconds from the scheduling of the episodes to the end of the last one.

    Raises:
        RuntimeError: one of them did not end well, or none ends.
    """
    with temporary_settings({PREFECT_API_URL: api}), get_client(sync_client=True) as client:
        deployment = client.read_deployment_by_name("episode/episode").id

        def begun(name: str) -> UUID:
            asked = {"episode": name, "rehearse": False}
            return client.create_flow_run_from_deployment(deployment, parameters=asked, name=name).id

        def runs() -> list[FlowRun]:
            return client.read_flow_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=ids)))

        began = time.perf_counter()
        ids = [begun(name) for name in episodes]
        _wait(lambda: all(run.state and run.state.is_final() for run in runs()), "the last episode")
        took = time.perf_counter() - began
        badly = {run.name: run.state for run in runs() if not run.state or not run.state.is_completed()}
    if badly:
        raise RuntimeError(f"not every episode was finished: {badly}")
    return took


def _wait(there: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not there():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what}: not within {WITHIN_S:.0f} s")
        time.sleep(LOOK_S)
