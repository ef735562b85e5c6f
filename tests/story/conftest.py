from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from onmodel.errors import StoryError
from onmodel.story import read_story

REPOSITORY = Path(__file__).parents[2]

PRODUCTION = "production: 1\nname: tiny\ntitle: Tiny\n"
PIP = "bible: 1\nname: Pip\nkind: stylised\nlooks: a robot\nalways: [round head]\nwardrobe: {rain: a coat}\n"
EPISODE = """\
episode: 1
title: One
defaults: {cast: pip, setting: a room}
shots:
  s010: {start: Pip stands, action: it waves}
  s020: {start: Pip sits, action: it nods}
"""

Write = Callable[[Mapping[str, str | bytes]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Make a small sound production, with some files replaced or added, and say where it is."""

    def make(files: Mapping[str, str | bytes]) -> Path:
        sound: dict[str, str | bytes] = {
            "production.yaml": PRODUCTION,
            "characters/pip.yaml": PIP,
            "episodes/s01e01.yaml": EPISODE,
        }
        for name, text in (sound | dict(files)).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode() if isinstance(text, str) else text)
        return tmp_path

    return make


@pytest.fixture
def findings(write: Write) -> Callable[[Mapping[str, str | bytes]], list[str]]:
    """What is found wrong with the small production when some files are replaced: one line each."""

    def find(files: Mapping[str, str | bytes]) -> list[str]:
        root = write(files)
        try:
            read_story(root)
        except StoryError as error:
            return [str(one) for one in error.findings]
        return []

    return find


@pytest.fixture
def shot_findings(
    findings: Callable[[Mapping[str, str | bytes]], list[str]],
) -> Callable[[str], list[str]]:
    """What is found wrong with an episode of the shots given, from line 5, indented by two."""

    def find(shots: str) -> list[str]:
        head = "episode: 1\ntitle: One\ndefaults: {cast: pip, setting: a room}\nshots:\n"
        text = head + "".join(f"  {line}\n" for line in shots.splitlines())
        prefix = "episodes/s01e01.yaml:"
        return [one.removeprefix(prefix) for one in findings({"episodes/s01e01.yaml": text})]

    return find


@pytest.fixture(scope="session")
def demo_files() -> dict[str, str]:
    """The demo's own story files, by name."""
    names = ["production.yaml", *(p for folder in ("characters", "episodes") for p in _below(folder))]
    return {name: (REPOSITORY / name).read_text("utf-8") for name in names}


def _below(folder: str) -> list[str]:
    return sorted(f"{folder}/{path.name}" for path in (REPOSITORY / folder).glob("*.yaml"))


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, demo_files: dict[str, str]) -> Path:
    """A copy of the demo, with a stand-in for its motion reference, which is made by a script."""
    root = tmp_path_factory.mktemp("demo")
    for name in demo_files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REPOSITORY / name, root / name)
    clip = root / "assets/motion/sway.mp4"
    clip.parent.mkdir(parents=True)
    clip.touch()
    return root
