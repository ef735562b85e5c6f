"""Filming what was ordered on the page: a rehearsal in a process of its own, watched while it runs."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from onmodel.planning import CAST
from onmodel.stages.apart import apart, read_all, read_lines
from onmodel.stages.script import Call

DONE: Final = (0, 4)
"""Exit codes of a run that finished; after 4 something needs a person, and the page shows it."""


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
        what = ["cast"] if self._call.scope == CAST else ["produce", self._call.scope]
        async with apart(self._call.root, what) as process:
            printed, last = await asyncio.gather(read_all(process.stdout), self._follow(process.stderr))
            code = await process.wait()
        if code in DONE:
            return Progress(running=False, said=_first_line(printed) or "It is done.")
        return Progress(running=False, said=f"It ended with exit code {code}: {last}", failed=True)

    async def _follow(self, stream: asyncio.StreamReader | None) -> str:
        last = ""
        async for line in read_lines(stream):
            last = line
            self.progress = Progress(running=True, line=line)
        return last


def _first_line(printed: bytes) -> str:
    lines = printed.decode("utf-8", errors="replace").splitlines()
    said = [line for line in lines if "shots are" in line or "shot is" in line]
    return (said or lines or [""])[0].strip()
