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
print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)
"""

NOT_FOR_CHECK = ("onmodel.vault", "onmodel.stages", "onmodel.planning.plan")
"""What only a look into the archive needs."""
NOT_FOR_PLAIN_EPISODES = (
    "onmodel.post.drawing",
    "onmodel.post.score",
    "onmodel.post.reframe",
    "onmodel.planning.written",
    "onmodel.planning.looking",
    "onmodel.stages.season",
)
"""What only letters in the picture, a mix, other shapes, new files or seasons need."""


@pytest.mark.parametrize("typed", [("check",), ("plan", "s01e01"), ("plan", "s01e02", "--json")])
def test_check_and_plan_load_nothing_heavy(typed: tuple[str, ...], production: Path) -> None:
    """With no new file to look at, `check` and `plan` answer without Prefect, fal, pictures or a network.

    Nor do they load of our own rooms what no line of the starter's episodes asks for.
    """
    for _ in range(2):  # the first one may have to open the motion reference
        found = subprocess.run(
            [sys.executable, "-c", SCRIPT, *typed], capture_output=True, text=True, check=True
        )
    code, loaded = json.loads(found.stderr.splitlines()[-1])
    assert code == 0
    assert sorted(set(HEAVY) & {name.partition(".")[0] for name in loaded}) == []
    assert (
        sorted({*NOT_FOR_PLAIN_EPISODES, *(NOT_FOR_CHECK if typed == ("check",) else ())} & set(loaded)) == []
    )
