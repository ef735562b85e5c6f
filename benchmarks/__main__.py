"""`make bench`: every figure with its baseline in the same run, as medians."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import answering, journal, rehearsal
from onmodel.cli.showing import print_table

RESULTS = Path(__file__).parent / "results.json"


def main() -> None:
    """Run everything and show it."""
    figures = [*answering.measure(), *journal.measure(), *rehearsal.measure()]
    print_table(
        ("what", "figure", "baseline", "ratio", "target"),
        ((one.what, one.figure, one.baseline, one.ratio, one.target) for one in figures),
    )
    document = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "figures": [vars(one) for one in figures],
    }
    RESULTS.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"written to {RESULTS.relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
