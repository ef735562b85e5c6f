"""Sidecars: the captions of a cut in its manifest, and the SRT and VTT files that are written from there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from onmodel.post.captions import Caption, as_srt, as_vtt
from onmodel.post.ffmpeg import written_whole

WRITTEN: Final = {".srt": as_srt, ".vtt": as_vtt}
"""How each kind of caption file is written."""


class CaptionRecord(BaseModel):
    """One caption, as a manifest has it: in frames of the cut."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    lines: Annotated[tuple[str, ...], Field(min_length=1)]
    begin_frame: int
    """The first on which it is seen."""
    end_frame: int
    """The first on which it is gone."""

    @property
    def caption(self) -> Caption:
        """The caption."""
        return Caption(self.lines, self.begin_frame, self.end_frame)


def told_captions(captions: Sequence[Caption]) -> dict[str, Any]:
    """The captions as a manifest has them; nothing where there are none."""
    said = [
        CaptionRecord(lines=one.lines, begin_frame=one.begin, end_frame=one.end).model_dump(mode="json")
        for one in captions
    ]
    return {"captions": said} if said else {}


def deliver_captions(manifest: Mapping[str, Any], folder: Path, name: str, earlier: str) -> None:
    """Write the SRT and VTT beside an episode, as its manifest says; what is there and right stays.

    Args:
        manifest: of the cut that was delivered.
        folder: where it lies.
        name: of its files, without what they end with.
        earlier: the manifest that lay there before, or nothing: files that belonged to that one go.
    """
    said = TypeAdapter(tuple[CaptionRecord, ...]).validate_python(manifest.get("captions", ()))
    for ending, write in WRITTEN.items():
        path = folder / f"{name}{ending}"
        if said:
            fps = Fraction(str(manifest["cut"]["fps"]))
            _replace(path, write([one.caption for one in said], fps))
        elif _had_captions(earlier):
            path.unlink(missing_ok=True)


def _had_captions(manifest: str) -> bool:
    with suppress(ValueError):
        found = json.loads(manifest)
        return isinstance(found, dict) and bool(found.get("captions"))
    return False


def _replace(path: Path, text: str) -> None:
    if path.is_file() and path.read_bytes() == text.encode():
        return
    with written_whole(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
