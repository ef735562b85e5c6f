"""`make bench`: every figure with its baseline in the same run, as medians."""

from __future__ import annotations

import json
import platform
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import (
    animatic,
    answering,
    archive,
    dailies,
    exactness,
    journal,
    post,
    prefect,
    rehearsal,
    scale,
    season,
    sound,
)
from onmodel.stages.cores import usable_cores

RESULTS = Path(__file__).parent / "results.json"


def main() -> None:
    """Run everything and show it."""
    table = Table("what", "figure", "baseline", "ratio", "target", box=None)
    figures = []
    for room in (
        answering,
        season,
        journal,
        archive,
        dailies,
        prefect,
        rehearsal,
        animatic,
        sound,
        exactness,
        post,
        scale,
    ):
        for one in room.measure():
            print(f"{one.what}: {one.figure}", flush=True)
            figures.append(one)
            table.add_row(one.what, one.figure, one.baseline, one.ratio, one.target)
    Console().print(table)
    document = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": usable_cores(),
        "python": platform.python_version(),
        "figures": [vars(one) for one in figures],
    }
    RESULTS.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"written to {RESULTS.relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
