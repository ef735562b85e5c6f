"""Runs every command block and reads every story block of the pages: what a reader types must work."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sybil import Example, Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown import CodeBlockParser

from onmodel.cli.edge import run

ROOT = Path(__file__).parent
BIN = Path(sys.executable).parent


@dataclass
class Reader:
    """Somebody who types what the page says, in a folder of their own."""

    folder: Path

    def type(self, line: str) -> None:
        """Type one line of a `console` block; a remark behind `#` is not typed."""
        words = shlex.split(line, comments=True)
        match words:
            case []:
                return
            case ["cd", folder]:
                self.folder /= folder
            case ["export", assignment]:
                assert assignment == "FAL_KEY=...", "a page asks for no other variable"
            case ["make", target, *_]:
                # They set up what this test runs in: that the target exists is what can be asked here.
                make = shutil.which("make") or "make"
                subprocess.run([make, "-n", target], cwd=ROOT, check=True, capture_output=True)
            case ["pip", "install", *packages]:
                assert packages[-1] == "onmodel"
            case ["onmodel", "deploy" | "worker" | "resume" as command, *options]:
                # They need a server, and the tests of deployments run them: here their options are looked up.
                told = self.run([command, "--help"])
                assert all(option in told for option in options if option.startswith("--")), line
            case ["onmodel", "server", "start"]:
                assert shutil.which("prefect", path=str(BIN)), "the deployment's test starts one"
            case ["onmodel", *arguments]:
                self.run(arguments)
            case _:
                pytest.fail(f"nobody runs this line of the page: {line}")

    def run(self, arguments: list[str]) -> str:
        """Run onmodel, and say what it said; what would buy must refuse, since no key is at hand."""
        environment = {**os.environ, "COLUMNS": "100"}
        environment.pop("FAL_KEY", None)
        done = subprocess.run(
            [BIN / "onmodel", *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        buys = arguments[0] in ("produce", "cast") and "--rehearse" not in arguments
        assert done.returncode == (1 if buys else 0), done.stderr
        assert not buys or "FAL_KEY" in done.stderr
        if arguments[0] == "init":
            small = self.folder / arguments[1] / "production.yaml"
            small.write_text(small.read_text(encoding="utf-8").replace("720p", "180p"), encoding="utf-8")
        return done.stdout


def _console(example: Example) -> None:
    reader: Reader = example.namespace["reader"]
    for line in example.parsed.splitlines():
        reader.type(line)


def _yaml(example: Example) -> None:
    """A block that names its file is put into a production, which must be in order with it."""
    text = example.parsed
    named = re.match(r"# ((?:characters|episodes|recipes)/[\w-]+\.yaml)\n", text)
    if named is None:
        return
    reader: Reader = example.namespace["reader"]
    folder = reader.folder / "page"
    if not folder.exists():
        assert run(["init", str(folder)]) == 0
    (folder / named[1]).parent.mkdir(exist_ok=True)
    (folder / named[1]).write_text(text, encoding="utf-8")
    assert run(["check", str(folder)]) == 0


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """One reader a page."""
    return Reader(tmp_path_factory.mktemp("reader"))


def _python(example: Example) -> None:
    """A block of a page about Python, run where the reader is, after the blocks before it."""
    reader: Reader = example.namespace["reader"]
    example.namespace["__name__"] = "__main__"
    with contextlib.chdir(reader.folder):
        PythonEvaluator()(example)


COMMANDS = [CodeBlockParser("console", _console), CodeBlockParser("yaml", _yaml)]
API = "docs/api.md"

_PAGES = Sybil(
    parsers=COMMANDS,
    patterns=["README.md", "CONTRIBUTING.md", "docs/*.md"],
    excludes=[API],
    fixtures=["reader"],
)
_API = Sybil(parsers=[*COMMANDS, CodeBlockParser("python", _python)], patterns=[API], fixtures=["reader"])

pytest_collect_file = (_PAGES + _API).pytest()


FILMS = frozenset({"handoff.md", "rehearsal.md"})
"""Pages whose commands film whole episodes."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts servers, browsers and films comes first: the short ones fill the cores at the end."""
    for item in items:
        if item.path.name in FILMS:
            item.add_marker("process")
    long = {"server", "browser", "process", "cluster"}
    items.sort(key=lambda item: not (long & {mark.name for mark in item.iter_markers()} or _is_page(item)))


def _is_page(item: pytest.Item) -> bool:
    return item.path.suffix == ".md"
