"""`onmodel dailies`: the takes of an episode, looked at together."""

from __future__ import annotations

from pathlib import Path

from onmodel.cli.showing import counted, remark, say
from onmodel.dailies import write_dailies
from onmodel.stages.script import Call
from onmodel.units import usd


def make_dailies(root: Path, scope: str, *, rehearse: bool, out: Path | None) -> None:
    """Write the page and say where it is and what is on it.

    Raises:
        OnModelError: the story or the archive cannot be read, or the page cannot be written.
    """
    written = write_dailies(Call(root, scope, rehearse=rehearse), out, remark)
    reel = written.reel
    say(f"{scope}: {written.path}")
    shots = counted(len(reel.shots), "view" if scope == "cast" else "shot")
    said = ", ".join(f"{n} {standing}" for standing, n in reel.counts.items())
    say(f"{shots}: {said}; {usd(reel.spent_usd)}{', rehearsed' if rehearse else ' spent'}.")
    if reel.flagged:
        say(f"Needs a person: {', '.join(shot.id for shot in reel.flagged)}")
    if written.expires:
        say("Its clips play for a day: their addresses in the bucket are signed for that long.")
