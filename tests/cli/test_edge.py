from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from onmodel.cli import checking, planning
from onmodel.errors import PlanError

OnModel = Callable[..., Any]
KEY = "0f1e2d3c-key-id:5eC4e7deadbeefdeadbeef"


def raising(error: BaseException) -> Callable[..., None]:
    """Whatever is asked, raise this."""

    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_a_known_error_is_told_with_its_next_step(onmodel: OnModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """A known error: exit code 1, the message, then the hint on a line of its own; nothing on stdout."""
    monkeypatch.setattr(planning, "show_plan", raising(PlanError("no such thing", hint="do this")))
    assert onmodel("plan", "s01e01") == (1, "", "onmodel: no such thing\n  do this\n")


def test_an_unexpected_error_leaves_a_log_without_the_key(
    onmodel: OnModel, production: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 3 keeps the traceback in a log; the key, whole or its secret half, is in neither."""
    monkeypatch.setenv("FAL_KEY", f" {KEY}\n")
    secret = KEY.split(":")[1]
    monkeypatch.setattr(planning, "show_plan", raising(ValueError(f"refused {KEY} and {secret}")))
    found = onmodel("plan", "s01e01", "--json")
    assert (found.code, found.out) == (3, "")
    (log,) = (production / ".onmodel" / "logs").iterdir()
    assert str(log.relative_to(production)) in found.err
    text = log.read_text()
    assert "Traceback" in text
    assert "ValueError: refused [FAL_KEY] and [FAL_KEY]" in text
    for half in KEY.split(":"):
        assert half not in text + found.err


def test_a_log_that_cannot_be_kept_is_printed(
    onmodel: OnModel, production: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no log can be written the traceback goes to stderr instead of being lost."""
    (production / ".onmodel").write_text("in the way")
    monkeypatch.setattr(planning, "show_plan", raising(ValueError("what is this")))
    found = onmodel("plan", "s01e01")
    assert found.code == 3
    assert "Traceback" in found.err


def test_an_interruption_is_no_error(onmodel: OnModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C: exit code 130, one message, what to do next."""
    monkeypatch.setattr(checking, "check_paths", raising(KeyboardInterrupt()))
    found = onmodel("check")
    assert (found.code, found.out) == (130, "")
    assert "Run the same command again" in found.err


@pytest.mark.parametrize("typed", [(), ("plan",), ("bogus",), ("plan", "s01e01", "--jsn"), ("jobs", "bogus")])
def test_a_wrong_command_line_is_no_fault_of_ours(
    typed: tuple[str, ...], onmodel: OnModel, production: Path
) -> None:
    """Exit code 2 with the usage on stderr, and no log."""
    found = onmodel(*typed)
    assert (found.code, found.out) == (2, "")
    assert "Usage: " in found.err
    assert not (production / ".onmodel").exists()


def test_help_is_asked_for_and_given(onmodel: OnModel) -> None:
    """--help: exit code 0; every command says on one whole line what it does."""
    found = onmodel("--help")
    assert (found.code, found.err) == (0, "")
    usage, commands = found.out.split("Commands:")
    assert usage.startswith("Usage: onmodel ")
    assert "..." not in commands
    for command in ("init", "check", "plan", "cast", "produce", "takes", "jobs", "doctor", "server"):
        assert f"\n  {command} " in commands


def test_a_reader_that_has_enough_is_no_error(production: Path) -> None:
    """`onmodel plan | head -1` ends quietly, although nobody reads the rest."""
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = [sys.executable, "-c", "from onmodel.cli import main; main()", "plan", "s01e01"]
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        found = subprocess.run(
            command, env=buffered, stdout=write_end, stderr=subprocess.PIPE, text=True, check=False
        )
    finally:
        os.close(write_end)
    assert (found.returncode, found.stderr) == (0, "")
