"""`onmodel restore`: an episode rebuilt from its archive alone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from onmodel.cli.showing import print_json, remark, say
from onmodel.cli.verifying import archive_of
from onmodel.dailies.restored import write_restored_page
from onmodel.errors import VaultError
from onmodel.post.ffmpeg import find_ffmpeg
from onmodel.settings import Folders, read_settings
from onmodel.stages.cores import Cores
from onmodel.stages.joining import Bench
from onmodel.stages.restoring import Restored, choose_cut, decisions_of, find_cuts, restore
from onmodel.vault import NearMedia
from onmodel.vault.archive import Archive, open_to_read


def restore_episode(
    root: Path,
    scope: str,
    *,
    source: str | None,
    into: Path | None,
    cut: str | None,
    rehearse: bool,
    as_json: bool,
) -> None:
    """Bring an episode back, and say where it is.

    Raises:
        PlanError: no such cut is archived.
        OnModelError: it cannot be brought back whole.
    """
    with _workshop(root, source=source, rehearse=rehearse) as (archive, cache):
        decisions = decisions_of(archive, scope, remark) if cut is None else ()
        chosen = choose_cut(find_cuts(archive, scope, remark), scope, cut, decisions)
        # What was rehearsed is never put where what was bought lies, wherever it comes from.
        folder = into or Folders(root, chosen.manifest.get("rehearsal") is True).deliverables
        with Cores() as cores:
            bench = Bench(cores, cache, find_ffmpeg(read_settings().ffmpeg))
            found = asyncio.run(restore(archive, scope, chosen, folder, bench, remark))
        if found.made_again and source is None:
            _put_back(archive, found)
    page = write_restored_page(chosen.manifest, found.path, found.cut.at)
    if as_json:
        print_json(
            {
                "schema": "onmodel.restore/1",
                "episode": scope,
                "file": str(found.path),
                "page": str(page),
                "manifest": str(found.path.with_suffix(".manifest.json")),
                "sha256": found.cut.media.sha256,
                "cut_at": found.cut.at.isoformat(),
                "made_again": found.made_again,
                "archive": archive.store.address,
            }
        )
    else:
        say(_words(scope, found, archive))
        say(f"Page: {page}")


def _put_back(archive: Archive, found: Restored) -> None:
    """Mend the production's own archive with the very bytes that it had; another's is left as it is."""
    try:
        archive.media.keep(found.path, suffix=found.cut.media.suffix)
    except VaultError as error:
        remark(f"the archive still lacks it: {error}")
    else:
        remark(f"The archive {archive.store.address} has it again.")


def _words(scope: str, found: Restored, archive: Archive) -> str:
    how = "made again from the archived clips" if found.made_again else "as it was archived"
    return (
        f"{scope}: {found.path}\n{how}, byte for byte: sha256 {found.cut.media.sha256[:12]}…, cut on "
        f"{found.cut.at:%Y-%m-%d %H:%M} UTC, from {archive.store.address}"
    )


@contextmanager
def _workshop(root: Path, *, source: str | None, rehearse: bool) -> Iterator[tuple[Archive, Path]]:
    """The archive, and a folder to work in: the production's cache, or where there is none one that goes."""
    if source is None:
        cache = Folders(root, rehearse).cache
        archive = archive_of(root, rehearse=rehearse)
        cache.mkdir(parents=True, exist_ok=True)
        yield archive, cache
        return
    with TemporaryDirectory(prefix=".restore-", dir=root) as name:
        near = NearMedia(Path(name) / "media", read_settings().cache_bytes)
        yield open_to_read(source, root=Path.cwd(), near=near), Path(name)
