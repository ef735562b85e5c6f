"""How fast `check`, `plan` and an unchanged `produce` answer."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import ONMODEL, PYTHON, Figure, in_turn, run

ROUNDS = 7
BARE = [PYTHON, "-c", "import pydantic, ruamel.yaml, typer"]
BARE_PREFECT = [PYTHON, "-c", "import prefect"]


def measure() -> Iterator[Figure]:
    """The figures, each beside a bare import in the same run."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "production"
        run([ONMODEL, "init", str(folder)], Path(scratch))
        for command in (["check"], ["plan", "s01e01"]):
            ours, bare, ratio = in_turn([ONMODEL, *command], BARE, folder, ROUNDS)
            yield Figure(
                f"onmodel {' '.join(command)}, warm",
                f"{ours:.2f} s",
                f"{bare:.2f} s, bare import of pydantic, ruamel.yaml, typer",
                f"{ratio:.2f}",
                "at most 2",
            )
        yield from _unchanged(folder)


def _unchanged(folder: Path) -> Iterator[Figure]:
    produce = [ONMODEL, "produce", "s01e01", "--rehearse", "--prefect", "off"]
    run(produce, folder)
    again = subprocess.run([*produce, "--json"], cwd=folder, capture_output=True, check=True)
    submitted = json.loads(again.stdout)["submitted"]
    ours, bare, ratio = in_turn(produce, BARE_PREFECT, folder, 5)
    yield Figure(
        f"produce again, nothing changed: {submitted} requests",
        f"{ours:.2f} s",
        f"{bare:.2f} s, bare import of prefect",
        f"{ratio:.2f}",
        "0 requests, at most 2",
    )
