"""A rehearsal for an agent: the command in a process of its own, without a key, watched and bounded."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final

from onmodel.errors import PlanError
from onmodel.stages.apart import apart, read_all, read_lines

Tell = Callable[[str], Awaitable[None]]

WITHHELD: Final = ("PREFECT_API_URL",)
"""Variables that a rehearsal for an agent does not see besides the key: it shows in nobody's Prefect."""
NEEDS_PERSON: Final = 4
"""The exit code of a run that finished, and in which something needs a person."""


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
    only = [f"--shots={','.join(shots)}"] if shots else []
    words = ["produce", "--json", "--prefect=off", *only, "--", episode]
    try:
        async with asyncio.timeout(at_most_s), apart(root, words, withheld=WITHHELD) as process:
            printed, _ = await asyncio.gather(read_all(process.stdout), _pass_on(process.stderr, tell))
            code = await process.wait()
    except TimeoutError:
        raise PlanError(
            f"the rehearsal of {episode} took more than {at_most_s:g} s and was ended.",
            hint="Nothing is lost: rehearse it again and it goes on there, or fewer shots at a time.",
        ) from None
    return _result(printed, code)


async def _pass_on(stream: asyncio.StreamReader | None, tell: Tell) -> None:
    async for line in read_lines(stream):
        await tell(line)


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
