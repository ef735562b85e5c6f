"""What Prefect costs a step, in the flow's process and in the server, and whether its page bears 500 of them.

The flow is one whose steps have empty bodies and tell all that a real take tells. The same flow without
Prefect is the baseline, so what is left is Prefect and what we show in it: rows, tags, states, events, the
progress artifact.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from shutil import which
from statistics import median
from typing import Any

import httpx

from benchmarks.measuring import ONMODEL, Figure, run, tree
from onmodel.flowkit.server import Server

ROUNDS = 3
STEPS = 500
SHOTS = 125
"""With keyframe, take, second take and conform each."""
IDLE_S = 5.0
"""Seconds for which the server is watched with nothing to do."""
SETTLED_WITHIN_S = 120.0
PAGE_WITHIN_S = 60.0

EPISODE = "episode: 1\ntitle: T\ndefaults: {cast: pip, seconds: 5}\nshots:\n"
SHOT = "  s{n:04d}: {{setting: workshop {n}, start: Pip stands at bench {n}, action: it blinks}}\n"

FLOW = """\
import asyncio
from prefect import flow
from onmodel.flowkit import on_set, wrap_up
from onmodel.stages.crew import Event

TOLD = ("planned", "uploading", "sending", "queued", "running", "fetching", "judging", "on-model")


async def film(crew, shot):
    for n, kind in enumerate(("keyframe", "shoot", "restyle", "conform"), 1):
        async def work():
            for state in TOLD if kind != "conform" else ("conforming",):
                crew.report(Event(shot, kind, state, "", 1))
                await asyncio.sleep(0)
        await crew.step(f"{crew.scope} · {shot} · {n} · {kind}", kind, work)
        crew.report(Event(shot, kind, "circled" if kind != "conform" else "done", "", 1))


@flow(name="episode", flow_run_name="{episode}")
async def episode(episode, rehearse=True, max_usd=None, shots=None, production="."):
    async with on_set(production, episode, rehearse=True) as crew:
        await asyncio.gather(*(film(crew, shot) for shot in crew.shots()))
        return await wrap_up(crew)
"""


def measure() -> Iterator[Figure]:
    """CPU of the flow's process and of the server for each step, and how long the run page takes."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "production"
        write_production(root)
        server = Server(root)
        api = server.start()
        try:
            pid = server.pid() or 0
            flows, servers = [], []
            for _ in range(ROUNDS):
                without, within, served = _one_round(root, api, pid)
                flows.append((within - without) / STEPS * 1000)
                servers.append(served / STEPS * 1000)
            yield Figure(
                f"Prefect, {STEPS} steps with empty bodies: CPU of the flow's process",
                f"{median(flows):.1f} ms a step",
                f"{without:.1f} s in all without Prefect",
                target="at most 15 ms",
            )
            yield Figure(
                "the same: CPU of its server", f"{median(servers):.1f} ms a step", target="at most 20 ms"
            )
            yield from _page(server)
        finally:
            server.stop()


def write_production(root: Path) -> None:
    """A production with one long episode, and the flow that does nothing in it."""
    run([ONMODEL, "init", str(root)], root.parent)
    shots = "".join(SHOT.format(n=number) for number in range(SHOTS))
    (root / "episodes" / "s01e01.yaml").write_text(EPISODE + shots, encoding="utf-8")
    (root / "flows" / "episode.py").write_text(FLOW, encoding="utf-8")


def _one_round(root: Path, api: str, pid: int) -> tuple[float, float, float]:
    """CPU seconds of the flow without Prefect, of the same under it, and of the server for that."""
    produce = [ONMODEL, "produce", "s01e01", "--rehearse"]
    without = run([*produce, "--prefect", "off"], root).cpu_s
    before, began = cpu_of_tree_s(pid), time.monotonic()
    time.sleep(IDLE_S)
    idle = (cpu_of_tree_s(pid) - before) / (time.monotonic() - began)
    rows = recorded(api)
    before, began = cpu_of_tree_s(pid), time.monotonic()
    within = run([*produce, "--prefect", "on"], root).cpu_s
    deadline = time.monotonic() + SETTLED_WITHIN_S
    while recorded(api) < rows + STEPS and time.monotonic() < deadline:
        time.sleep(0.5)
    time.sleep(1.0)
    served = cpu_of_tree_s(pid) - before - idle * (time.monotonic() - began)
    return without, within, served


def recorded(api: str) -> int:
    """Rows that the server has as ended."""
    wanted: dict[str, Any] = {"task_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
    answer = httpx.post(f"{api}/task_runs/count", json=wanted, timeout=60)
    return int(answer.raise_for_status().json())


def cpu_of_tree_s(pid: int) -> float:
    """CPU seconds of a process and all that it started, so far."""
    total = 0
    for one in tree(pid):
        with suppress(OSError):
            words = Path(f"/proc/{one}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            total += int(words[11]) + int(words[12])
    return total / os.sysconf("SC_CLK_TCK")


def _page(server: Server) -> Iterator[Figure]:
    """How long the run page takes in Chromium until its rows are there."""
    try:
        from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415 (a bench without it goes on)
    except ImportError:
        return
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        except Error:
            return
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        began = time.perf_counter()
        page.goto(server.newest_run("s01e01") or "")
        page.get_by_text("Task Runs", exact=True).first.click(timeout=PAGE_WITHIN_S * 1000)
        page.get_by_text(" · conform").first.wait_for(timeout=PAGE_WITHIN_S * 1000)
        shown = time.perf_counter() - began
        yield Figure(f"the run page of {STEPS} steps, until its rows are there", f"{shown:.1f} s")
        browser.close()


def _chromium() -> str | None:
    return next(filter(None, map(which, ("chromium", "chromium-browser", "google-chrome"))), None)


if __name__ == "__main__":
    for figure in measure():
        print(figure)
