"""A rehearsal in a process of its own, without a key: for a button of the page, and for an agent."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

PROGRAM: Final = (sys.executable, "-P", "-c", "from onmodel.cli import main; main()")
"""This program; the folder where it is started is not first on the way to its modules."""
WITHHELD: Final = ("FAL_KEY",)
"""Variables that it does not see: it cannot buy."""
GRACE_S: Final = 10.0
"""Seconds in which a rehearsal that is told to end may do so by itself."""
LONGEST_LINE: Final = 2**20
"""Bytes of a line of progress."""


@asynccontextmanager
async def apart(
    root: Path, arguments: Sequence[str], *, withheld: Sequence[str] = ()
) -> AsyncIterator[Process]:
    """Run `onmodel ARGUMENTS --rehearse` with its output in pipes; nothing of it outlives the block.

    Args:
        root: the production's folder; it is also where it is started.
        arguments: the command and what it is about; what follows `--` stays last.
        withheld: further variables that it does not see.

    Raises:
        OSError: it cannot be started.
    """
    process = await asyncio.create_subprocess_exec(
        *PROGRAM,
        *(arguments[0], "--rehearse", f"--production={root}", *arguments[1:]),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        cwd=root,
        env={name: value for name, value in os.environ.items() if name not in (*WITHHELD, *withheld)},
        limit=LONGEST_LINE,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        await asyncio.shield(_end(process))


async def read_all(stream: asyncio.StreamReader | None) -> bytes:
    """Everything that comes out of a pipe."""
    return b"" if stream is None else await stream.read()


async def read_lines(stream: asyncio.StreamReader | None) -> AsyncIterator[str]:
    """Line by line what comes out of a pipe; one that nobody could read is let go of."""
    while stream is not None:
        try:
            line = await stream.readline()
        except ValueError:  # longer than LONGEST_LINE
            continue
        if not line:
            return
        if said := line.decode("utf-8", errors="replace").strip():
            yield said


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
