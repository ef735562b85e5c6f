"""`onmodel export`: a finished cut as a timeline for editing programs."""

from __future__ import annotations

from pathlib import Path

from onmodel.cli.showing import counted, print_json, remark, say
from onmodel.cli.verifying import archive_of
from onmodel.post.timeline import adapter_of
from onmodel.settings import Folders
from onmodel.stages.exporting import Exported, delivered_cut, export
from onmodel.stages.restoring import choose_cut, find_cuts


def export_episode(
    root: Path,
    scope: str,
    *,
    to: str,
    into: Path | None,
    cut: str | None,
    rehearse: bool,
    as_json: bool,
) -> None:
    """Write the timeline and its media, and say where they are.

    Raises:
        PlanError: no such cut is archived.
        OnModelError: it cannot be handed over whole.
    """
    _, suffix = adapter_of(to)
    archive, folder = archive_of(root, rehearse=rehearse), Folders(root.absolute(), rehearse).deliverables
    cuts = find_cuts(archive, scope, remark)
    chosen = delivered_cut(folder, scope, cuts) if cut is None else None
    chosen = chosen or choose_cut(cuts, scope, cut)
    file = into.absolute() if into else folder / f"{scope}{suffix}"
    found = export(archive, scope, chosen, file, to, remark)
    if as_json:
        print_json(
            {
                "schema": "onmodel.export/1",
                "episode": scope,
                "format": to,
                "file": str(found.path),
                "media": str(found.media),
                "files": found.files,
                "frames": found.frames,
                "fps": str(found.fps),
                "cut": chosen.media.sha256,
                "cut_at": chosen.at.isoformat(),
            }
        )
        return
    say(f"{scope}: {found.path}")
    say(_words(found))
    say(f"Of the cut of {chosen.at:%Y-%m-%d %H:%M} UTC, sha256 {chosen.media.sha256[:12]}…")


def _words(found: Exported) -> str:
    rate = f"{float(found.fps):.6g}"
    return f"{found.frames} frames at {rate} a second; {counted(found.files, 'file')} in {found.media}"
