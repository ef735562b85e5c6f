"""Listening to an ffmpeg at work: what it writes, what it says, how far it is, and whether it still moves.

How far it is comes from its own `-progress`, through a pipe of its own, four times a second. ffmpeg goes on
telling while it stands still, so what counts is whether its figures change.
"""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from onmodel.errors import PostError

Tell = Callable[[float], None]
"""Told of the seconds of picture or sound that are made so far."""

TELLS_EVERY_S: Final = 0.25
"""Seconds between two of ffmpeg's reports."""
_LOOK_EVERY_S: Final = 1.0
_READ_BYTES: Final = 1 << 18
_LAST_LINES: Final = 6
_MOVES: Final = ("frame", "out_time_us", "total_size")
"""Figures of a report of which one grows as long as anything is made."""


def share_of(whole_s: float, tell: Callable[[float], None]) -> Tell:
    """Told of seconds, tell what share of the whole they are, 0 to 1."""
    return lambda made_s: tell(min(1.0, made_s / whole_s))


def last_words(said: bytes | bytearray) -> str:
    """The last lines of what ffmpeg said, below each other, as the end of an error's message."""
    lines = [line.strip() for line in said.decode(errors="replace").splitlines() if line.strip()]
    return "".join(f"\n  {line}" for line in lines[-_LAST_LINES:])


@dataclass
class Limits:
    """How long an ffmpeg may take."""

    timeout_s: float
    """Altogether."""
    stall_s: float
    """Without making anything."""


@dataclass
class _Report:
    """What ffmpeg has told of its progress."""

    tell: Tell | None
    moved_at: float
    made_s: float = 0.0
    _rest: bytes = b""
    _figures: dict[str, str] = field(default_factory=dict)

    def hear(self, said: bytes, now: float) -> None:
        """Take in lines of `name=value`, of which `progress=` ends each report."""
        *whole, self._rest = (self._rest + said).split(b"\n")
        for line in whole:
            name, _, value = line.decode(errors="replace").strip().partition("=")
            if name in _MOVES and self._figures.get(name) != value:
                self._figures[name], self.moved_at = value, now
            if name == "progress":
                self._tell_on()

    def _tell_on(self) -> None:
        made = self._figures.get("out_time_us", "")
        if not made.isdigit():  # N/A until something is made
            return
        self.made_s = int(made) / 1_000_000
        if self.tell is not None:
            self.tell(self.made_s)


def listen(
    process: subprocess.Popen[bytes], progress: int, limits: Limits, tell: Tell | None, about: str
) -> tuple[bytes, bytes]:
    """Hear a process to its end.

    Args:
        process: ffmpeg, with pipes for what it writes and what it says.
        progress: the end to read of the pipe that `-progress` goes into; it is closed at the end.
        limits: how long it may take.
        tell: told of each report, by whoever listens: it should return at once.
        about: what is being worked on: the first words of an error.

    Returns:
        What it wrote, and what it said.

    Raises:
        PostError: it took too long, or made nothing for too long; it may still run then.
    """
    written, said = bytearray(), bytearray()
    began = time.monotonic()
    report = _Report(tell, began)
    with selectors.DefaultSelector() as ears, os.fdopen(progress, "rb", buffering=0) as told:
        for stream, into in ((process.stdout, written), (process.stderr, said), (told, None)):
            if stream is not None:
                ears.register(stream, selectors.EVENT_READ, into)
        while ears.get_map():
            for key, _ in ears.select(min(_LOOK_EVERY_S, limits.timeout_s, limits.stall_s)):
                heard = os.read(key.fd, _READ_BYTES)
                if not heard:
                    ears.unregister(key.fileobj)
                elif key.data is None:
                    report.hear(heard, time.monotonic())
                else:
                    key.data.extend(heard)
            _check(report, began, limits, about, said)
        _await_end(process, began, limits, about, said)
    return bytes(written), bytes(said)


def _check(report: _Report, began: float, limits: Limits, about: str, said: bytes | bytearray) -> None:
    now = time.monotonic()
    if now - began > limits.timeout_s:
        raise _too_long(limits, about, said)
    if now - report.moved_at > limits.stall_s:
        raise PostError(
            f"{about}: ffmpeg made nothing more for {limits.stall_s:g} s and was stopped; "
            f"{report.made_s:.2f} s were made{last_words(said)}",
            hint="Is a file on a disk that does not answer? Else run the same command again.",
        )


def _await_end(
    process: subprocess.Popen[bytes], began: float, limits: Limits, about: str, said: bytes | bytearray
) -> None:
    try:
        process.wait(max(0.1, limits.timeout_s - (time.monotonic() - began)))
    except subprocess.TimeoutExpired as error:
        raise _too_long(limits, about, said) from error


def _too_long(limits: Limits, about: str, said: bytes | bytearray) -> PostError:
    return PostError(
        f"{about}: ffmpeg was stopped after {limits.timeout_s:g} s{last_words(said)}",
        hint="The machine may be overloaded; run the same command again.",
    )
