from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "prefect",
    "fal_client",
    "boto3",
    "av",
    "cv2",
    "PIL",
    "numpy",
    "httpx",
    "rich",
    "rapidfuzz",
    "asyncio",
)

SCRIPT = """\
import json, sys
from onmodel.cli.edge import run
code = run(sys.argv[1:])
print(json.dumps([code, sorted({name.partition(".")[0] for name in sys.modules})]), file=sys.stderr)
"""


@pytest.mark.parametrize("typed", [("check",), ("plan", "s01e01"), ("plan", "s01e02", "--json")])
def test_check_and_plan_load_nothing_heavy(typed: tuple[str, ...], production: Path) -> None:
    """With no new file to look at, `check` and `plan` answer without Prefect, fal, pictures or a network."""
    for _ in range(2):  # the first one may have to open the motion reference
        found = subprocess.run(
            [sys.executable, "-c", SCRIPT, *typed], capture_output=True, text=True, check=True
        )
    code, loaded = json.loads(found.stderr.splitlines()[-1])
    assert code == 0
    assert sorted(set(HEAVY) & set(loaded)) == []
