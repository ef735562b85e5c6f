from __future__ import annotations

from typing import Any

import pytest
from typer.main import get_command

from onmodel.cli.app import app
from onmodel.cli.narrowing import narrowed

WHOLE: Any = get_command(app)


def shape(command: Any) -> Any:
    """All that a user meets of a command, and of those below it."""
    options = [(one.name, tuple(one.opts), one.required, one.help) for one in command.params]
    below = {name: shape(one) for name, one in getattr(command, "commands", {}).items()}
    return command.name, command.help, command.no_args_is_help, options, below


@pytest.mark.parametrize("name", WHOLE.commands)
def test_a_typed_command_is_made_alone_and_as_ever(name: str) -> None:
    """Only the command that is typed is made, with those below it, and it is the same as in the whole."""
    only: Any = get_command(narrowed(app, [name, "--help"]))
    assert list(only.commands) == [name]
    assert shape(only.commands[name]) == shape(WHOLE.commands[name])
    assert [one.opts for one in only.params] == [one.opts for one in WHOLE.params]


@pytest.mark.parametrize("words", [[], ["--help"], ["--version"], ["plann"], ["--json", "plan"]])
def test_without_a_command_all_are_made(words: list[str]) -> None:
    """Help, and the guess at what a mistyped command was meant to be, know every command."""
    assert narrowed(app, words) is app


def test_the_app_stays_whole() -> None:
    """Narrowing for one command takes nothing from the app: a process may run several."""
    narrowed(app, ["check"])
    assert list(get_command(app).commands) == list(WHOLE.commands)  # type: ignore[attr-defined]
