"""The production that is killed: two shots of a second, five paid jobs."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path
from typing import Final

import onmodel
from reel import PILOT, PIP

FLOWS: Final = Path(onmodel.__file__).resolve().parents[2] / "flows"

PRODUCTION: Final = """\
production: 1
name: reel
title: Reel
format: {{ratio: "16:9", resolution: 90p, fps: 24}}
archive: {archive}
budget_usd: {budget_usd}
"""

JOBS: Final = 5
"""A view of the model sheet, and for each shot a keyframe and a clip."""

PRODUCE: Final = ("produce", "s01e01", "--prefect", "off", "--json")


PLENTY: Final = Decimal(100)


def write_production(root: Path, archive: str, budget_usd: Decimal = PLENTY) -> None:
    """Write the story, and the flows that ship with the program.

    Args:
        root: the production's folder.
        archive: its archive's address.
        budget_usd: the production's own cap.
    """
    texts = {
        "production.yaml": PRODUCTION.format(archive=archive, budget_usd=budget_usd),
        "characters/pip.yaml": PIP,
        "episodes/s01e01.yaml": PILOT,
    }
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    shutil.copytree(FLOWS, root / "flows", ignore=shutil.ignore_patterns("__pycache__"))


def write_budget(root: Path, budget_usd: Decimal) -> None:
    """Change the production's own cap, as a person does with an editor."""
    path = root / "production.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("budget_usd:")]
    path.write_text("\n".join([*kept, f"budget_usd: {budget_usd}", ""]), encoding="utf-8")
