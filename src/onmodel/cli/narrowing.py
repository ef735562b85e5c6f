"""Only the command that is typed is made: to make all forty takes typer longer than `check` works."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy

from typer import Typer
from typer.main import get_command_name
from typer.models import CommandInfo


def narrowed(app: Typer, words: Sequence[str]) -> Typer:
    """The app with nothing but the command that is typed; the whole of it where none is.

    Args:
        app: all commands; it stays as it is.
        words: what was typed after the program's name.
    """
    typed = next(iter(words), "")
    small = copy(app)
    small.registered_commands = [one for one in _commands(app) if _name(one) == typed]
    small.registered_groups = [
        one for within in _apps(app) for one in within.registered_groups if one.name == typed
    ]
    return small if small.registered_commands or small.registered_groups else app


def _apps(app: Typer) -> Iterator[Typer]:
    """An app, and those whose commands are taken for its own: they were added without a name."""
    yield app
    for group in app.registered_groups:
        if group.typer_instance and not isinstance(group.name, str):
            yield from _apps(group.typer_instance)


def _commands(app: Typer) -> Iterator[CommandInfo]:
    for one in _apps(app):
        yield from one.registered_commands


def _name(command: CommandInfo) -> str | None:
    return command.name or (command.callback and get_command_name(command.callback.__name__))
