"""Filming what was ordered on the page: a rehearsal in a process of its own, watched while it runs."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from onmodel.planning import CAST
from onmodel.stages.script import Call

WITHHELD: Final = ("FAL_KEY",)
"""Variables that a rehearsal does not see: it cannot buy."""
DONE: Final = (0, 4)
"""Exit codes of a run that finished; after 4 something needs a person, and the page shows it."""
GRACE_S: Final = 10.0
"""Seconds in which a run that is told to end may do so by itself."""
_LONGEST_LINE: Final = 2**20


@dataclass(frozen=True)
class Progress:
    """How a run stands."""

    running: bool
    line: str = ""
    """What it said last."""
    said: str = ""
    """How it ended; empty while it runs, and before the first one."""
    failed: bool = False


class Filming:
    """At most one run at a time.

    Args:
        call: what is filmed; a rehearsal.
    """

    def __init__(self, call: Call) -> None:
        self._call = call
        self._task: asyncio.Task[None] | None = None
        self.progress = Progress(running=False)

    def start(self) -> str:
        """Begin to film what is to be filmed, and say so; one run at a time."""
        if self._task is not None and not self._task.done():
            return "It is being filmed already: what was decided since is for the next run."
        self.progress = Progress(running=True, line="it begins")
        self._task = asyncio.create_task(self._run())
        return "It is being filmed."

    async def stop(self) -> None:
        """End a run in order, when the server ends."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        try:
            self.progress = await self._film()
        except OSError as error:
            said = f"It could not be filmed: {error}."
            self.progress = Progress(running=False, said=said, failed=True)

    async def _film(self) -> Progress:
        process = await asyncio.create_subprocess_exec(
            *_command(self._call),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            cwd=self._call.root,
            env={name: value for name, value in os.environ.items() if name not in WITHHELD},
            limit=_LONGEST_LINE,
            start_new_session=True,
        )
        last = ""
        try:
            printed, last = await asyncio.gather(_all(process.stdout), self._follow(process.stderr))
            code = await process.wait()
        finally:
            await asyncio.shield(_end(process))
        if code in DONE:
            return Progress(running=False, said=_first_line(printed) or "It is done.")
        return Progress(running=False, said=f"It ended with exit code {code}: {last}", failed=True)

    async def _follow(self, stream: asyncio.StreamReader | None) -> str:
        last = ""
        while stream is not None:
            try:
                line = await stream.readline()
            except ValueError:  # nobody could read a line that long: it is let go of, and the run goes on
                continue
            if not line:
                break
            if said := line.decode("utf-8", errors="replace").strip():
                last = said
                self.progress = Progress(running=True, line=said)
        return last


def _command(call: Call) -> list[str]:
    what = ["cast"] if call.scope == CAST else ["produce", call.scope]
    program = (sys.executable, "-P", "-c", "from onmodel.cli import main; main()")
    return [*program, *what, "--rehearse", f"--production={call.root}"]


async def _all(stream: asyncio.StreamReader | None) -> bytes:
    return b"" if stream is None else await stream.read()


def _first_line(printed: bytes) -> str:
    lines = printed.decode("utf-8", errors="replace").splitlines()
    said = [line for line in lines if "shots are" in line or "shot is" in line]
    return (said or lines or [""])[0].strip()


async def _end(process: Process) -> None:
    """See that nothing of it runs on: not the command, and none of its workers."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), GRACE_S)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
