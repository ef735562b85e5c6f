from __future__ import annotations

from pathlib import Path

import pytest

PRODUCTION = """\
production: 1
name: small
title: Small
format: {resolution: 180p, fps: 12}
"""
BIBLE = """\
bible: 1
name: Pip
kind: stylised
looks: a friendly small robot
always: [round blue head, one glowing yellow eye, chrome body]
sheet: {views: [front]}
"""
EPISODE = """\
episode: 1
title: Full circle
defaults: {cast: pip, setting: a cluttered workshop with warm lamp light, seconds: 5}
shots:
  s010: {start: Pip stands at the bench, action: it slowly tilts its head}
  s020: {start: Pip sits on the bench, action: its antenna slowly droops}
"""


@pytest.fixture
def production(tmp_path: Path) -> Path:
    """A small production of two shots, never produced."""
    return write_production(tmp_path / "ours")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, for tests that only add to it."""
    return write_production(tmp_path_factory.mktemp("shared") / "ours")


def write_production(root: Path) -> Path:
    for name, text in {
        "production.yaml": PRODUCTION,
        "characters/pip.yaml": BIBLE,
        "episodes/s01e01.yaml": EPISODE,
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    starter = Path(__file__).parents[2]
    (root / "flows").mkdir()
    flow = (starter / "flows/episode.py").read_text(encoding="utf-8")
    (root / "flows/episode.py").write_text(flow, encoding="utf-8")
    return root
