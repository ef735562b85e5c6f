"""`onmodel verify`: is everything that was archived there, and is it what was archived?"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any, Final

from onmodel.cli.edge import NEEDS_PERSON
from onmodel.cli.showing import counted, print_json, remark, say
from onmodel.settings import Folders, read_settings
from onmodel.stages.verifying import Audit, Progress, verify
from onmodel.story import read_story
from onmodel.vault import NearMedia
from onmodel.vault.archive import Archive, open_to_read
from onmodel.vault.verifying import Flaw

_EVERY_S: Final = 5.0
"""Seconds between two lines of progress where there is no terminal to rewrite one on."""


_SHOWN: Final = 50
"""Flaws that are told one by one: more of them have one cause, as a rule."""


def show_audit(root: Path, scope: str | None, *, rehearse: bool, read_back: bool, as_json: bool) -> int:
    """Look an archive over and print what is wrong; return the exit code.

    Raises:
        SetupError: there is no archive.
        PlanError: nothing of that episode is archived.
        VaultError: the archive cannot be listed.
    """
    archive = archive_of(root, rehearse=rehearse)
    counter = _Counter()
    audit = verify(archive, scope, read_back=read_back, report=counter.tell)
    counter.close()
    if as_json:
        print_json(_json(scope, audit))
    else:
        _say(audit, rehearse=rehearse)
    return NEEDS_PERSON if audit.flaws else 0


def archive_of(root: Path, *, rehearse: bool) -> Archive:
    """The archive of a production, or of its rehearsals, to be read.

    Raises:
        StoryError: production.yaml is not acceptable.
        SetupError: there is no archive.
        VaultError: it cannot be read.
    """
    production = read_story(root, episodes=()).production
    folders = Folders(root.absolute(), rehearse)
    near = NearMedia(folders.cache / "media", read_settings().cache_bytes)
    return open_to_read(folders.archive(production.archive), root=folders.root, near=near)


class _Counter:
    """How far the media are, on stderr: one line that is written over, or one now and then."""

    def __init__(self) -> None:
        self._on_terminal = sys.stderr.isatty()
        self._told = time.monotonic()

    def tell(self, progress: Progress) -> None:
        """Show it."""
        words = (
            f"{progress.media:,} of {progress.of_media:,} media · "
            f"{_gigabytes(progress.size)} of {_gigabytes(progress.of_size)}"
        )
        if self._on_terminal:
            sys.stderr.write(f"\r{words}\x1b[K")
            sys.stderr.flush()
        elif time.monotonic() - self._told > _EVERY_S:
            self._told = time.monotonic()
            remark(words)

    def close(self) -> None:
        """Take the line away."""
        if self._on_terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.2f} GB" if size >= 10**7 else f"{size / 1e6:.2f} MB"


def _say(audit: Audit, *, rehearse: bool) -> None:
    for flaw in audit.flaws[:_SHOWN]:
        hint = flaw.hint.replace("onmodel restore", "onmodel restore --rehearse") if rehearse else flaw.hint
        say(f"{flaw.kind}: {flaw.name}\n  {flaw.what}\n  {hint}")
    if len(audit.flaws) > _SHOWN:
        say(f"... and {len(audit.flaws) - _SHOWN:,} more: --json has them all.")
    looked = (
        f"{counted(audit.jobs, 'job')}, {counted(audit.records, 'record')}, {audit.media:,} media "
        f"({_gigabytes(audit.size)}) and {counted(audit.cuts, 'cut')} of {audit.address}"
    )
    if audit.flaws:
        say(f"{counted(len(audit.flaws), 'flaw')} in {looked}. Nothing was changed, nothing bought.")
    else:
        say(f"{looked}: all there, as it was archived.")
    if audit.spare:
        say(
            f"{len(audit.spare)} of the media are named by no record: a run that was killed had just "
            "archived them. They are whole, and only take space."
        )


def _json(scope: str | None, audit: Audit) -> dict[str, Any]:
    return {
        "schema": "onmodel.verify/1",
        "scope": scope,
        "archive": audit.address,
        "ok": not audit.flaws,
        "jobs": audit.jobs,
        "records": audit.records,
        "media": audit.media,
        "bytes": audit.size,
        "cuts": audit.cuts,
        "flaws": [_flaw_json(flaw) for flaw in audit.flaws],
        "spare": list(audit.spare),
    }


def _flaw_json(flaw: Flaw) -> dict[str, str]:
    return {"kind": flaw.kind, "object": flaw.name, "what": flaw.what, "hint": flaw.hint}
