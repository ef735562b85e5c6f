"""`onmodel deliver`: other shapes and sizes of a finished cut, and its pictures."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from onmodel.cli.showing import counted, print_json, remark, say
from onmodel.post.ffmpeg import find_ffmpeg
from onmodel.settings import read_settings
from onmodel.stages.handing_out import deliver_episode
from onmodel.stages.script import Call


def show_delivered(
    root: Path, scope: str, only: Sequence[str], *, rehearse: bool, as_json: bool, quiet: bool
) -> None:
    """Deliver, and say what lies where.

    Raises:
        OnModelError: there is no such cut, or something of it cannot be rendered.
    """
    call = Call(root, scope, rehearse=rehearse)

    def hear(share: float) -> None:
        if not quiet and sys.stderr.isatty():
            sys.stderr.write(f"\rdelivering {share:.0%} ")
            sys.stderr.flush()

    found = deliver_episode(call, only, find_ffmpeg(read_settings().ffmpeg), hear)
    if not quiet and sys.stderr.isatty():
        sys.stderr.write("\r")
    if as_json:
        files = [str(path) for path in found.files]
        print_json({"schema": "onmodel.deliver/1", "episode": scope, "files": files, "made": found.made})
        return
    for path in found.files:
        say(f"{path}/" if path.is_dir() else str(path))
    if not quiet:
        remark(f"{counted(len(found.files), 'deliverable')}, {found.made} of them made now.")
