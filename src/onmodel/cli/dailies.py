"""`onmodel dailies`: the takes of an episode, looked at together, and decided about."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from onmodel.cli.deciding import whoever_types
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


def review_dailies(root: Path, scope: str, *, rehearse: bool, host: str, port: int, by: str | None) -> None:
    """Serve the page, with decisions, until Ctrl-C.

    Raises:
        OnModelError: the story cannot be read, or nobody can listen there.
    """
    from onmodel.cli.approving import go_on_with  # noqa: PLC0415 (for a server only)
    from onmodel.dailies.serving import is_loopback, serve_dailies  # noqa: PLC0415 (same)

    call = Call(root, scope, rehearse=rehearse)

    def tell(url: str) -> None:
        say(url)
        sys.stdout.flush()  # who reads it through a pipe waits for it, and nothing more is said
        if not is_loopback(host):
            remark("Whoever has this address can see and decide, and it travels as plain text.")
        remark("Ctrl-C ends it.")

    serve_dailies(
        call, host=host, port=port, by=by or whoever_types(), go_on=partial(go_on_with, call), say=tell
    )
    remark("Ended.")
