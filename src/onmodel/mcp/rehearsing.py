"""A rehearsal for an agent: the command in a process of its own, without a key, watched and bounded."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from onmodel.errors import PlanError

Tell = Callable[[str], Awaitable[None]]

WITHHELD: Final = ("FAL_KEY", "PREFECT_API_URL")
"""Variables that a rehearsal for an agent does not see: it cannot buy, and shows in nobody's Prefect."""
NEEDS_PERSON: Final = 4
"""The exit code of a run that finished, and in which something needs a person."""
GRACE_S: Final = 10
"""Seconds in which a rehearsal that was told to end may do so by itself."""
LONGEST_LINE: Final = 2**20
"""Bytes of a line of progress, or of the result as one line."""


async def rehearse(
    root: Path, episode: str, shots: Sequence[str], tell: Tell, *, at_most_s: float
) -> dict[str, Any]:
    """Rehearse an episode; what was rehearsed before is reused.

    Args:
        root: the production's folder.
        episode: its id, checked to be one.
        shots: only these, checked to be ids; all where there are none.
        tell: told every line of progress.
        at_most_s: seconds after which it is ended; the next one goes on where it was.

    Returns:
        What `onmodel produce --json` says of it.

    Raises:
        PlanError: it could not be begun, or took too long.
    """
    process = await asyncio.create_subprocess_exec(
        *_command(root, episode, shots),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        cwd=root,
        env={name: value for name, value in os.environ.items() if name not in WITHHELD},
        limit=LONGEST_LINE,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(at_most_s):
            printed, _ = await asyncio.gather(_read(process.stdout), _pass_on(process.stderr, tell))
            code = await process.wait()
    except TimeoutError:
        raise PlanError(
            f"the rehearsal of {episode} took more than {at_most_s:g} s and was ended.",
            hint="Nothing is lost: rehearse it again and it goes on there, or fewer shots at a time.",
        ) from None
    finally:
        await asyncio.shield(_end(process))
    return _result(printed, code)


def _command(root: Path, episode: str, shots: Sequence[str]) -> list[str]:
    only = [f"--shots={','.join(shots)}"] if shots else []
    return [
        *(sys.executable, "-P", "-c", "from onmodel.cli import main; main()"),
        *("produce", "--rehearse", "--json", "--prefect=off", f"--production={root}", *only, "--", episode),
    ]


async def _read(stream: asyncio.StreamReader | None) -> bytes:
    return b"" if stream is None else await stream.read()


async def _pass_on(stream: asyncio.StreamReader | None, tell: Tell) -> None:
    while stream is not None and (line := await stream.readline()):
        if said := line.decode("utf-8", errors="replace").strip():
            await tell(said)


def _result(printed: bytes, code: int) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(printed)
    except ValueError:
        found = {}
    if code in (0, NEEDS_PERSON) and "shots" in found:
        return found
    error = found.get("error") or {}
    raise PlanError(
        error.get("message") or f"the rehearsal ended with exit code {code}.", hint=error.get("hint") or ""
    )


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
