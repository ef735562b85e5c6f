"""`onmodel circle`: a person's choice of a take."""

from __future__ import annotations

import getpass
from pathlib import Path

from onmodel.cli.showing import counted, say
from onmodel.stages.deciding import circle_take
from onmodel.stages.script import Call
from onmodel.units import usd


def circle(
    root: Path, scope: str, subject: str, n: int, *, stage: str | None, by: str | None, rehearse: bool
) -> None:
    """Circle a take, and say what that makes stale.

    Raises:
        OnModelError: there is no such take, or the archive cannot be written.
    """
    decided = circle_take(
        Call(root, scope, rehearse=rehearse), subject, n, stage=stage, by=by or whoever_types()
    )
    say(f"{decided.label} is circled.")
    stale = [line for line in decided.plan.to_buy if line.state == "stale"]
    if stale:
        names = ", ".join(f"{line.commission.subject} {line.commission.mode}" for line in stale)
        say(f"{counted(len(stale), 'thing')} made from another take: {names}.")
        again = " --rehearse" if rehearse else ""
        say(f"Next: onmodel produce {scope}{again} (buys for {usd(decided.plan.base_usd)})")


def whoever_types() -> str:
    """The name under which a decision is written where none was given: the machine's user."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"  # a machine with no name for its user, such as a bare container
