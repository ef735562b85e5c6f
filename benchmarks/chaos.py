"""Kill a production again and again, on both kinds of archive, and count what became of its money.

    make chaos
    make chaos SEED=7 KILLS=1000 RACES=100

Ends with 1 where a promise of docs/guarantees.md was broken; the folders of what went wrong are kept then.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "parts"))

from chaos.counts import Counts
from chaos.warm import warm_up

AT_ONCE = 2
"""Campaigns side by side: each has one run at a time."""

SEED, KILLS, RACES = 20261122, 300, 50


def main() -> int:
    """Run every campaign and print the counts."""
    wanted = _arguments()
    warm_up()
    base = Path(tempfile.mkdtemp(prefix="onmodel-chaos-"))
    began = time.monotonic()
    found = _side_by_side(_campaigns(wanted, base), base)
    total = Counts()
    for name, counts in sorted(found.items()):
        print(f"{name}: {counts.kills} kills, {counts.runs} runs, {len(counts.problems)} problems")
        total.add(counts)
    print(f"\nseed {wanted.seed}, {time.monotonic() - began:.0f} s")
    print("\n".join(total.lines()))
    print("  kills at: " + ", ".join(f"{where} {n}" for where, n in sorted(total.where.items())))
    if wanted.json:
        wanted.json.write_text(json.dumps(total.to_json()))
    for problem in total.problems:
        print(f"\nPROBLEM {problem}")
    if total.problems:
        print(f"\nKept: {base}")
        return 1
    shutil.rmtree(base)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--kills", type=int, default=KILLS, help="in all, over both archives")
    parser.add_argument("--races", type=int, default=RACES, help="in all, over both archives")
    parser.add_argument("--small", action="store_true", help="the share that the tests have")
    parser.add_argument("--json", type=Path, help="a file for the counts")
    return parser.parse_args()


def _campaigns(wanted: argparse.Namespace, base: Path) -> dict[str, Callable[[], Counts]]:
    """Each has its part of the kills or of the races; the slow ones come first."""
    from chaos.archives import KINDS  # noqa: PLC0415 (after everything is warm)
    from chaos.campaign import campaign  # noqa: PLC0415 (same)
    from chaos.races import races  # noqa: PLC0415 (same)

    found: dict[str, Callable[[], Counts]] = {}
    for kind in reversed(KINDS):
        # The small share has each archive once and each history once.
        histories = ((kind == "folder"),) if wanted.small else (True, False)
        for history in histories:
            name = f"{kind}, history {'on' if history else 'off'}"
            kills = -(-wanted.kills // (len(KINDS) * len(histories)))
            place = base / f"{kind}-{history}"
            found[name] = partial(campaign, kind, place, history=history, kills=kills, seed=wanted.seed)
        count = -(-wanted.races // len(KINDS))
        place = base / f"{kind}-races"
        found[f"{kind}, two machines"] = partial(races, kind, place, count=count, seed=wanted.seed)
    if wanted.small:
        del found["bucket, two machines"]
    return found


def _side_by_side(campaigns: dict[str, Callable[[], Counts]], base: Path) -> dict[str, Counts]:
    """Run each in a process of its own, because whoever forks runs must have no threads."""
    waiting, running, found = list(campaigns.items()), dict[int, str](), dict[str, Counts]()
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            name, work = waiting.pop(0)
            running[_start(work, base / f"{name}.json")] = name
        pid, status = os.wait()
        name = running.pop(pid)
        told = base / f"{name}.json"
        if status or not told.exists():
            found[name] = Counts(problems=[f"{name}: the campaign itself failed, see above"])
        else:
            found[name] = Counts.from_json(json.loads(told.read_text()))
        print(f"  done: {name}", flush=True)
    return found


def _start(work: Callable[[], Counts], told: Path) -> int:
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        told.write_text(json.dumps(work().to_json()))
        code = 0
    finally:
        if code:
            sys.excepthook(*sys.exc_info())
        os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
