from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from onmodel.cli.edge import run
from onmodel.scaffold import write_starter

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/guide-coverage.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith(("| in the guide", "| ---"))
]
NAMED = re.compile(r"`([^`]+)`")
COMMANDS = sorted({name for row in ROWS for name in NAMED.findall(row[-1]) if name.startswith("onmodel ")})


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A fresh starter production, in which all commands are typed."""
    folder = tmp_path_factory.mktemp("coverage") / "ours"
    write_starter(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in ("FAL_KEY", "PREFECT_API_URL"):
            patch.delenv(name, raising=False)
        yield folder


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_a_row_says_where_it_is(row: list[str]) -> None:
    """Each file that it names is there, and a command shows it."""
    _, where, test, command = row
    assert all((ROOT / "src/onmodel" / name).exists() for name in NAMED.findall(where))
    assert all((ROOT / name).exists() for name in NAMED.findall(test))
    assert command.startswith("`onmodel ")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_page_shows_something(
    command: str, production: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It ends well in a new production, without a key, and prints what the row promises."""
    code = run(shlex.split(command)[1:])
    said = capsys.readouterr()
    assert code == 0, said.err
    assert said.out.strip()
