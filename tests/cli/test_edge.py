from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from prefect.exceptions import TerminationSignal

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


def test_an_error_is_json_for_who_asked_for_json(onmodel: OnModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """--json: stdout is one document of an error too; the text stays on stderr and the exit code the same."""
    monkeypatch.setattr(planning, "show_plan", raising(PlanError("no such thing", hint="do this")))
    found = onmodel("plan", "s01e01", "--json")
    assert (found.code, found.err) == (1, "onmodel: no such thing\n  do this\n")
    assert json.loads(found.out) == {
        "schema": "onmodel.error/1",
        "error": {"message": "no such thing", "hint": "do this"},
    }


def test_findings_are_json_with_their_places(onmodel: OnModel, production: Path) -> None:
    """--json: faults of the story come as data, each with its place."""
    episode = production / "episodes" / "s01e01.yaml"
    episode.write_text(episode.read_text().replace("seconds: 5", "seconds: 0"))
    found = onmodel("plan", "s01e01", "--json")
    assert found.code == 1
    (finding,) = json.loads(found.out)["error"]["findings"]
    assert (finding["file"], finding["line"]) == ("episodes/s01e01.yaml", 5)


def test_an_unexpected_error_leaves_a_log_without_the_key(
    onmodel: OnModel, production: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 3 keeps the traceback in a log; the key, whole or its secret half, is in neither."""
    monkeypatch.setenv("FAL_KEY", f" {KEY}\n")
    secret = KEY.split(":")[1]
    monkeypatch.setattr(planning, "show_plan", raising(ValueError(f"refused {KEY} and {secret}")))
    found = onmodel("plan", "s01e01", "--json")
    assert found.code == 3
    assert json.loads(found.out)["error"]["message"].startswith("unexpected ValueError: refused [FAL_KEY]")
    (log,) = (production / ".onmodel" / "logs").iterdir()
    assert str(log.relative_to(production)) in found.err
    text = log.read_text()
    assert "Traceback" in text
    assert "ValueError: refused [FAL_KEY] and [FAL_KEY]" in text
    for half in KEY.split(":"):
        assert half not in text + found.err + found.out


def test_a_log_that_cannot_be_kept_is_printed(
    onmodel: OnModel, production: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no log can be written the traceback goes to stderr instead of being lost."""
    (production / ".onmodel").write_text("in the way")
    monkeypatch.setattr(planning, "show_plan", raising(ValueError("what is this")))
    found = onmodel("plan", "s01e01")
    assert found.code == 3
    assert "Traceback" in found.err


def test_a_setting_that_cannot_be_read_does_not_hide_the_error(
    onmodel: OnModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Telling of an unexpected error reads the key alone: whatever else is set wrong is not in its way."""
    monkeypatch.setenv("ONMODEL_CACHE_GB", "plenty")
    monkeypatch.setenv("FAL_KEY", KEY)
    monkeypatch.setattr(planning, "show_plan", raising(ValueError(f"what is {KEY}")))
    found = onmodel("plan", "s01e01")
    assert found.code == 3
    assert "unexpected ValueError: what is [FAL_KEY]" in found.err


def test_an_interruption_is_no_error(onmodel: OnModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C: exit code 130, one message, what to do next."""
    monkeypatch.setattr(checking, "check_paths", raising(KeyboardInterrupt()))
    found = onmodel("check")
    assert (found.code, found.out) == (130, "")
    assert "Run the same command again" in found.err


def test_a_termination_under_prefect_is_no_error(onmodel: OnModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGTERM, as Prefect raises it: exit code 143, one message, no traceback."""
    monkeypatch.setattr(checking, "check_paths", raising(TerminationSignal(signal=15)))
    found = onmodel("check")
    assert (found.code, found.out) == (143, "")
    assert found.err.startswith("onmodel: terminated. Nothing is lost")
    assert "Run the same command again" in found.err


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "Commands:"),
        ("plan", "EPISODE"),
        ("bogus", "bogus"),
        ("plan s01e01 --jsn", "--jsn"),
        ("jobs bogus", "bogus"),
        ("produce s01e01 --rehearse --prefect maybe", "'auto', 'on', 'off'"),
        ("cast --rehearse --prefect maybe", "'auto', 'on', 'off'"),
        ("produce s01e01 --rehearse --max-usd inf", "--max-usd: found inf; allowed: dollars"),
        ("cast --rehearse --max-usd inf", "--max-usd: found inf; allowed: dollars"),
        ("jobs resolve abc", "--resubmit, --lost and --request-id"),
        ("jobs resolve abc --lost --resubmit", "--resubmit, --lost and --request-id"),
    ],
)
def test_a_wrong_command_line_is_no_fault_of_ours(
    typed: str, says: str, onmodel: OnModel, production: Path
) -> None:
    """Exit code 2 with the usage and what is allowed on stderr, and no log."""
    found = onmodel(*typed.split())
    assert (found.code, found.out) == (2, "")
    assert "Usage: " in found.err
    assert says in found.err
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


def test_version_is_said(onmodel: OnModel) -> None:
    """--version: the installed one, in one line."""
    assert onmodel("--version") == (0, f"onmodel {version('onmodel')}\n", "")


@pytest.mark.parametrize(
    "how",
    [
        ["-c", "from onmodel.cli import main; main()", "plan", "s01e01"],
        ["-c", "from onmodel.cli import main; main()", "models"],
    ],
)
def test_a_reader_that_has_enough_is_no_error(production: Path, how: list[str]) -> None:
    """`onmodel plan | head -1` ends quietly, although nobody reads the rest, and so does a long list."""
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = [sys.executable, *how]
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        found = subprocess.run(
            command, env=buffered, stdout=write_end, stderr=subprocess.PIPE, text=True, check=False
        )
    finally:
        os.close(write_end)
    assert (found.returncode, found.stderr) == (0, "")
