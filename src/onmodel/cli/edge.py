"""The outer edge of the program: errors become messages and exit codes here, and nowhere else.

Exit codes: 0 done · 1 an error that we know · 2 a wrong command line · 3 unexpected, with a log ·
4 finished, but something needs a person, or awaits approval · 130 interrupted · 143 terminated.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from onmodel.errors import Finding, OnModelError, StoryError

KNOWN: Final = 1
UNEXPECTED: Final = 3
NEEDS_PERSON: Final = 4
INTERRUPTED: Final = 130
TERMINATED: Final = 143

SHORTEST_SECRET: Final = 8
"""Characters of a part of a key that is cut out of a log; shorter ones would blot out plain words."""


def main() -> None:
    """Run the command line and end the process with its exit code."""
    _start_quickly()
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal's encoding does not have is shown as an escape: it must not end a run.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    code = run()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output (`| head`) has enough; Python would complain once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    gc.freeze()  # the end of the process frees everything at once: nothing needs to be looked over first
    sys.exit(code)


def _start_quickly() -> None:
    """Leave out what a short command pays for and does not need."""
    # Pydantic asks every installed package whether it is a plug-in: a tenth of a short command's time.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # Importing makes many objects and no garbage: the collector looks less often.
    gc.set_threshold(100_000, 20, 20)


def run(arguments: list[str] | None = None) -> int:
    """Run one command line; return its exit code."""
    try:
        code = _run(arguments)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BaseException as error:
        if not _is_termination(error):
            raise
        code = TERMINATED
    if code in STOPPED:
        _tell(
            f"onmodel: {STOPPED[code]}. Nothing is lost: what was sent is in the journal.\n"
            "  Run the same command again, and it goes on where it was."
        )
    return code


STOPPED: Final = {INTERRUPTED: "interrupted", TERMINATED: "terminated"}


def _is_termination(error: BaseException) -> bool:
    """Whether Prefect says by it that the process was told to end: without Prefect the system ends it."""
    prefect: Any = sys.modules.get("prefect.exceptions")
    return prefect is not None and isinstance(error, prefect.TerminationSignal)


def _run(arguments: list[str] | None) -> int:
    import typer  # noqa: PLC0415 (the command line's own, and app needs it anyway)

    try:
        from onmodel.cli.app import app  # noqa: PLC0415 (an import that fails is told like any other error)
        from onmodel.cli.narrowing import narrowed  # noqa: PLC0415 (same)

        typed = narrowed(app, sys.argv[1:] if arguments is None else arguments)
        code = typed(args=arguments, prog_name="onmodel", standalone_mode=False)
    except StoryError as error:
        _tell(str(error))  # every finding begins with its place, for an editor to follow
        _tell_json(arguments, error.message, error.hint, error.findings)
        return KNOWN
    except OnModelError as error:
        _tell(f"onmodel: {error}")
        _tell_json(arguments, error.message, error.hint)
        return KNOWN
    except typer.Abort:
        return INTERRUPTED
    except SystemExit as end:  # typer ends so when whoever read our output is gone
        code = 0 if isinstance(end.__context__, BrokenPipeError) else end.code
    except Exception as error:  # noqa: BLE001 (the one edge: it becomes a log and exit code 3)
        code = _other(error, arguments)
    return code if isinstance(code, int) else 0


def _other(error: Exception, arguments: list[str] | None) -> int:
    """A wrong command line, or what nobody expected."""
    # Typer's own errors are click's, or those of its own copy of click: their form is what they share.
    show, exit_code = getattr(error, "show", None), getattr(error, "exit_code", None)
    if callable(show) and isinstance(exit_code, int):
        show()
        return exit_code
    log = _write_log(error)
    message = f"unexpected {type(error).__name__}: {_safe(str(error))}"
    hint = f"This is a fault of onmodel. Nothing paid is lost: the journal has it. The log: {log}"
    _tell(f"onmodel: {message}\n  {hint}")
    _tell_json(arguments, message, hint)
    return UNEXPECTED


def _tell_json(
    arguments: list[str] | None, message: str, hint: str, findings: Sequence[Finding] = ()
) -> None:
    """Tell whoever asked for JSON as JSON too: stdout is one document, whatever comes."""
    if "--json" not in (sys.argv[1:] if arguments is None else arguments):
        return
    from onmodel.cli.showing import finding_json, print_json  # noqa: PLC0415 (only here)

    error: dict[str, Any] = {"message": message, "hint": hint or None}
    if findings:
        error["findings"] = [finding_json(one) for one in findings]
    with suppress(BrokenPipeError):  # it was told on stderr already
        print_json({"schema": "onmodel.error/1", "error": error})


def _tell(message: str) -> None:
    print(message, file=sys.stderr)  # noqa: T201 (the edge speaks to the terminal)


def _write_log(error: Exception) -> Path | str:
    """Keep the traceback for a report; the key is cut out of it."""
    import traceback  # noqa: PLC0415 (only here, and it takes a while)

    text = _safe("".join(traceback.format_exception(error)))
    folder = Path(".onmodel/logs")
    path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError:
        sys.stderr.write(text)
        return "above"
    return path


def _safe(text: str) -> str:
    """The text without the key, or the half of it that is secret by itself."""
    # Not the settings: one that cannot be read may be what happened.
    key = os.environ.get("FAL_KEY", "").strip()
    for secret in (key, *(part for part in key.split(":") if len(part) >= SHORTEST_SECRET)):
        text = text.replace(secret, "[FAL_KEY]") if secret else text
    return text
