"""Bringing a paid result home: from the addresses in fal's answer to media in the archive."""

from __future__ import annotations

import asyncio
import mimetypes
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from onmodel.errors import FetchFailed
from onmodel.studio.wire import Wire
from onmodel.vault import Media, MediaRef

LARGEST_BYTES: Final = 2_000_000_000
"""A result over this is no clip of ours: 30 s at the highest rate sold are far below."""

SUFFIX: Final = re.compile(r"\.[a-z0-9]{1,8}")
"""What the vault takes as the end of a name."""


async def bring_home(
    wire: Wire,
    archive: Media,
    payload: Mapping[str, Any],
    output: str,
    folder: Path,
    tell: Callable[[str, str], None],
) -> list[MediaRef]:
    """Fetch every file that an answer names, and archive it.

    Args:
        wire: the way to fal.
        archive: where the media stay.
        payload: fal's answer.
        output: the field of it that holds the media.
        folder: for downloads under way.
        tell: called with `fetching` and a file's name.

    Raises:
        FetchFailed: the answer names nothing, or a file could not be brought home.
        VaultFull: no space is left in the archive.
    """
    refs: list[MediaRef] = []
    for index, (url, named) in enumerate(_files_of(payload, output)):
        tell("fetching", url.rsplit("/", 1)[-1])
        into = folder / f"{index}"
        content_type = await wire.fetch(url, into, limit_bytes=LARGEST_BYTES)
        suffix = suffix_of(content_type or named, url)
        refs.append(await asyncio.to_thread(archive.keep, into, suffix=suffix))
    if not refs:
        raise FetchFailed(
            f"fal's answer names no {output}", hint="The answer is kept in the journal: onmodel jobs"
        )
    return refs


def _files_of(payload: Mapping[str, Any], output: str) -> Iterator[tuple[str, str]]:
    """Addresses and content types in an answer; only the address is sure to be there (PROTOCOL.md, 12)."""
    found = payload.get(output)
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, Mapping) and isinstance(one.get("url"), str):
            yield one["url"], str(one.get("content_type") or "")


def suffix_of(content_type: str, url: str) -> str:
    """How the archive names a file: by its type, or as fal names it where the type says nothing."""
    by_type = mimetypes.guess_extension(content_type.partition(";")[0].strip()) or ".bin"
    by_name = Path(url.split("?", 1)[0]).suffix.lower()
    return by_name if by_type == ".bin" and SUFFIX.fullmatch(by_name) else by_type
